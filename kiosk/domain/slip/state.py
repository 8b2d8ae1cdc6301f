"""What whoever holds a slip takes back with it: the promise, or the whole request. Knows nothing of the visit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto

from kiosk.domain.speech import Line


class Back(StrEnum):
    """What is taken back."""

    PROMISE = auto()
    REQUEST = auto()


class Asked(StrEnum):
    """How far she has said that she means it."""

    MEANS = auto()
    """What it means was told: does she want that?"""
    SURE = auto()
    SENT = auto()


class LetterStage(StrEnum):
    """What is known of the letter that says how the case stands."""

    OFFERED = auto()
    """The office has it."""
    MAKING = auto()
    PROVED = auto()
    UNKNOWN = auto()
    """Nobody knows what lies in the tray."""
    FAILED = auto()
    ELSEWHERE = auto()
    """This machine prints no sheets."""


@dataclass(frozen=True, slots=True)
class Letter:
    """Value of Ev.LETTER."""

    stage: LetterStage
    fault: str = ""
    """Name of the device fault that ended it."""


@dataclass(frozen=True, slots=True)
class SlipShown:
    number: str = ""
    code: str = ""
    back: Back | None = None
    asked: Asked = Asked.MEANS
    told: Line | None = None
    """What the office answered, or why it could not."""
    letter: Letter | None = None

    @property
    def opens(self) -> bool:
        """A slip that was printed before the office had the case has no code."""
        return bool(self.number and self.code)


NO_SLIP = SlipShown()
