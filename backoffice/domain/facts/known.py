"""What registers answer to a form's own questions, in the text form of an answer, for the resident to confirm.

A register that says nothing, or more than one thing, answers no question here: it is asked instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from backoffice.domain.facts.base import Lookups, Row, entry, rows

Labels = Mapping[str, Mapping[str, str]]
"""Name of a list -> code -> label."""


@dataclass(frozen=True, slots=True, repr=False)
class KnownAnswer:
    value: str
    label: str = ""
    """As it reads; empty where the value reads as it stands, or is one of the field's own options."""

    def __repr__(self) -> str:
        return "KnownAnswer(***)"


Found = KnownAnswer | None


def known_answers(keys: Iterable[str], lookups: Lookups, labels: Labels) -> dict[str, KnownAnswer]:
    """Key of a field -> what is known of it.

    :param keys: the form's. :param labels: the long lists, with `places` and `towns`.
    """
    found = {key: _ANSWERS[key][1](lookups, labels) for key in keys if key in _ANSWERS}
    return {key: answer for key, answer in found.items() if answer is not None}


def lookups_of(keys: Iterable[str]) -> frozenset[str]:
    """The registers that answer these fields."""
    return frozenset(lookup for key in keys if key in _ANSWERS for lookup in _ANSWERS[key][0])


def _person(row: Row) -> str:
    return f"{row['number']} {row['name']}"


def _members(lookups: Lookups, *relations: str) -> list[Row]:
    """Living members of the household, those of a relation to the one who asks, or all."""
    household = entry(lookups, "L03")
    if household is None:
        return []
    living = [row for row in rows(household, "members") if row["alive"] is True]
    return [row for row in living if not relations or row["relation"] in relations]


def _only(people: list[Row]) -> Found:
    return KnownAnswer(_person(people[0]), str(people[0]["name"])) if len(people) == 1 else None


def _spouse(lookups: Lookups, labels: Labels) -> Found:
    return _only(_members(lookups, "spouse"))


def _child(lookups: Lookups, labels: Labels) -> Found:
    return _only(_members(lookups, "child"))


def _family(lookups: Lookups, labels: Labels) -> Found:
    people = _members(lookups)
    if not people:
        return None
    return KnownAnswer(";".join(map(_person, people)), "、".join(str(row["name"]) for row in people))


def _household_place(lookups: Lookups, labels: Labels) -> Found:
    register = entry(lookups, "L01")
    if register is None or register["matches"] is not True or not register["household"]:
        return None
    code = str(register["household"])
    names = {**labels.get("places", {}), **labels.get("towns", {}), **labels.get("villages", {})}
    return KnownAnswer(code, next((names[part] for part in _parts(code) if part in names), ""))


def _parts(code: str) -> tuple[str, ...]:
    """From the village up to the city: the nearest that has a name says where it is."""
    return (code, code[:9], code[:6], f"{code[:4]}00")


def _listed(name: str, lookup: str, field: str) -> Callable[[Lookups, Labels], Found]:
    """A register's own words for an entry of a long list: known only where the list has exactly these words."""

    def find(lookups: Lookups, labels: Labels) -> Found:
        known = entry(lookups, lookup)
        if known is None:
            return None
        said = str(known[field])
        codes = [code for code, label in labels.get(name, {}).items() if said in (code, label)]
        return KnownAnswer(codes[0], labels[name][codes[0]]) if len(codes) == 1 else None

    return find


def _taken(lookup: str, field: str, label: str = "") -> Callable[[Lookups, Labels], Found]:
    def find(lookups: Lookups, labels: Labels) -> Found:
        known = entry(lookups, lookup)
        if known is None or not known.get(field):
            return None
        return KnownAnswer(str(known[field]), str(known[label]) if label else "")

    return find


def _only_row(lookup: str, table: str, field: str) -> Callable[[Lookups, Labels], Found]:
    """Of the one row that there is."""

    def find(lookups: Lookups, labels: Labels) -> Found:
        known = entry(lookups, lookup)
        listed = rows(known, table) if known is not None else ()
        return KnownAnswer(str(listed[0][field])) if len(listed) == 1 else None

    return find


def _plots(lookups: Lookups, labels: Labels) -> Found:
    known = entry(lookups, "L23")
    listed = rows(known, "plots") if known is not None else ()
    return KnownAnswer(";".join(str(row["plot"]) for row in listed)) if listed else None


def _violations(lookups: Lookups, labels: Labels) -> Found:
    known = entry(lookups, "L06")
    unpaid = [row for row in rows(known, "violations") if row["paid"] is False] if known is not None else []
    return KnownAnswer(";".join(str(row["on"]) for row in unpaid)) if unpaid else None


def _jobless_since(lookups: Lookups, labels: Labels) -> Found:
    known = entry(lookups, "L15")
    return KnownAnswer(str(known["since"])) if known is not None and known["state"] == "unemployed" else None


def _work_since(lookups: Lookups, labels: Labels) -> Found:
    known = entry(lookups, "L15")
    return KnownAnswer(str(known["since"])) if known is not None and known["state"] == "flexible" else None


_ANSWERS: Mapping[str, tuple[tuple[str, ...], Callable[[Lookups, Labels], Found]]] = {
    "spouse": (("L03",), _spouse),
    "child": (("L03",), _child),
    "family_members": (("L03",), _family),
    "insured_people": (("L03",), _family),
    "household_place": (("L01",), _household_place),
    "bank": (("L16",), _listed("banks", "L16", "bank")),
    "school": (("L25",), _listed("schools", "L25", "school")),
    "business_scope": (("L20",), _listed("business_scopes", "L20", "scope")),
    "company": (("L20",), _taken("L20", "uscc", "name")),
    "child_birth": (("L07",), _only_row("L07", "children", "born_on")),
    "plate": (("L06",), _only_row("L06", "vehicles", "plate")),
    "violations": (("L06",), _violations),
    "land_plot": (("L23",), _plots),
    "left_on": (("L24",), _taken("L24", "left_on")),
    "jobless_since": (("L15",), _jobless_since),
    "work_since": (("L15",), _work_since),
}
