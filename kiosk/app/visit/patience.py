"""The staff's switch: while somebody sits beside her, nobody is asked whether she is still there (WCAG 2.2.1).

What is left behind on the screen stays there as long, so it is for people who watch: it ends by itself after some
hours, is on again at every start, and each turn of it stands in the audit chain.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from kiosk.domain.outbox import StoreError
from kiosk.domain.ports import Clock, Timer
from kiosk.domain.timing import UNHURRIED_S

log = logging.getLogger(__name__)

BY_STAFF = "staff"
"""Why the idle rule's clock stands still."""
RAN_OUT = ""
"""Staff number of nobody: the hours were over."""


class Holdable(Protocol):
    """What the switch needs of the idle rule."""

    @property
    def holding(self) -> frozenset[str]: ...

    def hold(self, reason: str) -> None: ...

    def release(self, reason: str) -> None: ...


class Patience:
    """
    :param record: puts staff number and new state into the audit chain. :raises StoreError:
    """

    def __init__(self, idle: Holdable, clock: Clock, note: Callable[..., None], record: Callable[[str, str], None]):
        self._idle, self._clock, self._note, self._record = idle, clock, note, record
        self._timer: Timer | None = None

    @property
    def is_on(self) -> bool:
        """Nobody is hurried."""
        return BY_STAFF in self._idle.holding

    def turn(self, staff: str) -> None:
        """On when it was off, off when it was on. :param staff: number of who turned it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.is_on:
            self._idle.release(BY_STAFF)
        else:
            self._idle.hold(BY_STAFF)
            self._timer = self._clock.call_later(UNHURRIED_S, self._over)
        self._tell(staff)

    def _over(self) -> None:
        if self.is_on:
            self.turn(RAN_OUT)

    def _tell(self, staff: str) -> None:
        state = "unhurried" if self.is_on else "as_usual"
        self._note("idle_switch", staff=staff, state=state)
        try:
            self._record(staff, state)
        except StoreError as error:
            log.error("the idle switch is not in the audit: %s", error)
