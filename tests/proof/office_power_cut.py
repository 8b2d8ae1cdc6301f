"""Power cuts on the back office's SQLite database: record its system calls, tear them, open what is left.

python office_power_cut.py --cuts 200 --rounds 120 --seed 1 --synchronous FULL [--out FILE.json]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from disk_trace import Act, Did, acts, record
from office_child import StandingClock
from sqlalchemy import func, select, text
from torn_disk import cut_at

from backoffice.office import Office, open_office
from backoffice.store.audit import verify
from backoffice.store.failures import DatabaseUnusable, VaultError
from backoffice.store.tables import tables

ROOT = Path(__file__).resolve().parents[2]


@dataclass(slots=True)
class Promises:
    """What had been acknowledged before a cut."""

    cases: list[str] = field(default_factory=list)
    rated: list[str] = field(default_factory=list)

    def take(self, line: bytes) -> None:
        what = json.loads(line)
        if "case" in what:
            self.cases.append(what["case"])
        else:
            self.rated.append(what["rated"])


@dataclass(slots=True)
class Result:
    synchronous: str
    seed: int
    cuts: int = 0
    system_calls: int = 0
    acknowledged: int = 0
    """Sum over the cuts of what had been acknowledged by then."""
    lost: int = 0
    doubled: int = 0
    half_done: int = 0
    """Cases without their event, outbox row or stored answer."""
    chains_broken: int = 0
    unreadable: int = 0
    seconds: float = 0.0

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.half_done or self.chains_broken or self.unreadable)


def run(cuts: int, rounds: int, seed: int, synchronous: str) -> Result:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="office-cut-") as scratch:
        history = _history(Path(scratch), rounds, synchronous)
        result = Result(synchronous, seed, system_calls=sum(act.did is not Did.ACK for act in history))
        _cut_all(history, cuts, random.Random(seed), Path(scratch) / "cut", result)
    result.seconds = round(time.monotonic() - began, 1)
    return result


def _history(scratch: Path, rounds: int, synchronous: str) -> list[Act]:
    folder, log = scratch / "data", scratch / "strace.log"
    folder.mkdir(mode=0o700)
    child = [sys.executable, str(Path(__file__).with_name("office_child.py")), str(folder), str(rounds), synchronous]
    record(child, log, {**os.environ, "PYTHONPATH": str(ROOT)})
    return acts(log, folder)


def _cut_all(history: list[Act], cuts: int, rng: random.Random, folder: Path, result: Result) -> None:
    """After random system calls since the first acknowledgement; half of them right after one."""
    answered = [number for number, act in enumerate(history, 1) if act.did is Did.ACK]
    points = [rng.choice(answered) if number % 2 else rng.randint(answered[0], len(history)) for number in range(cuts)]
    promises = Promises()
    for _ in cut_at(history, points, rng, folder, promises.take):
        _check(folder, promises, result)


def _check(folder: Path, promises: Promises, result: Result) -> None:
    """Start as the server starts after the cut, and count what was promised and is not there."""
    result.cuts += 1
    result.acknowledged += len(promises.cases) + len(promises.rated)
    try:
        office = open_office(folder, StandingClock())
    except (DatabaseUnusable, VaultError):
        result.unreadable += 1
        result.lost += len(promises.cases) + len(promises.rated)
        return
    try:
        _count(office, promises, result)
    finally:
        office.close()


def _count(office: Office, promises: Promises, result: Result) -> None:
    with office.database.read() as connection:
        result.unreadable += connection.execute(text("PRAGMA integrity_check")).scalar_one() != "ok"
        cases = list(connection.execute(select(tables.service_case.c.case_no)).scalars())
        rated = list(connection.execute(select(tables.rating.c.case_no)).scalars())
        result.lost += len(set(promises.cases) - set(cases)) + len(set(promises.rated) - set(rated))
        result.doubled += len(cases) - len(set(cases)) + max(0, len(set(cases) - set(promises.cases)) - 1)
        keys = tables.idempotency
        answers = select(func.count()).select_from(keys).where(keys.c.route == "cases")
        taken = (tables.case_event.c.event == "accepted", tables.outbox.c.topic == "case.accepted")
        counted = [
            connection.execute(answers).scalar_one(),
            connection.execute(select(func.count()).select_from(tables.case_event).where(taken[0])).scalar_one(),
            connection.execute(select(func.count()).select_from(tables.outbox).where(taken[1])).scalar_one(),
        ]
        result.half_done += any(count != len(cases) for count in counted)
        links, broken = verify(connection, office.chain_key)
        result.chains_broken += bool(broken) or links < len(cases)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--synchronous", choices=("FULL", "NORMAL"), default="FULL")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    result = run(options.cuts, options.rounds, options.seed, options.synchronous)
    told = json.dumps(asdict(result), indent=1)
    print(told)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(told + "\n", "utf-8")
    return 0 if result.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
