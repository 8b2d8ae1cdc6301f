"""English, as small as a language can be: the tests add it and nothing else changes."""

import re
from collections.abc import Sequence
from datetime import date

from voices.language import Language
from voices.reading import Reading, Unreadable

from . import grammar, lint


class English(Language):
    """Read as it is written, by the engine's own voice."""

    letter = re.compile("[A-Za-z]")

    def read(self, kind: str, value: str) -> Reading:
        try:
            text = grammar.READERS[kind](value)
        except (KeyError, ValueError, IndexError) as error:
            raise Unreadable(f"English cannot read {kind}") from error
        return Reading(text, text)

    def shown(self, kind: str, text: str) -> str:
        if kind == "date":
            return f"{date.fromisoformat(text):%d %B %Y}"
        return super().shown(kind, text)

    def surface(self, reading: Reading, accent: str) -> str:
        return " ".join(re.findall("[A-Za-z']+", reading.sound))

    def rules(self) -> Sequence[lint.Rule]:
        return lint.RULES

    def questions(self, text: str) -> Sequence[str]:
        return [part.strip() for part in re.findall(r"[^?.]+\?", text)]


LANGUAGE = English
