"""Minnan names and addresses: what the lexicon lists, and house numbers between."""

from __future__ import annotations

import re

from voices import lexicon
from voices.nan.grammar_numbers import Group, Syllable, digits, join, ordinal
from voices.reading import Reading, Unreadable

NUMBERED: dict[str, Group] = {
    "号": [("号", "ho7")],
    "号楼": [("号", "ho7"), ("楼", "lau5")],
    "楼": [("楼", "lau5")],
    "室": [("室", "sik4")],
    "单元": [("单", "tan1"), ("元", "guan5")],
    "组": [("组", "tsoo1")],
    "栋": [("栋", "tong3")],
}
"""What stands behind a number in an address; the number is an ordinal (NAER: 一樓 it lâu, 二樓 jī lâu)."""
_OF: Syllable = ("之", "tsi1")
_NUMBER = re.compile(rf"([0-9]+)(?:-([0-9]+))?({'|'.join(sorted(NUMBERED, key=len, reverse=True))})?")
_LONGEST_ORDINAL = 3


def name(text: str) -> Reading:
    """The surname, and 先生 or 女士 when it stands there. Given names, masked or not, are never read.

    :raises Unreadable: the surname is not listed.
    """
    family = lexicon.surname(text)
    called = lexicon.title(text.strip()[len(family.script) :])
    if called is None:
        return family
    between = "" if called.sound.startswith("--") else " "
    return Reading(family.script + called.script, f"{family.sound}{between}{called.sound}")


def address(text: str) -> Reading:
    """Places of the lexicon, then numbers: 金海街道后村社区12号. Each part is a tone group.

    :raises Unreadable: a part is not listed.
    """
    parts: list[Reading] = []
    rest = text.strip()
    while rest:
        numbered = _NUMBER.match(rest)
        size = numbered.end() if numbered else _place_size(rest)
        parts.append(_house_number(numbered) if numbered else lexicon.place(rest[:size]))
        rest = rest[size:]
    if not parts:
        raise Unreadable("no address to read")
    return Reading("".join(part.script for part in parts), " | ".join(part.sound for part in parts))


def _place_size(text: str) -> int:
    return len(re.split(r"[0-9]", text, maxsplit=1)[0])


def _house_number(found: re.Match[str]) -> Reading:
    behind = NUMBERED.get(found[3] or "", [])
    first = _ordinal(found[1], behind)
    if found[2]:
        first = [*first[:-1], [*first[-1], _OF, *_ordinal(found[2], behind)[-1]]]
    return join([*first[:-1], [*first[-1], *behind]])


def _ordinal(text: str, behind: Group) -> list[Group]:
    """A room of three digits, a longer number and one that begins with 0 are read by their digits."""
    longest = _LONGEST_ORDINAL - 1 if behind == NUMBERED["室"] else _LONGEST_ORDINAL
    by_digits = len(text) > longest or text.startswith("0")
    return [digits(text)] if by_digits else ordinal(int(text))
