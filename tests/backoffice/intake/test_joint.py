"""Cases that wait at one moment are taken in by one transaction of PostgreSQL; what concerns one is its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from office_support import taking
from sqlalchemy import event, func, select

from backoffice.intake import accepting
from backoffice.office import Office
from backoffice.store.audit import verify
from backoffice.store.failures import DatabaseBusy
from backoffice.store.joint import Joint
from backoffice.store.postgresql import PostgresqlStore
from backoffice.store.tables import tables

pytestmark = pytest.mark.parametrize("place", ["postgresql"], indirect=True)
TOWNS = ("350213007007", "350213001001")


@pytest.fixture
def accept(office: Office, submission: Callable[..., dict[str, Any]]) -> Any:
    return taking.taker(office, submission)


@pytest.fixture
def commits(office: Office, accept: Callable[..., str]) -> list[int]:
    """One entry for each transaction that writes, once the terminals are there."""
    seen: list[int] = []
    event.listen(office.database._store.writer, "commit", lambda _: seen.append(1))
    return seen


@contextmanager
def kept(office: Office, device: str) -> Iterator[None]:
    """Somebody else works with this terminal's row."""
    with office.database.write() as connection:
        connection.execute(select(tables.device).where(tables.device.c.device == device).with_for_update())
        yield


def joint_of(office: Office) -> Joint:
    store = office.database._store
    assert isinstance(store, PostgresqlStore)
    return store._joint


def waiting(office: Office, count: int) -> None:
    pause, joint = threading.Event(), joint_of(office)
    for _ in range(2000):
        if len(joint._waiting) == count:
            return
        pause.wait(0.01)
    raise AssertionError(f"{len(joint._waiting)} wait, not {count}")


def count(office: Office, table: Any) -> int:
    with office.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def behind(office: Office, pool: ThreadPoolExecutor, calls: list[Callable[[], str]]) -> list[Future[str]]:
    """The first is begun and held up; the others come while it is under way."""
    first = pool.submit(calls[0])
    pause, until_s = threading.Event(), time.monotonic() + 20
    joint = joint_of(office)
    while not (joint._busy and not joint._waiting):
        assert time.monotonic() < until_s, "the first is never under way"
        pause.wait(0.001)
    others = [pool.submit(call) for call in calls[1:]]
    waiting(office, len(others))
    return [first, *others]


def test_what_waits_is_one_transaction_and_a_refusal_is_only_its_own(
    office: Office, commits: list[int], accept: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    held, go = joint_of(office), threading.Event()
    do = held._do

    def slow(begun: Any) -> None:
        if not go.is_set():
            assert go.wait(20)
        do(begun)

    monkeypatch.setattr(held, "_do", slow)
    calls: list[Callable[[], str]] = [
        lambda: accept("K2", 1),
        lambda: accept("K2", 2),
        lambda: accept("K3", 3, site=TOWNS[1]),
        lambda: accept("K3", 4, form={"account": "perhaps"}),
        lambda: accept("K3", 5, site="350214001001"),
        lambda: accept("K2", 6),
    ]
    with ThreadPoolExecutor(6) as pool:
        told = behind(office, pool, calls)
        go.set()
        answers = [one.result(20) for one in told]
    assert answers == ["accepted", "accepted", "accepted", "form", "site_unknown", "accepted"]
    assert len(commits) == 2
    for table in (tables.service_case, tables.idempotency, tables.outbox, tables.case_event):
        assert count(office, table) == 4
    with office.database.read() as connection:
        assert verify(connection, office.chain_key) == (4, [])


def test_a_mistake_that_one_of_them_meets_is_only_its_own(
    office: Office, accept: Callable[..., str], case_no: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    held, go = joint_of(office), threading.Event()
    do, opened = held._do, accepting.open_case

    def slow(begun: Any) -> None:
        assert go.wait(20)
        do(begun)

    def mistaken(*told: Any, **further: Any) -> Any:
        if case_no(3) in told:
            raise OverflowError
        return opened(*told, **further)

    monkeypatch.setattr(held, "_do", slow)
    monkeypatch.setattr(accepting, "open_case", mistaken)
    with ThreadPoolExecutor(4) as pool:
        told = behind(office, pool, [lambda n=n: accept("K2", n) for n in (1, 2, 3, 4)])
        go.set()
        found = [one.exception(20) or one.result() for one in told]
    assert [found[0], found[1], found[3]] == ["accepted"] * 3 and isinstance(found[2], OverflowError)
    with office.database.read() as connection:
        assert verify(connection, office.chain_key) == (3, [])


def test_one_number_twice_at_the_same_moment_is_answered_by_what_the_first_left(
    office: Office, commits: list[int], accept: Callable[..., str]
) -> None:
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda body: accept("K2", 1, body), ["body", "body", "another"]))
    assert sorted(found)[0] in ("accepted", "again") and count(office, tables.service_case) == 1
    assert accept("K3", 1) == "case_no_taken"


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
    with office.database.read() as connection:
        assert verify(connection, office.chain_key) == (2, [])


def test_a_number_of_another_terminal_is_told_to_that_one_alone(
    office: Office, commits: list[int], accept: Callable[..., str]
) -> None:
    assert accept("K2", 1) == "accepted"
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda n: accept("K3", n), [1, 2, 3]))
    assert answers == ["case_no_taken", "accepted", "accepted"]
    with office.database.read() as connection:
        assert verify(connection, office.chain_key) == (3, [])


def test_what_waits_when_the_database_is_closed_is_told(office: Office, accept: Callable[..., str]) -> None:
    office.close()
    with pytest.raises(DatabaseBusy, match="closed"):
        accept("K1", 1)
