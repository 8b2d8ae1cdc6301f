"""The part of a visit's state for the communication aid, what could not be done, typing, and the rating."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum, auto

from kiosk.domain.speech import Line
from kiosk.domain.typing.state import Typing


class Card(StrEnum):
    """A picture card: one sentence that is held up and said for whoever cannot say or hear it."""

    YES_NO = auto()
    """No sentence: yes and no in the largest letters."""
    WRITE = auto()
    """No sentence: one's own words."""
    FAMILY = auto()
    TOILET = auto()
    WATER = auto()
    SIT = auto()
    PAIN = auto()
    GLASSES = auto()
    DEAF = auto()
    WAIT = auto()
    SLOWER = auto()
    WRITE_DOWN = auto()
    WHERE = auto()
    HOW_LONG = auto()
    MONEY = auto()
    LOST = auto()


class Held(StrEnum):
    """What is held up beside a card's own sentence."""

    YES = auto()
    NO = auto()
    TEXT = auto()
    NUMBER = auto()


class Cause(StrEnum):
    """What could not be done failed for this. The names are the contract's `reason`, with `cannot.` before them."""

    DEVICE = auto()
    MISSING = auto()
    REFUSED = auto()
    NETWORK = auto()
    CANNOT_PAY = auto()
    NOT_MINE = auto()
    OTHER = auto()


class SlipTold(StrEnum):
    """How far a slip has come that is printed beside the visit's own."""

    NONE = auto()
    BUSY = auto()
    OUT = auto()
    UNSURE = auto()
    NOT_OUT = auto()


class CallStage(IntEnum):
    """How far a call for help has come. It only ever goes on: a late word of an earlier stage is none."""

    NONE = 0
    QUEUED = 1
    """Stored here; the office does not have it."""
    NOT_STORED = 2
    """Not even that."""
    SENT = 3
    UNANSWERED = 4
    """Nobody accepted it in time."""
    ACCEPTED = 5


@dataclass(frozen=True, slots=True)
class CallTold:
    """Value of Ev.CALL_ANSWERED; `call` tells a word about an earlier call from the one that is waited for."""

    call: int
    stage: CallStage
    line: Line


@dataclass(frozen=True, slots=True)
class Taken:
    """Value of Ev.REGISTERED: the office has the complaint, or it lies here until the network is back."""

    number: str = ""
    """Twelve digits; empty while only this terminal has it."""
    due: Mapping[str, str] = field(default_factory=dict)
    """window, department, panel, district -> the last day, ISO 8601."""
    line: Line | None = None
    """What the office said."""
    is_kept: bool = True
    """False: it could not even be stored here."""


@dataclass(frozen=True, slots=True, repr=False)
class Aid:
    typing: Typing | None = None
    page: int = 0
    """Of the picture cards."""
    card: Card | None = None
    held: Held | None = None
    text: str = ""
    """One's own words, or a number to be called; shown and said, never kept."""
    cause: Cause | None = None
    taken: Taken | None = None
    slip: SlipTold = SlipTold.NONE
    level: int = 0
    """The rating that was given; 0 = none yet."""
    labels: tuple[str, ...] = ()
    label_page: int = 0


NO_AID = Aid()
