"""What fits on one page: pure arithmetic over heights. Nothing scrolls; what does not fit turns a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Item:
    """Something that may go to the next page.

    `kind`: text, huge, fact, case, cards, choice, ink, count. Neighbouring items of kind fact share one panel.
    """

    kind: str
    height: int
    content: Any
    is_answer: bool = False
    """The answers to one question stand on one page where they can: a yes is not seen without its no."""


@dataclass(frozen=True, slots=True)
class Spacing:
    gap: int
    """Between blocks."""
    panel: int
    """What a panel adds to its rows."""


def between(before: Item, after: Item, spacing: Spacing) -> int:
    if before.kind == after.kind and before.kind in ("text", "fact"):
        return 0
    return spacing.gap


def total(items: Sequence[Item], spacing: Spacing) -> int:
    """Height of items under each other, with gaps and panel edges."""
    height = 0
    for at, item in enumerate(items):
        before = items[at - 1] if at else None
        if before is not None:
            height += between(before, item, spacing)
        starts_panel = item.kind in ("fact", "case") and (before is None or before.kind != item.kind)
        height += item.height + (spacing.panel if starts_panel else 0)
    return height


def pages(items: Sequence[Item], room: int, spacing: Spacing, later: int | None = None) -> list[list[Item]]:
    """Fill pages one after the other; an item that is higher than a page has one of its own.

    :param later: room on the pages after the first, where it is more: there the question is not said again.
    """
    out: list[list[Item]] = [[]]
    fresh = room if later is None else later
    for at, item in enumerate(items):
        first = len(out) == 1 and later is not None
        limit = room if len(out) == 1 else fresh
        answers = _answers_from(items, at)
        wanted = answers if answers and total(answers, spacing) <= fresh else [item]
        if (out[-1] or first) and total([*out[-1], *wanted], spacing) > limit:
            out.append([])
        out[-1].append(item)
    return out


def _answers_from(items: Sequence[Item], at: int) -> list[Item]:
    """All answers, where the first of them stands at this place."""
    begins = items[at].is_answer and not (at and items[at - 1].is_answer)
    return [item for item in items[at:] if item.is_answer] if begins else []
