"""Cases that wait at one moment are taken in by one transaction; what concerns one of them is its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from office_support import taking
from sqlalchemy import Connection, event, func, select
from sqlalchemy.exc import OperationalError

from backoffice.intake import accepting
from backoffice.office import Office
from backoffice.store.audit import verify
from backoffice.store.failures import DatabaseBusy
from backoffice.store.tables import tables

ON_POSTGRESQL = pytest.mark.parametrize("place", ["postgresql"], indirect=True)
OTHER_TOWN = "350213001001"


@pytest.fixture
def accept(office: Office, submission: Callable[..., dict[str, Any]]) -> Any:
    return taking.taker(office, submission)


@pytest.fixture
def commits(office: Office, accept: Callable[..., str]) -> list[int]:
    """One entry for each transaction that writes, once the terminals are there."""
    seen: list[int] = []
    event.listen(office.database._store.writer, "commit", lambda _: seen.append(1))
    return seen


class Gate:
    """The first that is taken in waits at it, and the others come meanwhile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.open = threading.Event(), threading.Event()
        self.sizes: list[int] = []
        """How many were done at once, each time."""
        jointly = accepting._Acceptance.jointly

        def held(one: Any, connection: Connection, members: Any) -> Any:
            self.sizes.append(len(members))
            self.reached.set()
            assert self.open.wait(20)
            return jointly(one, connection, members)

        monkeypatch.setattr(accepting._Acceptance, "jointly", held)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(monkeypatch)


@contextmanager
def kept(office: Office, device: str) -> Iterator[None]:
    """Somebody else works with this terminal's row."""
    with office.database.write() as connection:
        connection.execute(select(tables.device).where(tables.device.c.device == device).with_for_update())
        yield


def count(office: Office, table: Any) -> int:
    with office.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def chain(office: Office) -> tuple[int, list[Any]]:
    with office.database.read() as connection:
        return verify(connection, office.chain_key)


def behind(office: Office, gate: Gate, pool: ThreadPoolExecutor, calls: list[Callable[[], str]]) -> list[Future[str]]:
    """The first is under way when the others come; all of these wait when the gate opens."""
    first = pool.submit(calls[0])
    assert gate.reached.wait(20)
    others = [pool.submit(call) for call in calls[1:]]
    joint = office.database._store.joint
    with joint._changed:
        assert joint._changed.wait_for(lambda: len(joint._waiting) == len(others), 20), len(joint._waiting)
    gate.open.set()
    return [first, *others]


def test_what_waits_is_one_transaction_and_a_refusal_is_only_its_own(
    office: Office, commits: list[int], accept: Callable[..., str], gate: Gate
) -> None:
    calls: list[Callable[[], str]] = [
        lambda: accept("K2", 1),
        lambda: accept("K2", 2),
        lambda: accept("K3", 3, site=OTHER_TOWN),
        lambda: accept("K3", 4, form={"account": "perhaps"}),
        lambda: accept("K3", 5, site="350214001001"),
        lambda: accept("K2", 6),
    ]
    with ThreadPoolExecutor(6) as pool:
        answers = [one.result(20) for one in behind(office, gate, pool, calls)]
    assert answers == ["accepted", "accepted", "accepted", "form", "site_unknown", "accepted"]
    assert (gate.sizes, len(commits)) == ([1, 5], 2)
    for table in (tables.service_case, tables.idempotency, tables.outbox, tables.case_event):
        assert count(office, table) == 4
    assert chain(office) == (4, [])


