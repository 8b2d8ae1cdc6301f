"""Four digits can be tried out: whoever guesses runs out of tries, by the number and by the terminal."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from backoffice.identity.backoff import Budget
from backoffice.office import Office
from backoffice.problems.problem import Problem

QUARTER_S, DAY_S = 900.0, 86_400.0
TRY_S = 30.0
"""A try that a failure broke off is forgotten after this."""


OF_A_NUMBER = (Budget(5, QUARTER_S), Budget(15, DAY_S))
OF_A_TERMINAL = (Budget(20, QUARTER_S), Budget(60, DAY_S))
"""Over all numbers: residents of a whole hall mistype less than that."""

_Name = tuple[str, str]


class SlipCodes:
    """One for a server. What is being tried at the moment counts as wrong until it is known, so that many guesses
    at once gain nothing."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._wrong: dict[_Name, list[float]] = {}
        self._trying: dict[_Name, list[float]] = {}
        self._tidied = 0.0
        self._lock = threading.Lock()

    def at(self, device: str) -> CodeGuard:
        """The guard for tries at this terminal."""
        return CodeGuard(self, device)

    def begin(self, device: str, number: str) -> None:
        """:raises Problem: too_many_attempts."""
        now = self._office.clock.now().timestamp()
        with self._lock:
            self._tidy(now)
            names: tuple[tuple[_Name, Sequence[Budget]], ...] = (
                (("number", number), OF_A_NUMBER),
                (("terminal", device), OF_A_TERMINAL),
            )
            wait_s = max(self._wait_s(name, budgets, now) for name, budgets in names)
            if not wait_s:
                for name, _ in names:
                    self._trying.setdefault(name, []).append(now)
        if wait_s:
            raise Problem("too_many_attempts", headers={"Retry-After": str(math.ceil(wait_s))})

    def end(self, device: str, number: str, *, wrong: bool) -> None:
        now = self._office.clock.now().timestamp()
        names: tuple[_Name, _Name] = ("number", number), ("terminal", device)
        with self._lock:
            for name in names:
                left = self._trying.pop(name, [])[:-1]
                if left:
                    self._trying[name] = left
                if wrong:
                    self._wrong.setdefault(name, []).append(now)
            if not wrong:
                # Whoever knows a slip's code clears that slip; a right one must not buy guesses at other numbers.
                self._wrong.pop(names[0], None)

    def _wait_s(self, name: _Name, budgets: Sequence[Budget], now: float) -> float:
        """How long this name has to wait; 0: not at all."""
        wrong, waits = self._wrong.get(name, []), [0.0]
        trying = sum(abs(now - begun) < TRY_S for begun in self._trying.get(name, ()))
        for budget in budgets:
            counted = [at for at in wrong if now - at < budget.within_s]
            over = len(counted) + trying - budget.tries
            if over >= 0:
                # What is only being tried ends in a moment; a wrong one counts until its time is over.
                waits.append(counted[over] + budget.within_s - now if over < len(counted) and not trying else 1.0)
        return max(waits)

    def _tidy(self, now: float) -> None:
        if abs(now - self._tidied) < TRY_S:
            return
        self._tidied = now
        for kept, within_s in ((self._wrong, DAY_S), (self._trying, TRY_S)):
            for name in list(kept):
                recent = [at for at in kept[name] if abs(now - at) < within_s]
                kept[name] = recent
                if not recent:
                    del kept[name]


@dataclass(frozen=True, slots=True)
class CodeGuard:
    """At one terminal: `check` begins a try, `wrong` or `right` ends it."""

    codes: SlipCodes
    device: str

    def check(self, number: str) -> None:
        """:raises Problem: too_many_attempts, as soon as the number's or the terminal's tries are used up."""
        self.codes.begin(self.device, number)

    def wrong(self, number: str) -> None:
        self.codes.end(self.device, number, wrong=True)

    def right(self, number: str) -> None:
        self.codes.end(self.device, number, wrong=False)
