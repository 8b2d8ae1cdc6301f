"""From rule results to what the resident is told.

All passed: approved. Any failed: a notice with the union of all that is missing, never a bare refusal.
Otherwise somebody must look: pending.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypedDict

from backoffice.domain.case import Outcome
from backoffice.domain.days import WorkCalendar, next_month
from backoffice.domain.facts import Lookups, account_known, derived, facts_of
from backoffice.domain.item import Item, Ruling
from backoffice.domain.rules import Facts, Result, Verdict, run
from backoffice.domain.text import Arg, Line, LineJson, line_from_json


class DecisionJson(TypedDict):
    outcome: str
    reasons: list[LineJson]
    next: LineJson | None
    facts: dict[str, str]


@dataclass(frozen=True, slots=True, repr=False)
class Decision:
    outcome: Outcome
    reasons: tuple[Line, ...] = ()
    next_step: Line | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Decision({self.outcome})"

    def to_json(self) -> DecisionJson:
        return {
            "outcome": self.outcome.value,
            "reasons": [reason.to_json() for reason in self.reasons],
            "next": self.next_step.to_json() if self.next_step else None,
            "facts": dict(self.facts),
        }


def decision_from_json(data: DecisionJson) -> Decision:
    return Decision(
        Outcome(data["outcome"]),
        tuple(line_from_json(reason) for reason in data["reasons"]),
        line_from_json(data["next"]) if data["next"] else None,
        data["facts"],
    )


@dataclass(frozen=True, slots=True)
class Judged:
    decision: Decision
    results: tuple[Result, ...]


def outcome_of(results: tuple[Result, ...]) -> Outcome:
    """No rule at all decides nothing: a human looks."""
    verdicts = {result.verdict for result in results}
    if Verdict.FAILED in verdicts:
        return Outcome.NOTICE
    return Outcome.APPROVED if verdicts == {Verdict.PASSED} else Outcome.PENDING


def judge(item: Item, lookups: Lookups, form: Mapping[str, str], today: date, calendar: WorkCalendar) -> Judged:
    """Run the item's rules in force on the day. :raises LookupError: the item has no service at the kiosk."""
    ruling = item.ruling
    if ruling is None:
        raise LookupError(item.item_id)
    facts = facts_of(lookups, form, today)
    results = tuple(run(rule, facts) for rule in ruling.rules if rule.in_force(today))
    outcome = outcome_of(results)
    if outcome is Outcome.APPROVED:
        return Judged(_approved(ruling, lookups, facts, today), results)
    if outcome is Outcome.NOTICE:
        return Judged(_notice(ruling, lookups, results), results)
    return Judged(_pending(item, results, today, calendar), results)


def due(item: Item, lookups: Lookups, today: date) -> bool:
    """True when every rule that does not depend on the form passes: this person has not claimed it yet."""
    facts = facts_of(lookups, {}, today)
    results = [run(rule, facts) for rule in item.rules if rule.in_force(today)]
    asked_of_registers = [result for result in results if not any(name.startswith("form_") for name in result.facts)]
    return bool(asked_of_registers) and all(result.verdict is Verdict.PASSED for result in asked_of_registers)


def _approved(ruling: Ruling, lookups: Lookups, facts: Facts, today: date) -> Decision:
    starts_on = next_month(today, ruling.payday).isoformat()
    told = {"starts_on": starts_on, **account_known(lookups)}
    age = facts.get("age_years")
    if isinstance(age, int) and ruling.amount_fen(age):
        told["amount_fen"] = str(ruling.amount_fen(age))
    return Decision(Outcome.APPROVED, (), Line("result.approved", {"date": Arg("date", starts_on)}), told)


def _notice(ruling: Ruling, lookups: Lookups, results: tuple[Result, ...]) -> Decision:
    values = derived(lookups, ruling.minimum_age, ruling.payday)
    failed = [result.rule for result in results if result.verdict is Verdict.FAILED]
    reasons = tuple(Line(rule.failed, _args(rule.failed_args, values)) for rule in failed)
    if len(failed) == 1:
        next_step = Line(failed[0].next_step, _args(failed[0].next_args, values))
    else:
        next_step = Line(f"next.{failed[0].item_id}.notice")
    told = {"come_back_on": values["reaches_age_on"].value} if any(rule.rule_id == "age" for rule in failed) else {}
    return Decision(Outcome.NOTICE, reasons, next_step, told)


def _pending(item: Item, results: tuple[Result, ...], today: date, calendar: WorkCalendar) -> Decision:
    reasons = tuple(Line(result.rule.unknown) for result in results if result.verdict is Verdict.UNKNOWN)
    told: dict[str, str] = {}
    if item.legal_limit.unit == "workday" and item.legal_limit.count:
        deadline = calendar.after(today, item.legal_limit.count)
        told = {"due_on": deadline.day.isoformat(), "due_provisional": str(deadline.provisional).lower()}
    return Decision(Outcome.PENDING, reasons, Line("result.pending.next"), told)


def _args(wanted: Mapping[str, str], values: Mapping[str, Arg]) -> dict[str, Arg]:
    return {name: values[source] for name, source in wanted.items() if source in values}
