"""Work of one kind that waits at the same moment is done in one transaction: its locks are got once, its rows go
together, and everybody is answered after the one commit.

On PostgreSQL each transaction of its own holds what it has locked until the disk has its commit, so whoever wants the
same row waits for a disk; and each of its messages is a way there and back. On SQLite work that waits shares a commit
anyway; together it has one savepoint, and the rows of one table go in one call.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from backoffice.store.failures import DatabaseBusy
from backoffice.store.writer_threads import awaited

T_co = TypeVar("T_co", covariant=True)
Outcomes = Sequence[object]
Begin = Callable[[Callable[[Connection], Outcomes]], "Future[Outcomes]"]
MAX_MEMBERS = 64
COMING_S = 0.02
"""How long others are waited for, at most; never longer than the transaction before took."""
_log = logging.getLogger(__name__)


class Member(Protocol[T_co]):
    """What one caller wants; `alone` and `jointly` end the same."""

    @property
    def mark(self) -> str:
        """Two of one mark are never in one transaction."""

    def alone(self, connection: Connection) -> T_co: ...

    def jointly(self, connection: Connection, members: Sequence[Any]) -> Outcomes:
        """For all of these, of one class, in their order: what each is answered, or the exception that is its own.

        Whatever it raises, nothing of it is kept, and each of them is done alone.
        """


class _OfOne(Exception):
    """A mistake in this program, or a value of one of them: those beside it have nothing to do with it."""


class Unbatchable(Exception):
    """It was not done with others; done alone it may be."""


@dataclass(slots=True, eq=False)
class _Waiting:
    member: Member[Any]
    future: Future[Any] = field(default_factory=Future)


@dataclass(slots=True, eq=False)
class _Turn:
    """One transaction."""

    began_s: float = field(default_factory=time.monotonic)
    begun: list[_Waiting] = field(default_factory=list)


class Joint:
    """One transaction at a time; who comes meanwhile is in the next."""

    def __init__(self, begin: Begin, patience_s: float) -> None:
        """:param begin: starts work in a transaction; its result is there when the disk has the commit."""
        self._begin = begin
        self._patience_s = patience_s
        self._changed = threading.Condition()
        self._coming = 0
        self._took_s, self._expected = 0.0, 0
        self._waiting: list[_Waiting] = []
        self._busy = False

    def run(self, make: Callable[[], Member[T_co]]) -> T_co:
        """It is on the disk when this returns.

        :param make: while it is made, those that are here already wait a little for it.
        :raises DatabaseBusy: its turn did not come; or it is under way and its end is not known yet.
        :raises Unbatchable: nothing was done.
        """
        one = _Waiting(self._made(make))
        with self._changed:
            self._waiting.append(one)
            self._changed.notify_all()
            begins, self._busy = not self._busy, True
        if begins:
            self._begin_turn()
        future: Future[T_co] = one.future
        return awaited(future, self._patience_s)

    def _made(self, make: Callable[[], Member[T_co]]) -> Member[T_co]:
        with self._changed:
            self._coming += 1
        try:
            return make()
        finally:
            with self._changed:
                self._coming -= 1

    def _begin_turn(self) -> None:
        turn = _Turn()
        try:
            begun = self._begin(lambda connection: self._do(connection, turn))
        except DatabaseBusy as problem:
            self._fail_waiting(problem)
        else:
            begun.add_done_callback(lambda done: self._ended(turn, done))

    def _do(self, connection: Connection, turn: _Turn) -> Outcomes:
        """:raises DBAPIError: :raises _OfOne: nothing of it is kept."""
        turn.began_s = time.monotonic()
        # Whoever gave up while it waited is left out, and cannot give up any more once it has begun.
        turn.begun = [one for one in self._take() if one.future.set_running_or_notify_cancel()]
        if not turn.begun:
            return ()
        members = [one.member for one in turn.begun]
        try:
            return members[0].jointly(connection, members)
        except DBAPIError:
            raise
        except Exception as cause:  # it is told to the one whose it is, when each is done alone
            raise _OfOne from cause

    def _ended(self, turn: _Turn, done: Future[Outcomes]) -> None:
        problem = done.exception()
        if problem is not None and not turn.begun:
            self._fail_waiting(problem)
            return
        with self._changed:
            self._took_s = time.monotonic() - turn.began_s
            self._expected = len(turn.begun) + len(self._waiting)
        if problem is None:
            _tell(turn.begun, done.result())
        else:
            _fail(turn.begun, problem)
        with self._changed:
            self._busy = bool(self._waiting)
            goes_on = self._busy
        if goes_on:
            self._begin_turn()

    def _fail_waiting(self, problem: BaseException) -> None:
        """There was no transaction to be had: nothing of what waits was begun."""
        with self._changed:
            left, self._waiting, self._busy = self._waiting, [], False
        for one in left:
            if one.future.set_running_or_notify_cancel():
                one.future.set_exception(problem)

    def _all_here(self) -> bool:
        """Whoever was answered last may be back soon, and the first of them need not wait for a commit of its own.

        Nobody waits for this where nothing comes at the same time: then there was one, and one is here.
        """
        return not self._waiting or (len(self._waiting) >= self._expected and not self._coming)

    def _take(self) -> list[_Waiting]:
        """Those that can be done together, the first that waits among them."""
        taken: list[_Waiting] = []
        with self._changed:
            self._changed.wait_for(self._all_here, min(self._took_s, COMING_S))
            marks: set[str] = set()
            for one in self._waiting:
                fits = not taken or type(one.member) is type(taken[0].member)
                if fits and one.member.mark not in marks and len(taken) < MAX_MEMBERS:
                    marks.add(one.member.mark)
                    taken.append(one)
            self._waiting = [one for one in self._waiting if one not in taken]
        return taken


def _tell(begun: Sequence[_Waiting], outcomes: Outcomes) -> None:
    for one, outcome in zip(begun, outcomes, strict=True):
        if isinstance(outcome, Exception):
            one.future.set_exception(outcome)
        else:
            one.future.set_result(outcome)


def _fail(begun: Sequence[_Waiting], problem: BaseException) -> None:
    """Somebody keeps a row, or one of them cannot be: alone each is told what concerns it."""
    if isinstance(problem, DBAPIError | _OfOne):
        why = problem.orig if isinstance(problem, DBAPIError) else problem.__cause__
        _log.info("%d at once were not done, each is done alone: %s", len(begun), type(why).__name__)
    for one in begun:
        told: BaseException = problem
        if isinstance(problem, DBAPIError | _OfOne):
            told = Unbatchable()
            told.__cause__ = problem
        one.future.set_exception(told)
