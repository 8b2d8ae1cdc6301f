"""Texts with values: literals, slots `{name}` or `{name:kind}`, optional parts `[ … ]`, clause marks `‖`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

CLAUSE = "‖"
_SPECIAL = re.compile(r"[\[\]{}]")
_SLOT = re.compile(r"\{([a-z_0-9]+)(?::([a-z]+))?\}")


@dataclass(frozen=True, slots=True)
class Slot:
    """A value's place; `kind` overrides the value's own kind when not empty."""

    name: str
    kind: str = ""


Part = str | Slot
Fill = Callable[[Slot], str | None]
"""A slot's text; None when the value is missing."""


@dataclass(frozen=True, slots=True)
class Template:
    """One text. `segments` alternate between what always stands and what falls away with a missing value."""

    segments: tuple[tuple[bool, tuple[Part, ...]], ...]

    @property
    def slots(self) -> tuple[Slot, ...]:
        return tuple(part for _, parts in self.segments for part in parts if isinstance(part, Slot))

    @property
    def required(self) -> frozenset[str]:
        """Names without which the text cannot be made."""
        return frozenset(
            part.name for optional, parts in self.segments if not optional for part in parts if isinstance(part, Slot)
        )

    def fill(self, value: Fill) -> str:
        """:raises KeyError: a value is missing that is not in an optional part."""
        return "".join(self._segment(optional, parts, value) for optional, parts in self.segments)

    @staticmethod
    def _segment(optional: bool, parts: tuple[Part, ...], value: Fill) -> str:
        texts: list[str] = []
        for part in parts:
            text = part if isinstance(part, str) else value(part)
            if text is None:
                if optional:
                    return ""
                raise KeyError(f"no value for {part}")
            texts.append(text)
        return "".join(texts)


def parse(text: str) -> Template:
    """:raises ValueError: brackets that do not match, or a slot inside none."""
    if not _SPECIAL.search(text):
        # Most texts have no values, and all are read at every start.
        return Template(((False, (text,)),) if text else ())
    segments: list[tuple[bool, tuple[Part, ...]]] = []
    for at, piece in enumerate(re.split(r"[\[\]]", text)):
        optional = at % 2 == 1
        if piece:
            segments.append((optional, _parts(piece)))
    if text.count("[") != text.count("]") or text.find("]") < text.find("["):
        raise ValueError(f"brackets do not match: {text}")
    return Template(tuple(segments))


def _parts(piece: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    end = 0
    for match in _SLOT.finditer(piece):
        if match.start() > end:
            parts.append(piece[end : match.start()])
        parts.append(Slot(match[1], match[2] or ""))
        end = match.end()
    if end < len(piece):
        parts.append(piece[end:])
    if any(isinstance(part, str) and ("{" in part or "}" in part) for part in parts):
        raise ValueError(f"a slot is malformed: {piece}")
    return tuple(parts)


def clauses(filled: str) -> list[str]:
    """The clauses of a filled text; a clause that fell away altogether is none."""
    return [clause.strip() for clause in filled.split(CLAUSE) if clause.strip(" ,。|")]
