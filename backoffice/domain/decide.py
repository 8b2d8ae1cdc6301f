"""From rule results to what the resident is told.

All passed: approved. Any failed for which the resident can do something: a notice with the union of all that is
missing, never a bare refusal. Otherwise somebody must look: pending, with the deadline of the ordinary procedure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypedDict

from backoffice.domain.cases.case import Outcome
from backoffice.domain.days import WorkCalendar, next_month
from backoffice.domain.facts.derive import SOURCES, Lookups, account_known, confirms, derived, facts_of
from backoffice.domain.items.item import Item
from backoffice.domain.items.ruling import Ruling
from backoffice.domain.rules import Facts, OnFailure, Result, Verdict, run
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
    failures = {result.rule.on_failure for result in results if result.verdict is Verdict.FAILED}
    if OnFailure.NOTICE in failures:
        return Outcome.NOTICE
    return Outcome.APPROVED if {result.verdict for result in results} == {Verdict.PASSED} else Outcome.PENDING


def judge(
    item: Item,
    lookups: Lookups,
    form: Mapping[str, str],
    today: date,
    calendar: WorkCalendar,
    *,
    vouched: bool = False,
) -> Judged:
    """Run the item's rules in force on the day; an item without rules is in somebody's hands at once.

    For query, print and pay: approved = the answer may be given.
    :param vouched: a staff member said that it is her; that fills what no register has said of her face.
    """
    ruling = item.ruling
    if ruling is None:
        return Judged(by_hand(item, (Line("reason.by_hand"),), today, calendar), ())
    facts = facts_of(lookups, ruling.asking.whole(form), today, ruling.confirmed(item.lookups))
    if vouched:
        facts.setdefault("face_matches", True)
    results = tuple(run(rule, facts) for rule in ruling.rules if rule.in_force(today))
    outcome = outcome_of(results)
    if outcome is Outcome.APPROVED:
        return Judged(_approved(ruling, lookups, facts, today), results)
    if outcome is Outcome.NOTICE:
        return Judged(_notice(ruling, lookups, results), results)
    return Judged(by_hand(item, _open_reasons(item, lookups, results), today, calendar), results)


def in_ordinary_way(item: Item, judged: Judged, reason: Line, today: date, calendar: WorkCalendar) -> Judged:
    """What was judged for a commitment, without one: never approved by rules alone, and nothing else is lost."""
    decision = judged.decision
    if decision.outcome is Outcome.NOTICE:
        return judged
    reasons = (reason, *(known for known in decision.reasons if known.key != reason.key))
    return Judged(by_hand(item, reasons, today, calendar), judged.results)


def due(item: Item, lookups: Lookups, today: date) -> bool:
    """True when every rule that does not depend on the form passes: this person has not claimed it yet."""
    if item.ruling is None:
        return False
    facts = facts_of(lookups, {}, today, item.ruling.confirmed(item.lookups))
    results = [run(rule, facts) for rule in item.rules if rule.in_force(today)]
    asked_of_registers = [result for result in results if not any(name.startswith("form_") for name in result.facts)]
    return bool(asked_of_registers) and all(result.verdict is Verdict.PASSED for result in asked_of_registers)


def _approved(ruling: Ruling, lookups: Lookups, facts: Facts, today: date) -> Decision:
    if ruling.benefit is None:
        return Decision(Outcome.APPROVED, (), Line("result.approved.now"))
    starts_on = next_month(today, ruling.payday).isoformat()
    told = {"starts_on": starts_on, **account_known(lookups)}
    age = facts.get("age_years")
    if isinstance(age, int) and ruling.amount_fen(age):
        told["amount_fen"] = str(ruling.amount_fen(age))
    return Decision(Outcome.APPROVED, (), Line("result.approved", {"date": Arg("date", starts_on)}), told)


def _notice(ruling: Ruling, lookups: Lookups, results: tuple[Result, ...]) -> Decision:
    values = derived(lookups, ruling.minimum_age, ruling.payday)
    failed = [result.rule for result in results if result.verdict is Verdict.FAILED]
    reasons = _once(Line(rule.failed, _args(rule.failed_args, values)) for rule in failed)
    if len(failed) == 1:
        next_step = Line(failed[0].next_step, _args(failed[0].next_args, values))
    else:
        next_step = Line(ruling.several)
    told = {"come_back_on": values["reaches_age_on"].value} if any(rule.rule_id == "age" for rule in failed) else {}
    return Decision(Outcome.NOTICE, reasons, next_step, told)


def _open_reasons(item: Item, lookups: Lookups, results: tuple[Result, ...]) -> tuple[Line, ...]:
    """What failed for a human to see, then what nobody knows.

    Where the population register leaves the applicant unconfirmed, everything is unknown for that one reason.
    """
    failed = [Line(result.rule.failed) for result in results if result.verdict is Verdict.FAILED]
    unknown = [result for result in results if result.verdict is Verdict.UNKNOWN]
    if "L01" in item.lookups and not confirms(lookups.get("L01")):
        own = [result for result in unknown if any(_from_population(name) for name in result.facts)]
        lines = [Line(result.rule.unknown) for result in own] or [Line("reason.unknown.identity")]
        return _once((*failed, *lines))
    return _once((*failed, *(Line(result.rule.unknown) for result in unknown)))


def _from_population(fact: str) -> bool:
    return "L01" in SOURCES.get(fact, ())


def by_hand(item: Item, reasons: tuple[Line, ...], today: date, calendar: WorkCalendar) -> Decision:
    """Somebody decides, within the ordinary procedure's limit."""
    return Decision(Outcome.PENDING, reasons, Line("result.pending.next"), _deadline(item, today, calendar))


def _deadline(item: Item, today: date, calendar: WorkCalendar) -> dict[str, str]:
    """The promised limit, else the one in law, else the ordinary procedure's; nothing where none is known."""
    ordinary = item.ruling.ordinary_workdays if item.ruling else 0
    for limit in (item.promised_limit, item.legal_limit):
        if limit.unit == "workday" and limit.count:
            ordinary = limit.count
            break
        if limit.unit in ("day", "hour") and limit.count:
            days = limit.count if limit.unit == "day" else -(-limit.count // 24)
            return {"due_on": (today + timedelta(days=days)).isoformat(), "due_provisional": "false"}
    if not ordinary:
        return {}
    deadline = calendar.after(today, ordinary)
    return {"due_on": deadline.day.isoformat(), "due_provisional": str(deadline.provisional).lower()}


def _once(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Each text once, in order: several rules may say the same."""
    return tuple({line.key: line for line in lines}.values())


def _args(wanted: Mapping[str, str], values: Mapping[str, Arg]) -> dict[str, Arg]:
    return {name: values[source] for name, source in wanted.items() if source in values}
