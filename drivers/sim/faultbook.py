"""Faults a simulated device is told to have: armed by name, used up by count.

Every twin knows the line faults below (they spoil whole answers, whatever the device); a twin adds
its own names. What each one does stands in `LINE_FAULTS`, which `status` also shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import UnionType

LINE_FAULTS: Mapping[str, str] = {
    "mute": "the answer is not sent",
    "garble": "bit `bit` (default 0) of byte `at` (default the last) of the answer is flipped",
    "drop": "byte `at` (default 0) of the answer is missing",
    "half": "only the first `at` bytes (default half) of the answer are sent",
    "echo": "what the host sent comes back before the answer (RS485 adapters)",
    "duplicate": "the answer is sent twice",
    "late": "the answer comes `delay_s` (default 3) too late",
    "junk": "`length` (default 7) stray bytes precede the answer",
    "wrong_baud": "the answer is sent at another speed: the host sees garbage",
    "unplug": "the cable is pulled after `at` bytes (default 0) of the answer; op `replug` puts it back",
    "hang": "its processor stands still until `clear`: what it hears meanwhile is lost, and it does nothing by itself",
    "slow_drain": "it takes only `bytes_per_s` (default 5) of what the host sends until `clear`",
}

UNTIL_CLEARED = -1
WHOLE_NUMBERS = ("count", "skip", "at", "bit", "length", "bytes_per_s")


class BadControl(Exception):
    """A control request that cannot be carried out; its text is the reply's `error`."""


@dataclass(slots=True)
class ArmedFault:
    """One fault waiting for its moment. `on` limits it to answers with that tag, `skip` lets some pass."""

    name: str
    count: int = 1
    skip: int = 0
    on: str = ""
    args: Mapping[str, object] = field(default_factory=dict)

    def number(self, key: str, default: int) -> int:
        value = self.args.get(key)
        return value if isinstance(value, int) else default

    def seconds(self, key: str, default: float) -> float:
        value = self.args.get(key)
        return float(value) if isinstance(value, int | float) else default


class FaultBook:
    """The armed faults of one twin."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = dict(names)
        self._armed: list[ArmedFault] = []

    def arm(self, request: Mapping[str, object]) -> ArmedFault:
        """Arm from `{"name", "count"?: 1 or -1 = until cleared, "skip"?, "on"?, ...}`. :raises BadControl:"""
        request = _with_code(request)
        name = request.get("name")
        if not isinstance(name, str) or name not in self.names:
            raise BadControl(f"unknown fault {name!r}; this device knows {', '.join(sorted(self.names))}")
        for key in WHOLE_NUMBERS:
            if not _is_number(request.get(key, 0), int):
                raise BadControl(f"{name}: {key} must be a whole number")
        if not _is_number(request.get("delay_s", 0), int | float):
            raise BadControl(f"{name}: delay_s must be a number of seconds")
        if not re.fullmatch("[0-9A-Fa-f]{2}", str(request.get("code", "00"))):
            raise BadControl(f"{name}: code is two hex digits")
        args = {key: value for key, value in request.items() if key not in ("op", "name", "count", "skip", "on")}
        fault = ArmedFault(name, args=args, on=str(request.get("on", "")))
        fault.count = _whole(request, "count", 1)
        fault.skip = _whole(request, "skip", 0)
        self._armed.append(fault)
        return fault

    def take(self, name: str, tag: str = "") -> ArmedFault | None:
        """The first armed fault of that name that fits `tag`, used up by one; None when there is none."""
        for fault in self._armed:
            if fault.name != name or (fault.on and fault.on != tag):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.count != UNTIL_CLEARED:
                fault.count -= 1
                if fault.count <= 0:
                    self._armed.remove(fault)
            return fault
        return None

    def first(self, name: str) -> ArmedFault | None:
        """The first armed fault of that name, not used up."""
        return next((fault for fault in self._armed if fault.name == name), None)

    def clear(self) -> None:
        self._armed.clear()

    def armed(self) -> list[str]:
        return [fault.name for fault in self._armed]


def _with_code(request: Mapping[str, object]) -> Mapping[str, object]:
    """`sw3:41` is short for name `sw3`, code `41`."""
    name, colon, code = str(request.get("name", "")).partition(":")
    if not colon:
        return request
    return {**request, "name": name, "code": code}


def _is_number(value: object, kind: type | UnionType) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _whole(request: Mapping[str, object], key: str, default: int) -> int:
    value = request.get(key, default)
    return value if isinstance(value, int) else default
