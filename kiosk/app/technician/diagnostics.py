"""Looks at devices for a technician: one after the other, each within its deadline, none can hold up the rest.

Pure of ports and terminals: whoever composes gives devices, hands that can do what a device cannot, and a
watch on the line.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar, cast

from drivers.api import (
    ChipCardReader,
    CompletionCode,
    Device,
    DeviceError,
    DeviceIdentity,
    DeviceState,
    DeviceStatus,
    IdCardReader,
    Identified,
)
from drivers.faults import CATALOGUE, DEV_DENIED, DEV_NOT_FOUND, DEV_SILENT, Fault
from kiosk.app.technician.tested_device import Binding

T = TypeVar("T")

LOOK_S = 6.0
"""Opening with a second chance, four questions with a second chance each, the firmware."""
END_S = 1.0
"""A cancelled command ends within 100 ms; whoever has not by then is left behind."""
HELD_BY_OTHER = "lock"
"""What the operating system's words have in common when another program holds a port."""


class Result(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not-applicable"


class Task(StrEnum):
    """What only a hand or an eye can do. The words for it belong to whoever asks."""

    LAY_CARD = "lay_card"
    LIFT_CARD = "lift_card"
    SHOW_CODE = "show_code"
    PLUG_HEADPHONE = "plug_headphone"
    UNPLUG_HEADPHONE = "unplug_headphone"
    ALLOW_SLIP = "allow_slip"
    JUDGE_SLIP = "judge_slip"
    INSERT_CHIP_CARD = "insert_chip_card"
    PULL_CHIP_CARD = "pull_chip_card"
    ALLOW_PAGE = "allow_page"
    JUDGE_PAGE = "judge_page"
    LAY_PAGE = "lay_page"
    LAY_FACE = "lay_face"
    SIT_DOWN = "sit_down"
    PRESS_ENTER = "press_enter"
    JUDGE_LIGHTS = "judge_lights"
    OPEN_DOOR = "open_door"
    CLOSE_DOOR = "close_door"
    JUDGE_FAN = "judge_fan"
    CUT_MAINS = "cut_mains"
    RESTORE_MAINS = "restore_mains"
    UNPLUG_OLD = "unplug_old"
    PLUG_NEW = "plug_new"


JUDGEMENTS = frozenset({Task.JUDGE_SLIP, Task.JUDGE_PAGE, Task.JUDGE_LIGHTS, Task.JUDGE_FAN})
"""Asked of an eye: yes or no, where the others are done or not."""


class Reply(StrEnum):
    DONE = "done"
    """Done, or yes."""
    NO = "no"
    SKIP = "skip"


class TechnicianActions(Protocol):
    """Somebody who can be asked: a technician at the terminal, or none."""

    def why_not(self) -> str:
        """Why nobody can be asked; empty when somebody can."""

    def ask(self, task: Task) -> Reply:
        """Returns when it was done, refused or skipped. An answer that is none of these is asked for again."""


class LineReport(Protocol):
    """What passed on the line while it was watched."""

    @property
    def questions(self) -> int: ...
    @property
    def unanswered(self) -> int: ...
    @property
    def surplus(self) -> int: ...
    @property
    def stray_bytes(self) -> int: ...
    @property
    def troubles(self) -> tuple[str, ...]: ...


LineWatch = Callable[[], AbstractContextManager[Callable[[], LineReport]]]
"""Watches the line while entered; the function tells what has passed so far."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One configured device. Making it opens nothing."""

    device_class: str
    model: str
    port: str
    device: Device
    watch: LineWatch
    adapter: str = ""
    """USB ids and serial number of what is plugged in at the port; empty where nothing can be known."""

    @property
    def bound(self) -> Binding:
        return Binding(self.model, self.port, self.adapter)


@dataclass(frozen=True, slots=True)
class Look:
    """What a device says of itself now."""

    subject: Subject
    status: DeviceStatus
    firmware: str | None
    faults: tuple[Fault, ...]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's outcome with its measured figure."""

    check: str
    result: Result
    value: float | None
    unit: str
    at: datetime
    guided: bool = False
    fault: Fault | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """One device's self-test."""

    subject: Subject
    state: DeviceState
    firmware: str | None
    findings: tuple[Finding, ...]
    at: datetime

    @property
    def result(self) -> Result:
        results = {finding.result for finding in self.findings}
        if Result.FAIL in results:
            return Result.FAIL
        return Result.PASS if Result.PASS in results else Result.NOT_APPLICABLE


class Overdue(Exception):
    """A device did not end its command, not even after `cancel`; its thread is left behind."""


def within(deadline_s: float, device: Device, action: Callable[[], T]) -> T:
    """Run `action` on a thread of its own and cancel it at the deadline.

    :raises DeviceError: what the action raised, or CANCELED at the deadline.
    :raises Overdue: when it would not even be cancelled.
    """
    answers: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            answers.put((action(), None))
        except BaseException as error:
            answers.put((None, error))

    threading.Thread(target=run, name="diagnostics", daemon=True).start()
    try:
        value, error = answers.get(timeout=deadline_s)
    except queue.Empty:
        device.cancel()
        try:
            value, error = answers.get(timeout=END_S)
        except queue.Empty:
            raise Overdue(f"no end within {deadline_s:g} s") from None
    if error is not None:
        raise error
    return value  # type: ignore[return-value]  # the value of `action`, which may itself be None


def look(subject: Subject, deadline_s: float = LOOK_S) -> Look:
    """Open, ask, close. Never raises for a device that is missing, silent or hangs: that is its state."""
    device = subject.device

    def ask() -> Look:
        device.open()
        _see_card(subject)
        status = device.status()
        return Look(subject, status, firmware_of(device), faults_of(status))

    try:
        return within(deadline_s, device, ask)
    except (DeviceError, Overdue) as error:
        state, fault = verdict(error)
        return Look(subject, DeviceStatus(state, faults=frozenset({fault.code})), None, (fault,), detail_of(error))
    finally:
        close(device)


def _see_card(subject: Subject) -> None:
    """A card reader knows whether a card lies there only when it has looked."""
    if subject.device_class in ("id_card", "chip_card"):
        with contextlib.suppress(DeviceError):  # `status` says what is wrong with the reader
            cast(IdCardReader | ChipCardReader, subject.device).wait_card(0.0)


def close(device: Device) -> None:
    """Close without waiting for a driver that hangs."""
    closing = threading.Thread(target=device.close, name="diagnostics-close", daemon=True)
    closing.start()
    closing.join(END_S)


def firmware_of(device: Device) -> str | None:
    """None when the device cannot be asked or does not answer this."""
    if not isinstance(device, Identified):
        return None
    try:
        return identity_text(device.identity()) or None
    except DeviceError:
        return None


def identity_text(identity: DeviceIdentity) -> str:
    return " ".join(part for part in (identity.product, identity.firmware, identity.serial) if part)


def faults_of(status: DeviceStatus) -> tuple[Fault, ...]:
    return tuple(CATALOGUE[code] for code in sorted(status.faults) if code in CATALOGUE)


def verdict(error: DeviceError | Overdue) -> tuple[DeviceState, Fault]:
    """The state and the fault that a failed opening stands for."""
    if isinstance(error, Overdue) or error.completion is CompletionCode.CANCELED:
        return DeviceState.OFFLINE, DEV_SILENT
    if error.fault is DEV_NOT_FOUND:
        held = HELD_BY_OTHER in error.detail.lower()
        return DeviceState.DEVICE_BUSY if held else DeviceState.NO_DEVICE, error.fault
    if error.fault in (DEV_SILENT, DEV_DENIED):
        return DeviceState.OFFLINE, error.fault
    return DeviceState.HARDWARE_ERROR, error.fault


def detail_of(error: DeviceError | Overdue) -> str:
    if isinstance(error, Overdue):
        return str(error)
    if HELD_BY_OTHER in error.detail.lower():
        return "another program holds the port: is the kiosk running?"
    return error.detail


def look_at_all(subjects: Sequence[Subject]) -> list[Look]:
    return [look(subject) for subject in subjects]


def elapsed_ms(began_s: float) -> float:
    return round((time.monotonic() - began_s) * 1000, 1)
