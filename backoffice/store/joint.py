"""Work of one kind that waits at the same moment is done in one transaction: its locks are got once, its rows go
together, and everybody is answered after the one commit.

For PostgreSQL. There each transaction of its own holds what it has locked until the disk has its commit, so whoever
wants the same row waits for a disk; and each of its messages is a way there and back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from backoffice.store.failures import DatabaseBusy
from backoffice.store.prepared import together
from backoffice.store.writer_threads import WriterThreads, awaited

T_co = TypeVar("T_co", covariant=True)
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

    def jointly(self, connection: Connection, members: Sequence[Any]) -> Sequence[object]:
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


class Joint:
    """One transaction at a time; who comes meanwhile is in the next."""

    def __init__(self, engine: Engine, hands: WriterThreads, patience_s: float) -> None:
        self._engine = engine
        self._hands = hands
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
            begins = not self._busy
            self._busy = True
        if begins:
            self._begin()
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

    def _begin(self) -> None:
        try:
            self._hands.begin(self._work).add_done_callback(self._ended)
        except DatabaseBusy as problem:
            self._give_up(problem)

    def _ended(self, turn: Future[None]) -> None:
        problem = turn.exception()
        if problem is not None:
            self._give_up(problem)

    def _give_up(self, problem: BaseException) -> None:
        """There was no hand for it: nothing of what waits was begun."""
        with self._changed:
            left, self._waiting, self._busy = self._waiting, [], False
        for one in left:
            if one.future.set_running_or_notify_cancel():
                one.future.set_exception(problem)

    def _work(self) -> None:
        while taken := self._take():
            # Whoever gave up while it waited is left out, and cannot give up any more once it has begun.
            begun = [one for one in taken if one.future.set_running_or_notify_cancel()]
            if begun:
                self._do(begun)

    def _do(self, begun: Sequence[_Waiting]) -> None:
        members, began = [one.member for one in begun], time.monotonic()
        try:
            with self._engine.connect() as connection, _given_up(connection), together(connection):
                transaction = connection.begin()
                outcomes = _outcomes(connection, members)
                # In one message with what it commits.
                transaction.commit()
        except (DBAPIError, _OfOne) as cause:
            # Somebody keeps a row, or one of them cannot be: alone each is told what concerns it.
            why = cause.orig if isinstance(cause, DBAPIError) else cause.__cause__
            _log.info("%d at once were not done, each is done alone: %s", len(begun), type(why).__name__)
            _fail_waiters(begun, cause)
            return
        except BaseException as cause:  # no connection: everybody is told
            for one in begun:
                one.future.set_exception(cause)
            return
        finally:
            with self._changed:
                self._took_s, self._expected = time.monotonic() - began, len(begun) + len(self._waiting)
        for one, outcome in zip(begun, outcomes, strict=True):
            if isinstance(outcome, Exception):
                one.future.set_exception(outcome)
            else:
                one.future.set_result(outcome)

    def _all_here(self) -> bool:
        """Whoever was answered last may be back soon, and the first of them need not wait for a commit of its own.

        Nobody waits for this where nothing comes at the same time: then there was one, and one is here.
        """
        return not self._waiting or (len(self._waiting) >= self._expected and not self._coming)

    def _take(self) -> list[_Waiting]:
        """Those that can be done together, the first that waits among them; none: this turn is over."""
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
            self._busy = bool(taken)
        return taken


def _outcomes(connection: Connection, members: Sequence[Member[Any]]) -> Sequence[object]:
    """:raises DBAPIError: :raises _OfOne: nothing of it is kept."""
    try:
        return members[0].jointly(connection, members)
    except DBAPIError:
        raise
    except Exception as cause:  # it is told to the one whose it is, when each is done alone
        raise _OfOne from cause


@contextmanager
def _given_up(connection: Connection) -> Iterator[None]:
    """What broke in the middle of a message: a new connection is sooner had than the state of this one found out."""
    try:
        yield
    except BaseException:
        connection.invalidate()
        raise


def _fail_waiters(begun: Sequence[_Waiting], cause: Exception) -> None:
    for one in begun:
        apart = Unbatchable()
        apart.__cause__ = cause
        one.future.set_exception(apart)
