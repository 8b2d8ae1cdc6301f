"""Runs the checks of one device, each within its deadline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from drivers.api import Device, DeviceError, DeviceState, Identified
from drivers.faults import DEV_GARBLED, DEV_SILENT, Fault
from kiosk.app.selftest import (
    cabinet,
    chip_card,
    code_scanner,
    document_printer,
    document_scanner,
    headphone,
    id_card,
    id_face,
    keypad,
    lights,
    portrait,
    receipt_printer,
    ups,
)
from kiosk.app.selftest.checks import ASKED, IDENTITY, OPEN, Check, Failed, Guide, Measured, Pace, Skipped
from kiosk.app.technician.diagnostics import (
    LOOK_S,
    Examined,
    Finding,
    LineReport,
    Overdue,
    Result,
    Subject,
    TechnicianActions,
    close,
    detail_of,
    firmware_of,
    verdict,
    within,
)

OF_CLASS: Mapping[str, Sequence[Check]] = {
    "id_card": id_card.CHECKS,
    "chip_card": chip_card.CHECKS,
    "receipt_printer": receipt_printer.CHECKS,
    "document_printer": document_printer.CHECKS,
    "code_scanner": code_scanner.CHECKS,
    "headphone": headphone.CHECKS,
    "document_scanner": document_scanner.CHECKS,
    "id_face": id_face.CHECKS,
    "portrait": portrait.CHECKS,
    "keypad": keypad.CHECKS,
    "lights": lights.CHECKS,
    "cabinet": cabinet.CHECKS,
    "ups": ups.CHECKS,
}


def checks_of(device_class: str) -> Sequence[Check]:
    """In order; a class without a list of its own has what every device can do."""
    return OF_CLASS.get(device_class, ASKED)


def selftest(
    subject: Subject,
    hands: TechnicianActions,
    now: Callable[[], datetime],
    pace: Pace | None = None,
    checks: Sequence[Check] | None = None,
) -> Examined:
    """These checks of one device, or all of its class, from opening to closing."""
    device, findings = subject.device, list[Finding]()
    state, firmware = DeviceState.NO_DEVICE, None
    guide = Guide(pace or Pace(), hands)
    with subject.watch() as line:
        try:
            opened = _one(OPEN, device, guide, now)
            findings.append(opened)
            if opened.result is Result.PASS:
                findings += [_one(check, device, guide, now) for check in checks or _asked_of(subject)]
                firmware = _firmware(device)
                state = _state(device)
            else:
                state = _state_when_shut(opened.fault)
            findings.append(_line(line(), now()))
        finally:
            close(device)
    return Examined(subject, state, firmware, tuple(findings), now())


def _asked_of(subject: Subject) -> list[Check]:
    """Without the question what it is for a device that cannot be asked."""
    knows_itself = isinstance(subject.device, Identified)
    return [check for check in checks_of(subject.device_class) if check is not IDENTITY or knows_itself]


def _one(check: Check, device: Device, guide: Guide, now: Callable[[], datetime]) -> Finding:
    """Run one check within its deadline; the time that a person takes to answer does not count."""

    def finding(result: Result, value: float | None, unit: str, fault: Fault | None, note: str) -> Finding:
        return Finding(check.name, result, value, unit, now(), check.guided, fault, note)

    if check.guided and (reason := guide.hands.why_not()):
        return finding(Result.NOT_APPLICABLE, None, "", None, reason)
    try:
        measured = check.run(device, guide) if check.guided else _alone(check, device, guide.pace)
    except Skipped as skipped:
        return finding(Result.NOT_APPLICABLE, None, "", None, str(skipped))
    except Failed as failed:
        return finding(Result.FAIL, failed.value, failed.unit, failed.fault, failed.note)
    except (DeviceError, Overdue) as error:
        return finding(Result.FAIL, None, "", verdict(error)[1], detail_of(error))
    return finding(Result.PASS, measured.value, measured.unit, None, measured.note)


def _alone(check: Check, device: Device, pace: Pace) -> Measured:
    return within(check.deadline_s, device, lambda: check.run(device, Guide(pace)))


def _firmware(device: Device) -> str | None:
    try:
        return within(LOOK_S, device, lambda: firmware_of(device))
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
