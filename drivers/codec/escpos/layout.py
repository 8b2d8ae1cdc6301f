"""Text in cells: what a receipt printer's fixed-width fonts can hold, and where a line may break.

A column is half a Chinese character wide. Text is cut into clusters (a base character and the marks
that sit on it), clusters into words that stay together, words into lines.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

OPENING = "（「『《【〈“‘(["
CLOSING = "，。！？；：、）」』》】〉”’…—·,.!?;:)]%"
_BREAK_AFTER = "，。！？；：、,;:!? "
_LEAST_FULL = 0.4
_ORPHAN_COLUMNS = 4
"""One or two Chinese characters alone on the last line look like a misprint."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """One visible character with its combining marks."""

    text: str
    columns: int
    native: bool
    """True when every common printer ROM with a GBK font has it."""


def clusters(text: str) -> list[Cluster]:
    """Visible characters of `text` in order; control and format characters are dropped, never sent."""
    grouped: list[str] = []
    for char in unicodedata.normalize("NFC", text):
        if _is_mark(char):
            if grouped:
                grouped[-1] += char
        elif char in "\t\n\r " or char in "\u00a0\u2002\u2003\u3000":
            grouped.append("\u3000" if char == "\u3000" else " ")
        elif unicodedata.category(char) not in ("Cc", "Cf", "Cs"):
            grouped.append("￥" if char == "¥" else char)
    return [Cluster(group, _columns(group), _native(group)) for group in grouped]


def _is_mark(char: str) -> bool:
    """Combining marks and variation selectors belong to the character before them."""
    return unicodedata.category(char) in ("Mn", "Me", "Mc")


def _is_latin(char: str) -> bool:
    return unicodedata.name(char, "").startswith("LATIN ")


def _columns(cluster: str) -> int:
    base = cluster[0]
    if base < "\u0080" or (_is_latin(base) and unicodedata.east_asian_width(base) != "F"):
        return 1
    return 1 if unicodedata.east_asian_width(base) in ("H", "Na") else 2


def gbk_bytes(char: str) -> bytes | None:
    """One or two bytes of GBK, or None. The gb2312 codec maps · and — elsewhere, so it is not used."""
    try:
        encoded = char.encode("gbk")
    except UnicodeEncodeError:
        return None
    if len(encoded) == 1:
        return encoded if 0x20 <= encoded[0] < 0x7F else None
    return encoded if len(encoded) == 2 else None


def _native(cluster: str) -> bool:
    # GBK has a few accented Latin letters, but in cells as wide as a Chinese character.
    accented = _is_latin(cluster[0]) and cluster[0] > "\u007f" and _columns(cluster) == 1
    return len(cluster) == 1 and not accented and gbk_bytes(cluster) is not None


def width(line: list[Cluster]) -> int:
    """Columns of a line."""
    return sum(cluster.columns for cluster in line)


def is_native(line: list[Cluster]) -> bool:
    return all(cluster.native for cluster in line)


def wrap(text: str, columns: int) -> list[list[Cluster]]:
    """Lines of at most `columns`; nothing is cut off. Explicit line feeds are kept.

    Chinese may break anywhere but before closing and after opening punctuation; digits and Latin
    words stay whole unless they alone are wider than the line.
    """
    lines: list[list[Cluster]] = []
    for paragraph in text.splitlines() or [""]:
        lines.extend(_wrap_paragraph(_words(clusters(paragraph)), columns))
    return lines


def _words(line: list[Cluster]) -> list[list[Cluster]]:
    words: list[list[Cluster]] = []
    for cluster in line:
        if words and _sticks(words[-1], cluster):
            words[-1].append(cluster)
        else:
            words.append([cluster])
    return words


def _sticks(word: list[Cluster], cluster: Cluster) -> bool:
    before = word[-1]
    if cluster.text in CLOSING:
        return before.text != " "
    if before.text in OPENING:
        return True
    if before.text.isdigit() and cluster.text.isalpha():
        return True  # a figure and its unit are read in one breath
    narrow = before.columns == 1 and cluster.columns == 1
    return narrow and before.text != " " and cluster.text != " "


def _wrap_paragraph(words: list[list[Cluster]], columns: int) -> list[list[Cluster]]:
    """Full lines, or lines that end where a reader breathes when that takes no more of them."""
    fitting = _fitting(words, columns)
    full = _fill(fitting, columns, breathe=False)
    breathing = _fill(fitting, columns, breathe=True)
    lines = breathing if len(breathing) == len(full) else full
    _lift_orphan(lines, columns)
    return [_trim([cluster for word in line for cluster in word]) for line in lines]


def _fill(words: list[list[Cluster]], columns: int, *, breathe: bool) -> list[list[list[Cluster]]]:
    lines: list[list[list[Cluster]]] = [[]]
    for word in words:
        if lines[-1] and _width_of(lines[-1]) + width(word) > columns:
            lines.append(_cut_at_breath(lines[-1], columns) if breathe else [])
            if not lines[-1] and word[0].text == " ":
                continue
        lines[-1].append(word)
    return lines


def _width_of(line: list[list[Cluster]]) -> int:
    return sum(map(width, line))


def _cut_at_breath(line: list[list[Cluster]], columns: int) -> list[list[Cluster]]:
    """Take what follows the last punctuation mark off a line that stays reasonably full."""
    for at in range(len(line), 0, -1):
        if line[at - 1][-1].text in _BREAK_AFTER and _width_of(line[:at]) >= columns * _LEAST_FULL:
            rest = line[at:]
            del line[at:]
            return rest
    return []


def _fitting(words: list[list[Cluster]], columns: int) -> list[list[Cluster]]:
    """Words wider than the paper are cut into pieces that fit."""
    fitting: list[list[Cluster]] = []
    for word in words:
        if width(word) <= columns:
            fitting.append(word)
            continue
        piece: list[Cluster] = []
        for cluster in word:
            if piece and width(piece) + cluster.columns > columns:
                closes = cluster.text in CLOSING
                at = _cut_before_punctuation(piece, columns - cluster.columns) if closes else len(piece)
                fitting.append(piece[:at])
                piece = piece[at:]
            piece.append(cluster)
        fitting.append(piece)
    return fitting


def _cut_before_punctuation(piece: list[Cluster], room: int) -> int:
    """Where to cut so that closing punctuation takes the character before it along; at the end when it cannot."""
    for at in range(len(piece) - 1, 0, -1):
        if piece[at].text not in CLOSING:
            return at if width(piece[at:]) <= room else len(piece)
    return len(piece)


def _lift_orphan(lines: list[list[list[Cluster]]], columns: int) -> None:
    """Give a lonely last character company: the word before it."""
    if len(lines) < 2 or _width_of(lines[-1]) > _ORPHAN_COLUMNS:
        return
    before = lines[-2]
    if len(before) > 2 and _width_of(before[-1:]) + _width_of(lines[-1]) <= columns:
        lines[-1] = before[-1:] + lines[-1]
        del before[-1]


def _trim(line: list[Cluster]) -> list[Cluster]:
    end = len(line)
    while end and line[end - 1].text == " ":
        end -= 1
    return line[:end]
