"""One call of a driver in a thread of its own, so that a driver that hangs fails its check and stops nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Breach(Exception):
    """The driver broke the contract; the text says how."""


class NoCheck(Exception):
    """The check says nothing about this device; the text says why."""


class Call:
    """One call under way; what it raised or returned is kept."""

    def __init__(self, action: Callable[[], object]) -> None:
        self._action = action
        self.error: BaseException | None = None
        self.result: object = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.result = self._action()
        except BaseException as error:  # kept for the check, which judges what may be raised
            self.error = error

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def ended_within(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self.running