def test_a_mistake_that_one_of_them_meets_is_only_its_own(
    office: Office,
    accept: Callable[..., str],
    case_no: Callable[..., str],
    gate: Gate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = accepting.open_case

    def mistaken(*told: Any, **further: Any) -> Any:
        if case_no(3) in told:
            raise OverflowError
        return opened(*told, **further)

    monkeypatch.setattr(accepting, "open_case", mistaken)
    with ThreadPoolExecutor(4) as pool:
        told = behind(office, gate, pool, [lambda n=n: accept("K2", n) for n in (1, 2, 3, 4)])
        found = [one.exception(20) or one.result() for one in told]
    assert [found[0], found[1], found[3]] == ["accepted"] * 3 and isinstance(found[2], OverflowError)
    assert chain(office) == (3, [])


def test_a_number_that_another_has_is_told_to_that_one_and_those_beside_it_are_taken_in(
    office: Office, accept: Callable[..., str], gate: Gate
) -> None:
    gate.open.set()
    assert accept("K2", 1) == "accepted"
    gate.open.clear()
    gate.reached.clear()
    calls = [lambda: accept("K2", 4), lambda: accept("K3", 1), lambda: accept("K2", 2), lambda: accept("K3", 3)]
    with ThreadPoolExecutor(4) as pool:
        answers = [one.result(20) for one in behind(office, gate, pool, calls)]
    assert answers == ["accepted", "case_no_taken", "accepted", "accepted"]
    # Together it was refused; then each was done alone.
    assert gate.sizes == [1, 1, 3]
    assert chain(office) == (4, [])


def test_one_number_twice_is_done_once_and_the_second_is_answered_by_what_the_first_left(
    office: Office, accept: Callable[..., str], gate: Gate
) -> None:
    calls = [
        lambda: accept("K2", 1),
        lambda: accept("K2", 2),
        lambda: accept("K2", 2),
        lambda: accept("K2", 2, "another body"),
    ]
    with ThreadPoolExecutor(4) as pool:
        answers = [one.result(20) for one in behind(office, gate, pool, calls)]
    # Two of one number are never in one transaction.
    assert gate.sizes == [1, 1, 1, 1] and count(office, tables.service_case) == 2
    assert answers[0] == "accepted"
    assert sorted(answers[1:]) in (
        ["accepted", "again", "idempotency_mismatch"],
        ["accepted", "idempotency_mismatch", "idempotency_mismatch"],
    )
    assert accept("K3", 1) == "case_no_taken"


def test_a_database_that_is_not_there_is_told_to_all_that_wait_and_the_next_ones_are_taken_in(
    office: Office, accept: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, both_wait = office.database._store.writer, threading.Event()
    raw = engine.raw_connection

    def away(*_: Any, **__: Any) -> Any:
        assert both_wait.wait(20)
        raise OperationalError("BEGIN", {}, Exception("disk I/O error"), connection_invalidated=True)

    monkeypatch.setattr(engine, "raw_connection", away)
    joint = office.database._store.joint
    with ThreadPoolExecutor(2) as pool:
        told = [pool.submit(accept, "K2", n) for n in (1, 2)]
        with joint._changed:
            assert joint._changed.wait_for(lambda: len(joint._waiting) == 2, 20)
        both_wait.set()
        for one in told:
            assert isinstance(one.exception(20), OperationalError | DatabaseBusy)
    monkeypatch.setattr(engine, "raw_connection", raw)
    assert accept("K2", 1) == "accepted"
    assert chain(office) == (1, [])


@ON_POSTGRESQL
def test_who_is_kept_by_another_is_done_alone_and_so_are_those_beside_it(
    office: Office, commits: list[int], accept: Callable[..., str]
) -> None:
    """The one transaction waits a quarter of a second for a row, then each waits for its own."""

    def repeated() -> str:
        """As a terminal does that is told to come again."""
        for _ in range(20):
            with suppress(DatabaseBusy):
                return accept("K2", 1)
        raise AssertionError("its row is never free")

    with ThreadPoolExecutor(2) as pool:
        with kept(office, "K2"):
            first = pool.submit(repeated)
            # Somebody else's case is not kept by that terminal.
            assert accept("K3", 2) == "accepted"
        assert first.result(60) == "accepted"
    assert chain(office) == (2, [])


def test_what_waits_when_the_database_is_closed_is_told(office: Office, accept: Callable[..., str]) -> None:
    office.close()
    with pytest.raises(DatabaseBusy, match="closed"):
        accept("K1", 1)
