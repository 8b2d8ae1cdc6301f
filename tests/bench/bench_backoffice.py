"""Taking cases in, on SQLite and on PostgreSQL, against the bare commits that the same disk does in the same run.

An accepted case is idempotency, case, event, audit link, head and outbox in one durable commit. Bare is one row and
nothing else: `grouped` in as many threads over the same writer, `single` in one thread with a commit for each row.
"""

from __future__ import annotations

import importlib.util
import itertools
import statistics
import tempfile
import time
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import ModuleType

from bench_row import Pairs, Row, in_turns, repeated, turns
from sqlalchemy import Column, Integer, MetaData, String, Table, insert

from backoffice.calls.once import Call
from backoffice.clock import CHINA, SystemClock
from backoffice.domain.cases.case_number import check_digit
from backoffice.domain.decide import judge
from backoffice.domain.person import Applicant
from backoffice.identity.devices import add_device
from backoffice.intake import taking_in
from backoffice.intake.accepting import accept
from backoffice.office import Office, open_office

ROOT = Path(__file__).resolve().parents[2]
THREADS = 16
ROUNDS, JUDGED_ROUNDS = 7, 5
CASES = 1600
GOAL = 0.6
PERSON = Applicant(
    **{
        name: tomllib.loads((ROOT / "config" / "demo" / "residents.toml").read_text(encoding="utf-8"))["a_kim"][name]
        for name in ("document", "name", "number", "birth", "address", "valid_until")
    }
)
BARE = Table("bare", MetaData(), Column("n", Integer, primary_key=True, autoincrement=False), Column("text", String))


@dataclass(frozen=True, slots=True)
class Rate:
    per_s: float
    p99_s: float


def rate(count: int, work: Callable[[int], object], threads: int = THREADS) -> Rate:
    times: list[float] = []

    def timed(number: int) -> None:
        began = time.perf_counter()
        work(number)
        times.append(time.perf_counter() - began)

    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(timed, range(count)))
    whole = time.perf_counter() - began
    return Rate(count / whole, statistics.quantiles(times, n=100)[98])


class Measured:
    """One office: its accepts and its bare commits."""

    def __init__(self, office: Office) -> None:
        self._office, self._serials, self._rows = office, itertools.count(1), itertools.count(1)
        self._towns = sorted(office.tables.towns)[:9]
        for number in range(THREADS):
            add_device(office, f"B{number}", bytes(32), None)
        with office.database.write() as connection:
            BARE.metadata.create_all(connection)

    def accept(self, number: int) -> None:
        serial = next(self._serials)
        digits = f"3502130078261124{serial:05d}"
        site = self._towns[serial % 9] + "001"
        case = taking_in.Submission(
            case_no=digits + check_digit(digits),
            item_id="XA032",
            item_version=1,
            consent_version="2026-1",
            applicant=PERSON,
            form={"account": "yes"},
            commitment=None,
            created_at="2026-11-24T10:00:00+08:00",
            site=site,
            lang="nan",
            boot_id="boot-1",
            monotonic_s=12.5,
        )
        accept(self._office, Call(f"B{number % THREADS}", case.case_no, "body"), case)

    def bare(self, number: int) -> None:
        row = {"n": next(self._rows), "text": "x" * 300}
        self._office.database.transact(lambda connection: connection.execute(insert(BARE).values(**row)).rowcount)


def measure(store: str, measured: Measured) -> list[Row]:
    rate(60, measured.accept)
    rate(60, measured.bare)
    grouped, single, tails = Pairs(), Pairs(), Pairs()
    for bare_last in turns(ROUNDS):
        work = (measured.accept, measured.bare)[:: 1 if bare_last else -1]
        accepts, commits = [rate(CASES, one) for one in work][:: 1 if bare_last else -1]
        alone = rate(CASES // 4, measured.bare, threads=1)
        for kept, one, other in (
            (grouped, accepts.per_s, commits.per_s),
            (single, accepts.per_s, alone.per_s),
            (tails, accepts.p99_s, commits.p99_s),
        ):
            kept.one.append(one)
            kept.other.append(other)
    (accepts_s, grouped_s), (_, single_s) = grouped.middles(), single.middles()
    note = f"({accepts_s:.0f} / {grouped_s:.0f} / {single_s:.0f} a second in this run)"
    return [
        repeated(f"{store}: accepted cases / bare commits, grouped", grouped.ratios(), at_least=GOAL),
        repeated(f"{store}: accepted cases / bare commits, single", single.ratios(), note=note),
        repeated(f"{store}: p99 of an accepted case / of a bare commit", tails.ratios()),
    ]


def judged(office: Office, measured: Measured) -> Row:
    """A case's six rules without any answer from a register, against one durable bare row."""
    item = office.release.items["XA032"]

    def rules(_: int) -> object:
        return judge(item, {}, {"account": "yes"}, date(2026, 11, 24), office.tables.calendar)

    pairs = in_turns(
        lambda: rate(400, rules, threads=1).per_s, lambda: rate(60, measured.bare, threads=1).per_s, JUDGED_ROUNDS
    )
    return repeated("rules: judged cases / bare commits, single", pairs.ratios())


def _cluster() -> ModuleType:
    path = ROOT / "tests" / "support" / "office_support" / "postgres_cluster.py"
    spec = importlib.util.spec_from_file_location("postgres_cluster", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows() -> list[Row]:
    clock = SystemClock((datetime(2026, 11, 24, 10, tzinfo=CHINA) - datetime.now(CHINA)).total_seconds())
    found: list[Row] = []
    with tempfile.TemporaryDirectory() as folder, _cluster().running() as server:
        for store, db in (("SQLite", None), ("PostgreSQL", server.url(server.empty()))):
            office = open_office(Path(folder) / store, clock, db=db)
            try:
                measured = Measured(office)
                found += measure(store, measured)
                if db is None:
                    found.append(judged(office, measured))
            finally:
                office.close()
    return found
