"""A simulated tactile keypad: an input node that writes `struct input_event`.

Control: `press{key}` (down and up), `hold{key, repeats?}` (down, with the kernel's own repetitions), `release{key}`,
`lost` (the kernel's queue has overflowed), unplug, replug, faults. `key` is a name without `KEY_`, as in
linux/input-event-codes.h, of those in `CODES`.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Mapping
from typing import ClassVar

from drivers.sim.core import Twin
from drivers.sim.faultbook import BadControl

CODES: Mapping[str, int] = {
    "UP": 103, "DOWN": 108, "LEFT": 105, "RIGHT": 106, "ENTER": 28, "KPENTER": 96, "BACK": 158, "HELP": 138,
    "KP0": 82, "KP2": 80, "KP4": 75, "KP5": 76, "KP6": 77, "KP8": 72, "KPPLUS": 78, "KPMINUS": 74,
    "KPASTERISK": 55, "F3": 61, "LEFTMETA": 125,
}  # fmt: skip
EV_SYN, EV_KEY, SYN_DROPPED = 0, 1, 3
UP, DOWN, AGAIN = 0, 1, 2


class KeypadTwin(Twin):
    """See the module."""

    models = ("evdev_keypad",)
    unasked_models = frozenset({"evdev_keypad"})
    default_baud = None
    own_faults: ClassVar[Mapping[str, str]] = {"bounce": "the contact closes a second time within a few milliseconds"}

    def __init__(self, settings: Mapping[str, object]) -> None:
        super().__init__(settings)
        self._presses = 0
        self.ops |= {
            "press": self._op_press,
            "hold": self._op_hold,
            "release": lambda request: self._tell(_code(request), UP),
            "lost": self._op_lost,
        }

    def on_bytes(self, data: bytes) -> None:
        """A keypad has nothing to hear: what comes is ignored."""

    def status(self) -> dict[str, object]:
        return {**super().status(), "presses": self._presses}

    def _op_press(self, request: Mapping[str, object]) -> Mapping[str, object]:
        code = _code(request)
        self._presses += 1
        reports = [(code, DOWN), (code, UP)]
        self.send(b"".join(_report(*report) for report in reports * (2 if self.faults.take("bounce") else 1)))
        return {}

    def _op_hold(self, request: Mapping[str, object]) -> Mapping[str, object]:
        code, repeats = _code(request), request.get("repeats", 0)
        if isinstance(repeats, bool) or not isinstance(repeats, int) or not 0 <= repeats <= 1000:
            raise BadControl("hold: repeats is a number")
        self._presses += 1
        self.send(_report(code, DOWN) + _report(code, AGAIN) * repeats)
        return {}

    def _op_lost(self, _request: Mapping[str, object]) -> Mapping[str, object]:
        self.send(_event(EV_SYN, SYN_DROPPED, 0) + _event(EV_SYN, 0, 0))
        return {}

    def _tell(self, code: int, value: int) -> Mapping[str, object]:
        self.send(_report(code, value))
        return {}


def _code(request: Mapping[str, object]) -> int:
    code = CODES.get(str(request.get("key")))
    if code is None:
        raise BadControl(f"key is one of {', '.join(CODES)}")
    return code


def _report(code: int, value: int) -> bytes:
    return _event(EV_KEY, code, value) + _event(EV_SYN, 0, 0)


def _event(kind: int, code: int, value: int) -> bytes:
    now_ns = time.time_ns()
    return struct.pack("@llHHi", now_ns // 1_000_000_000, now_ns // 1_000 % 1_000_000, kind, code, value)


TWIN = KeypadTwin
