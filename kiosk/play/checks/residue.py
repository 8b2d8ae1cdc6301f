"""The proof of the wipe: nothing of a resident is left in clear wherever the kiosk can write."""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_ENCODINGS = ("utf-8", "utf-16-le", "gbk")
_SEARCHED_FIELDS = ("name", "number", "address")
_MAX_FILE = 64 * 1024 * 1024


PICTURES: Mapping[bytes, tuple[str, str]] = {b"\xff\xd8\xff\xe0\x00\x10JFIF\x00": ("a picture", "jpeg")}
"""How a picture of a camera begins. The kiosk's own drawings are PNG."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Where something was found; what was found is not repeated."""

    place: str
    field: str
    encoding: str

    def __str__(self) -> str:
        return f"{self.field} ({self.encoding}) in {self.place}"


def needles(people: Iterable[Mapping[str, object]]) -> dict[bytes, tuple[str, str]]:
    """Every spelling of name, number and address that may lie in a file -> (field, encoding)."""
    found: dict[bytes, tuple[str, str]] = {}
    for person in people:
        for field in _SEARCHED_FIELDS:
            for text in _forms(field, str(person.get(field, ""))):
                for encoding in _ENCODINGS:
                    # What an encoding has no letters for cannot lie in it; half a name would be found in any noise.
                    with contextlib.suppress(UnicodeEncodeError):
                        found.setdefault(text.encode(encoding), (field, encoding))
    return found


def _forms(field: str, text: str) -> tuple[str, ...]:
    """A number of 18 is written with 15 digits by whoever has an old card: no century, no check digit."""
    # Shorter than two characters is no trace of anybody.
    if len(text) < 2:
        return ()
    return (text, text[:6] + text[8:17]) if field == "number" and len(text) == 18 else (text,)


def search_files(roots: Sequence[Path], wanted: Mapping[bytes, tuple[str, str]]) -> list[Hit]:
    """Walk every file below the roots, hidden ones and names of files included."""
    hits: list[Hit] = []
    for root in roots:
        files = [root] if root.is_file() else sorted(root.rglob("*")) if root.is_dir() else []
        for path in files:
            name = path.relative_to(root.parent).as_posix()
            hits += search_bytes(name.encode(), f"the name of {name}", wanted)
            if path.is_file() and not path.is_symlink():
                hits += search_bytes(_content(path), name, wanted)
    return hits


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MAX_FILE)


def search_bytes(data: bytes, place: str, wanted: Mapping[bytes, tuple[str, str]]) -> list[Hit]:
    return [Hit(place, field, encoding) for spelled, (field, encoding) in wanted.items() if spelled in data]


def people_of(residents_file: Path, keys: Iterable[str]) -> list[Mapping[str, object]]:
    """The residents that a journey lets appear."""
    table = tomllib.loads(residents_file.read_text(encoding="utf-8"))
    return [table[key] for key in keys if key in table]
