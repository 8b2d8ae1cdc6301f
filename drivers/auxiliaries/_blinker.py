"""Blinks lamps on a board that only knows on and off, from one thread, at most twice a second."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping

from drivers.api import DeviceError, Flash, LightPosition

HALF_PERIOD_S: Mapping[Flash, float] = {Flash.SLOW: 1.0, Flash.MEDIUM: 0.5, Flash.QUICK: 0.25}
"""Three flashes a second may start a fit (WCAG 2.3.1): the quickest stays at two."""


class Blinker:
    """`show(position, lit)` writes one change; it may raise DeviceError, which is kept and tried again."""

    def __init__(self, show: Callable[[LightPosition, bool], None]) -> None:
        self._show = show
        self._changed = threading.Condition()
        self._half_s: dict[LightPosition, float] = {}
        self._began_s: dict[LightPosition, float] = {}
        self._thread: threading.Thread | None = None
        self._ends = False
        self.trouble: DeviceError | None = None
        """Why the last change could not be written; None when it was."""

    def blinks(self, position: LightPosition) -> bool:
        return position in self._half_s

    def begin(self, position: LightPosition, flash: Flash) -> None:
        """The lamp is lit now; it goes out after half a period, and so on."""
        with self._changed:
            self._half_s[position], self._began_s[position] = HALF_PERIOD_S[flash], time.monotonic()
            if self._thread is None:
                self._ends = False
                self._thread = threading.Thread(target=self._run, name="blinker", daemon=True)
                self._thread.start()
            self._changed.notify()

    def drop(self, position: LightPosition) -> None:
        with self._changed:
            self._half_s.pop(position, None)

    def end(self) -> None:
        """Nothing blinks any more; returns when the thread has ended."""
        with self._changed:
            self._half_s.clear()
            self._ends = True
            thread, self._thread = self._thread, None
            self._changed.notify()
        if thread is not None:
            thread.join()
        self.trouble = None

    def _run(self) -> None:
        shown_until_s = time.monotonic()
        while (due := self._next(shown_until_s)) is not None:
            shown_until_s, changes = due
            for position, lit in changes:
                self._write(position, lit)

    def _write(self, position: LightPosition, lit: bool) -> None:
        try:
            self._show(position, lit)
        except DeviceError as error:
            self.trouble = error
        else:
            self.trouble = None

    def _next(self, after_s: float) -> tuple[float, list[tuple[LightPosition, bool]]] | None:
        """Wait for the next changes after `after_s`; late ones are left out. None when it is to end."""
        with self._changed:
            while not self._ends:
                now_s = time.monotonic()
                due_s = min((self._due_s(position, after_s) for position in self._half_s), default=None)
                if due_s is not None and due_s <= now_s:
                    return now_s, [
                        (position, self._is_lit(position, now_s))
                        for position in self._half_s
                        if self._due_s(position, after_s) <= now_s
                    ]
                self._changed.wait(None if due_s is None else due_s - now_s)
        return None

    def _due_s(self, position: LightPosition, after_s: float) -> float:
        """The first change later than `after_s`."""
        half_s, began_s = self._half_s[position], self._began_s[position]
        return began_s + (math.floor(max(0.0, after_s - began_s) / half_s) + 1) * half_s

    def _is_lit(self, position: LightPosition, now_s: float) -> bool:
        return int((now_s - self._began_s[position]) / self._half_s[position]) % 2 == 0
