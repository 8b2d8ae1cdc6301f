"""What differs between two documents, as paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

NAMES = ("key", "id", "name", "code")
"""What a table in a list is called by, so that one put in front of it does not move its path."""


def changed_paths(old: Any, new: Any, path: str = "") -> tuple[str, ...]:
    """Paths such as `form.field[account].confirm`, in order, each once; a whole table that came or went is one path."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return _of_tables(old, new, path)
    if _is_rows(old) and _is_rows(new):
        return _of_tables(_by_name(old), _by_name(new), path, "[{}]")
    return () if old == new else (path,)


def _of_tables(old: Mapping[str, Any], new: Mapping[str, Any], path: str, form: str = ".{}") -> tuple[str, ...]:
    found: list[str] = []
    for name in dict.fromkeys((*old, *new)):
        below = (path + form.format(name)).removeprefix(".")
        if name in old and name in new:
            found += changed_paths(old[name], new[name], below)
        else:
            found.append(below)
    return tuple(found)


def _is_rows(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(row, Mapping) for row in value)


def _by_name(rows: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """By name where each has one of its own, else by place."""
    names = [next((str(row[name]) for name in NAMES if name in row), str(at)) for at, row in enumerate(rows)]
    if len(set(names)) != len(names):
        names = [str(at) for at in range(len(rows))]
    return dict(zip(names, rows, strict=True))
