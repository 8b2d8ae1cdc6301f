"""Where lines break: pure, given a function that measures. Chinese needs rules that Kivy does not have.

No closing mark starts a line and no opening mark ends one; numbers and Latin words stay whole; a
break after a comma is preferred; lines of one text are about equally long, so that no single
character is left alone on the last line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Measure = Callable[[str], float]
"""Width of a string in pixels."""

_NOT_FIRST = "，。、！？；：）》」』】”’…·％,.!?;:)%"
_NOT_LAST = "（《「『【“‘("
_PAUSES = "，。！？；：、,.!?; "
_PAUSE_BONUS = 0.35
"""A break at a pause may leave this share of the width empty without being worse."""


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
        joined = bool(cuts) and _joins(text[at - 1], char)
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
    return char == " " or (_is_word(before) and _is_word(char))


def _is_word(char: str) -> bool:
    return (char.isalnum() and ord(char) < 0x2E80) or char in "-'*/+#" or 0x300 <= ord(char) < 0x370


def rows(text: str, measure: Measure, width: float) -> list[Row]:
    """Break `text` into rows no wider than `width`; explicit newlines are kept."""
    out: list[Row] = []
    at = 0
    for paragraph in text.split("\n"):
        out += [Row(at + row.start, at + row.end, row.width) for row in _paragraph(paragraph, measure, width)]
        at += len(paragraph) + 1
    return out


def _paragraph(text: str, measure: Measure, width: float) -> list[Row]:
    pieces = _fitting(text, units(text), measure, width)
    if not pieces:
        return [Row(0, 0, 0.0)]
    widths = [measure(text[start:end]) for start, end in pieces]
    bare = [measure(text[start:end].rstrip()) for start, end in pieces]
    ends = _best_breaks(text, pieces, widths, bare, width)
    out, first = [], 0
    for end in ends:
        start, stop = pieces[first][0], pieces[end - 1][1]
        shown = text[start:stop].rstrip()
        out.append(Row(start, start + len(shown), measure(shown)))
        first = end
    return out


def _fitting(text: str, pieces: list[tuple[int, int]], measure: Measure, width: float) -> list[tuple[int, int]]:
    """A piece wider than the whole line (a very long word) is cut by characters after all."""
    out: list[tuple[int, int]] = []
    for start, end in pieces:
        if measure(text[start:end].rstrip()) <= width:
            out.append((start, end))
        else:
            out += [(at, at + 1) for at in range(start, end)]
    return out


def _best_breaks(
    text: str, pieces: Sequence[tuple[int, int]], widths: Sequence[float], bare: Sequence[float], width: float
) -> list[int]:
    """Ends (exclusive) of the rows: fewest rows, then least uneven, pauses preferred."""
    count = len(pieces)
    best: list[tuple[int, float, int]] = [(0, 0.0, 0)] + [(10**6, 0.0, 0)] * count
    for end in range(1, count + 1):
        total = bare[end - 1]
        for first in range(end - 1, -1, -1):
            if first < end - 1:
                total += widths[first]
            if total > width and first < end - 1:
                break
            lines, cost, _ = best[first]
            entry = (lines + 1, cost + _cost(text, pieces[end - 1][1], total, width, end == count), first)
            if entry[:2] < best[end][:2]:
                best[end] = entry
    ends = [count]
    while best[ends[-1]][2] > 0:
        ends.append(best[ends[-1]][2])
    return ends[::-1]


def _cost(text: str, end: int, total: float, width: float, is_last: bool) -> float:
    slack = max(width - total, 0.0) / width
    if not is_last and text[end - 1] in _PAUSES:
        slack = max(slack - _PAUSE_BONUS, 0.0)
    return slack * slack


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
