"""The self-test: per device class a list of checks, automatic or guided, each with a measured figure.

A guided check needs a hand; without one it is not applicable, and says why. What a driver forgives (a lost
byte, a doubled answer) still counts: the last check judges the line by everything that passed on it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import cast

from drivers.api import (
    CodeScanner,
    Device,
    DeviceError,
    DeviceState,
    HeadphoneSensor,
    IdCardReader,
    Identified,
    PaperSupply,
    PrintProof,
    QrRow,
    ReceiptPrinter,
    TextRow,
)
from drivers.faults import (
    CRD_NO_CARD,
    CRD_RETRY,
    DEV_GARBLED,
    DEV_SILENT,
    PRN_PAPER_LOW,
    PRN_PAPER_OUT,
    PRN_UNKNOWN,
    SCN_UNREADABLE,
    Fault,
)
from kiosk.app.diagnostics import (
    LOOK_S,
    Examined,
    Finding,
    Hands,
    LineReport,
    Overdue,
    Reply,
    Result,
    Subject,
    Task,
    close,
    detail_of,
    elapsed_ms,
    faults_of,
    identity_text,
    verdict,
    within,
)
from kiosk.app.diagnostics import firmware_of as firmware_of_device

ROUNDS = 10
"""Enough that one answer in ten that fails is seen two times of three, and a second of time."""
HAND_S = 10.0
"""How long a device waits for what a hand has just done."""
READ_S = 8.0
"""find, select, read with one silent retry."""
SLIP_S = 20.0
TEST_CODE = "TSHP-TEST"
QUIET_S = 0.3
"""A device that nobody touches and nobody asks says nothing."""


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


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    run: Callable[[Device, Hands], Measured]
    guided: bool = False
    deadline_s: float = LOOK_S


def selftest(subject: Subject, hands: Hands, now: Callable[[], datetime]) -> Examined:
    """All checks of one device, from opening to closing."""
    device, findings = subject.device, list[Finding]()
    state, firmware = DeviceState.NO_DEVICE, None
    with subject.watch() as line:
        try:
            opened = _one(Check("open", _open), device, hands, now)
            findings.append(opened)
            if opened.result is Result.PASS:
                findings += [_one(check, device, hands, now) for check in checks_of(subject.device_class)]
                firmware = _firmware(device)
                state = _state(device)
            else:
                state = _state_when_shut(opened.fault)
            findings.append(_line(line(), now()))
        finally:
            close(device)
    return Examined(subject, state, firmware, tuple(findings), now())


def _one(check: Check, device: Device, hands: Hands, now: Callable[[], datetime]) -> Finding:
    """Run one check within its deadline; the time that a person takes to answer does not count."""

    def finding(result: Result, value: float | None, unit: str, fault: Fault | None, note: str) -> Finding:
        return Finding(check.name, result, value, unit, now(), check.guided, fault, note)

    if check.guided and (reason := hands.why_not()):
        return finding(Result.NOT_APPLICABLE, None, "", None, reason)
    try:
        measured = check.run(device, hands) if check.guided else within(check.deadline_s, device, _bound(check, device))
    except Skipped as skipped:
        return finding(Result.NOT_APPLICABLE, None, "", None, str(skipped))
    except Failed as failed:
        return finding(Result.FAIL, failed.value, failed.unit, failed.fault, failed.note)
    except (DeviceError, Overdue) as error:
        return finding(Result.FAIL, None, "", verdict(error)[1], detail_of(error))
    return finding(Result.PASS, measured.value, measured.unit, None, measured.note)


def _bound(check: Check, device: Device) -> Callable[[], Measured]:
    return lambda: check.run(device, _NOBODY)


class _Nobody:
    def why_not(self) -> str:
        return "an automatic check asks nobody"

    def ask(self, task: Task) -> Reply:
        raise Skipped(self.why_not())


_NOBODY = _Nobody()


def _done(hands: Hands, task: Task) -> None:
    """:raises Skipped: when the hands would not."""
    if hands.ask(task) is not Reply.DONE:
        raise Skipped("skipped by the technician")


def _firmware(device: Device) -> str | None:
    try:
        return within(LOOK_S, device, lambda: firmware_of_device(device))
    except (DeviceError, Overdue):
        return None


def _state(device: Device) -> DeviceState:
    try:
        return within(LOOK_S, device, device.status).state
    except (DeviceError, Overdue) as error:
        return verdict(error)[0]


def _state_when_shut(fault: Fault | None) -> DeviceState:
    return DeviceState.OFFLINE if fault is DEV_SILENT else DeviceState.NO_DEVICE


def _line(report: LineReport, at: datetime) -> Finding:
    """Everything that passed: no stray byte, no question without its answer, no answer too many, no refusal."""
    blame: list[str] = []
    if report.stray_bytes:
        blame.append(f"{report.stray_bytes} stray bytes")
    if report.unanswered:
        blame.append(f"{report.unanswered} of {report.questions} questions unanswered")
    if report.surplus:
        blame.append(f"{report.surplus} answers too many")
    blame += sorted(set(report.troubles))
    fault = DEV_GARBLED if report.stray_bytes or report.surplus else DEV_SILENT if report.unanswered else None
    result = Result.FAIL if blame else Result.PASS
    return Finding("line", result, float(report.stray_bytes), "stray bytes", at, False, fault, "; ".join(blame))


# ---- checks ------------------------------------------------------------------------------------------------


def _open(device: Device, _hands: Hands) -> Measured:
    began_s = time.monotonic()
    device.open()
    return Measured(elapsed_ms(began_s), "ms")


def _answers(device: Device, _hands: Hands) -> Measured:
    """Ask ten times; the median time of an answer is the figure."""
    times_ms: list[float] = []
    for _ in range(ROUNDS):
        began_s = time.monotonic()
        status = device.status()
        if status.state in (DeviceState.NO_DEVICE, DeviceState.OFFLINE, DeviceState.POWER_OFF):
            fault = (*faults_of(status), DEV_SILENT)[0]
            raise Failed(fault, f"answered {len(times_ms)} of {ROUNDS}", len(times_ms) * 100 / ROUNDS, "% answered")
        times_ms.append(elapsed_ms(began_s))
    return Measured(round(statistics.median(times_ms), 1), "ms", f"answered {ROUNDS} of {ROUNDS}")


def _present(device: Device, _hands: Hands) -> Measured:
    """It talks when it has something to say; until then its port must be there and its own."""
    status = device.status()
    if status.state is not DeviceState.ONLINE:
        raise Failed((*faults_of(status), DEV_SILENT)[0], f"the device is {status.state.value}")
    return Measured(1.0, "device")


def _no_faults(device: Device, _hands: Hands) -> Measured:
    """The device itself reports nothing wrong."""
    found = faults_of(device.status())
    if found:
        codes = ", ".join(fault.code for fault in found)
        raise Failed(found[0], f"the device reports {codes}", float(len(found)), "faults")
    return Measured(0.0, "faults")


def _identity(device: Device, _hands: Hands) -> Measured:
    began_s = time.monotonic()
    if not isinstance(device, Identified):
        raise Skipped("this model cannot be asked what it is")
    text = identity_text(device.identity())
    return Measured(elapsed_ms(began_s), "ms", text)


def _find(device: Device, _hands: Hands) -> Measured:
    """The radio field answers, whether a card lies there or not."""
    began_s = time.monotonic()
    present = cast(IdCardReader, device).wait_card(0.0)
    return Measured(elapsed_ms(began_s), "ms", "a card lies there" if present else "no card lies there")


def _read_card(device: Device, hands: Hands) -> Measured:
    """Nothing of the card is kept or told: only how long it took."""
    reader = cast(IdCardReader, device)
    _done(hands, Task.LAY_CARD)
    if not within(HAND_S + LOOK_S, device, lambda: reader.wait_card(HAND_S)):
        raise Failed(CRD_NO_CARD, f"no card was seen within {HAND_S:g} s")
    began_s = time.monotonic()
    within(READ_S + 1, device, lambda: bool(reader.read(READ_S)))
    return Measured(elapsed_ms(began_s), "ms")


def _lift_card(device: Device, hands: Hands) -> Measured:
    reader = cast(IdCardReader, device)
    _done(hands, Task.LIFT_CARD)
    began_s = time.monotonic()
    if not within(HAND_S + LOOK_S, device, lambda: reader.wait_removed(HAND_S)):
        raise Failed(CRD_RETRY, f"the reader still sees a card after {HAND_S:g} s")
    return Measured(elapsed_ms(began_s), "ms")


def _paper(device: Device, _hands: Hands) -> Measured:
    paper = device.status().paper
    if paper is PaperSupply.FULL:
        return Measured(1.0, "roll", paper.value)
    fault = {PaperSupply.LOW: PRN_PAPER_LOW, PaperSupply.OUT: PRN_PAPER_OUT}.get(paper, PRN_UNKNOWN)
    raise Failed(fault, f"paper {paper.value}", 0.0, "roll")


def _slip(device: Device, hands: Hands) -> Measured:
    """Print the test slip, have the device prove it, and have an eye look at it."""
    printer = cast(ReceiptPrinter, device)
    _done(hands, Task.ALLOW_SLIP)
    rows = (TextRow("TEST", scale=2, align="center"), TextRow("0123456789"), QrRow(TEST_CODE))
    began_s = time.monotonic()
    proof = within(SLIP_S, device, lambda: printer.print_receipt(rows))
    took_ms = elapsed_ms(began_s)
    if proof.proof is not PrintProof.PROVED:
        raise Failed(proof.fault or PRN_UNKNOWN, f"the slip is {proof.proof.value}", took_ms, "ms")
    if hands.ask(Task.JUDGE_SLIP) is Reply.NO:
        raise Failed(PRN_UNKNOWN, "the printer proved the slip, the technician did not find it good", took_ms, "ms")
    return Measured(took_ms, "ms")


def _show_code(device: Device, hands: Hands) -> Measured:
    """The test slip's code, since its content is known: a scanner that reads wrongly is found."""
    scanner = cast(CodeScanner, device)
    device.reset()
    _done(hands, Task.SHOW_CODE)
    began_s = time.monotonic()
    code = within(HAND_S + 1, device, lambda: scanner.read(HAND_S))
    if code is None:
        raise Failed(DEV_SILENT, f"no code came within {HAND_S:g} s")
    if code.text != TEST_CODE:
        raise Failed(SCN_UNREADABLE, "another text than the test slip's was read")
    took_ms = elapsed_ms(began_s)
    if within(LOOK_S, device, lambda: scanner.read(QUIET_S)) is not None:
        raise Failed(SCN_UNREADABLE, "the code came twice", took_ms, "ms")
    return Measured(took_ms, "ms")


