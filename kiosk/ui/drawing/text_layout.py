"""Where lines break: pure, given a function that measures. Chinese needs rules that Kivy does not have.

No closing mark starts a line and no opening mark ends one; numbers and Latin words stay whole. A break
where the voice pauses is best, one after a comma good, one inside a phrase costs more than another row, one inside a
word more than several; rows of one text are about equally long, so that no single character is left alone on the last.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

Measure = Callable[[str], float]
"""Width of a string in pixels."""

_NOT_FIRST = "，。、！？；：）》」』】”’…·％,.!?;:)%"
_NOT_LAST = "（《「『【“‘("
_COUNTED = "年月日岁步秒号样项页张天次位元点分个人户口条笔份级亩米平立公小周时期季刻楼层间栋室块角"
"""Stay with the number before them: measures, or how a measure begins (12立方米, 3小时, 80周岁). A date stays whole."""
_WITHIN_NUMBERS = ".,: "
_BETWEEN_GROUPS = " 年月"
_FIGURES = "0123456789*"
"""Digits, and what stands for one that is covered."""
_PAUSES = "，。！？；：、,.!?;"
_ROW_COST = 0.25
_TIGHT_ROW_COST = 10.0
_UNEVEN_COST = 0.3
_PAUSE_COST = 0.04
_SPACE_COST = 0.08
_INSIDE_COST = 0.5
_TORN_COST = 3.0
"""What a break costs; a row more is cheaper than a break inside a phrase, and many more are than one inside a word."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of text: source[start:end] with trailing space dropped."""

    start: int
    end: int
    width: float


def units(text: str) -> list[tuple[int, int]]:
    """(start, end) of the pieces that may not be cut: words, numbers, characters with their marks."""
    cuts: list[tuple[int, int]] = []
    for at, char in enumerate(text):
        joined = bool(cuts) and (
            _joins(text[at - 1], char) or _is_inside_a_number(text, at) or _is_inside_a_date(text, at)
        )
        if joined:
            cuts[-1] = (cuts[-1][0], at + 1)
        else:
            cuts.append((at, at + 1))
    return cuts


def _joins(before: str, char: str) -> bool:
    if char in _NOT_FIRST or before in _NOT_LAST:
        return True
    if before == " ":
        return False
    if (before.isdigit() and char in _COUNTED) or (before == "第" and char.isdigit()):
        return True
    return char == " " or (_is_word(before) and _is_word(char))


def _is_inside_a_number(text: str, at: int) -> bool:
    """After the point of 123.45, the comma of 1,234, the colon of 9:30, the gap of 138 0000."""
    return at >= 2 and text[at - 1] in _WITHIN_NUMBERS and text[at] in _FIGURES and text[at - 2] in _FIGURES


def _is_inside_a_date(text: str, at: int) -> bool:
    """After the year of 2026年12月, the month of 12月15日. The month of 每月234元 is none of a date."""
    return at >= 2 and text[at].isdigit() and text[at - 1] in "年月" and text[at - 2].isdigit()


def _is_word(char: str) -> bool:
    return (char.isalnum() and ord(char) < 0x2E80) or char in "-'*/+#" or 0x300 <= ord(char) < 0x370


def rows(
    text: str,
    measure: Measure,
    width: float,
    best: Collection[int] = (),
    tight: bool = False,
    torn: Collection[int] = (),
) -> list[Row]:
    """Break `text` into rows no wider than `width`.

    :param best: offsets where the voice pauses (ends of clauses).
    :param tight: as few rows as possible, wherever they break.
    :param torn: offsets inside words.
    """
    known: dict[str, float] = {}

    def width_of(part: str) -> float:
        """Most pieces are asked for three times."""
        found = known.get(part)
        if found is None:
            found = known[part] = measure(part)
        return found

    pieces = _fitting(text, units(text), width_of, width)
    if not pieces:
        return [Row(0, 0, 0.0)]
    widths = [width_of(text[start:end]) for start, end in pieces]
    bare = [width_of(text[start:end].rstrip()) for start, end in pieces]
    costs = [_break_cost(text, end, best, torn) for _, end in pieces]
    ends = _best_breaks(pieces, costs, widths, bare, width, _TIGHT_ROW_COST if tight else _ROW_COST)
    out, first = [], 0
    for end in ends:
        start, stop = pieces[first][0], pieces[end - 1][1]
        shown = text[start:stop].rstrip()
        out.append(Row(start, start + len(shown), width_of(shown)))
        first = end
    return out


def _fitting(text: str, pieces: list[tuple[int, int]], measure: Measure, width: float) -> list[tuple[int, int]]:
    """A piece wider than the whole line is cut after all: a number between its groups, a date after its year or month,
    a very long word anywhere."""
    out: list[tuple[int, int]] = []
    for start, end in pieces:
        for first, last in [(start, end)] if measure(text[start:end].rstrip()) <= width else _groups(text, start, end):
            fits = measure(text[first:last].rstrip()) <= width
            out += [(first, last)] if fits else [(at, at + 1) for at in range(first, last)]
    return out


def _groups(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """What stands between spaces, each with the space behind it; the parts of a date."""
    cuts = [start, *(at + 1 for at in range(start, end - 1) if text[at] in _BETWEEN_GROUPS), end]
    return list(pairwise(cuts))


def _best_breaks(
    pieces: Sequence[tuple[int, int]],
    costs: Sequence[float],
    widths: Sequence[float],
    bare: Sequence[float],
    width: float,
    row_cost: float,
) -> list[int]:
    """Ends (exclusive, counted in pieces) of the rows with the least cost."""
    count = len(pieces)
    best: list[tuple[float, int]] = [(0.0, 0)] + [(float("inf"), 0)] * count
    for end in range(1, count + 1):
        total = bare[end - 1]
        for first in range(end - 1, -1, -1):
            if first < end - 1:
                total += widths[first]
                if total > width:
                    break
            slack = max(width - total, 0.0) / width
            cost = best[first][0] + row_cost + _UNEVEN_COST * slack * slack + (costs[end - 1] if end < count else 0.0)
            if cost < best[end][0]:
                best[end] = (cost, first)
    ends = [count]
    while best[ends[-1]][1] > 0:
        ends.append(best[ends[-1]][1])
    return ends[::-1]


def _break_cost(text: str, end: int, best: Collection[int], torn: Collection[int]) -> float:
    last = text[end - 1]
    if end in best or (last == " " and end - 1 in best):
        return 0.0
    if last in _PAUSES:
        return _PAUSE_COST
    if last == " ":
        return _SPACE_COST
    return _TORN_COST if end in torn else _INSIDE_COST


def spans(text: str, clauses: Sequence[str]) -> list[tuple[int, int]]:
    """(start, end) of each clause in `text`, found one after the other; the whole text for one not found."""
    out: list[tuple[int, int]] = []
    at = 0
    for clause in clauses:
        found = text.find(clause.strip(), at)
        if found < 0:
            out.append((0, len(text)))
            continue
        at = found + len(clause.strip())
        out.append((found, at))
    return out
