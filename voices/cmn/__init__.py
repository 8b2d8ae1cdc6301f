"""Mandarin: words and number grammar. It is said as it is shown, by the engine's own voice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from voices.cmn import grammar
from voices.language import Language
from voices.reading import Reading

if TYPE_CHECKING:
    from voices.lint_rules import Rule


class Mandarin(Language):
    """Read from the characters themselves."""

    def read(self, kind: str, value: str) -> Reading:
        return grammar.read(kind, value)

    def literal(self, text: str) -> str:
        return grammar.literal(text)

    def rules(self) -> Sequence[Rule]:
        from voices.cmn.lint import RULES

        return RULES

    def questions(self, text: str) -> Sequence[str]:
        from voices.cmn.lint import ASKS
        from voices.lint_questions import asked

        return asked(ASKS, text)


LANGUAGE = Mandarin
