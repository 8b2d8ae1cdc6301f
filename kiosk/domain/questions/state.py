"""How far the answers to typed questions are; nothing that was typed is lost by looking at another question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class AskPart(StrEnum):
    """The screens of one question."""

    CONFIRM = "confirm"
    """What a register says: is it so?"""
    OPTIONS = "options"
    LIST = "list"
    """One of a long list, page by page."""
    PAD = "pad"
    AGAIN = "again"
    """The same once more: a secret."""
    DAY = "day"
    """A day or a month by steps: ten years, year, month, day."""
    PLACE = "place"
    WRITE = "write"
    HOME = "home"
    """Ways to give an address."""
    TOWN = "town"
    HOUSE = "house"
    WHO = "who"
    """Ways to say who somebody is."""
    CARD = "card"
    CARD_OK = "card_ok"
    NUMBER = "number"
    NAME = "name"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """Of one question."""

    part: AskPart | None = None
    """None: where the question begins."""
    entry: str = ""
    """What the keys have typed so far."""
    picked: tuple[str, ...] = ()
    """What this part builds on: year and month, town and village, somebody's number."""
    several: tuple[str, ...] = ()
    page: int = 0
    is_open: bool = False
    """True while she looks over somebody's number; the next key covers it again."""
    past: tuple[Draft, ...] = ()
    """Where back leads within the question."""

    def __repr__(self) -> str:
        return f"Draft({self.part}, ***)"


@dataclass(frozen=True, slots=True)
class Asking:
    drafts: Mapping[str, Draft] = field(default_factory=dict)
    """By the field's key."""
    changing: bool = False
    """True while one answer is changed from the review: then back to it."""
    page: int = 0
    """Of the list of answers that can be changed."""
