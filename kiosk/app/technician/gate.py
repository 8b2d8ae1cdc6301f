"""The login to technician mode: a number, a PIN, and a back-off that outlives a restart. No PIN leaves this file."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable
from typing import Protocol

from kiosk.domain.outbox import StoreError
from kiosk.domain.technician.staff_lock import LockState, RollError, after_try, left_s
from kiosk.domain.technician.state import Checked

log = logging.getLogger(__name__)


class Roll(Protocol):
    """Who may come in."""

    def has_anyone(self) -> bool:
        """:raises RollError:"""

    def check(self, number: str, pin: str) -> bool:
        """In constant time, known number or not. :raises RollError:"""


class LockKeeper(Protocol):
    def read(self, now_s: float) -> LockState: ...

    def keep(self, state: LockState) -> None:
        """Durable when it returns. :raises OSError:"""


class StaffGate:
    """
    :param wall_s: wall time in seconds since the epoch; the wait goes on while the terminal is off.
    :param record: puts staff number and result into the audit chain. :raises StoreError:
    """

    def __init__(
        self,
        roll: Roll,
        lock: LockKeeper,
        wall_s: Callable[[], float],
        note: Callable[..., None],
        record: Callable[[str, str], None],
    ):
        self._roll = roll
        self._lock = lock
        self._wall_s = wall_s
        self._note = note
        self._record = record
        self._one_at_a_time = threading.Lock()

    def has_anyone(self) -> bool:
        """A file that cannot be used lets nobody in."""
        try:
            return self._roll.has_anyone()
        except RollError as error:
            log.error("technician mode: %s", error)
            return False

    def try_pin(self, number: str, pin: str) -> Checked:
        """A wrong PIN is counted before it is looked at: no plug that is pulled meanwhile wins a free try."""
        with self._one_at_a_time:
            now_s = self._wall_s()
            state = self._lock.read(now_s)
            if (wait_s := left_s(state, now_s)) > 0:
                return self._refused(number, "locked", wait_s)
            try:
                counted = after_try(state, now_s)
                self._lock.keep(counted)
                right = self._roll.check(number, pin)
                if right:
                    self._lock.keep(LockState())
            except (OSError, RollError) as error:
                # Where no failure can be counted nobody comes in.
                log.error("technician mode: no login: %s", error)
                return Checked(right=False)
            if not right:
                return self._refused(number, "wrong", left_s(counted, self._wall_s()))
            self._tell(number, "in")
            return Checked(right=True)

    def _refused(self, number: str, result: str, wait_s: float) -> Checked:
        wait_whole_s = math.ceil(wait_s)
        self._tell(number, result, wait_s=wait_whole_s)
        return Checked(right=False, wait_s=wait_whole_s)

    def _tell(self, number: str, result: str, **more: object) -> None:
        self._note("staff_login", number=number, result=result, **more)
        try:
            self._record(number, result)
        except StoreError as error:
            # Whoever comes to mend a broken store must be able to come in.
            log.error("technician mode: the login is not in the audit: %s", error)
