"""Who guesses waits: after a few wrong tries each further one doubles the wait. In memory, bounded, by the clock."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from backoffice.clock import Clock
from backoffice.problems.problem import Problem

FREE_TRIES = 3
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
MAX_NAMES = 10_000


def wait_after(wrong: int) -> timedelta:
    """How long nobody may try after so many wrong tries in a row: nothing, then 30 s, 1 min, 2 min … 1 h."""
    if wrong < FREE_TRIES:
        return timedelta(0)
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(wrong - FREE_TRIES, 16)))


def locked(until: datetime, now: datetime) -> Problem:
    left_s = int((until - now).total_seconds()) + 1
    return Problem("too_many_attempts", headers={"Retry-After": str(left_s)})


class Backoff:
    """Counts wrong tries by name (an address, an unknown login). A forgotten name starts again at nought."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, name: str) -> None:
        """:raises Problem: too_many_attempts, with Retry-After."""
        now = self._clock.now()
        with self._lock:
            wrong, last = self._wrong.get(name, (0, now))
        until = last + wait_after(wrong)
        if until > now:
            raise locked(until, now)

    def wrong(self, name: str) -> None:
        now = self._clock.now()
        with self._lock:
            wrong, last = self._wrong.pop(name, (0, now))
            fresh = now - last - wait_after(wrong) > LONGEST_WAIT
            self._wrong[name] = (1 if fresh else wrong + 1, now)
            while len(self._wrong) > MAX_NAMES:
                self._wrong.popitem(last=False)

    def right(self, name: str) -> None:
        with self._lock:
            self._wrong.pop(name, None)


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `tries` wrong ones within `within_s`."""

    tries: int
    within_s: float


def budget_wait_s(times: list[float], budget: Budget, now: float) -> float:
    """How long until there is room again; 0: now. :param times: of what counts, the oldest first."""
    counted = [at for at in times if now - at < budget.within_s]
    over = len(counted) - budget.tries
    return counted[over] + budget.within_s - now if over >= 0 else 0.0


class WrongTries:
    """Counts wrong tries within a time, for a name that many people may share: it opens again by and by."""

    def __init__(self, clock: Clock, budget: Budget) -> None:
        self._clock = clock
        self._budget = budget
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, name: str) -> None:
        """:raises Problem: too_many_attempts, with Retry-After."""
        with self._lock:
            wait_s = budget_wait_s(self._wrong.get(name, []), self._budget, self._clock.now().timestamp())
        if wait_s > 0:
            raise Problem("too_many_attempts", headers={"Retry-After": str(math.ceil(wait_s))})

    def wrong(self, name: str) -> None:
        now = self._clock.now().timestamp()
        with self._lock:
            recent = [at for at in self._wrong.pop(name, []) if now - at < self._budget.within_s]
            self._wrong[name] = [*recent, now][-self._budget.tries :]
            while len(self._wrong) > MAX_NAMES:
                self._wrong.popitem(last=False)
