"""Tables of the catalogue, read strictly: a wrong type or a word out of its list is told with its place."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

E = TypeVar("E", bound=StrEnum)
_NEEDED: Any = object()


class CatalogueError(Exception):
    """A file of the catalogue cannot be released; the message names file and place."""


def toml(path: Path) -> dict[str, Any]:
    """:raises CatalogueError: missing or malformed."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as cause:
        raise CatalogueError(f"{path}: {cause.strerror}") from cause
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise CatalogueError(f"{path}: {cause}") from cause


def tsv(path: Path) -> Iterable[dict[str, str]]:
    """:raises CatalogueError: missing."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    except OSError as cause:
        raise CatalogueError(f"{path}: {cause.strerror}") from cause


class Place:
    """One table of the catalogue and the way to it, e.g. `forms/welfare.toml XA032 field[0]`."""

    def __init__(self, name: str, data: object) -> None:
        if not isinstance(data, Mapping):
            raise CatalogueError(f"{name}: a table is needed")
        self.name, self._data = name, data

    def only(self, *known: str) -> None:
        """:raises CatalogueError: a name that nobody reads, such as a slip of the pen."""
        unknown = sorted(set(self._data) - set(known))
        if unknown:
            raise CatalogueError(f"{self.name}: unknown {', '.join(unknown)}")

    def has(self, key: str) -> bool:
        return key in self._data

    def wrong(self, key: str, why: str) -> CatalogueError:
        return CatalogueError(f"{self.name}.{key}: {why}")

    def text(self, key: str, default: Any = _NEEDED) -> str:
        return str(self._get(key, str, default))

    def number(self, key: str, default: Any = _NEEDED) -> int:
        return int(self._get(key, int, default))

    def bound(self, key: str) -> int | float | None:
        """A number, whole or not, or None where nothing stands."""
        value = self._data.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise self.wrong(key, "a number is needed")
        return value

    def flag(self, key: str, default: Any = _NEEDED) -> bool:
        return bool(self._get(key, bool, default))

    def texts(self, key: str, default: Any = _NEEDED) -> tuple[str, ...]:
        values = self._get(key, list, default)
        if not all(isinstance(value, str) for value in values):
            raise self.wrong(key, "only texts are allowed")
        return tuple(values)

    def choice(self, key: str, kind: type[E], default: Any = _NEEDED) -> E:
        return self._member(key, self.text(key, default), kind)

    def choices(self, key: str, kind: type[E]) -> tuple[E, ...]:
        return tuple(self._member(key, text, kind) for text in self.texts(key))

    def word(self, key: str, *allowed: str) -> str:
        """One of a few words that no code tells apart by name."""
        text = self.text(key)
        if text not in allowed:
            raise self.wrong(key, f"{text!r} is none of {', '.join(each or 'nothing' for each in allowed)}")
        return text

    def day(self, key: str) -> str:
        """ISO 8601, as it stands."""
        text = self.text(key)
        try:
            is_a_day = date.fromisoformat(text).isoformat() == text
        except ValueError:
            is_a_day = False
        if not is_a_day:
            raise self.wrong(key, "a day like 2026-01-31 is needed")
        return text

    def table(self, key: str) -> Place:
        return Place(f"{self.name}.{key}", self._get(key, Mapping, _NEEDED))

    def tables(self, key: str) -> Sequence[Place]:
        rows = self._get(key, list, _NEEDED)
        return [Place(f"{self.name}.{key}[{at}]", row) for at, row in enumerate(rows)]

    def _member(self, key: str, text: str, kind: type[E]) -> E:
        try:
            return kind(text)
        except ValueError:
            raise self.wrong(key, f"{text!r} is none of {', '.join(kind)}") from None

    def _get(self, key: str, kind: type, default: Any) -> Any:
        value = self._data.get(key)
        if value is None:
            if default is _NEEDED:
                raise self.wrong(key, "missing")
            return default
        # bool is an int in Python; in a file it is not.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.wrong(key, f"{kind.__name__.lower()} is needed, not {type(value).__name__}")
        return value
