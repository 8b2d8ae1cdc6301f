"""What an approval changes, and when the same may be asked for again: rules that the catalogue names for each item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from backoffice.domain.cases.case import CaseState
from backoffice.domain.facts.base import Lookups, LookupState, Value


class Period(StrEnum):
    """Within what time a second request of the same person for the same thing is a repeat."""

    OPEN = "open"
    """Only while one is under way."""
    IN_FORCE = "in_force"
    """While one is under way, or approved and its effect not yet done."""
    MONTH = "month"
    YEAR = "year"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class Effect:
    """What an approval writes into the office's own register about the applicant."""

    register: str
    values: Mapping[str, str]
    """Field -> a text, or `decided+1y`, `decision.<fact>`, `decision.<fact>:month`."""
    creates: bool = False
    """True: the person is in that register from now on; otherwise only an entry that is there is changed."""
    days: int = 0
    """How long it holds; 0 = until another decision about the same register."""
    days_of: tuple[str, Mapping[str, int]] | None = None
    """Field of the form -> its answer -> how many days it holds instead."""

    def until(self, decided_on: date, form: Mapping[str, str]) -> date | None:
        days = self.days
        if self.days_of is not None:
            name, by_answer = self.days_of
            days = by_answer.get(form.get(name, ""), days)
        return decided_on + timedelta(days=days) if days else None

    def note(self, decided_on: date, facts: Mapping[str, str]) -> dict[str, str]:
        """The fields to write; what the decision does not say is left out."""
        found = {name: _value(source, decided_on, facts) for name, source in self.values.items()}
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Consequence:
    """Of one item."""

    period: Period = Period.IN_FORCE
    per: tuple[str, ...] = ()
    """Fields of the form that make it another matter, e.g. another child or another shop."""
    effect: Effect | None = None
    told: str = ""
    """Text key of what the resident does next once it is approved, where it is not the common one."""


@dataclass(frozen=True, slots=True)
class Consequences:
    of_item: Mapping[str, Consequence] = field(default_factory=dict)

    def of(self, item_id: str) -> Consequence:
        return self.of_item.get(item_id, Consequence())


@dataclass(frozen=True, slots=True)
class Note:
    """One entry of the office's own register."""

    register: str
    values: Mapping[str, str]
    creates: bool


UNDER_WAY = frozenset(
    (
        CaseState.ACCEPTED,
        CaseState.HANDED_OVER,
        CaseState.ADMITTED,
        CaseState.UNDER_REVIEW,
        CaseState.TECHNICAL_REVIEW,
        CaseState.TO_DECIDE,
        CaseState.SUPPLEMENTED,
        CaseState.REFUSAL_PROPOSED,
        CaseState.TRANSFERRED,
    )
)
"""Somebody has the next word on it. What waits for its applicant alone keeps nobody from asking anew."""
GRANTED = frozenset((CaseState.APPROVED, CaseState.ISSUED))


def bars(period: Period, decided_on: date, today: date, *, is_done: bool) -> bool:
    """An approval of that day keeps the same from being approved again today."""
    if period is Period.ONCE:
        return True
    if period is Period.YEAR:
        return decided_on.year == today.year
    if period is Period.MONTH:
        return (decided_on.year, decided_on.month) == (today.year, today.month)
    return period is Period.IN_FORCE and not is_done


def with_notes(lookups: Lookups, notes: Iterable[Note]) -> Lookups:
    """What registers said, with what was decided here since: a register may learn of it days later.

    A silent register stays silent, and is not answered for.
    """
    told = dict(lookups)
    for note in notes:
        said = told.get(note.register)
        if said is None or not said.state.answered:
            continue
        if said.state is LookupState.ANSWERED:
            told[note.register] = replace(said, values=_later(said.values, note.values))
        elif note.creates:
            told[note.register] = replace(said, state=LookupState.ANSWERED, values=_typed(note.values))
    return told


def _later(said: Mapping[str, Value], noted: Mapping[str, str]) -> dict[str, Value]:
    """A register that names a later day already knows of this decision, or of a newer one."""
    newer = {
        name: value
        for name, value in _typed(noted).items()
        if not (name.endswith("_by") and str(said.get(name, "")) > str(value))
    }
    return {**said, **newer}


def _typed(noted: Mapping[str, str]) -> dict[str, Value]:
    return {name: int(value) if name.endswith("_fen") else value for name, value in noted.items()}


def _value(source: str, decided_on: date, facts: Mapping[str, str]) -> str:
    if source == "decided+1y":
        return _year_after(decided_on).isoformat()
    if not source.startswith("decision."):
        return source
    name, _, form = source.removeprefix("decision.").partition(":")
    value = facts.get(name, "")
    return value[:7] if form == "month" else value


def _year_after(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February has no day of its own in a common year.
        return date(day.year + 1, 3, 1)
