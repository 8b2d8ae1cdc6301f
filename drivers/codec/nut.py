"""The lines of Network UPS Tools (NUT developer guide, "Network protocol information"): pure text in and out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from drivers import faults
from drivers.api import PowerReading, PowerState
from drivers.faults import Fault

MAX_LINE_BYTES = 512
LOGOUT = "LOGOUT"
NAME = re.compile(r"[A-Za-z0-9_.-]+")
_VAR = re.compile(r'VAR (\S+) (\S+) "((?:[^"\\]|\\.)*)"')
_FAULT_OF_ERROR: Mapping[str, Fault] = {
    "DATA-STALE": faults.UPS_STALE,
    "DRIVER-NOT-CONNECTED": faults.UPS_STALE,
    "UNKNOWN-UPS": faults.UPS_REFUSED,
    "ACCESS-DENIED": faults.UPS_REFUSED,
    "USERNAME-REQUIRED": faults.UPS_REFUSED,
    "PASSWORD-REQUIRED": faults.UPS_REFUSED,
    "FEATURE-NOT-CONFIGURED": faults.UPS_REFUSED,
}
_ON_BATTERY, _LOW, _ENDING, _ON_MAINS = "OB", "LB", "FSD", "OL"


@dataclass(frozen=True, slots=True)
class Refusal:
    """`ERR <word>`: the service understood and says no."""

    word: str

    @property
    def fault(self) -> Fault:
        """What it means here; an error that this client should never cause is a garbled line."""
        return _FAULT_OF_ERROR.get(self.word, faults.DEV_GARBLED)


@dataclass(frozen=True, slots=True)
class Variable:
    ups: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Mark:
    """`BEGIN LIST VAR ups` (`begins`) or its end."""

    ups: str
    begins: bool


Reply = Refusal | Variable | Mark


def list_variables(ups: str) -> str:
    """The question for everything that a supply tells."""
    return f"LIST VAR {ups}"


def reply_in(line: str) -> Reply | None:
    """What a line of the service says; None when it is no line of this protocol."""
    if line.startswith("ERR "):
        return Refusal(line[4:].split(" ")[0])
    if found := _VAR.fullmatch(line):
        return Variable(found[1], found[2], re.sub(r"\\(.)", r"\1", found[3]))
    if found := re.fullmatch(r"(BEGIN|END) LIST VAR (\S+)", line):
        return Mark(found[2], found[1] == "BEGIN")
    return None


def reading_of(variables: Mapping[str, str]) -> PowerReading:
    """What the variables of a supply say; a figure that is none is left out."""
    return PowerReading(
        state_of(variables.get("ups.status", "")),
        _number(variables.get("battery.charge", "")),
        _number(variables.get("battery.runtime", "")),
    )


def state_of(status: str) -> PowerState:
    """`ups.status` is a list of words. A low battery while the mains is there only charges: no reason to end."""
    words = status.split()
    if _ENDING in words or (_LOW in words and _ON_BATTERY in words):
        return PowerState.BATTERY_LOW
    if _ON_BATTERY in words:
        return PowerState.BATTERY
    return PowerState.MAINS if _ON_MAINS in words else PowerState.UNKNOWN


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text) else None
