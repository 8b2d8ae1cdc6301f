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


@dataclass(frozen=True, slots=True)
class SlipShown:
    number: str = ""
    code: str = ""
    back: Back | None = None
    asked: Asked = Asked.MEANS
    told: Line | None = None
    """What the office answered, or why it could not."""

    @property
    def opens(self) -> bool:
        """A slip that was printed before the office had the case has no code."""
        return bool(self.number and self.code)


NO_SLIP = SlipShown()
