"""A short text that is being typed: what is wanted, how it is written, what the input worker suggests.

Nothing of it is kept: it is part of the visit's state, which the wipe replaces, and has no words of its own in a log.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum, auto

from kiosk.domain.event import EventKind
from kiosk.domain.speech import Line

LONGEST_TEXT = 60
"""Characters; a name of the register has at most 50 (GB/T 2261 leaves the length to the register)."""
LONGEST_CODE = 24
"""Digits of pinyin: four or five syllables."""
MOST_STROKES = 48
"""The character of three dragons has 48; more is not one character."""
MOST_POINTS = 64
"""Of one stroke; a longer one is thinned out, its ends stay."""
INK_SIDE = 1000
"""The square that is written in, its origin at the upper left."""

Point = tuple[int, int]
Stroke = tuple[Point, ...]
Ink = tuple[Stroke, ...]


class TextKind(StrEnum):
    """What may be in a text, and so which ways of writing are offered."""

    TEXT = auto()
    NAME = auto()
    """Han characters alone: no digits."""
    DIGITS = auto()
    NUMBER = auto()
    """Digits, and the X that an identity number may end with."""


class Writing(StrEnum):
    HAND = auto()
    """One character at a time, drawn with the finger."""
    PINYIN = auto()
    """Eight keys with the letters of a telephone: works by keypad alone."""
    DIGITS = auto()


WAYS: dict[TextKind, tuple[Writing, ...]] = {
    TextKind.TEXT: (Writing.HAND, Writing.PINYIN, Writing.DIGITS),
    TextKind.NAME: (Writing.HAND, Writing.PINYIN),
    TextKind.DIGITS: (Writing.DIGITS,),
    TextKind.NUMBER: (Writing.DIGITS,),
}


@dataclass(frozen=True, slots=True, repr=False)
class Wanted:
    """Value of Ev.TYPE: what is to be typed, and which event takes it."""

    question: Line
    then: EventKind[str]
    """Posted with the text as its value at the step below; its row closes the typing by `typing_over`."""
    kind: TextKind = TextKind.TEXT
    most: int = 20
    """Characters."""
    text: str = ""
    """What was typed before."""
    is_secret: bool = False
    """Shown as so many stars."""

    def __repr__(self) -> str:
        return f"Wanted({self.then}, ***)"

    def __post_init__(self) -> None:
        """:raises ValueError: longer than any text may be, or begins with more than is allowed."""
        if not 0 < self.most <= LONGEST_TEXT or len(self.text) > self.most:
            raise ValueError(f"a text of 1 to {LONGEST_TEXT} characters")


@dataclass(frozen=True, slots=True, repr=False)
class Suggestion:
    """One candidate. Value of Ev.TYPE_TAKE."""

    text: str
    rest: str = ""
    """What is left of the code when this one is taken."""


@dataclass(frozen=True, slots=True, repr=False)
class Suggestions:
    """Value of Ev.SUGGESTED."""

    serial: int
    """Of the question that this answers."""
    found: tuple[Suggestion, ...] = ()
    worker: bool = True
    """False: the input worker does not run."""


@dataclass(frozen=True, slots=True, repr=False)
class Typing:
    wanted: Wanted
    way: Writing
    text: str = ""
    code: str = ""
    ink: Ink = ()
    serial: int = 0
    """Counts what the worker is asked; an answer to an older question is dropped."""
    found: tuple[Suggestion, ...] = ()
    page: int = 0
    worker: bool = True
    ways: tuple[Writing, ...] | None = None
    """Those that this terminal has; None: all that the kind of text allows."""
    is_open: bool = False
    """True while she looks over a number that is masked as it is typed; the next key covers it again."""

    @property
    def offered(self) -> tuple[Writing, ...]:
        """The ways of writing that she may choose."""
        return WAYS[self.wanted.kind] if self.ways is None else self.ways

    @property
    def room(self) -> int:
        """Characters that still fit."""
        return self.wanted.most - len(self.text)

    def with_text(self, text: str) -> Typing:
        """The text longer by this, as far as it fits; whatever was begun is done."""
        return replace(self, text=(self.text + text)[: self.wanted.most]).blank()

    def blank(self) -> Typing:
        """Nothing drawn, no code; an answer under way comes too late."""
        return replace(self, code="", ink=(), found=(), page=0, serial=self.serial + 1, is_open=False)


def begin(wanted: Wanted, lacking: Collection[Writing] = ()) -> Typing:
    """:param lacking: ways that this terminal does not have: they are not offered."""
    ways = tuple(way for way in WAYS[wanted.kind] if way not in lacking)
    return Typing(wanted, (ways or WAYS[wanted.kind])[0], wanted.text, worker=bool(ways), ways=ways)
