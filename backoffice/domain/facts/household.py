"""Household, marriage, children, school (L03 L07 L09 L10 L25)."""

from __future__ import annotations

from datetime import date

from backoffice.domain.facts.base import Lookups, day, entry, known_absent, number, rows
from backoffice.domain.rules import FactValue

SOURCES: dict[str, tuple[str, ...]] = {
    "household_head": ("L03",),
    "household_size": ("L03",),
    "born_children": ("L07",),
    "youngest_child_days": ("L07",),
    "birth_registrations": ("L09",),
    "marital_state": ("L10",),
    "married": ("L10",),
    "in_school": ("L25",),
    "school_grade": ("L25",),
}


def facts(lookups: Lookups, today: date) -> dict[str, FactValue]:
    return {
        **_household(lookups),
        **_births(lookups, today),
        **_marriage(lookups),
        **_school(lookups),
    }


def _household(lookups: Lookups) -> dict[str, FactValue]:
    household = entry(lookups, "L03")
    if household is None:
        return {}
    living = [member for member in rows(household, "members") if member["alive"] is True]
    return {"household_head": household["head"] is True, "household_size": len(living) + 1}


def _births(lookups: Lookups, today: date) -> dict[str, FactValue]:
    """Birth certificates exist since 1996: none found is a fact about certificates, not about children."""
    found: dict[str, FactValue] = {}
    births = entry(lookups, "L07")
    if births is not None:
        days = [(today - day(child, "born_on")).days for child in rows(births, "children")]
        found["born_children"] = len(days)
        if days:
            found["youngest_child_days"] = min(days)
    registered = entry(lookups, "L09")
    if registered is not None:
        found["birth_registrations"] = max(
            (number(row, "order") for row in rows(registered, "registrations")), default=0
        )
    elif known_absent(lookups, "L09"):
        found["birth_registrations"] = 0
    return found


def _marriage(lookups: Lookups) -> dict[str, FactValue]:
    """Old marriages were never entered: no entry is no fact, and never "single"."""
    marriage = entry(lookups, "L10")
    if marriage is None:
        return {}
    return {"marital_state": str(marriage["state"]), "married": marriage["state"] == "married"}


def _school(lookups: Lookups) -> dict[str, FactValue]:
    if known_absent(lookups, "L25"):
        return {"in_school": False}
    school = entry(lookups, "L25")
    return {} if school is None else {"in_school": True, "school_grade": number(school, "grade")}
