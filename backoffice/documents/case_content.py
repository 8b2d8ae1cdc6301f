"""A case as its papers need it, and what one of them says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row

from backoffice.documents.papers import Data
from backoffice.documents.words import day_text, masked_name
from backoffice.domain.decide import DecisionJson
from backoffice.domain.items.item import Item


@dataclass(frozen=True, slots=True, repr=False)
class Case:
    row: Row[Any]
    item: Item
    applicant: Mapping[str, Any]
    access: Mapping[str, str]
    decision: DecisionJson | None

    @property
    def case_no(self) -> str:
        return str(self.row.case_no)

    @property
    def addressee(self) -> str:
        return masked_name(str(self.applicant["name"]))


@dataclass(frozen=True, slots=True)
class Content:
    title: str
    body: Data
    since: str | None
    """The moment of what it tells: a paper that was made earlier tells something else, and is not copied."""
    template: str = ""
    """Where it is not the kind's own."""


def day_text_of(day: str | None) -> str:
    """:param day: an ISO 8601 date or moment."""
    return day_text(date.fromisoformat(day[:10])) if day else ""
