"""A few threads that write: whoever asked can leave when a commit is blocked, and come again.

PostgreSQL acknowledges a commit only when its strict standby has it; when there is none it waits, and nothing ends
that wait that would be safe. The connection stays with its thread; the one who asked is told to repeat.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import dataclass, field
from typing import Any, TypeVar

from backoffice.store.deadline import left_s, within
from backoffice.store.failures import DatabaseBusy

T = TypeVar("T")


@dataclass(slots=True)
class _Task:
    work: Callable[[], Any]
    future: Future[Any] = field(default_factory=Future)


def awaited(future: Future[T], patience_s: float) -> T:
    """Its result, within what is left of the asker's time. :raises DatabaseBusy: as `WriterThreads.run` says."""
    try:
        return future.result(left_s(patience_s))
    except NotInTime as cause:
        if future.cancel():
            raise DatabaseBusy("no turn came") from cause
        if future.done():
            return future.result()
        raise DatabaseBusy("the commit is blocked: it is not known yet whether it will be done") from cause


class WriterThreads:
    def __init__(self, most: int, patience_s: float) -> None:
        """:param most: threads, started when they are needed; what comes then waits for its turn."""
        self._most = most
        self._patience_s = patience_s
        self._queue: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._closed = False

    def run(self, work: Callable[[], T]) -> T:
        """:raises DatabaseBusy: its turn did not come; or it is under way and its end is not known yet.

        Only what may be done twice without harm may be asked for again then: that is what keys and versions are for.
        """
        return awaited(self.begin(work), self._patience_s)

    def begin(self, work: Callable[[], T]) -> Future[T]:
        """`run`, for whoever waits in another way. :raises DatabaseBusy: the database is being closed."""
        task = _Task(work)
        self._enqueue(task)
        return task.future

    def close(self) -> None:
        """What waits is not done any more. A thread whose commit is blocked is left to the end of the process."""
        with self._lock:
            self._closed = True
            threads, self._threads = self._threads, []
            for _ in threads:
                self._queue.put(None)
        with within(self._patience_s):
            for thread in threads:
                thread.join(left_s(self._patience_s))

    def _enqueue(self, task: _Task) -> None:
        with self._lock:
            if self._closed:
                raise DatabaseBusy("the database is being closed")
            self._queue.put(task)
            if self._idle == 0 and len(self._threads) < self._most:
                thread = threading.Thread(target=self._work, name="database-writer", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _work(self) -> None:
        while True:
            with self._lock:
                self._idle += 1
            task = self._queue.get()
            with self._lock:
                self._idle -= 1
            if task is None:
                return
            if task.future.set_running_or_notify_cancel():
                self._do(task)

    def _do(self, task: _Task) -> None:
        if self._closed:
            task.future.set_exception(DatabaseBusy("the database is being closed"))
            return
        try:
            task.future.set_result(task.work())
        except BaseException as problem:  # told to the one who asked, whatever it was
            task.future.set_exception(problem)
