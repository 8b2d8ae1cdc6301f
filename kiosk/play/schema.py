"""Strict tables: what a verb or an expectation may hold. A wrong key, type or value is named with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Table = dict[str, Any]


class ScriptError(Exception):
    """A journey cannot be played; the text names the file, the place and what is allowed."""


@dataclass(frozen=True, slots=True)
class Param:
    """One key of a table.

    :param kind: `str`, `int`, `float` (an int is taken), `bool`, `table`, `pair` (two numbers),
        `words` (a string or a list of strings, always a tuple afterwards), `rows` (a table, a string or
        a list of both; always a tuple of tables afterwards, a string becoming `{key = …}`).
    :param choices: the closed list of allowed strings; empty = any.
    """

    kind: str
    required: bool = False
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """The allowed content of one table.

    :param short: the key that a bare value stands for: `touch = "confirm.yes"` is `touch = {target = …}`.
    :param one_of: exactly one of these keys must be there; empty = no such rule.
    :param free: unknown keys are taken as they are (a twin's own command).
    """

    params: Mapping[str, Param]
    short: str = ""
    one_of: tuple[str, ...] = ()
    free: bool = False


def read_table(shape: Shape, value: object, place: str) -> Table:
    """Check `value` against `shape`. :raises ScriptError: with the place and the allowed keys."""
    if not isinstance(value, dict):
        if not shape.short:
            raise ScriptError(f"{place}: must be a table with {_allowed(shape)}")
        value = {shape.short: value}
    unknown = [key for key in value if key not in shape.params]
    if unknown and not shape.free:
        raise ScriptError(f"{place}: unknown key {unknown[0]!r}; allowed: {_allowed(shape)}")
    missing = [name for name, param in shape.params.items() if param.required and name not in value]
    if missing:
        raise ScriptError(f"{place}: {missing[0]!r} is needed")
    if shape.one_of and sum(name in value for name in shape.one_of) != 1:
        raise ScriptError(f"{place}: exactly one of {', '.join(shape.one_of)} is needed")
    return {key: _read(shape.params.get(key), item, f"{place}: {key}") for key, item in value.items()}


def _allowed(shape: Shape) -> str:
    return ", ".join(shape.params)


def _read(param: Param | None, value: object, place: str) -> Any:
    if param is None:
        return value
    read = _READERS[param.kind](value, place)
    if param.choices and read not in param.choices:
        raise ScriptError(f"{place}: {read!r} is not one of {', '.join(param.choices)}")
    if isinstance(read, int | float) and not isinstance(read, bool):
        _check_range(param, read, place)
    return read


def _check_range(param: Param, value: float, place: str) -> None:
    if value != value or value in (float("inf"), float("-inf")):
        raise ScriptError(f"{place}: must be a finite number")
    if param.low is not None and value < param.low:
        raise ScriptError(f"{place}: {value} is below {param.low:g}")
    if param.high is not None and value > param.high:
        raise ScriptError(f"{place}: {value} is above {param.high:g}")


def _string(value: object, place: str) -> str:
    if not isinstance(value, str) or not value:
        raise ScriptError(f"{place}: must be a string that is not empty")
    return value


def _whole(value: object, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ScriptError(f"{place}: must be a whole number")
    return value


def _number(value: object, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ScriptError(f"{place}: must be a number")
    return float(value)


def _truth(value: object, place: str) -> bool:
    if not isinstance(value, bool):
        raise ScriptError(f"{place}: must be true or false")
    return value


def _table(value: object, place: str) -> Table:
    if not isinstance(value, dict):
        raise ScriptError(f"{place}: must be a table")
    return dict(value)


def _pair(value: object, place: str) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise ScriptError(f"{place}: must be two numbers, [right, down]")
    return _number(value[0], place), _number(value[1], place)


def _words(value: object, place: str) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(_string(item, place) for item in items)


def _rows(value: object, place: str) -> tuple[Table, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple({"key": item} if isinstance(item, str) and item else _table(item, place) for item in items)


_READERS = {
    "str": _string,
    "int": _whole,
    "float": _number,
    "bool": _truth,
    "table": _table,
    "pair": _pair,
    "words": _words,
    "rows": _rows,
}
