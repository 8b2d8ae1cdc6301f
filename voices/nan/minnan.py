"""Minnan: readings in Tâi-lô, accents as tables, voices that are built on the machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from voices import lexicon
from voices.language import Language, ListedWord
from voices.nan import grammar
from voices.reading import Reading

if TYPE_CHECKING:
    from voices.lint_rules import Rule

# The tables of the accents and the lint are imported where they are used: the kiosk's window only shows words.


class Minnan(Language):
    """Citation tones in, an accent's surface out."""

    notation = "Tâi-lô"

    def read(self, kind: str, value: str) -> Reading:
        return grammar.read(kind, value)

    def known(self, text: str) -> Reading | None:
        return next((entry.reading for entry in lexicon.load().entries if entry.han == text), None)

    def syllables(self, notated: str) -> int:
        from voices.nan import hearing

        return hearing.syllables(notated)

    def accents(self) -> Sequence[str]:
        from voices.pipeline import accent

        return accent.names()

    def voice(self, accent: str) -> str:
        from voices.pipeline.accent import load

        return load(accent).voice

    def evidence(self, accent: str) -> Mapping[str, str]:
        from voices.pipeline.accent import load

        return {table: known.status for table, known in load(accent).evidence.items()}

    def engine_text(self, reading: Reading, accent: str, citation: bool = False) -> str:
        if not citation:
            return self.surface(reading, accent)
        from voices.pipeline import tailo
        from voices.pipeline.accent import load

        table = load(accent)
        groups = table.localise(reading.script, tailo.groups(reading.sound))
        return " ".join(table.surface((replace(this, neutral=False),))[0] for group in groups for this in group)

    def surface(self, reading: Reading, accent: str) -> str:
        from voices.pipeline.accent import load, surface_text

        return surface_text(load(accent), reading.script, reading.sound)

    def doubter(self, accent: str) -> Callable[[Reading], str]:
        from voices.nan import hearing

        return hearing.Doubts(accent).why

    def local(self, reading: Reading, accent: str) -> str:
        from voices.nan import hearing

        return hearing.local(reading, accent)

    def listed(self) -> Iterable[ListedWord]:
        from voices.nan import hearing

        return hearing.listed()

    def list_problems(self) -> Iterator[tuple[str, str]]:
        from voices.lint_readings import of_lexicon

        return ((f"lexicon, {row}", what) for row, what in of_lexicon(lexicon.load().entries))

    def rules(self) -> Sequence[Rule]:
        from voices.nan.lint import RULES

        return RULES

    def questions(self, text: str) -> Sequence[str]:
        from voices.lint_questions import asked
        from voices.nan.lint import ASKS

        return asked(ASKS, text)