def _quiet(device: Device, _hands: Hands) -> Measured:
    """No byte comes while no code is shown."""
    if cast(CodeScanner, device).read(QUIET_S) is not None:
        raise Failed(SCN_UNREADABLE, "something came although no code was shown")
    return Measured(QUIET_S * 1000, "ms quiet")


def _plug(task: Task, wanted: bool) -> Callable[[Device, Hands], Measured]:
    def run(device: Device, hands: Hands) -> Measured:
        sensor = cast(HeadphoneSensor, device)
        _done(hands, task)
        began_s = time.monotonic()
        deadline_s = began_s + HAND_S
        while (left_s := deadline_s - time.monotonic()) > 0:
            if within(HAND_S + 1, device, partial(sensor.wait_change, left_s)) is wanted:
                return Measured(elapsed_ms(began_s), "ms")
        raise Failed(DEV_SILENT, f"the jack told no change within {HAND_S:g} s")

    return run


_FAULTS = Check("faults", _no_faults)
_ASKED = (Check("answers", _answers, deadline_s=30.0), _FAULTS)
_NOT_ASKED = (Check("present", _present), _FAULTS)
"""For devices that only talk: there is no question that they would answer."""
_OF_CLASS: Mapping[str, Sequence[Check]] = {
    "id_card": (
        *_ASKED,
        Check("identity", _identity),
        Check("find", _find),
        Check("read_card", _read_card, guided=True),
        Check("lift_card", _lift_card, guided=True),
    ),
    "receipt_printer": (*_ASKED, Check("paper", _paper), Check("slip", _slip, guided=True)),
    "code_scanner": (*_NOT_ASKED, Check("quiet", _quiet), Check("show_code", _show_code, guided=True)),
    "headphone": (
        *_NOT_ASKED,
        Check("plug", _plug(Task.PLUG_HEADPHONE, True), guided=True),
        Check("unplug", _plug(Task.UNPLUG_HEADPHONE, False), guided=True),
    ),
}


def checks_of(device_class: str) -> Sequence[Check]:
    """In order; a class without a list of its own has what every device can do."""
    return _OF_CLASS.get(device_class, _ASKED)
