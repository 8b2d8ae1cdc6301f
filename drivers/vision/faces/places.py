"""Names of towns and villages, to mend one wrong character of a read address. What was mended is told."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

LEAST_LENGTH = 3
"""Shorter names are too alike for one character to be guessed."""
CODE_OF_DISTRICT, CODE_OF_TOWN, CODE_OF_VILLAGE = 6, 9, 12


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """`district` as an address begins, its neighbours alike, towns by their names, villages by their town's name."""

    district: str
    neighbours: tuple[str, ...]
    towns: dict[str, tuple[str, ...]]

    @property
    def villages(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for names in self.towns.values() for name in names))


@functools.cache
def load(path: Path) -> Gazetteer:
    """Lines of code, tab, name (GB/T 10114 codes of 6, 9 and 12 digits).

    The first district is the one whose towns follow; others are there so that they are not taken for a misreading.

    :raises OSError:
    :raises ValueError:
    """
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    if any(len(row) != 2 or not row[0].isdigit() for row in rows):
        raise ValueError("places: each line is a code, a tab and a name")
    named = {row[0]: row[1] for row in rows}
    districts = [name for code, name in named.items() if len(code) == CODE_OF_DISTRICT]
    if not districts:
        raise ValueError("places: no district (a code of six digits)")
    towns = {
        town: tuple(name for code, name in named.items() if len(code) == CODE_OF_VILLAGE and code.startswith(place))
        for place, town in named.items()
        if len(place) == CODE_OF_TOWN
    }
    return Gazetteer(districts[0], tuple(districts[1:]), towns)


def mended(address: str, places: Gazetteer) -> tuple[str, bool]:
    """The address with district, town and village as they are written in the list, and whether to ask about it.

    A part that is in the list stays; a part that differs from exactly one name by one character becomes that name,
    and is asked about; a village that the list has under another town stays and is asked about.
    Anything else stays as it was read (older cards name places that are no more). One of our
    towns behind something that is not our district is asked about, too: something between was not read.
    """
    district, rest = _part(address, (places.district, *places.neighbours))
    if district != places.district:
        torn = not district and any(0 <= rest.find(town) <= len(places.district) for town in places.towns)
        return district + rest, torn or district + rest != address
    town, after = _part(rest, tuple(places.towns))
    # A card whose address leaves the town out, or names an older one, still names a village.
    villages = places.towns.get(town) or places.villages
    if not after.startswith(villages) and after.startswith(places.villages):
        # A village of another town was read: which of the two is right is asked, and neither is rewritten.
        return district + town + after, True
    village, tail = _part(after, villages)
    whole = district + town + village + tail
    return whole, whole != address


def _part(text: str, names: tuple[str, ...]) -> tuple[str, str]:
    """The name that `text` begins with, one character off at most, and what follows; nothing when none fits."""
    for name in sorted(names, key=len, reverse=True):
        if name and text.startswith(name):
            return name, text[len(name) :]
    near = {(name, rest) for name in names if len(name) >= LEAST_LENGTH and (rest := _near(text, name)) is not None}
    if len({name for name, _ in near}) == 1:
        return min(near, key=lambda found: len(found[1]))
    return "", text


def _near(text: str, name: str) -> str | None:
    """What follows `name` at the beginning of `text` when one character is another one, missing or too many.

    The last character of a name says what kind of place it is and ends it: it must be there.
    """
    length = len(name)
    for used in (length, length - 1, length + 1):
        head = text[:used]
        if len(head) == used and head[-1:] == name[-1] and _one_off(head, name):
            return text[used:]
    return None


def _one_off(one: str, other: str) -> bool:
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) <= 1
    short, long = sorted((one, other), key=len)
    return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))
