"""What the technician's commands print: the same facts as JSON for a program and as lines for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from drivers.api import MediaState, PaperSupply
from drivers.codec.wire import Direction, WireLine
from drivers.faults import Fault
from kiosk.app.technician.diagnostics import Examined, Finding, Look, Result
from kiosk.app.technician.tested_device import kept_test, marks_of

Json = dict[str, object]
_ARROW = {Direction.TO_DEVICE: "->", Direction.FROM_DEVICE: "<-"}


def stamp(at: datetime) -> str:
    return at.astimezone().isoformat(timespec="seconds")


def fault_json(fault: Fault) -> Json:
    return {"code": fault.code, "name": fault.name, "cause": fault.cause, "remedy": fault.remedy}


def devices_json(looks: Sequence[Look], tests: Mapping[str, Mapping[str, object]]) -> Json:
    return {"devices": [_look_json(look, tested(look, tests)) for look in looks]}


def tested(look: Look, tests: Mapping[str, Mapping[str, object]]) -> Mapping[str, object] | None:
    """The last self-test of the device that was looked at; None when the kept one is another device's."""
    return kept_test(tests.get(look.subject.device_class), look.subject.bound, look.firmware)


def _look_json(look: Look, tested: Mapping[str, object] | None) -> Json:
    subject, status = look.subject, look.status
    return {
        "class": subject.device_class,
        "model": subject.model,
        "port": subject.port,
        "state": status.state.value,
        "firmware": look.firmware,
        "media": status.media.value,
        "paper": status.paper.value,
        "pages_left": status.pages_left,
        "cover_open": status.cover_open,
        "faults": [fault_json(fault) for fault in look.faults],
        "detail": look.detail,
        "selftest": dict(tested) if tested else None,
    }


def devices_text(looks: Sequence[Look], tests: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    for look in looks:
        subject, status = look.subject, look.status
        yield f"{subject.device_class:16s} {subject.model:14s} {status.state.value:14s} {subject.port}"
        if look.firmware:
            yield f"    firmware {look.firmware}"
        if status.media is not MediaState.UNKNOWN:
            yield f"    media {status.media.value}"
        if status.paper is not PaperSupply.UNKNOWN:
            left = f", at least {status.pages_left} more pages" if status.pages_left else ""
            yield f"    paper {status.paper.value}{left}"
        for fault in look.faults:
            yield from _fault_text(fault)
        if look.detail:
            yield f"    {look.detail}"
        yield f"    {_last_test(tested(look, tests))}"


def _fault_text(fault: Fault) -> Iterator[str]:
    yield f"    {fault.code}: {fault.cause}"
    yield f"        {fault.remedy}"


def _last_test(tested: Mapping[str, object] | None) -> str:
    if not tested:
        return "never tested (kiosk selftest)"
    failed = tested.get("failed")
    which = f" ({', '.join(map(str, failed))})" if isinstance(failed, list) and failed else ""
    return f"last self-test: {tested.get('result')}{which}, {tested.get('at')}"


def selftest_json(tests: Sequence[Examined]) -> Json:
    return {"devices": [_tested_json(tested) for tested in tests]}


def _tested_json(tested: Examined) -> Json:
    return {
        "class": tested.subject.device_class,
        "model": tested.subject.model,
        "firmware": tested.firmware,
        "state": tested.state.value,
        "result": tested.result.value,
        "measured": [_finding_json(finding) for finding in tested.findings],
        "at": stamp(tested.at),
    }


def _finding_json(finding: Finding) -> Json:
    return {
        "check": finding.check,
        "guided": finding.guided,
        "result": finding.result.value,
        "value": finding.value,
        "unit": finding.unit,
        "at": stamp(finding.at),
        "fault": fault_json(finding.fault) if finding.fault else None,
        "note": finding.note,
    }


def selftest_text(tested: Examined) -> Iterator[str]:
    subject = tested.subject
    yield f"{subject.device_class} {subject.model}: {tested.result.value}"
    if tested.firmware:
        yield f"    firmware {tested.firmware}"
    for finding in tested.findings:
        figure = f"{finding.value:g} {finding.unit}" if finding.value is not None else ""
        yield f"    {finding.check:12s} {finding.result.value:15s} {figure:18s} {finding.note}".rstrip()
        if finding.fault:
            yield from (f"    {line}" for line in _fault_text(finding.fault))


def kept_row(tested: Examined) -> Json:
    """What the state folder keeps of one self-test."""
    failed = [
        f"{finding.check} {finding.fault.code}" if finding.fault else finding.check
        for finding in tested.findings
        if finding.result is Result.FAIL
    ]
    measured = [
        {"check": finding.check, "result": finding.result.value, "value": finding.value, "unit": finding.unit}
        for finding in tested.findings
    ]
    marks = marks_of(tested.subject.bound, tested.firmware)
    row: Json = {**marks, "result": tested.result.value, "at": stamp(tested.at)}
    return {**row, "failed": failed, "measured": measured}


def trace_text(lines: Sequence[WireLine]) -> Iterator[str]:
    for line in lines:
        yield f"{line.at_s:9.3f} s {_ARROW[line.direction]} {line.shown}"
        yield f"{'':14s} {line.meaning}" + ("  (!)" if line.sign.value in ("trouble", "stray") else "")
