"""What this terminal can do in this visit, and which services that allows.

The set is frozen when a visit begins: a device that comes back in the middle promises nothing new. One that breaks
withdraws its capability, with the reason that the resident is told. Each reason is a fault's code, or `not_fitted`
where there is no such device.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from kiosk.domain.catalogue import FieldType, FormField, Mode, ServiceItem
from kiosk.domain.money.plan import asked_of
from kiosk.domain.questions.checks import CHECKS
from kiosk.domain.visit.plan import TAILS


class Capability(StrEnum):
    READ_ID_CARD = "read_id_card"
    READ_SOCIAL_CARD = "read_social_card"
    READ_ID_FACE = "read_id_face"
    """By eye, where the chip is dead."""
    PRINT_SLIP = "print_slip"
    PRINT_DOCUMENT = "print_document"
    READ_CODE = "read_code"
    CAPTURE_PAGE = "capture_page"
    CAPTURE_FACE = "capture_face"
    """A picture of who stands here."""
    PRIVATE_AUDIO = "private_audio"
    KEYPAD = "keypad"
    GUIDE_LIGHT = "guide_light"
    WRITE_PINYIN = "write_pinyin"
    """Words for the keys of a telephone."""
    WRITE_HAND = "write_hand"
    """Characters that are drawn with a finger."""
    SPEAK_MINNAN = "speak_minnan"
    SPEAK_MANDARIN = "speak_mandarin"


NOT_FITTED = "not_fitted"
"""Reason of a capability whose device this terminal does not have."""

IDENTIFY = frozenset((Capability.READ_ID_CARD, Capability.READ_SOCIAL_CARD, Capability.READ_ID_FACE))
"""Each of them says who stands here."""
ON_PAPER = frozenset((Capability.PRINT_SLIP, Capability.PRINT_DOCUMENT))
SLIPS_OUT, SHEETS_LOW, SHEETS_OUT = "paper_out", "document_paper_low", "document_paper_out"
"""Names of the printers' faults, as the resident's words have them."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A capability that is not there, and why."""

    capability: Capability
    reason_code: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The usable ones, and the reason of each other one."""

    usable: frozenset[Capability] = frozenset(Capability)
    reasons: Mapping[Capability, str] = field(default_factory=dict)
    paper: Mapping[Capability, str] = field(default_factory=dict)
    """Name of the fault of a printer whose paper is nearly or quite used up, e.g. `paper_low`."""

    def has(self, capability: Capability) -> bool:
        return capability in self.usable

    def without(self, gone: Unusable) -> Capabilities:
        """The same set after one was withdrawn; nothing can be added to a set."""
        if gone.capability not in self.usable:
            return self
        return replace(
            self, usable=self.usable - {gone.capability}, reasons={**self.reasons, gone.capability: gone.reason_code}
        )


EVERYTHING = Capabilities()
"""Where nobody has asked the devices yet."""


class Hindrance(StrEnum):
    """Why an item cannot be done here now; its words are `offer.<value>` and `offer.<value>.why`."""

    NO_CARD_READER = "no_card_reader"
    NO_PRINTER = "no_printer"
    """It is there and does not work."""
    NO_PAPER = "no_paper"
    """It would work if somebody filled its tray."""
    NO_SHEETS = "no_sheets"
    """This terminal has none that prints sheets, and never had."""


class Gap(StrEnum):
    """What this kiosk has no screens for yet: the item is explained and not begun, whatever works."""

    NOT_TRANSACTED = "not_transacted"
    """No terminal carries it."""
    MODE = "mode"
    FIELD = "field"


_TAKEN_BESIDE = frozenset((FieldType.SLOT, FieldType.PICTURE))
"""Types that a booking or a camera answers, no question."""


def has_screen(field: FormField) -> bool:
    """This kiosk can ask it, and judge the answer before it is sent."""
    return field.type not in _TAKEN_BESIDE and field.check in CHECKS


def gap(item: ServiceItem) -> Gap | None:
    """None: this kiosk carries the item to its end, if its devices let it."""
    if not item.transact:
        return Gap.NOT_TRANSACTED
    if item.mode not in TAILS:
        return Gap.MODE
    if any(asked_of(item, field) and not has_screen(field) for field in item.form):
        return Gap.FIELD
    return None


@dataclass(frozen=True, slots=True)
class Offer:
    """An item as this terminal can offer it now."""

    item_id: str
    hindrance: Hindrance | None = None
    lacking: tuple[Unusable, ...] = ()
    """What would have to work."""
    gap: Gap | None = None

    @property
    def is_usable(self) -> bool:
        """True when nothing that fails is in the way."""
        return self.hindrance is None

    @property
    def is_carried(self) -> bool:
        """True when it can be begun here now."""
        return self.hindrance is None and self.gap is None


def offer_here(item: ServiceItem, capabilities: Capabilities, *, is_identified: bool = False) -> Offer:
    """`offer`, of what this kiosk has screens for; the rest is explained, and that needs no device."""
    lacking = gap(item)
    if lacking is not None:
        return Offer(item.item_id, gap=lacking)
    return offer(item, capabilities, is_identified=is_identified)


def offer(item: ServiceItem, capabilities: Capabilities, *, is_identified: bool = False) -> Offer:
    """Whether an item that this terminal transacts can be carried to its end with what works now.

    A slip is no condition: the number is shown and said, and the case is kept without paper. An item whose whole
    purpose is paper needs a printer. Items that are only explained need nothing.

    :param is_identified: the resident's card has been read already.
    """
    if not item.transact:
        return Offer(item.item_id)
    needs: list[tuple[frozenset[Capability], Hindrance]] = []
    if not is_identified:
        needs.append((IDENTIFY, Hindrance.NO_CARD_READER))
    if item.mode is Mode.PRINT:
        # A certificate is a sheet with its code and its statement: no strip of a roll stands in for it.
        needs.append((frozenset((Capability.PRINT_DOCUMENT,)), Hindrance.NO_PRINTER))
    for any_of, hindrance in needs:
        if not any_of & capabilities.usable:
            lacking = tuple(Unusable(one, capabilities.reasons.get(one, NOT_FITTED)) for one in sorted(any_of))
            return Offer(item.item_id, _as_it_is(hindrance, lacking, capabilities), lacking)
    return Offer(item.item_id)


def _as_it_is(hindrance: Hindrance, lacking: tuple[Unusable, ...], capabilities: Capabilities) -> Hindrance:
    """What was never fitted is not called broken, and neither is an empty tray."""
    if hindrance is not Hindrance.NO_PRINTER:
        return hindrance
    if all(one.reason_code == NOT_FITTED for one in lacking):
        return Hindrance.NO_SHEETS
    is_empty = capabilities.paper.get(Capability.PRINT_DOCUMENT) == SHEETS_OUT
    return Hindrance.NO_PAPER if is_empty else hindrance
