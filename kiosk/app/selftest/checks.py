"""What a check is, and the checks that every device has."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from drivers.api import Device, DeviceState, Identified
from drivers.faults import DEV_SILENT, Fault
from kiosk.app.technician.diagnostics import (
    LOOK_S,
    Reply,
    Task,
    TechnicianActions,
    elapsed_ms,
    faults_of,
    identity_text,
    within,
)

T = TypeVar("T")

SLOW_MS = 2000.0
"""An answer that takes longer keeps a resident waiting; the first may, since devices sleep."""
NOT_THERE = (DeviceState.NO_DEVICE, DeviceState.OFFLINE, DeviceState.POWER_OFF)


@dataclass(frozen=True, slots=True)
class Pace:
    """How much time a self-test takes."""

    rounds: int = 10
    """Enough that one answer in ten that fails is seen two times of three, and a second of time."""
    hand_s: float = 10.0
    """How long a device waits for what a hand has just done."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a check found when nothing failed."""

    value: float
    unit: str
    note: str = ""


class Failed(Exception):
    """A check failed by its own judgement, not by a device's error."""

    def __init__(self, fault: Fault, note: str, value: float | None = None, unit: str = "") -> None:
        super().__init__(note)
        self.fault, self.note, self.value, self.unit = fault, note, value, unit


class Skipped(Exception):
    """The hands would not; the text says why."""


class _Nobody:
    def why_not(self) -> str:
        return "an automatic check asks nobody"

    def ask(self, task: Task) -> Reply:
        raise Skipped(self.why_not())


@dataclass(frozen=True, slots=True)
class Guide:
    """What a check gets besides its device."""

    pace: Pace = field(default_factory=Pace)
    hands: TechnicianActions = field(default_factory=_Nobody)

    def done(self, task: Task) -> None:
        """:raises Skipped: when the hands would not."""
        if self.hands.ask(task) is not Reply.DONE:
            raise Skipped("skipped by the technician")

    def is_no(self, task: Task) -> bool:
        """Whether the eye that was asked said no; a skipped judgement is none."""
        return self.hands.ask(task) is Reply.NO


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `meaning` says in the manual what is measured and when it fails."""

    name: str
    run: Callable[[Device, Guide], Measured]
    meaning: str
    guided: bool = False
    deadline_s: float = LOOK_S


def timed(deadline_s: float, device: Device, action: Callable[[], T]) -> tuple[T, float]:
    """What the action returned, and how many milliseconds it took. :raises DeviceError, Overdue:"""
    began_s = time.monotonic()
    value = within(deadline_s, device, action)
    return value, elapsed_ms(began_s)


def _open(device: Device, _guide: Guide) -> Measured:
    began_s = time.monotonic()
    device.open()
    return Measured(elapsed_ms(began_s), "ms")


def _answers(device: Device, guide: Guide) -> Measured:
    times_ms: list[float] = []
    for _ in range(guide.pace.rounds):
        began_s = time.monotonic()
        status = device.status()
        if status.state in NOT_THERE:
            fault = (*faults_of(status), DEV_SILENT)[0]
            share = len(times_ms) * 100 / guide.pace.rounds
            raise Failed(fault, f"answered {len(times_ms)} of {guide.pace.rounds}", share, "% answered")
        times_ms.append(elapsed_ms(began_s))
        if len(times_ms) > 1 and times_ms[-1] > SLOW_MS:
            raise Failed(DEV_SILENT, f"an answer took more than {SLOW_MS:g} ms", times_ms[-1], "ms")
    return Measured(round(statistics.median(times_ms), 1), "ms", f"answered {len(times_ms)} of {len(times_ms)}")


def _present(device: Device, _guide: Guide) -> Measured:
    status = device.status()
    if status.state is not DeviceState.ONLINE:
        raise Failed((*faults_of(status), DEV_SILENT)[0], f"the device is {status.state.value}")
    return Measured(1.0, "device")


def _no_faults(device: Device, _guide: Guide) -> Measured:
    found = faults_of(device.status())
    if found:
        codes = ", ".join(fault.code for fault in found)
        raise Failed(found[0], f"the device reports {codes}", float(len(found)), "faults")
    return Measured(0.0, "faults")


def _identity(device: Device, _guide: Guide) -> Measured:
    began_s = time.monotonic()
    if not isinstance(device, Identified):
        raise Skipped("this model cannot be asked what it is")
    text = identity_text(device.identity())
    return Measured(elapsed_ms(began_s), "ms", text)


OPEN = Check("open", _open, "The port opens and the expected device answers; the time until then, in ms.")
FAULTS = Check("faults", _no_faults, "The number of faults that the device itself reports; any fails.")
IDENTITY = Check("identity", _identity, "The time until the device has said what it is, in ms.")
ASKED: Sequence[Check] = (
    Check(
        "answers", _answers,
        f"The median time of ten answers, in ms; one that stays away, or takes more than {SLOW_MS / 1000:g} s, fails.",
        deadline_s=30.0,
    ),
    FAULTS,
)  # fmt: skip
NOT_ASKED: Sequence[Check] = (
    Check("present", _present, "The port is there and this device's own: it answers no question, it only tells."),
    FAULTS,
)
"""For devices that only talk: there is no question that they would answer."""
LINE_MEANING = (
    "Everything that passed on the line meanwhile: stray bytes, questions without an answer, answers too many and "
    "refusals, also those that a second try has mended; any fails."
)
