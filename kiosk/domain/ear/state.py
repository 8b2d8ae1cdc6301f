"""What a visit keeps of choosing by ear: which choice is named now, and how the ear is reached."""

from __future__ import annotations

from dataclasses import dataclass

ROUNDS = 2
"""So often all choices are named; then the terminal waits, and says so."""
WORDS = -1
"""In the place of a choice: the screen's own words."""


@dataclass(frozen=True, slots=True)
class Ear:
    on: bool = False
    """The choices are named one after the other and lit; one key, or one touch, takes the lit one."""
    at: int = WORDS
    """Which choice is lit, from 0 in the order of `navigation.read_aloud`."""
    rounds: int = 0
    """How often all have been named since the screen began."""
    waits: bool = False
    """All were named often enough: only a press goes on."""
    unasked: bool = False
    """It began by itself, because nobody touched anything; it ends with the screen."""
    helped: bool = False
    """Nobody touched anything, and the help of the step is said."""
    panel: int = 0
    """Page of the settings."""
    headphone: bool = False
    """A headphone was put in during this visit."""
