"""What there is to hear: clauses of the texts, rows of the lexicon, or the clips of a pack; least certain first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from voices import languages
from voices.measure import keys
from voices.packs.pack import Pack
from voices.prompts import Words
from voices.reading import Reading, Unreadable
from voices.recording.script import Line, lines

LOW, MEDIUM, HIGH = "low", "medium", "high"
SURENESS = (LOW, MEDIUM, HIGH)
PROMPTS, VALUES, SURNAMES, PLACES, TERMS = "prompts", "values", "surnames", "places", "terms"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to hear and to judge."""

    group: str
    key: str
    index: int
    lang: str
    accent: str
    reading: Reading
    shown: str
    sure: str
    why: str
    """What makes it unsure, for the reviewer; may be empty."""
    source: str
    """The file that a change of it goes to."""
    clip: str = ""
    """SHA-256 of the clip that is played; empty when the engine speaks."""


def of_texts(words: Words, lang: str, accent: str) -> tuple[Item, ...]:
    """Every clause of the texts, those with values with an example of each; and the language's word list.

    :raises FileNotFoundError: the list of the texts' values is not there.
    """
    language = languages.of(lang)
    doubt = language.doubter(accent)
    constant = [_item(PROMPTS, words, lang, accent, line, doubt) for line in lines(words, lang, accent)]
    known = {item.reading for item in constant}
    varying = [
        _item(VALUES, words, lang, accent, line, doubt)
        for line in _with_examples(words, lang)
        if line.reading not in known
    ]
    listed = (
        Item(row.group, row.key, 0, lang, accent, row.reading, "", row.sure, row.why, row.source)
        for row in language.listed()
    )
    return (*constant, *varying, *listed)


def _item(group: str, words: Words, lang: str, accent: str, line: Line, doubt: Callable[[Reading], str]) -> Item:
    source = f"voices/{words.prompt(lang, line.key).source}"
    why = doubt(line.reading)
    sure = LOW if why else MEDIUM
    return Item(group, line.key, line.index, lang, accent, line.reading, line.shown, sure, why, source)


def _with_examples(words: Words, lang: str) -> Iterator[Line]:
    """The clauses as they are with a number, a date, a name; what has no reading with it is never spoken."""
    for example in keys.spoken(words, lang, keys.load()):
        try:
            spoken = words.spoken(lang, example.key, example.args)
        except Unreadable:
            continue
        shown = words.show(lang, example.key, example.args)
        for index, clause in enumerate(spoken):
            yield Line(example.key, index, clause.reading, shown)


def of_pack(pack: Pack) -> tuple[Item, ...]:
    """Every clip of a pack."""
    header = pack.manifest.header
    return tuple(
        Item(
            PROMPTS,
            row.key,
            row.index,
            header.language,
            header.accent,
            row.reading(header.language),
            "",
            MEDIUM,
            "",
            row.file,
            row.sha256,
        )
        for row in pack.rows
    )
