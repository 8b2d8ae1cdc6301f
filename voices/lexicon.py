"""What the Minnan pack can read by itself: surnames, places, terms. Never a character that is not listed.

Rows are files in `voices/nan/lexicon/`: kind, characters, Tâi-lô (base readings, citation tones, `|` ends a tone
group), how sure, who confirmed it, where it comes from. A value is covered from the left by the longest rows that
fit; what no row covers makes the whole value `Unreadable`, naming one character: it is shown and left unsaid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from voices.reading import Reading, Unreadable

FOLDER = Path(__file__).parent / "nan" / "lexicon"
FILES = ("surnames.tsv", "places.tsv", "terms.tsv")
COLUMNS = ("kind", "han", "tailo", "confidence", "status", "source", "note")
CONFIDENCE = ("high", "medium", "low")
STATUS = ("machine", "reviewed")
KINDS = ("surname", "place", "counting", "inside", "digit", "unit", "time", "title", "age", "address", "paper")
_SUFFIXES = ("社区", "街道", "村", "镇", "区", "市")
_SHORTEST_STEM = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """A row. `tailo` is a reading in the base convention, as `voices.pipeline.tailo` takes it."""

    kind: str
    han: str
    tailo: str
    confidence: str
    status: str
    source: str
    note: str

    @property
    def reading(self) -> Reading:
        return Reading(self.han, self.tailo)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`entries` as the files have them; `words` by kind for looking up: places also without 社区, 村 and so on."""

    entries: tuple[Entry, ...]
    words: Mapping[str, Mapping[str, Reading]]

    def cover(self, text: str, *kinds: str) -> Reading | None:
        """The longest row of these kinds that the text begins with."""
        found = [self.words[kind][text[:size]] for kind in kinds for size in self._sizes(kind, text)]
        return max(found, key=lambda reading: len(reading.script), default=None)

    def _sizes(self, kind: str, text: str) -> Iterator[int]:
        known = self.words.get(kind, {})
        return (size for size in range(1, len(text) + 1) if text[:size] in known)


def surname(name: str) -> Reading:
    """The surname that a name, whole or masked (陈*金), begins with; compound ones first.

    :raises Unreadable: no such surname.
    """
    found = load().cover(name.strip(), "surname")
    if found is None:
        raise Unreadable("no reading for this surname", name.strip()[:1])
    return found


def title(rest: str) -> Reading | None:
    """先生 or 女士 at the end of what follows a surname."""
    return next((word for han, word in load().words["title"].items() if rest.endswith(han)), None)


def place(name: str) -> Reading:
    """A place of the district, or several in a row (金海街道后村社区便民服务站); a tone group each.

    :raises Unreadable: a part of it is not listed.
    """
    parts: list[Reading] = []
    rest = name.strip()
    while rest:
        found = load().cover(rest, "place", "address")
        if found is None:
            raise Unreadable("no reading for this place", rest[0])
        parts.append(found)
        rest = rest[len(found.script) :]
    if not parts:
        raise Unreadable("no place to read")
    return Reading("".join(part.script for part in parts), " | ".join(part.sound for part in parts))


def term(text: str) -> Reading:
    """A text that is listed as a whole, e.g. a paper that has to be brought.

    :raises Unreadable: it is not.
    """
    found = load().words["paper"].get(text.strip())
    if found is None:
        raise Unreadable("no reading for this text", text.strip()[:1])
    return found


@lru_cache(maxsize=1)
def load() -> Lexicon:
    """:raises ValueError: a file is malformed; the message names it and the line."""
    entries = tuple(entry for name in FILES for entry in _rows(FOLDER / name))
    words: dict[str, dict[str, Reading]] = {kind: {} for kind in KINDS}
    for entry in entries:
        words[entry.kind][entry.han] = entry.reading
    for entry in entries:
        for stem in _stems(entry):
            words["place"].setdefault(stem.script, stem)
    return Lexicon(entries, words)


def _rows(path: Path) -> Iterator[Entry]:
    # Only here: who starts with kept texts reads no table.
    import csv

    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        if tuple(next(lines, ())) != COLUMNS:
            raise ValueError(f"{path}:1: the columns are {', '.join(COLUMNS)}")
        for number, cells in enumerate(lines, start=2):
            if len(cells) != len(COLUMNS) or cells[0] not in KINDS:
                raise ValueError(f"{path}:{number}: {len(COLUMNS)} columns and a known kind are needed")
            yield Entry(*cells)


def _stems(entry: Entry) -> Iterator[Reading]:
    """A place as people call it, without what kind of place it is: 后村 for 后村社区."""
    if entry.kind != "place":
        return
    for suffix in _SUFFIXES:
        stem = entry.han.removesuffix(suffix)
        if stem != entry.han and len(stem) >= _SHORTEST_STEM:
            syllables = entry.tailo.replace("-", " ").split()
            yield Reading(stem, " ".join(syllables[: len(stem)]))
