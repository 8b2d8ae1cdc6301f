"""The speech pipe: JSON lines. What the kiosk asks, read strictly; a line that is none is an error, not a crash.

Commands: `speak` (gen, lang, items, priority), `stop` (gen), `repeat` and `skip` (gen), `pause` (on), `headphone`
(plugged), `rate` (percent), `volume` (step), `loudness` (offset_db), `click` (a press), `quit`.

Events: `ready`, `clause` (one begins: gen, key, index, lang, text, route, layer), `done` (a text is over: completed),
`skipped`, `withheld` (private without a headphone, or the headphone went), `unspoken` (no reading in this language),
`foreign` (a bare value that this language cannot read: another one's voice says it),
`error` (what).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from voices.prompts import Plain


class ProtocolError(ValueError):
    """A line that is no command; the message names what is wrong, not the values."""


class Priority(StrEnum):
    """Where a text goes among those of its own generation; a newer generation drops all older ones anyway."""

    NOW = "now"
    """At once; the text that it cuts off goes on afterwards, from its present clause."""
    NEXT = "next"
    """After the present text."""
    NORMAL = "normal"
    """After all that waits."""


class Privacy(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"
    """Only to a headphone."""
    ASKED = "asked"
    """Private, and the resident asked for it to be read aloud here and now."""


@dataclass(frozen=True, slots=True)
class Item:
    """One text to say."""

    key: str
    args: Mapping[str, Plain] = field(default_factory=dict)
    privacy: Privacy = Privacy.PUBLIC

    @property
    def private(self) -> bool:
        """Whether it may be heard through a headphone only."""
        return self.privacy is Privacy.PRIVATE


@dataclass(frozen=True, slots=True)
class Command:
    """One command; `number` is its percent, step or decibels."""

    op: str
    generation: int = 0
    items: tuple[Item, ...] = ()
    lang: str = ""
    priority: Priority = Priority.NORMAL
    number: int = 0
    on: bool = False


_NUMBERS = {"rate": "percent", "volume": "step", "loudness": "offset_db"}
_SWITCHES = {"headphone": "plugged", "pause": "on"}
_OF_GENERATION = ("stop", "repeat", "skip")


def parse(line: str) -> Command:
    """:raises ProtocolError: no JSON object, unknown op, a field missing or of the wrong type."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("no JSON") from error
    if not isinstance(data, dict):
        raise ProtocolError("no JSON object")
    try:
        return _command(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProtocolError(f"{data.get('op')}: {type(error).__name__} {error}") from error


def _command(data: Mapping[str, object]) -> Command:
    op = str(data["op"])
    if op == "speak":
        items = data["items"]
        if not isinstance(items, list):
            raise TypeError("items is no list")
        priority = Priority(str(data.get("priority", Priority.NORMAL)))
        return Command(op, _number(data["gen"]), tuple(_item(item) for item in items), str(data["lang"]), priority)
    if op in _OF_GENERATION:
        return Command(op, _number(data["gen"]))
    if op in _NUMBERS:
        return Command(op, number=_number(data[_NUMBERS[op]]))
    if op in _SWITCHES:
        return Command(op, on=data[_SWITCHES[op]] is True)
    if op in ("click", "quit"):
        return Command(op)
    raise ValueError("unknown op")


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("an integer is expected")
    return value


def _item(item: Mapping[str, object]) -> Item:
    args = item.get("args") or {}
    if not isinstance(args, dict):
        raise TypeError("args is no object")
    values = {str(name): Plain(str(arg["kind"]), str(arg["value"])) for name, arg in args.items()}
    return Item(str(item["key"]), values, Privacy(str(item.get("privacy", Privacy.PUBLIC))))
