"""What every family of facts is made from: the answers of registers, and ways to read them.

What nobody answered is absent; a function here returns no fact rather than a likely one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

Row = Mapping[str, str | bool | int]
Value = str | bool | int | tuple[Row, ...]


class LookupState(StrEnum):
    ANSWERED = "answered"
    NOT_FOUND = "not_found"
    """The register answered: it has no such entry."""
    TIMEOUT = "timeout"
    ERROR = "error"
    GARBAGE = "garbage"
    """An answer that is not what was agreed: worth as much as none."""
    STALE = "stale"
    """An answer older than this register's may be: worth as much as none."""
    NOT_ASKED = "not_asked"
    """Known to be out of order, or no time was left."""

    @property
    def answered(self) -> bool:
        return self in (LookupState.ANSWERED, LookupState.NOT_FOUND)


@dataclass(frozen=True, slots=True, repr=False)
class Lookup:
    """One register's answer, already checked for form; `evidence_id` is the entry in the call ledger."""

    lookup: str
    state: LookupState
    values: Mapping[str, Value]
    evidence_id: str
    answered_at: str
    grounds: str = ""
    """Why it could be asked beyond what every service may: `consent`, `statute:<clause>`, or empty."""
    age_hours: int = 0
    """How old the register's own data were when it answered."""

    def __repr__(self) -> str:
        return f"Lookup({self.lookup}, {self.state})"


Lookups = Mapping[str, Lookup]


def entry(lookups: Lookups, lookup: str) -> Mapping[str, Value] | None:
    """The fields of an answered entry; None when there is none or nobody answered."""
    answer = lookups.get(lookup)
    return answer.values if answer is not None and answer.state is LookupState.ANSWERED else None


def known_absent(lookups: Lookups, lookup: str) -> bool:
    """The register answered that it has no such entry."""
    answer = lookups.get(lookup)
    return answer is not None and answer.state is LookupState.NOT_FOUND


def rows(values: Mapping[str, Value], field: str) -> tuple[Row, ...]:
    found = values[field]
    if not isinstance(found, tuple):
        raise TypeError(f"{field} has no rows")
    return found


def number(values: Row | Mapping[str, Value], field: str) -> int:
    """:raises TypeError: a field that the gateway should not have let through."""
    found = values[field]
    if not isinstance(found, int):
        raise TypeError(f"{field} is no number")
    return int(found)


def day(values: Row | Mapping[str, Value], field: str) -> date:
    return date.fromisoformat(str(values[field]))


def holds_on(values: Row | Mapping[str, Value], field: str, today: date) -> bool:
    """Valid to the end of the named day; a missing day means without end."""
    return field not in values or today <= day(values, field)
