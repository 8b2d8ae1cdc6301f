"""One thread that writes: requests that wait share one commit, and are answered only after it. For SQLite."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, NestedTransaction
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backoffice.store.deadline import left_s
from backoffice.store.failures import DatabaseBusy

T = TypeVar("T")
Work = Callable[[Connection], T]
Outcome = tuple[Any, Exception | None]
MAX_GROUP = 64


@dataclass(slots=True)
class _Task:
    work: Callable[[Connection], Any]
    future: Future[Any]


class GroupWriter:
    """Each piece of work has a savepoint of its own: what one raises undoes that one and reaches its own caller."""

    def __init__(self, engine: Engine, patience_s: float) -> None:
        self._engine = engine
        self._patience_s = patience_s
        self._queue: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def run(self, work: Work[T]) -> T:
        """Do this in a transaction; it is on the disk when this returns.

        :raises DatabaseBusy: its turn did not come in time; it will not be done.
        """
        future = self.begin(work)
        try:
            return future.result(left_s(self._patience_s))
        except NotInTime as cause:
            if future.cancel():
                raise DatabaseBusy("the writer's turn did not come") from cause
        # It has begun: only its end tells whether it was done.
        return future.result()

    def begin(self, work: Work[T]) -> Future[T]:
        """`run`, for whoever waits in another way. :raises DatabaseBusy: the database is being closed."""
        task = _Task(work, Future())
        self._enqueue(task)
        return task.future

    def close(self) -> None:
        """What waits is done first."""
        with self._lock:
            self._closed = True
            thread, self._thread = self._thread, None
            if thread is not None:
                self._queue.put(None)
        if thread is not None:
            thread.join()

    def _enqueue(self, task: _Task) -> None:
        with self._lock:
            if self._closed:
                raise DatabaseBusy("the database is being closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._write, name="group-writer", daemon=True)
                self._thread.start()
            self._queue.put(task)

    def _write(self) -> None:
        while group := self._next():
            # Whoever gave up while it waited is left out, and cannot give up any more once it has begun.
            begun = [task for task in group if task.future.set_running_or_notify_cancel()]
            if begun:
                self._commit(begun)

    def _next(self) -> list[_Task]:
        """What waits, at least one; empty at the end."""
        task = self._queue.get()
        group: list[_Task] = []
        while task is not None:
            group.append(task)
            if len(group) == MAX_GROUP:
                return group
            try:
                task = self._queue.get_nowait()
            except queue.Empty:
                return group
        if group:
            self._queue.put(None)
        return group

    def _commit(self, group: list[_Task]) -> None:
        try:
            with self._engine.begin() as connection:
                outcomes = [_outcome(connection, task.work) for task in group]
        except BaseException as cause:
            # No connection, or the commit itself failed: nobody's work was done, and everybody is told.
            told = DatabaseBusy("no connection became free") if isinstance(cause, PoolTimeout) else cause
            for task in group:
                task.future.set_exception(told)
            return
        for task, (result, problem) in zip(group, outcomes, strict=True):
            if problem is None:
                task.future.set_result(result)
            else:
                task.future.set_exception(problem)


def _outcome(connection: Connection, work: Callable[[Connection], Any]) -> Outcome:
    savepoint = connection.begin_nested()
    try:
        result = work(connection)
    except Exception as problem:  # told to the one who asked; the others of the group keep what they did
        _undo(savepoint, problem)
        return None, problem
    savepoint.commit()
    return result, None


def _undo(savepoint: NestedTransaction, problem: Exception) -> None:
    """:raises Exception: the problem; a full disk has undone the whole transaction, and with it the savepoint."""
    try:
        savepoint.rollback()
    except DBAPIError:
        raise problem from None
