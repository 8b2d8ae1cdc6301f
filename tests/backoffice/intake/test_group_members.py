"""On SQLite, cases that wait for the one writer are one piece of work; what concerns one of them is its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from office_support import taking
from sqlalchemy import Connection, event, func, select

from backoffice.intake import accepting
from backoffice.office import Office
from backoffice.store.audit import verify
from backoffice.store.tables import tables

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)
OTHER_TOWN = "350213001001"


@pytest.fixture
def accept(office: Office, submission: Callable[..., dict[str, Any]]) -> Any:
    return taking.taker(office, submission)


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many were done at once, each time that several were."""
    seen: list[int] = []
    jointly = accepting._Acceptance.jointly

    def counted(self: Any, connection: Connection, members: Any) -> Any:
        seen.append(len(members))
        return jointly(self, connection, members)

    monkeypatch.setattr(accepting._Acceptance, "jointly", counted)
    return seen


def at_once(office: Office, calls: list[Callable[[], str]]) -> list[str]:
    """All of them wait while the writer does something else."""
    begun, go = threading.Event(), threading.Event()

    def slow(_: Connection) -> None:
        begun.set()
        assert go.wait(20)

    store: Any = office.database._store
    writer = store._group
    with ThreadPoolExecutor(len(calls) + 1) as pool:
        first = pool.submit(office.database.transact, slow)
        assert begun.wait(20)
        told = [pool.submit(call) for call in calls]
        pause, until_s = threading.Event(), time.monotonic() + 20
        while writer._queue.qsize() < len(calls):
            assert time.monotonic() < until_s, f"{writer._queue.qsize()} of {len(calls)} wait"
            pause.wait(0.001)
        go.set()
        first.result(20)
        return [one.result(20) for one in told]


def test_what_waits_is_one_commit_and_a_refusal_is_only_its_own(
    office: Office, accept: Callable[..., str], sizes: list[int]
) -> None:
    commits: list[int] = []
    event.listen(office.database._store.writer, "commit", lambda _: commits.append(1))
    told = at_once(
        office,
        [
            lambda: accept("K2", 1),
            lambda: accept("K2", 2),
            lambda: accept("K3", 3, site=OTHER_TOWN),
            lambda: accept("K3", 4, form={"account": "perhaps"}),
            lambda: accept("K3", 5, site="350214001001"),
            lambda: accept("K2", 6),
        ],
    )
    assert told == ["accepted", "accepted", "accepted", "form", "site_unknown", "accepted"]
    assert (sizes, len(commits)) == ([6], 2)
    with office.database.read() as connection:
        for table in (tables.service_case, tables.idempotency, tables.outbox, tables.case_event):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 4
        assert verify(connection, office.chain_key) == (4, [])


def test_a_number_that_another_has_is_told_to_that_one_and_those_beside_it_are_taken_in(
    office: Office, accept: Callable[..., str], sizes: list[int]
) -> None:
    assert accept("K2", 1) == "accepted"
    told = at_once(office, [lambda: accept("K3", 1), lambda: accept("K2", 2), lambda: accept("K3", 3)])
    assert told == ["case_no_taken", "accepted", "accepted"]
    # Together it was refused; then each was done alone.
    assert sizes == [3]
    with office.database.read() as connection:
        assert verify(connection, office.chain_key) == (3, [])


def test_one_number_twice_is_done_once_and_answered_twice(
    office: Office, accept: Callable[..., str], sizes: list[int]
) -> None:
    told = at_once(office, [lambda: accept("K2", 1), lambda: accept("K2", 2), lambda: accept("K2", 1)])
    assert sorted(told) == ["accepted", "accepted", "again"]
    assert sizes == [2]
    assert accept("K2", 1, "another body") == "idempotency_mismatch"
