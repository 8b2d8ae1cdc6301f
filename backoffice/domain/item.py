"""A service item of the catalogue: as published, versioned, the same for kiosk, window and print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from backoffice.domain.rules import Rule
from backoffice.domain.ruling import Ruling


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


class MaterialKind(StrEnum):
    """Items.tsv marks: none = to be shown, @ = fetched from a register, # = photographed, ~ = promised instead."""

    PRESENT = "present"
    SHARED = "shared"
    PHOTO = "photo"
    PROMISE = "promise"


@dataclass(frozen=True, slots=True)
class Material:
    kind: MaterialKind
    name: str

    @property
    def to_bring(self) -> bool:
        return self.kind in (MaterialKind.PRESENT, MaterialKind.PHOTO)


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit as published, and as a number when it is one."""

    text: str
    count: int | None
    unit: str
    """workday, day, hour, or empty."""


@dataclass(frozen=True, slots=True)
class FormField:
    key: str
    source: str
    """card, look_up or ask."""
    options: tuple[str, ...]
    confirm: bool


@dataclass(frozen=True, slots=True)
class Form:
    """What makes an item one that a terminal carries to its end: what is asked and agreed to."""

    consent_version: str
    commitment: str
    fields: tuple[FormField, ...]


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
    fee: str
    legal_limit: Limit
    promised_limit: Limit
    result: str
    self_service: SelfService
    instant: bool
    intelligent: bool
    commitment: bool
    lookups: tuple[str, ...]
    reach: str
    deputy: str
    fallback: str
    code: str
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
