"""How something is read: the characters and their sound, side by side."""

from __future__ import annotations

from dataclasses import dataclass


class Unreadable(Exception):
    """The pack has no reading for this; it is shown, not spoken, and counted. Never read in another language."""

    def __init__(self, what: str, missing: str = "") -> None:
        """:param missing: the one character that has no reading, never more of the value: it may be somebody's name."""
        super().__init__(what)
        self.missing = missing


class NotationError(ValueError):
    """A sound is not written in its language's notation; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """`script`: Han characters, one for each syllable. `sound`: the language's notation, else the characters."""

    script: str
    sound: str
