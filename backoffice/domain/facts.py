"""From look-up answers and the form to the facts that rules are written about.

What nobody answered is absent. The register counts, never the card and never the number's first six
digits: Xiang'an exists since 2003, so most of its old residents carry 350221 or 350212.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from backoffice.domain.days import birthday, full_years
from backoffice.domain.rules import FactValue
from backoffice.domain.text import Arg


class LookupState(StrEnum):
    ANSWERED = "answered"
    NOT_FOUND = "not_found"
    """The register answered: it has no such entry."""
    TIMEOUT = "timeout"
    ERROR = "error"
    GARBAGE = "garbage"
    """An answer that is not what was agreed: worth as much as none."""
    NOT_ASKED = "not_asked"

    @property
    def answered(self) -> bool:
        return self in (LookupState.ANSWERED, LookupState.NOT_FOUND)


@dataclass(frozen=True, slots=True, repr=False)
class Lookup:
    """One register's answer, already checked for form; `evidence_id` is the entry in the call ledger."""

    lookup: str
    state: LookupState
    values: Mapping[str, str | bool]
    evidence_id: str
    answered_at: str

    def __repr__(self) -> str:
        return f"Lookup({self.lookup}, {self.state})"


Lookups = Mapping[str, Lookup]

SOURCES: dict[str, tuple[str, ...]] = {
    "age_years": ("L01",),
    "household": ("L01",),
    "register_alive": ("L01",),
    "death_reported": ("L08",),
    "allowance_paid": ("L12",),
    "account_matches": ("L16", "L28"),
}
"""Which look-ups a fact comes from; facts of the form are called `form_<field>`."""


def lookups_needed(facts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({lookup for fact in facts for lookup in SOURCES.get(fact, ())}))


def facts_of(lookups: Lookups, form: Mapping[str, str], today: date) -> dict[str, FactValue]:
    facts: dict[str, FactValue] = {f"form_{key}": value for key, value in form.items()}
    if _contradicted(lookups.get("L01")):
        return facts
    facts.update(_of_population_register(_entry(lookups, "L01"), today))
    death = lookups.get("L08")
    if death is not None and death.state.answered:
        facts["death_reported"] = death.state is LookupState.ANSWERED
    ledger = lookups.get("L12")
    if ledger is not None and ledger.state.answered:
        facts["allowance_paid"] = ledger.state is LookupState.ANSWERED
    facts.update(_of_account(lookups))
    return facts


def _entry(lookups: Lookups, lookup: str) -> Mapping[str, str | bool] | None:
    answer = lookups.get(lookup)
    return answer.values if answer is not None and answer.state is LookupState.ANSWERED else None


def _contradicted(register: Lookup | None) -> bool:
    """The register does not know this number, or knows it under another name.

    Then no answer about the number is an answer about the person who stands here: all stays unknown.
    """
    if register is None or not register.state.answered:
        return False
    return register.state is LookupState.NOT_FOUND or register.values["matches"] is not True


def _of_population_register(entry: Mapping[str, str | bool] | None, today: date) -> dict[str, FactValue]:
    if entry is None:
        return {}
    facts: dict[str, FactValue] = {
        "age_years": full_years(date.fromisoformat(str(entry["birth"])), today),
        "register_alive": entry["alive"] is True,
    }
    if entry["household"]:
        facts["household"] = str(entry["household"])
    return facts


def _of_account(lookups: Lookups) -> dict[str, FactValue]:
    card = lookups.get("L16")
    if card is not None and card.state is LookupState.NOT_FOUND:
        return {"account_matches": False}
    bank = lookups.get("L28")
    if bank is None or not bank.state.answered:
        return {}
    return {"account_matches": bank.state is LookupState.ANSWERED and bank.values["matches"] is True}


def derived(lookups: Lookups, minimum_age: int, payday: int) -> dict[str, Arg]:
    """Values that texts may name: `reaches_age_on`, `paid_since`. Absent when the register did not answer."""
    values: dict[str, Arg] = {}
    person = _entry(lookups, "L01")
    if person is not None and person["matches"] is True:
        on = birthday(date.fromisoformat(str(person["birth"])), minimum_age)
        values["reaches_age_on"] = Arg("date", on.isoformat())
    ledger = _entry(lookups, "L12")
    if ledger is not None and ledger["since"]:
        # The ledger knows the month; money comes on the payday.
        values["paid_since"] = Arg("date", f"{ledger['since']}-{payday:02d}")
    return values


DERIVED_KINDS = {"reaches_age_on": "date", "paid_since": "date"}


def account_known(lookups: Lookups) -> dict[str, str]:
    """Bank and last four digits for the resident to confirm; empty when no register knows an account."""
    entry = _entry(lookups, "L16")
    return {} if entry is None else {"bank": str(entry["bank"]), "last4": str(entry["last4"])}


def masked(value: FactValue | None) -> str:
    """A fact as the evidence row may show it: yes/no stays, everything personal does not."""
    if value is None:
        return "?"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return "#" * len(str(value))
    return value[:1] + "*" * (len(value) - 1) if len(value) <= 6 else value[:3] + "*" * (len(value) - 3)
