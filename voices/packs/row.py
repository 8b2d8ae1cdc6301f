"""prompts.tsv: one line a clip."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date

from voices import languages
from voices.packs.errors import PackError
from voices.packs.said import hash_of
from voices.packs.take import RECORDED, RENDERED
from voices.reading import Reading

MACHINE, REVIEWED = "machine", "reviewed"
"""A row's status: made by a machine and heard by nobody, or found right by two reviewers."""
UNREVIEWED = "machine, unreviewed"
"""A pack's status unless all of its rows are reviewed."""
REVIEWERS_NEEDED = 2
KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")
FILE = re.compile(r"clips/[A-Za-z0-9_][A-Za-z0-9_.-]{0,119}\.wav")
_HASH = re.compile(r"[0-9a-f]{64}")
_PERSON = re.compile(r"[^,\t\r\n]{1,60}")
_PARTING = ", "


@dataclass(frozen=True, slots=True)
class Row:
    """One clip. The order of the fields is the order of the columns."""

    key: str
    index: int
    """Which clause of the prompt, from 0."""
    han: str
    tailo: str
    """The reading in the language's notation (base reading, citation tones); empty in a language without one."""
    surface: str
    """What the engine was given; empty for a recording."""
    text_hash: str
    file: str
    sha256: str
    duration_s: float
    lufs: float
    peak_dbtp: float
    reviewers: tuple[str, ...]
    date: str
    """Of the clip, ISO 8601."""
    status: str

    def reading(self, lang: str) -> Reading:
        return languages.of(lang).of_notation(self.han, self.tailo)

    def line(self) -> str:
        values = (getattr(self, each.name) for each in fields(self))
        return "\t".join(_PARTING.join(value) if isinstance(value, tuple) else str(value) for value in values)

    def may_play(self, kind: str) -> bool:
        """A person's voice is played when two reviewers found it right; a rendering says that it is a machine's."""
        return kind == RENDERED or (self.status == REVIEWED and people(self.reviewers) >= REVIEWERS_NEEDED)

    def check(self, lang: str, accent: str, kind: str) -> None:
        """:raises PackError: the row contradicts itself or the manifest."""
        where = f"{self.key} clause {self.index}"
        if not KEY.fullmatch(self.key) or not 0 <= self.index < 100:
            raise PackError(f"{where} is no prompt's clause; make the pack anew")
        if not FILE.fullmatch(self.file) or ".." in self.file:
            raise PackError(f"{where}: {self.file!r} is no name of a clip; make the pack anew")
        if not all(map(_HASH.fullmatch, (self.text_hash, self.sha256))):
            raise PackError(f"{where}: a hash is malformed; make the pack anew")
        if bool(self.tailo) != bool(languages.of(lang).notation) or bool(self.surface) != (kind == RENDERED):
            raise PackError(
                f"{where} is not {lang} {kind} as the manifest says; the pack is mislabelled, do not use it"
            )
        if self.text_hash != hash_of(lang, accent, self.reading(lang), self.surface):
            raise PackError(
                f"{where} was made for another language, accent or text than the manifest says ({lang} {accent}); "
                "the pack is mislabelled, do not use it"
            )
        if self.status not in (MACHINE, REVIEWED) or not all(map(_PERSON.fullmatch, self.reviewers)):
            raise PackError(f"{where}: status or reviewers are malformed; make the pack anew")
        if self.status == REVIEWED and not self.may_play(RECORDED):
            raise PackError(f"{where} claims to be reviewed without two reviewers; have it reviewed")


def standing(found: Sequence[Row]) -> tuple[str, tuple[str, ...]]:
    """Status and reviewers of a pack with these rows."""
    reviewed = [row for row in found if row.status == REVIEWED]
    names = tuple(sorted({name for row in reviewed for name in row.reviewers}))
    return (REVIEWED if found and len(reviewed) == len(found) else UNREVIEWED), names


def person(name: str) -> str:
    """A name as it is compared: neither case, width nor spacing makes another person."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def people(names: Iterable[str]) -> int:
    """How many persons."""
    return len(set(map(person, names)) - {""})


COLUMNS = tuple(each.name for each in fields(Row))


def dump(rows: Iterable[Row]) -> str:
    """:raises PackError: a value would break its line."""
    lines = ["\t".join(COLUMNS), *(row.line() for row in rows)]
    if any(line.count("\t") != len(COLUMNS) - 1 or len(line.splitlines()) != 1 for line in lines):
        raise PackError("a text holds a tab or the end of a line; take it out")
    return "\n".join(lines) + "\n"


def parse(text: str) -> tuple[Row, ...]:
    """:raises PackError: a line that is none; the message has its number."""
    lines = text.split("\n")
    if lines[0].split("\t") != list(COLUMNS):
        raise PackError(f"prompts.tsv has other columns than format 1: {lines[0][:80]!r}; make the pack anew")
    if lines.pop() != "":
        raise PackError("prompts.tsv ends within a line; copy the pack again")
    return tuple(_row(number, line) for number, line in enumerate(lines[1:], 2))


def _row(number: int, line: str) -> Row:
    cells = line.split("\t")
    if len(cells) != len(COLUMNS):
        raise PackError(f"prompts.tsv line {number} has {len(cells)} columns, not {len(COLUMNS)}; make the pack anew")
    key, index, han, tailo, surface, text, file, sha, duration, lufs, peak, reviewers, day, status = cells
    try:
        date.fromisoformat(day)
        people = tuple(reviewers.split(_PARTING)) if reviewers else ()
        figures = (float(duration), float(lufs), float(peak))
        return Row(key, int(index), han, tailo, surface, text, file, sha, *figures, people, day, status)
    except ValueError as error:
        raise PackError(f"prompts.tsv line {number}: {error}; make the pack anew") from error
