"""A USB keypad: which keys mean something, and where the focus goes. Pure; everything else does nothing."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum, auto

from kiosk.domain.timing import REFIRE_S
from kiosk.ui.input.press import Box

__all__ = ["REFIRE_S", "REPEAT", "Key", "code_of", "meaning", "move"]

REPEAT = "repeat"
"""Name of the key that has the present words said again; it moves nothing."""


class Key(StrEnum):
    UP = auto()
    DOWN = auto()
    LEFT = auto()
    RIGHT = auto()
    NEXT = auto()
    """Tab: the first of two switches."""
    ENTER = auto()
    BACK = auto()
    LOUDER = auto()
    SOFTER = auto()
    HELP = auto()


_KEYS = {
    273: Key.UP,
    274: Key.DOWN,
    276: Key.LEFT,
    275: Key.RIGHT,
    264: Key.UP,
    258: Key.DOWN,
    260: Key.LEFT,
    262: Key.RIGHT,
    9: Key.NEXT,
    13: Key.ENTER,
    271: Key.ENTER,
    261: Key.ENTER,
    8: Key.BACK,
    ord("+"): Key.LOUDER,
    ord("="): Key.LOUDER,
    270: Key.LOUDER,
    ord("-"): Key.SOFTER,
    269: Key.SOFTER,
    ord("h"): Key.HELP,
}
"""Kivy's key codes (SDL 1.2 style): arrows, number pad, the rest by character."""

_FOREIGN_MODIFIERS = frozenset(("ctrl", "alt", "alt-gr", "meta", "super", "compose"))


def meaning(code: int, modifiers: Sequence[str]) -> Key | None:
    """None for every key that is not the keypad's."""
    return None if _FOREIGN_MODIFIERS.intersection(modifiers) else _KEYS.get(code)


def code_of(name: str) -> int | None:
    """A code with the meaning of that name, for keys that do not come through the window; None for all others."""
    return next((code for code, key in _KEYS.items() if key.value == name), None)


def move(key: Key, at: int, boxes: Sequence[Box]) -> int:
    """The next focus. Left, right and Tab walk in reading order and wrap, so nothing is a trap; up and down
    go to the nearest box there that stands in the same column, else they walk, too."""
    count = len(boxes)
    if not count:
        return 0
    if key in (Key.RIGHT, Key.NEXT):
        return (at + 1) % count
    if key is Key.LEFT:
        return (at - 1) % count
    step = 1 if key is Key.DOWN else -1
    here = boxes[at]
    ahead = [
        (abs(box.y - here.y), abs(box.x - here.x), index)
        for index, box in enumerate(boxes)
        if (here.y - box.y) * step > 1 and box.x < here.x + here.width and here.x < box.x + box.width
    ]
    return min(ahead)[2] if ahead else (at + step) % count
