"""Complaints between the contract's JSON and the domain's values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from kiosk.app.contract import BadAnswer, line
from kiosk.domain.aid.state import Cause, Taken
from kiosk.domain.visit.machine import VisitState

LEVELS = ("window", "department", "panel", "district")


def complaint_body(state: VisitState, site: str, made_at: str) -> dict[str, object]:
    """The body of POST /v1/complaints. Nothing of what somebody typed or said is in it.

    The case is named only when the office has it for sure: one that is not there would refuse the complaint.
    """
    cause = state.aid.cause or Cause.OTHER
    return {
        "site": site,
        "case_no": state.case_no if state.decision is not None else "",
        "item_id": state.item_id,
        "step": state.step.value,
        "reason": f"cannot.cause.{cause.value}",
        "note": " ".join(_why(state)),
        "lang": state.lang.value,
        "made_at": made_at,
    }


def _why(state: VisitState) -> Iterator[str]:
    """What this terminal knows of why, as text keys: they tell a clerk which device or line was in the way."""
    faults = (f"fault.{name}" for name in (state.card_fault, state.print_fault) if name)
    yield from dict.fromkeys(key for key in (state.note, *faults) if key)


def taken(body: Mapping[str, object]) -> Taken:
    """The answer. :raises BadAnswer:"""
    number, due = body.get("complaint_no"), body.get("due")
    if not isinstance(number, str) or not number.isdigit() or not isinstance(due, dict):
        raise BadAnswer("a complaint has a number and its days")
    days = {level: _day(due.get(level)) for level in LEVELS}
    return Taken(number, days, line(body.get("line")))


def _day(value: object) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise BadAnswer("a day of a complaint is no date") from error
