"""What a one-time notice must say, and what it must not ask for.

行政许可法 32: everything that is missing is told at once. Nothing beyond the published guide is asked for (labels 108
and 109 of the public rating scheme), and nothing twice (label 210).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from backoffice.domain.items.item import Item

MAX_POINTS = 30
MAX_DAYS = 366


class NoticeError(ValueError):
    """Not a notice that may be issued; `code` is one of the problem codes."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True, slots=True, repr=False)
class Point:
    """One thing that is missing."""

    what: str
    """A material or a question of the item, named as the guide names it."""
    why: str
    basis: str
    how: str
    """How it can be supplied."""
    unusable: bool
    """It was given and cannot be used; only so may the same thing be asked for again."""
    field: str = ""
    """Key of the form's field that is to be answered anew, at any terminal; empty: it is no such answer."""

    def __repr__(self) -> str:
        return f"Point({self.what})"

    def to_json(self) -> dict[str, object]:
        return {
            "what": self.what,
            "why": self.why,
            "basis": self.basis,
            "how": self.how,
            "unusable": self.unusable,
            "field": self.field,
        }


def point_from_json(data: dict[str, object]) -> Point:
    return Point(
        str(data["what"]),
        str(data["why"]),
        str(data["basis"]),
        str(data["how"]),
        bool(data["unusable"]),
        str(data.get("field", "")),
    )


def check_points(item: Item, points: Sequence[Point], earlier: Collection[str], until: date, today: date) -> None:
    """:param earlier: what former notices of this case asked for. :raises NoticeError:"""
    if not 1 <= len(points) <= MAX_POINTS:
        raise NoticeError("notice_incomplete", f"a notice has 1 to {MAX_POINTS} points")
    if not 1 <= (until - today).days <= MAX_DAYS:
        raise NoticeError("notice_incomplete", "the last day lies in the future, at most a year ahead")
    published = {material.name for material in item.materials} | set(item.asks)
    fields = {field.key for field in item.form.fields} if item.form else set()
    asked: set[str] = set()
    for n, point in enumerate(points, start=1):
        if not all(text.strip() for text in (point.what, point.why, point.basis, point.how)):
            raise NoticeError("notice_incomplete", f"point {n} needs what, why, basis and how")
        if point.what not in published:
            raise NoticeError("notice_outside_guide", f"point {n} is no material and no question of the guide")
        if point.field and point.field not in fields:
            raise NoticeError("notice_outside_guide", f"point {n} names no field of the form")
        if point.what in asked:
            raise NoticeError("notice_incomplete", f"point {n} stands twice")
        if point.what in earlier and not point.unusable:
            raise NoticeError("notice_repeats", f"point {n} was asked for before; say why what came is unusable")
        asked.add(point.what)
