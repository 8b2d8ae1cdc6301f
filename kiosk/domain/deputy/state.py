"""Who comes for somebody else, and who has no card: what a visit knows of the helper, the letter and the witness.

Imported by the visit's state, so nothing here knows the visit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum, auto

from kiosk.domain.catalogue import ServiceItem
from kiosk.domain.identity import check_character
from kiosk.domain.papers.state import may_promise
from kiosk.domain.visit.plan_words import Action, ActionKind

AUTHORITY = "paper.authority"
"""Subject of the picture of a written authority, and the text key of its name."""
KINSHIP = "paper.kinship"
"""The same of the household booklet, where only the family may come."""
LETTERS = frozenset((AUTHORITY, KINSHIP))
MOST_LETTER_PAGES = 10
ASK_HONEST, ASK_HERSELF = "deputy.honest", "deputy.agree"
"""What is consented to, as text keys of what is read out: by the helper, by the resident who stands beside."""
WITNESS = "witness"
"""`Resident.source` of a typed number, followed by a blank and the witness's staff number."""
NAME_MOST = 20
NUMBER_DIGITS, OLD_DIGITS = 18, 15
_WRITTEN = frozenset(("authorised", "guardian"))
_FAMILY = frozenset(("household", "kin"))


class Stage(StrEnum):
    """How far somebody who comes for another one has come."""

    NONE = auto()
    """She comes for herself."""
    HELPER = auto()
    """The helper's own card is waited for."""
    HONEST = auto()
    """The helper's own consent."""
    PRESENT = auto()
    """Does the resident stand here, too?"""
    ABSENT = auto()
    """What is needed of whoever comes alone, by the chosen item's own terms."""
    NO_LETTER = auto()
    RESIDENT = auto()
    """The resident's card is waited for."""
    AGREE = auto()
    """The resident's own consent, given by herself."""
    STANDS = auto()


@dataclass(frozen=True, slots=True, repr=False)
class Helper:
    document: str
    name: str
    number: str


@dataclass(frozen=True, slots=True, repr=False)
class Typed:
    """Who was written down instead of read from a card; nobody until a witness says so."""

    number: str = ""
    name: str = ""
    staff: str = ""
    """The witness's staff number, as it was written."""
    checking: bool = False
    is_written_out: bool = False
    """It was one of 15 digits, as old cards have it."""


@dataclass(frozen=True, slots=True, repr=False)
class Deputy:
    stage: Stage = Stage.NONE
    helper: Helper | None = None
    is_present: bool = False
    """The resident stands here and answers for herself."""
    consents: tuple[str, ...] = ()

    @property
    def stands(self) -> bool:
        """A helper is known: the visit is marked from now on."""
        return self.helper is not None

    @property
    def stands_in(self) -> bool:
        """The helper acts in the absence of the resident."""
        return self.stands and not self.is_present

    def with_consent(self, purpose: str, stage: Stage) -> Deputy:
        given = tuple(one for one in self.consents if one != purpose)
        return replace(self, stage=stage, consents=(*given, purpose))

    def for_another_item(self) -> Deputy:
        """Each item says anew who may come in somebody's absence; a way in that was not finished is forgotten."""
        if self.stage not in (Stage.STANDS, Stage.ABSENT, Stage.NO_LETTER):
            return NO_DEPUTY
        return self if self.is_present else replace(self, stage=Stage.ABSENT)


NO_DEPUTY = Deputy()
NOT_TYPED = Typed()


class Terms(StrEnum):
    """What an item asks of whoever comes alone for somebody."""

    ANYONE = auto()
    AUTHORITY = auto()
    KINSHIP = auto()
    NOBODY = auto()
    """She has to come herself, or is visited."""


def terms_of(item: ServiceItem) -> Terms:
    who = frozenset(item.deputy_who)
    if "anyone" in who:
        return Terms.ANYONE
    if who & _WRITTEN:
        return Terms.AUTHORITY
    return Terms.KINSHIP if who & _FAMILY else Terms.NOBODY


def with_deputy(actions: tuple[Action, ...], item: ServiceItem, deputy: Deputy) -> tuple[Action, ...]:
    """The plan of whoever comes alone: the letter before anything is shown, and no promise without an authority.

    A resident who stands here hears, promises and signs herself: her plan is the common one.

    :raises ValueError: for this item nobody may come in somebody's absence.
    """
    if not deputy.stands_in:
        return actions
    terms = terms_of(item)
    if terms is Terms.NOBODY:
        raise ValueError(f"{item.item_id}: nobody may come in somebody's absence")
    has_letter = "shown" if terms is Terms.AUTHORITY else "none"
    promises = may_promise(item, has_letter)
    left = tuple(one for one in actions if promises or one.kind not in (ActionKind.COMMIT, ActionKind.SIGN))
    if terms is Terms.ANYONE:
        return left
    subject = AUTHORITY if terms is Terms.AUTHORITY else KINSHIP
    letter = Action(ActionKind.CAPTURE, subject, least=1, most=MOST_LETTER_PAGES)
    return (letter, *left)


def written_out(text: str) -> str:
    """A number of 15 digits from an old card with its century and check digit (GB 11643-1999); all else as it is."""
    if len(text) != OLD_DIGITS or not (text.isascii() and text.isdigit()):
        return text
    digits = text[:6] + "19" + text[6:]
    return digits + check_character(digits)


def number_fits(text: str) -> bool:
    """Eighteen characters with the right check digit (GB 11643); what else is wrong with it is found with the day."""
    digits = text[:17]
    whole = len(text) == NUMBER_DIGITS and digits.isascii() and digits.isdigit()
    return whole and check_character(digits) == text[17]
