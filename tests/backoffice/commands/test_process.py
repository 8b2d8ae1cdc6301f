"""The programs as they are run: a server and a look-up process of their own, on free loopback ports."""

from __future__ import annotations

import importlib
import itertools
import json
import random
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from office_support.programs import end, program, run, start_program
from sqlalchemy import func, select

from backoffice.__main__ import main
from backoffice.clock import CHINA, SystemClock
from backoffice.office import open_office
from backoffice.store.audit import verify
from backoffice.store.tables import tables

ROOT = Path(__file__).resolve().parents[3]
Body = Callable[..., dict[str, Any]]


@pytest.fixture
def registers() -> Iterator[str]:
    with program("lookups", "--residents", str(ROOT / "config/demo/residents.toml"), "--port", "0") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_place(request: pytest.FixtureRequest, tmp_path: Path, place_of: Callable[..., Any]) -> Any:
    """No folder and nothing in the database yet."""
    if request.param == "sqlite":
        return place_of(tmp_path / "data", None)
    server = request.getfixturevalue("cluster")
    return place_of(tmp_path / "data", server.url(server.empty()))


def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "device.key"
    file.write_text(bytes(range(32)).hex(), "ascii")
    return file


def until_audited(links: int, where: tuple[str, ...]) -> None:
    """What was approved takes effect in the background, a link for each."""
    until_s = time.monotonic() + 60
    while not run("audit", *where).startswith(f"{links} links, 0 broken\n"):
        assert time.monotonic() < until_s, run("audit", *where)


def test_the_whole_line_from_an_empty_folder_with_commands_only(
    empty_place: Any,
    tmp_path: Path,
    registers: str,
    terminal_at: Callable[..., Any],
    submission: Body,
    request: pytest.FixtureRequest,
) -> None:
    where = empty_place.arguments
    run("device", "add", "K1", "--key-file", str(key_file(tmp_path)), *where)
    with program("serve", *where, "--port", "0", "--lookups", registers) as url:
        terminal = terminal_at(url, SystemClock())
        request.addfinalizer(terminal.http.close)
        case = terminal.post_case(submission()).json()
        assert case["decision"]["outcome"] == "approved"
        assert case["decision"]["facts"]["amount_fen"] == "10000"
        httpx.post(f"{registers}/faults", json={"lookup": "L12", "mode": "error", "count": 2}, trust_env=False)
        assert terminal.post_case(submission("dated_card", 2)).json()["decision"]["outcome"] == "pending"
        assert terminal.post_case(submission("rare_name", 3)).json()["decision"]["outcome"] == "approved"
        # Two a case, the effect of each approval, and where the terminal stands.
        until_audited(9, where)
    listed = json.loads(run("cases", *where, "--json"))
    assert [(row["item_id"], row["outcome"], row["ratings"]) for row in listed] == [
        ("XA032", "approved", []),
        ("XA032", "pending", []),
        ("XA032", "approved", []),
    ]
    assert run("audit", *where) == "9 links, 0 broken\n0 chains of terminals held, 0 alarms\n"


def test_the_server_can_live_on_the_day_of_the_journey(
    tmp_path: Path, registers: str, terminal_at: Callable[..., Any], submission: Body
) -> None:
    data = str(tmp_path / "data")
    run("device", "add", "K1", "--key-file", str(key_file(tmp_path)), "--data", data)
    day = datetime(2027, 3, 5, 9, 0, tzinfo=CHINA)
    with program("serve", "--data", data, "--port", "0", "--lookups", registers, "--now", day.isoformat()) as url:
        terminal = terminal_at(url, SystemClock((day - datetime.now(CHINA)).total_seconds()))
        case = terminal.post_case(submission("seventy_nine")).json()
        assert case["decision"]["outcome"] == "approved"
        assert case["accepted_at"].startswith("2027-03-05T09:0")
        terminal.http.close()


