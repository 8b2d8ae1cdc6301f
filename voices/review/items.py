"""What there is to hear: clauses of the texts, rows of the lexicon, or the clips of a pack; least certain first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from voices import lexicon
from voices.measure import keys
from voices.packs.pack import Pack
from voices.pipeline import accent as accents
from voices.prompts import Words
from voices.reading import Reading, Unreadable
from voices.recording.script import Line, lines

LOW, MEDIUM, HIGH = "low", "medium", "high"
SURENESS = (LOW, MEDIUM, HIGH)
PROMPTS, VALUES, SURNAMES, PLACES, TERMS = "prompts", "values", "surnames", "places", "terms"
_GROUPS = {"surname": SURNAMES, "place": PLACES}
_SHORTEST_WORD = 2
"""A single character that is unsure as a surname says nothing about a sentence it stands in."""


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
    """Every clause of the texts, those with values with an example of each; in Minnan the lexicon, too.

    :raises FileNotFoundError: the list of the texts' values is not there.
    """
    judge = _Unsure(accent).judge if lang == "nan" else _not_known
    constant = [_item(PROMPTS, words, lang, accent, line, judge) for line in lines(words, lang, accent)]
    known = {item.reading for item in constant}
    varying = [
        _item(VALUES, words, lang, accent, line, judge)
        for line in _with_examples(words, lang)
        if line.reading not in known
    ]
    return (*constant, *varying, *(_of_lexicon(accent) if lang == "nan" else ()))


def _item(
    group: str, words: Words, lang: str, accent: str, line: Line, judge: Callable[[Reading], tuple[str, str]]
) -> Item:
    source = f"voices/{words.prompt(lang, line.key).source}"
    return Item(group, line.key, line.index, lang, accent, line.reading, line.shown, *judge(line.reading), source)


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


def _of_lexicon(accent: str) -> Iterator[Item]:
    names = dict(zip(("surname", "place"), lexicon.FILES, strict=False))
    for entry in lexicon.load().entries:
        file = names.get(entry.kind, lexicon.FILES[-1])
        yield Item(
            _GROUPS.get(entry.kind, TERMS),
            f"{entry.kind}/{entry.han}",
            0,
            "nan",
            accent,
            # What is only said behind something else begins neutral; here it stands by itself.
            Reading(entry.han, entry.tailo.removeprefix("--")),
            "",
            entry.confidence,
            entry.note,
            f"voices/nan/lexicon/{file}",
        )


def _not_known(reading: Reading) -> tuple[str, str]:
    return MEDIUM, ""


class _Unsure:
    """Why a sentence may be wrong: an unsure word in it, or a reading that only this accent's table has."""

    def __init__(self, accent: str) -> None:
        rows = lexicon.load().entries
        self._low = tuple(row for row in rows if row.confidence == LOW and len(row.han) >= _SHORTEST_WORD)
        self._accent = accents.load(accent)

    def judge(self, reading: Reading) -> tuple[str, str]:
        words = [row.han for row in self._low if row.han in reading.script]
        local = self._local(reading)
        reasons = [*(f"「{word}」的读音没有把握" for word in words)]
        reasons += [f"「{''.join(local)}」用了本地读法,要本地人确认"] if local else []
        return (LOW if reasons else MEDIUM), ";".join(reasons)

    def _local(self, reading: Reading) -> Sequence[str]:
        readings = self._accent.readings
        return [
            letter
            for letter in dict.fromkeys(reading.script)
            if any(base in reading.sound for base in readings.get(letter, {}))
        ]
