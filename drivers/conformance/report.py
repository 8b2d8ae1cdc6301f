"""Runs the checks and tells the outcome, as text, as Markdown and as JSON."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum

from drivers.api import DeviceError
from drivers.conformance.calls import Breach, Call, NoCheck
from drivers.conformance.checks import CHECKS, Measured
from drivers.conformance.stage import Stage

CHECK_S = 90.0
"""A check that takes longer hangs in the driver."""


class Result(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One check. Times are None when there was nothing to measure."""

    check: str
    result: Result
    measured_s: float | None = None
    deadline_s: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    device_class: str
    model: str
    simulated: bool
    at: str
    """UTC, ISO 8601."""
    outcomes: tuple[Outcome, ...]

    @property
    def passed(self) -> bool:
        return all(outcome.result is not Result.FAIL for outcome in self.outcomes)


def run(stage: Stage, checks: Mapping[str, Callable[[Stage], Measured]] = CHECKS) -> Report:
    """Every check, each from a fresh start; one that fails or hangs does not keep the next from running."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    outcomes = tuple(_run_one(stage, name, check) for name, check in checks.items())
    return Report(stage.subject.device_class, stage.subject.model, stage.hands is not None, at, outcomes)


def _run_one(stage: Stage, name: str, check: Callable[[Stage], Measured]) -> Outcome:
    stage.renew()
    call = Call(lambda: check(stage))
    if not call.ended_within(CHECK_S):
        return Outcome(name, Result.FAIL, CHECK_S, CHECK_S, "did not end")
    if isinstance(call.result, Measured):
        return Outcome(name, Result.PASS, round(call.result.seconds, 3), call.result.deadline_s, call.result.what)
    if isinstance(call.error, NoCheck):
        return Outcome(name, Result.NOT_APPLICABLE, detail=str(call.error))
    if isinstance(call.error, Breach | DeviceError):
        return Outcome(name, Result.FAIL, detail=str(call.error))
    return Outcome(name, Result.FAIL, detail=f"{type(call.error).__name__}: {call.error}")


def as_json(report: Report) -> str:
    return json.dumps({**asdict(report), "passed": report.passed}, ensure_ascii=False, indent=2) + "\n"


def as_text(report: Report) -> str:
    kind = "simulated device" if report.simulated else "real device"
    lines = [f"{report.device_class}/{report.model}, {kind}, {report.at}", ""]
    for outcome in report.outcomes:
        time = f"{outcome.measured_s:8.3f} s of {outcome.deadline_s:g}" if outcome.measured_s is not None else ""
        lines.append(f"{outcome.result:<15}{outcome.check:<32}{time:<20} {_one_line(outcome.detail)}".rstrip())
    lines += ["", _verdict(report)]
    return "\n".join(lines) + "\n"


def as_markdown(report: Report) -> str:
    """The same as a table, for a file beside a driver."""
    kind = "its simulated device" if report.simulated else "a real device"
    lines = [
        f"# {report.device_class}/{report.model}",
        "",
        f"Checked against {kind}, {report.at}: **{_verdict(report)}**.",
        "",
        "| check | result | measured s | allowed s | |",
        "|---|---|---|---|---|",
    ]
    for outcome in report.outcomes:
        measured = "" if outcome.measured_s is None else f"{outcome.measured_s:.3f}"
        allowed = "" if outcome.deadline_s is None else f"{outcome.deadline_s:g}"
        detail = _one_line(outcome.detail).replace("|", "\\|")
        lines.append(f"| {outcome.check} | {outcome.result} | {measured} | {allowed} | {detail} |")
    return "\n".join(lines) + "\n"


def _verdict(report: Report) -> str:
    failed = sum(outcome.result is Result.FAIL for outcome in report.outcomes)
    return "conforms" if report.passed else f"does not conform: {failed} of {len(report.outcomes)} checks fail"


def _one_line(text: str) -> str:
    return "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in text)
