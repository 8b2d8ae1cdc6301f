"""From look-up answers and the form to the facts that rules are written about.

What nobody answered is absent. The register counts, never the card and never the number's first six
digits: Xiang'an exists since 2003, so most of its old residents carry 350221 or 350212.

Answers are kept by key: `L08` is about the applicant, `deceased.L08` about the second person of that role, whose
facts carry the role in front: `deceased_death_reported`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from backoffice.domain.days import birthday
from backoffice.domain.facts import household, identity, money, property, welfare, work
from backoffice.domain.facts.base import Lookup, Lookups, LookupState, entry, known_absent
from backoffice.domain.rules import FactValue
from backoffice.domain.text import Arg

__all__ = ["APPLICANT", "SOURCES", "Lookup", "LookupState", "Lookups", "facts_of", "lookups_needed"]

APPLICANT = "applicant"
"""The role of whoever stands at the terminal; it is left out in keys and in names of facts."""

_FAMILIES = (identity, household, welfare, work, property)

SOURCES: dict[str, tuple[str, ...]] = {
    **{fact: sources for family in (*_FAMILIES, money) for fact, sources in family.SOURCES.items()},
    "account_matches": ("L16", "L28"),
}
"""Which look-ups a fact comes from; facts of the form are called `form_<field>`."""


def key_of(role: str, lookup: str) -> str:
    return lookup if role == APPLICANT else f"{role}.{lookup}"


def role_and_lookup(key: str) -> tuple[str, str]:
    role, dot, lookup = key.rpartition(".")
    return (role, lookup) if dot else (APPLICANT, key)


def lookups_needed(facts: Collection[str], roles: Collection[str] = ()) -> tuple[str, ...]:
    """The keys of the look-ups that these facts come from.

    :param roles: the second persons that facts may be about.
    """
    keys: set[str] = set()
    for fact in facts:
        role = next((role for role in roles if fact.startswith(f"{role}_")), APPLICANT)
        plain = fact if role == APPLICANT else fact.removeprefix(f"{role}_")
        keys.update(key_of(role, lookup) for lookup in SOURCES.get(plain, ()))
    return tuple(sorted(keys))


def facts_of(
    lookups: Lookups, form: Mapping[str, str], today: date, confirmed: Collection[str] = (APPLICANT,)
) -> dict[str, FactValue]:
    """Every fact that these answers carry. Taking an answer away takes facts away and changes no other.

    :param confirmed: roles whose facts hold only when the population register knows name and number as one person's:
        until then an answer about the number is no answer about the person.
    """
    facts: dict[str, FactValue] = {f"form_{key}": value for key, value in form.items()}
    for role in sorted({role_and_lookup(key)[0] for key in lookups}):
        own = {role_and_lookup(key)[1]: found for key, found in lookups.items() if role_and_lookup(key)[0] == role}
        if role in confirmed and not confirms(own.get("L01")):
            continue
        front = "" if role == APPLICANT else f"{role}_"
        facts.update({front + name: value for name, value in _about_one(own, form, today).items()})
    return facts


def confirms(register: Lookup | None) -> bool:
    """The register knows this number, under this name."""
    return register is not None and register.state is LookupState.ANSWERED and register.values["matches"] is True


def _about_one(lookups: Lookups, form: Mapping[str, str], today: date) -> dict[str, FactValue]:
    facts: dict[str, FactValue] = {}
    for family in _FAMILIES:
        facts.update(family.facts(lookups, today))
    facts.update(money.facts(lookups, today, form.get("plate", "")))
    facts.update(_of_account(lookups))
    return facts


def _of_account(lookups: Lookups) -> dict[str, FactValue]:
    if known_absent(lookups, "L16"):
        return {"account_matches": False}
    bank = lookups.get("L28")
    if bank is None or not bank.state.answered:
        return {}
    return {"account_matches": bank.state is LookupState.ANSWERED and bank.values["matches"] is True}


def derived(lookups: Lookups, minimum_age: int, payday: int) -> dict[str, Arg]:
    """Values that texts may name: `reaches_age_on`, `paid_since`. Absent when the register did not answer.

    :param payday: day of the month on which the item pays; 0 = it pays nothing.
    """
    values: dict[str, Arg] = {}
    person = entry(lookups, "L01")
    if person is not None and person["matches"] is True:
        on = birthday(date.fromisoformat(str(person["birth"])), minimum_age)
        values["reaches_age_on"] = Arg("date", on.isoformat())
    ledger = entry(lookups, "L12")
    if ledger is not None and ledger["since"] and payday:
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
