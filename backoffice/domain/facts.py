"""From look-up answers and the form to the facts that rules are written about.

What nobody answered is absent. The register counts, never the card and never the number's first six
digits: Xiang'an exists since 2003, so most of its old residents carry 350221 or 350212.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from backoffice.domain import facts_family, facts_identity, facts_money, facts_property, facts_welfare, facts_work
from backoffice.domain.days import birthday
from backoffice.domain.facts_base import Lookup, Lookups, LookupState, entry, known_absent
from backoffice.domain.rules import FactValue
from backoffice.domain.text import Arg

__all__ = ["SOURCES", "Lookup", "LookupState", "Lookups", "facts_of", "lookups_needed"]

_FAMILIES = (facts_identity, facts_family, facts_welfare, facts_work, facts_money, facts_property)

SOURCES: dict[str, tuple[str, ...]] = {
    **{fact: sources for family in _FAMILIES for fact, sources in family.SOURCES.items()},
    "account_matches": ("L16", "L28"),
}
"""Which look-ups a fact comes from; facts of the form are called `form_<field>`."""


def lookups_needed(facts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({lookup for fact in facts for lookup in SOURCES.get(fact, ())}))


def facts_of(lookups: Lookups, form: Mapping[str, str], today: date) -> dict[str, FactValue]:
    """Every fact that these answers carry. Taking an answer away takes its facts away and changes no other."""
    facts: dict[str, FactValue] = {f"form_{key}": value for key, value in form.items()}
    if _contradicted(lookups.get("L01")):
        return facts
    for family in _FAMILIES:
        facts.update(family.facts(lookups, today))
    facts.update(_of_account(lookups))
    return facts


def _contradicted(register: Lookup | None) -> bool:
    """The register does not know this number, or knows it under another name.

    Then no answer about the number is an answer about the person who stands here: all stays unknown.
    """
    if register is None or not register.state.answered:
        return False
    return register.state is LookupState.NOT_FOUND or register.values["matches"] is not True


def _of_account(lookups: Lookups) -> dict[str, FactValue]:
    if known_absent(lookups, "L16"):
        return {"account_matches": False}
    bank = lookups.get("L28")
    if bank is None or not bank.state.answered:
        return {}
    return {"account_matches": bank.state is LookupState.ANSWERED and bank.values["matches"] is True}


def derived(lookups: Lookups, minimum_age: int, payday: int) -> dict[str, Arg]:
    """Values that texts may name: `reaches_age_on`, `paid_since`. Absent when the register did not answer."""
    values: dict[str, Arg] = {}
    person = entry(lookups, "L01")
    if person is not None and person["matches"] is True:
        on = birthday(date.fromisoformat(str(person["birth"])), minimum_age)
        values["reaches_age_on"] = Arg("date", on.isoformat())
    ledger = entry(lookups, "L12")
    if ledger is not None and ledger["since"]:
        # The ledger knows the month; money comes on the payday.
        values["paid_since"] = Arg("date", f"{ledger['since']}-{payday:02d}")
    return values


DERIVED_KINDS = {"reaches_age_on": "date", "paid_since": "date"}


def account_known(lookups: Lookups) -> dict[str, str]:
    """Bank and last four digits for the resident to confirm; empty when no register knows an account."""
    card = entry(lookups, "L16")
    return {} if card is None else {"bank": str(card["bank"]), "last4": str(card["last4"])}


def masked(value: FactValue | None) -> str:
    """A fact as the evidence row may show it: yes/no stays, everything personal does not."""
    if value is None:
        return "?"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return "#" * len(str(value))
    return value[:1] + "*" * (len(value) - 1) if len(value) <= 6 else value[:3] + "*" * (len(value) - 3)
