"""Requests that wait share a commit; nobody is answered before it, and who gave up is not done behind his back."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Connection, event, text

from backoffice.store.failures import DatabaseBusy
from backoffice.store.group import MAX_GROUP, GroupWriter
from backoffice.store.sqlite import SqliteStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(URL.create("sqlite", database=str(tmp_path / "x.sqlite")), busy_timeout_ms=20_000)
    with opened.writer.begin() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY)"))
    yield opened
    opened.close()


@pytest.fixture
def commits(store: SqliteStore) -> list[int]:
    """One entry for each commit of the writer."""
    seen: list[int] = []
    event.listen(store.writer, "commit", lambda _: seen.append(1))
    return seen


def put(n: int) -> Any:
    return lambda connection: connection.execute(text("INSERT INTO t VALUES (:n)"), {"n": n}).rowcount


def stored(store: SqliteStore) -> list[int]:
    with store.reader.begin() as connection:
        return list(connection.execute(text("SELECT n FROM t ORDER BY n")).scalars())


class Held:
    """Work that has begun and waits; what comes meanwhile must queue behind it."""

    def __init__(self, writer: Any, pool: ThreadPoolExecutor) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self.future: Future[Any] = pool.submit(writer, self._work)
        assert self.begun.wait(20)

    def _work(self, connection: Connection) -> str:
        self.begun.set()
        assert self.go.wait(20)
        return "held"


def wait_for_queue(group: GroupWriter, size: int) -> None:
    pause = threading.Event()
    for _ in range(2000):
        if group._queue.qsize() == size:
            return
        pause.wait(0.01)
    raise AssertionError(f"{group._queue.qsize()} wait, not {size}")


def test_what_waits_shares_a_commit_up_to_a_bound(store: SqliteStore, commits: list[int]) -> None:
    count = MAX_GROUP + 6
    with ThreadPoolExecutor(count + 1) as pool:
        held = Held(store.transact, pool)
        others = [pool.submit(store.transact, put(n)) for n in range(count)]
        wait_for_queue(store._group, count)
        assert not any(other.done() for other in others)
        held.go.set()
        assert [other.result(20) for other in others] == [1] * count
    assert len(commits) == 3
    assert stored(store) == list(range(count))


def test_one_that_fails_is_undone_alone(store: SqliteStore) -> None:
    with ThreadPoolExecutor(5) as pool:
        held = Held(store.transact, pool)
        others = [pool.submit(store.transact, put(n)) for n in (1, 2, 2, 3)]
        wait_for_queue(store._group, 4)
        held.go.set()
        failed = [other.exception(20) for other in others]
    assert sum(problem is not None for problem in failed) == 1
    assert stored(store) == [1, 2, 3]


def test_a_commit_that_fails_is_told_to_everybody_and_nothing_is_kept(store: SqliteStore) -> None:
    def fail(_: Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with ThreadPoolExecutor(3) as pool:
        held = Held(store.transact, pool)
        others = [pool.submit(store.transact, put(n)) for n in (1, 2)]
        wait_for_queue(store._group, 2)
        event.listen(store.writer, "commit", fail)
        held.go.set()
        for future in (held.future, *others):
            with pytest.raises(sqlite3.OperationalError, match="disk I/O error"):
                future.result(20)
    event.remove(store.writer, "commit", fail)
    assert stored(store) == []
    assert store.transact(put(7)) == 1, "the writer goes on"
    assert stored(store) == [7]


def test_who_gave_up_is_not_done_afterwards(store: SqliteStore) -> None:
    group = GroupWriter(store.writer, patience_s=0.2)
    with ThreadPoolExecutor(2) as pool:
        held = Held(group.run, pool)
        with pytest.raises(DatabaseBusy, match="turn"):
            group.run(put(1))
        held.go.set()
        assert held.future.result(20) == "held", "what has begun is waited for, however long"
    assert group.run(put(2)) == 1
    group.close()
    assert stored(store) == [2]


def test_what_waits_at_the_end_is_done_and_what_comes_later_is_refused(store: SqliteStore) -> None:
    group = GroupWriter(store.writer, patience_s=20)
    with ThreadPoolExecutor(4) as pool:
        held = Held(group.run, pool)
        others = [pool.submit(group.run, put(n)) for n in (1, 2)]
        wait_for_queue(group, 2)
        closing = pool.submit(group.close)
        wait_for_queue(group, 3)
        held.go.set()
        closing.result(20)
        assert [other.result(20) for other in others] == [1, 1]
    with pytest.raises(DatabaseBusy, match="closed"):
        group.run(put(3))
    assert stored(store) == [1, 2]
