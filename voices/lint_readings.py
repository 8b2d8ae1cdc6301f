"""What `voices/nan/readings.toml` refuses: readings of another base than Xiamen, wrong words, traditional characters.

For `python -m voices check` and the tests, like `voices.lint`. Nothing of it runs while the kiosk speaks.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from voices.lexicon import Entry

FILE = Path(__file__).parent / "nan" / "readings.toml"
_HAN = re.compile(r"[㐀-鿿]")
_SYLLABLE = re.compile(r"[a-z]+[1-9]")


@dataclass(frozen=True, slots=True)
class Table:
    """The file. Readings of several syllables are joined by single hyphens."""

    wrong: Mapping[str, Mapping[str, str]]
    exceptions: Mapping[str, str]
    surnames: Mapping[str, str]
    words: Mapping[str, str]
    screen: Mapping[str, str]


@lru_cache(maxsize=1)
def load() -> Table:
    """:raises ValueError: a reading has another number of syllables than its word has characters."""
    table = Table(**tomllib.loads(FILE.read_text(encoding="utf-8")))
    readings = [(word, sound) for word, pairs in table.wrong.items() for pair in pairs.items() for sound in pair]
    for word, sound in (*readings, *table.exceptions.items(), *table.surnames.items()):
        if len(_SYLLABLE.findall(sound)) != len(word) or _SYLLABLE.sub("", sound).strip("-"):
            raise ValueError(f"{FILE}: {sound} is no reading of {word}")
    return table


def readings(script: str, sound: str) -> Iterator[str]:
    """Readings of another base, in a text with one syllable for each character (`voices.lint` sees to that)."""
    han, syllables = "".join(_HAN.findall(script)), _SYLLABLE.findall(sound)
    if len(han) != len(syllables):
        return
    table = load()
    right = {at for word, read in table.exceptions.items() for at in _places(han, syllables, word, read)}
    for word, pairs in table.wrong.items():
        for wrong, better in pairs.items():
            if not right.issuperset(_places(han, syllables, word, wrong)):
                yield f"reads {word} as {wrong}, which is not the base: {better}"


def _places(han: str, syllables: list[str], word: str, read: str) -> Iterator[int]:
    """Where the characters stand that belong to this word in this reading."""
    if word not in han:
        return
    for found in re.finditer(word, han):
        if "-".join(syllables[found.start() : found.end()]) == read:
            yield from range(found.start(), found.end())


def words(script: str) -> Iterator[str]:
    """Words that the text means otherwise."""
    for word, better in load().words.items():
        if word in script:
            yield f"has {word} for {better}"


def screen(shown: str) -> Iterator[str]:
    """Characters that are not simplified: GB/T 2312 has none of those that were simplified."""
    for sign in dict.fromkeys(_HAN.findall(shown)):
        if not sign.encode("gb2312", errors="ignore"):
            yield f"shows {sign}, which is not in GB/T 2312: {load().screen.get(sign, 'write it otherwise')}"


def of_lexicon(entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    """The rows of the lexicon by kind and characters, with what is wrong with their readings."""
    for entry in entries:
        if entry.kind == "surname" and load().surnames.get(entry.han) == entry.tailo:
            continue
        for what in readings(entry.han, entry.tailo):
            yield f"{entry.kind} {entry.han}", what
