"""A service item of the catalogue: as published, versioned, the same for kiosk, window and print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from backoffice.domain.items.fields import FieldSpec
from backoffice.domain.items.form import Form, FormField
from backoffice.domain.items.material import CaptureRule, Material, MaterialKind
from backoffice.domain.items.ruling import Ruling
from backoffice.domain.items.terms import NO_TECHNICAL_REVIEW, Deputy, Fallback, Fee, Guide, TechnicalReview
from backoffice.domain.rules import Rule

__all__ = ["Form", "FormField", "Item", "Limit", "Material", "MaterialKind", "Mode", "Release", "SelfService"]


class Mode(StrEnum):
    APPLY = "apply"
    QUERY = "query"
    PRINT = "print"
    PAY = "pay"
    BOOK = "book"
    GUIDE = "guide"


class SelfService(StrEnum):
    YES = "yes"
    """One of the 78 on the district's self-service list."""
    EXTENSION = "extension"
    """A convenience that the kiosk adds beyond the list."""
    NO = "no"


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit as published, and as a number when it is one."""

    text: str
    count: int | None
    unit: str
    """workday, day, hour, or empty."""


@dataclass(frozen=True, slots=True)
class Item:
    item_id: str
    version: int
    category: str
    official: str
    village: str
    plain: str
    department: str
    level: str
    subject: str
    elder: str
    type_code: str
    mode: Mode
    case_type: str
    materials: tuple[Material, ...]
    asks: tuple[str, ...]
    """What the form asks, in the words it was published with."""
    fee: Fee
    legal_limit: Limit
    promised_limit: Limit
    result: str
    self_service: SelfService
    instant: bool
    intelligent: bool
    commitment: bool
    lookups: tuple[str, ...]
    reach: str
    deputy: Deputy
    fallback: Fallback
    code: str
    guide: Guide | None = None
    """Of an item that no terminal carries."""
    technical_review: TechnicalReview = NO_TECHNICAL_REVIEW
    form: Form | None = None
    ruling: Ruling | None = None

    @property
    def transact(self) -> bool:
        return self.form is not None

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self.ruling.rules if self.ruling else ()


@dataclass(frozen=True, slots=True)
class Release:
    """One published catalogue."""

    release: int
    author: str
    signer: str
    effective_from: str
    home: tuple[str, ...]
    categories: tuple[str, ...]
    items: Mapping[str, Item]
    fields: Mapping[str, FieldSpec] = field(default_factory=dict)
    """The dictionary of what forms ask."""
    capture_rules: Mapping[str, CaptureRule] = field(default_factory=dict)
    lists: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Long lists by name: code -> what it is called."""
