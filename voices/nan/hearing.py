"""What a reviewer of Minnan is told: why a reading may be wrong, how the place says it, what a proposal lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from voices import lexicon
from voices.language import ListedWord
from voices.pipeline import accent as accents
from voices.pipeline import tailo
from voices.pipeline.tailo import TailoError
from voices.reading import NotationError, Reading

_GROUPS = {"surname": "surnames", "place": "places"}
_SHORTEST_WORD = 2
"""A single character that is unsure as a surname says nothing about a sentence it stands in."""
_NO_TONE = re.compile("[069]")
"""Tones that neither accent has."""


def listed() -> Iterator[ListedWord]:
    """The rows of the lexicon."""
    names = dict(zip(("surname", "place"), lexicon.FILES, strict=False))
    for entry in lexicon.load().entries:
        yield ListedWord(
            _GROUPS.get(entry.kind, "terms"),
            f"{entry.kind}/{entry.han}",
            # What is only said behind something else begins neutral; here it stands by itself.
            Reading(entry.han, entry.tailo.removeprefix("--")),
            entry.confidence,
            entry.note,
            f"voices/nan/lexicon/{names.get(entry.kind, lexicon.FILES[-1])}",
        )


class Doubts:
    """A sentence may be wrong by an unsure word in it, or by a reading that only this accent's table has."""

    def __init__(self, accent: str) -> None:
        """:raises FileNotFoundError: no such accent."""
        rows = lexicon.load().entries
        self._low = tuple(row for row in rows if row.confidence == "low" and len(row.han) >= _SHORTEST_WORD)
        self._accent = accents.load(accent)

    def why(self, reading: Reading) -> str:
        """In Chinese, for the reviewer; empty when nothing is doubtful."""
        words = [row.han for row in self._low if row.han in reading.script]
        local = self._local(reading)
        reasons = [*(f"「{word}」的读音没有把握" for word in words)]
        reasons += [f"「{''.join(local)}」用了本地读法,要本地人确认"] if local else []
        return ";".join(reasons)

    def _local(self, reading: Reading) -> Sequence[str]:
        readings = self._accent.readings
        return [
            letter
            for letter in dict.fromkeys(reading.script)
            if any(base in reading.sound for base in readings.get(letter, {}))
        ]


def local(reading: Reading, accent: str) -> str:
    """The citation tones with this accent's own readings; empty where they are the same, or where there are none."""
    try:
        base = tailo.groups(reading.sound)
    except TailoError:
        return ""
    groups = accents.load(accent).localise(reading.script, base)
    if groups == base:
        return ""
    said = (" ".join(f"{'--' * each.neutral}{each.letters}{each.tone}" for each in group) for group in groups)
    return " | ".join(said)


def syllables(sound: str) -> int:
    """How many syllables Tâi-lô has. :raises NotationError: it is none; the message is for the reviewer."""
    parts = [part for part in re.split(r"[\s|-]+", sound) if part]
    if not parts:
        raise NotationError("请写台罗拼音,例如 li2 ho2。")
    for part in parts:
        if _NO_TONE.search(part):
            raise NotationError(f"「{part[:20]}」没有这个声调。声调只有 1、2、3、4、5、7、8。")
        try:
            tailo.syllable(part)
        except TailoError as error:
            raise NotationError(
                f"「{part[:20]}」读不出来。每个音节写字母加一个声调数字,例如 ban5;"
                "带 -p -t -k -h 尾的只能是 4 或 8 声,别的不能是 4、8 声。"
            ) from error
    try:
        return sum(len(group) for group in tailo.groups(sound))
    except TailoError as error:
        raise NotationError("每一组(| 隔开)要有音节;轻声的记号 -- 前面要有一个音节。") from error
