"""What somebody is due and has not asked for: said after the card was read, from registers alone, and never stored.

Each row is a condition over facts (CEL, three values): only one that surely holds is told. It says no more than that
asking is worth while; whether it is granted is for the item's own rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from backoffice.domain.days import birthday
from backoffice.domain.facts.base import Lookups, entry
from backoffice.domain.facts.derive import SOURCES
from backoffice.domain.rules import Facts, Rule, Verdict, facts_used, run
from backoffice.domain.text import Arg, Line

CERTIFY_WITHIN_DAYS = 60
ELDER_CARD = "elder_card"
"""The certificate type that L29 is asked for."""
_ALIVE = "register_alive && !death_reported"
_HERE = f'{_ALIVE} && household.startsWith("350213")'
_DUE_SOON = f"certification_due_days <= {CERTIFY_WITHIN_DAYS}"

Since = Callable[[Lookups], date | None]


def _turned(age: int) -> Since:
    def since(lookups: Lookups) -> date | None:
        person = entry(lookups, "L01")
        return None if person is None else birthday(date.fromisoformat(str(person["birth"])), age)

    return since


def _certify_by(lookups: Lookups) -> date | None:
    pension = entry(lookups, "L14")
    return date.fromisoformat(str(pension["certify_by"])) if pension is not None and "certify_by" in pension else None


def _any_time(lookups: Lookups) -> date | None:
    return None


@dataclass(frozen=True, slots=True)
class Entitlement:
    item_id: str
    cel: str
    since: Since = _any_time
    """The day that its text names: since when, or by when."""

    @property
    def reason(self) -> str:
        return f"due.{self.item_id}"


@dataclass(frozen=True, slots=True)
class Due:
    item_id: str
    reason: Line
    since: date | None


TABLE = (
    Entitlement("XA032", f"{_HERE} && age_years >= 80 && !allowance_paid", _turned(80)),
    Entitlement("XA002", f'{_ALIVE} && pension_drawing && pension_scheme == "resident" && {_DUE_SOON}', _certify_by),
    Entitlement("XA006", f'{_ALIVE} && pension_drawing && pension_scheme == "employee" && {_DUE_SOON}', _certify_by),
    Entitlement(
        "XA003",
        f'{_ALIVE} && age_years >= 60 && pension_scheme == "resident" && pension_state == "paying"',
        _turned(60),
    ),
    Entitlement("XA049", f"{_ALIVE} && age_years >= 60 && !certificate_found"),
    Entitlement("XA034", f"{_HERE} && disabled && on_relief"),
    Entitlement("XA035", f"{_HERE} && disabled && disability_level <= 2"),
    Entitlement("XA052", f"{_HERE} && age_years >= 60 && birth_registrations <= 1 && born_children == 1"),
)


def registers_needed() -> tuple[str, ...]:
    facts = {fact for row in TABLE for fact in facts_used(row.cel)}
    return tuple(sorted({lookup for fact in facts for lookup in SOURCES[fact]}))


def dues_of(facts: Facts, lookups: Lookups) -> tuple[Due, ...]:
    """In the order of the table; what a silent register leaves open is not told."""
    return tuple(_due(row, lookups) for row in TABLE if run(_rule(row), facts).verdict is Verdict.PASSED)


def _due(row: Entitlement, lookups: Lookups) -> Due:
    since = row.since(lookups)
    args = {"date": Arg("date", since.isoformat())} if since is not None else {}
    return Due(row.item_id, Line(row.reason, args), since)


def _rule(row: Entitlement) -> Rule:
    return Rule(
        rule_id="due",
        item_id=row.item_id,
        version=1,
        cel=row.cel,
        legal_basis="",
        author="",
        signer="",
        effective_from=date.min.isoformat(),
        effective_to="",
        failed="",
        unknown="",
        next_step="",
    )


def due_keys() -> dict[str, dict[str, str]]:
    """Text key -> its values' kinds."""
    return {row.reason: {} if row.since is _any_time else {"date": "date"} for row in TABLE}
