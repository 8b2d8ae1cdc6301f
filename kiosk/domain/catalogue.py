"""Service items as the kiosk sees them: read from the back office's contract, never written here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """How an item is served (items.tsv 自助模式)."""

    APPLY = "apply"
    QUERY = "query"
    PRINT = "print"
    PAY = "pay"
    BOOK = "book"
    GUIDE = "guide"


class FieldSource(StrEnum):
    CARD = "card"
    LOOK_UP = "look_up"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form; its question is the text `ask.<key>`."""

    key: str
    source: FieldSource
    options: tuple[str, ...]
    """Closed answers, the likely one first; their texts are `ask.<key>.<option>`. Empty where an answer is free."""
    confirm: bool = False
    """True when a known answer must still be shown and confirmed."""
    optional: bool = False
    """True when the form may go without it: of these this kiosk asks none."""
    conditional: bool = False
    """True when an earlier answer decides whether it is asked."""

    @property
    def has_screen(self) -> bool:
        """This kiosk asks by closed answers, of everybody; a form that must ask otherwise is not carried here."""
        return bool(self.options) and not self.conditional

    @property
    def must_be_asked(self) -> bool:
        """By somebody: neither the card nor, for sure, a register says it."""
        return self.source is not FieldSource.CARD and not self.optional


@dataclass(frozen=True, slots=True)
class ServiceItem:
    """One item of the catalogue; `version` is pinned on the visit and on the case."""

    item_id: str
    version: int
    category: str
    official: str
    village: str
    mode: Mode
    transact: bool
    """True when a terminal with all the screens can carry the item to its end; what this one can says `readiness`."""
    form: tuple[FormField, ...] = ()
    commitment: str = ""
    """Key of the commitment to be read and agreed to; empty when the item asks none."""
    consent_version: str = ""
    materials: tuple[str, ...] = ()
    """What to bring, by name."""
    takes_pictures: bool = False
    """True when something must be photographed."""
    fallback: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One published release."""

    release: int
    categories: tuple[str, ...]
    home: tuple[str, ...]
    """At most six item ids by the village's frequency."""
    items: tuple[ServiceItem, ...]
    effective_from: str = ""
    """ISO 8601 date; with an item's version it says which edition of a guide is shown."""

    def item(self, item_id: str) -> ServiceItem:
        """:raises KeyError: no such item in this release."""
        for item in self.items:
            if item.item_id == item_id:
                return item
        raise KeyError(item_id)

    def in_category(self, category: str) -> tuple[ServiceItem, ...]:
        return tuple(item for item in self.items if item.category == category)
