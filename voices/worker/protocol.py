"""The speech pipe: JSON lines. What the kiosk asks, read strictly; a line that is none is an error, not a crash."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from voices.prompts import Plain


class ProtocolError(ValueError):
    """A line that is no command; the message names what is wrong, not the values."""


@dataclass(frozen=True, slots=True)
class Item:
    """One text to say."""

    key: str
    args: Mapping[str, Plain] = field(default_factory=dict)
    private: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `op`: speak, stop, rate, volume, loudness, headphone, pause, quit.

    `number` is its percent, step or decibels.
    """

    op: str
    generation: int = 0
    items: tuple[Item, ...] = ()
    lang: str = ""
    number: int = 0
    on: bool = False


def parse(line: str) -> Command:
    """:raises ProtocolError: no JSON object, unknown op, a field missing or of the wrong type."""
    try:
        data = json.loads(line)
    except ValueError as error:
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
        return Command(op, _number(data["gen"]), tuple(_item(item) for item in items), str(data["lang"]))
    if op == "stop":
        return Command(op, _number(data["gen"]))
    if op == "rate":
        return Command(op, number=_number(data["percent"]))
    if op == "volume":
        return Command(op, number=_number(data["step"]))
    if op == "loudness":
        return Command(op, number=_number(data["offset_db"]))
    if op == "headphone":
        return Command(op, on=data["plugged"] is True)
    if op == "pause":
        return Command(op, on=data["on"] is True)
    if op == "quit":
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
    return Item(str(item["key"]), values, item.get("privacy", "public") == "private")