def test_what_cannot_be_done_ends_with_a_word_and_not_with_a_traceback(
    tmp_path: Path, registers: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data, port = str(tmp_path / "data"), registers.rpartition(":")[2]
    for arguments in (
        ("serve", "--data", data, "--port", port, "--lookups", registers),
        ("device", "add", "K1", "--key-file", str(tmp_path / "none"), "--data", data),
        ("device", "add", "K 1", "--key-file", str(key_file(tmp_path)), "--data", data),
        ("lookups", "--residents", str(tmp_path / "none")),
        ("cases", "--data", data, "--catalogue", str(tmp_path / "nowhere")),
    ):
        assert main(arguments) == 1, arguments
        assert capsys.readouterr().err.strip().splitlines()[-1].startswith("backoffice: ")


def kill_under_load(
    place: Any, registers: str, terminal_at: Callable[..., Any], submission: Body, kills: int, seed: int
) -> set[str]:
    """Clients post and repeat until answered while the server is killed at random; the acknowledged numbers."""
    chance = random.Random(seed)
    arguments = ("serve", *place.arguments, "--port", "0", "--lookups", registers)
    acknowledged: set[str] = set()
    serials, seq, lock = itertools.count(1), itertools.count(1), threading.Lock()
    address: dict[str, str] = {}
    stop, progressed = threading.Event(), threading.Condition()

    def client() -> None:
        while not stop.is_set():
            with lock:
                body = submission("a_kim", next(serials))
            while not stop.is_set():
                terminal = terminal_at(address["url"], SystemClock(), seq)
                try:
                    answer = terminal.post_case(body)
                except httpx.TransportError:
                    # Killed under us: the same number again, as the terminal's outbox does.
                    stop.wait(0.05)
                    continue
                finally:
                    terminal.http.close()
                if answer.status_code == 201:
                    with progressed:
                        acknowledged.add(body["case_no"])
                        progressed.notify_all()
                    break
                assert answer.json()["code"] == "replayed", answer.text

    process, address["url"] = start_program(*arguments)
    clients = [threading.Thread(target=client) for _ in range(4)]
    try:
        for thread in clients:
            thread.start()
        for _ in range(kills):
            with progressed:
                goal = len(acknowledged) + 4
                assert progressed.wait_for(lambda goal=goal: len(acknowledged) >= goal, timeout=60)
            stop.wait(chance.uniform(0, 0.15))
            assert end(process, signal.SIGKILL) == -signal.SIGKILL
            process, address["url"] = start_program(*arguments)
        with progressed:
            goal = len(acknowledged) + 4
            assert progressed.wait_for(lambda: len(acknowledged) >= goal, timeout=60)
    finally:
        stop.set()
        for thread in clients:
            thread.join(30)
        if process.poll() is None:
            end(process)
    return acknowledged


def check_after_kills(place: Any, acknowledged: set[str]) -> None:
    office = open_office(place.data, SystemClock(), db=place.db)
    try:
        with office.database.read() as connection:
            stored = set(connection.execute(select(tables.service_case.c.case_no)).scalars())
            by_state = select(tables.service_case.c.state, func.count()).group_by(tables.service_case.c.state)
            states = {row.state: row[1] for row in connection.execute(by_state)}
            events = connection.execute(select(func.count()).select_from(tables.case_event)).scalar_one()
            sent = connection.execute(select(func.count()).select_from(tables.outbox)).scalar_one()
            keys = connection.execute(select(func.count()).select_from(tables.idempotency)).scalar_one()
            done = select(tables.case_event.c.case_no).where(tables.case_event.c.event == "effect_done")
            effects = list(connection.execute(done).scalars())
            links, broken = verify(connection, office.chain_key)
    finally:
        office.close()
    assert acknowledged <= stored
    assert keys == len(stored)
    # All are of one person: what is under way or approved is not approved again, and takes effect once.
    assert set(states) <= {"accepted", "approved", "repeated"}
    assert states.get("approved", 0) <= 1
    assert len(effects) <= states.get("approved", 0)
    assert events == sent == links == len(stored) + len(stored) - states.get("accepted", 0) + len(effects)
    assert broken == []


def test_a_killed_server_loses_and_doubles_nothing(
    place: Any, registers: str, terminal_at: Callable[..., Any], submission: Body
) -> None:
    acknowledged = kill_under_load(place, registers, terminal_at, submission, kills=2, seed=1)
    assert len(acknowledged) >= 12
    check_after_kills(place, acknowledged)


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_twenty_kills_lose_and_double_nothing(
    place: Any, registers: str, terminal_at: Callable[..., Any], submission: Body
) -> None:
    acknowledged = kill_under_load(place, registers, terminal_at, submission, kills=20, seed=2)
    check_after_kills(place, acknowledged)
    out = ROOT / "out" / "proof"
    out.mkdir(parents=True, exist_ok=True)
    kind = "postgresql" if place.db else "sqlite"
    report = {"store": kind, "kills": 20, "acknowledged": len(acknowledged), "lost": 0, "doubled": 0}
    (out / f"backoffice_kills_{kind}.json").write_text(json.dumps(report) + "\n", "utf-8")


def test_one_command_serves_and_without_registers_a_human_decides(
    tmp_path: Path, terminal_at: Callable[..., Any], submission: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKOFFICE_DATA", str(tmp_path / "data"))
    run("device", "add", "K1", "--key-file", str(key_file(tmp_path)))
    with program("serve", "--port", "0") as url:
        terminal = terminal_at(url, SystemClock())
        case = terminal.post_case(submission()).json()
        terminal.http.close()
    assert case["decision"]["outcome"] == "pending"
    assert [row["state"] for row in json.loads(run("cases", "--json"))] == ["handed_over"]


@pytest.mark.parametrize("program", ["backoffice", "kiosk"])
def test_no_core_file_is_ever_written(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would hold keys and residents. What is asked is looked at: a limit of nothing cannot be raised again."""
    asked: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda what, limits: asked.append((what, limits)))
    with pytest.raises(SystemExit):
        importlib.import_module(f"{program}.__main__").main(["--help"])
    assert asked == [(resource.RLIMIT_CORE, (0, 0))]
