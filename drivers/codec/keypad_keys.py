"""What the keys of a tactile keypad mean: Linux key codes (linux/input-event-codes.h) and the project's names."""

from __future__ import annotations

from collections.abc import Mapping

from drivers.api import KeypadKey

CODE_OF_NAME: Mapping[str, int] = {
    "ESC": 1, "1": 2, "2": 3, "3": 4, "4": 5, "5": 6, "6": 7, "7": 8, "8": 9, "9": 10, "0": 11,
    "MINUS": 12, "EQUAL": 13, "BACKSPACE": 14, "R": 19, "ENTER": 28, "H": 35, "F1": 59, "F2": 60, "F3": 61, "F4": 62,
    "KPASTERISK": 55, "KP7": 71, "KP8": 72, "KP9": 73, "KPMINUS": 74, "KP4": 75, "KP5": 76, "KP6": 77, "KPPLUS": 78,
    "KP1": 79, "KP2": 80, "KP3": 81, "KP0": 82, "KPDOT": 83, "KPENTER": 96, "KPSLASH": 98,
    "UP": 103, "LEFT": 105, "RIGHT": 106, "DOWN": 108, "DELETE": 111, "VOLUMEDOWN": 114, "VOLUMEUP": 115,
    "AGAIN": 129, "HELP": 138, "BACK": 158, "OK": 352, "SELECT": 353, "CLEAR": 355,
}  # fmt: skip
"""The names without `KEY_`."""

_ALWAYS: Mapping[str, KeypadKey] = {
    "ENTER": KeypadKey.ENTER, "KPENTER": KeypadKey.ENTER, "OK": KeypadKey.ENTER, "SELECT": KeypadKey.ENTER,
    "BACK": KeypadKey.BACK, "ESC": KeypadKey.BACK, "BACKSPACE": KeypadKey.BACK,
    "CLEAR": KeypadKey.CLEAR, "DELETE": KeypadKey.CLEAR, "KPDOT": KeypadKey.CLEAR,
    "UP": KeypadKey.UP, "DOWN": KeypadKey.DOWN, "LEFT": KeypadKey.LEFT, "RIGHT": KeypadKey.RIGHT,
    "HELP": KeypadKey.HELP, "H": KeypadKey.HELP, "F1": KeypadKey.HELP, "KPSLASH": KeypadKey.HELP,
    "AGAIN": KeypadKey.REPEAT, "R": KeypadKey.REPEAT, "F2": KeypadKey.REPEAT, "KPASTERISK": KeypadKey.REPEAT,
    "VOLUMEUP": KeypadKey.LOUDER, "KPPLUS": KeypadKey.LOUDER, "EQUAL": KeypadKey.LOUDER,
    "VOLUMEDOWN": KeypadKey.SOFTER, "KPMINUS": KeypadKey.SOFTER, "MINUS": KeypadKey.SOFTER,
}  # fmt: skip
_ARROWS: Mapping[str, KeypadKey] = {
    "KP8": KeypadKey.UP,
    "KP2": KeypadKey.DOWN,
    "KP4": KeypadKey.LEFT,
    "KP6": KeypadKey.RIGHT,
    "KP5": KeypadKey.ENTER,
    "KP0": KeypadKey.BACK,
}
_NUMBERS: Mapping[str, KeypadKey] = {
    **{str(n): KeypadKey(str(n)) for n in range(10)},
    **{f"KP{n}": KeypadKey(str(n)) for n in range(10)},
}
LAYOUTS: Mapping[str, Mapping[str, KeypadKey]] = {"arrows": _ARROWS, "numbers": _NUMBERS}
"""What the number pad is: a cross of arrows round an enter, or ten digits."""


def layout(pad: str, changed: Mapping[str, KeypadKey]) -> dict[int, KeypadKey]:
    """Key code -> meaning. :param pad: a name of `LAYOUTS`; `changed` comes before both tables."""
    return {CODE_OF_NAME[name]: key for name, key in {**_ALWAYS, **LAYOUTS[pad], **changed}.items()}
