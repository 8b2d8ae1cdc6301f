"""What a language owns: its readings, its voices, its notation, what it doubts. One subclass in each language's folder.

Standard library only: the kiosk's window loads this with the words. Whatever needs more is imported where it is used.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voices.reading import NotationError, Reading

if TYPE_CHECKING:
    from voices.lint_rules import Rule

PAUSES = ",。?!、 "
"""Signs at the ends of a clause that the engine does not need."""
COMMON_WORDS = 126
"""The engine's rate in words a minute at 100 %, where `pack.toml` has no `words_a_minute`."""


@dataclass(frozen=True, slots=True)
class ListedWord:
    """A row of a language's word list, for the reviewer. `sure` is low, medium or high; `why` may be empty."""

    group: str
    key: str
    reading: Reading
    sure: str
    why: str
    source: str
    """The file that a change of it goes to."""


class Language(ABC):
    """The defaults fit a language that is read as it is written, by one voice that the engine brings along."""

    notation = ""
    """Name of the notation that readings are written in; empty when the characters themselves are read."""
    letter = re.compile(r"[㐀-鿿]")
    """One letter of its script; in Han characters one letter is one syllable."""

    def __init__(self, folder: Path) -> None:
        """:param folder: holds `pack.toml`; its name is the language's code (ISO 639-3)."""
        self.code = folder.name
        self.folder = folder

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """`pack.toml`. :raises ValueError: it is no TOML."""
        return tomllib.loads((self.folder / "pack.toml").read_text(encoding="utf-8"))

    @property
    def english(self) -> str:
        """The language's name in English, for technicians."""
        return str(self.settings["english"])

    @property
    def said_instead_by(self) -> str:
        """Code of the language that says a bare value which this one has no reading for; empty for none."""
        return str(self.settings.get("said_instead_by", ""))

    # ---- readings ----------------------------------------------------------------------------------------

    @abstractmethod
    def read(self, kind: str, value: str) -> Reading:
        """A typed value as it is said; `kind` as `voices.prompts.Value` has it.

        :raises Unreadable: an unknown kind, or a value that does not fit it.
        """

    def literal(self, text: str) -> str:
        """Text that is written in the language itself, as it is said, e.g. with numerals as words."""
        return text

    def shown(self, kind: str, text: str) -> str:
        """A typed value as the screen shows it.

        :raises ValueError: the value does not fit its kind.
        """
        if kind == "date":
            day = date.fromisoformat(text)
            return f"{day.year}年{day.month}月{day.day}日"
        if kind == "money":
            yuan, fen = divmod(int(text), 100)
            return f"{yuan}元" if fen == 0 else f"{yuan}.{fen:02d}元"
        if kind == "digits":
            return " ".join(text[at : at + 4] for at in range(0, len(text), 4))
        if kind == "time":
            return text[:5]
        if kind == "phone" and len(text) == 11 and text.isdigit():
            return f"{text[:3]} {text[3:7]} {text[7:]}"  # a mobile number, as people read it
        return text

    def known(self, text: str) -> Reading | None:
        """The reading of free text; None when no list has it, since readings are never guessed."""
        return Reading(text, text)

    def notated(self, reading: Reading) -> str:
        """The sound in the language's notation; empty when it has none."""
        return reading.sound if self.notation else ""

    def of_notation(self, script: str, notated: str) -> Reading:
        """The reading that `notated` was taken from."""
        return Reading(script, notated if self.notation else script)

    def syllables(self, notated: str) -> int:
        """How many syllables something in the notation has.

        :raises NotationError: it is none; the message is in Chinese, for a reviewer.
        """
        raise NotationError(f"{self.code} 没有记音法")

    # ---- voices ------------------------------------------------------------------------------------------

    def accents(self) -> Sequence[str]:
        """Names of its accents; one empty name when it has none."""
        return ("",)

    def accent_of(self, wanted: str) -> str:
        """`wanted` where the language has this accent, else the one that it speaks by itself."""
        return wanted if wanted in self.accents() else str(self.settings.get("default_accent", ""))

    def voice(self, accent: str) -> str:
        """The live engine's name of a voice. :raises FileNotFoundError: no such accent."""
        return str(self.settings["engine_voice"])

    @property
    def words_a_minute(self) -> int:
        """The engine's rate at 100 %: languages have longer and shorter words."""
        return int(self.settings.get("words_a_minute", COMMON_WORDS))

    def evidence(self, accent: str) -> Mapping[str, str]:
        """The tables of an accent -> how each is known: read, proxy or inferred."""
        return {}

    def engine_text(self, reading: Reading, accent: str, citation: bool = False) -> str:
        """A clause as the live engine gets it. :param citation: without the changes that neighbours bring.

        :raises NotationError: the sound is not written in the notation.
        """
        return reading.sound.strip(PAUSES)

    def surface(self, reading: Reading, accent: str) -> str:
        """What a clip is made from, as its hash has it: letters and digits without punctuation and spacing.

        :raises NotationError: as above. :raises FileNotFoundError: no such accent.
        """
        return "".join(letter for letter in unicodedata.normalize("NFC", reading.sound) if letter.isalnum())

    # ---- review and lint ---------------------------------------------------------------------------------

    def doubter(self, accent: str) -> Callable[[Reading], str]:
        """A function that says why a reading may be wrong, in Chinese, for a reviewer; empty when nothing is known."""
        return lambda reading: ""

    def local(self, reading: Reading, accent: str) -> str:
        """The notation with the accent's own readings; empty where they are the same."""
        return ""

    def listed(self) -> Iterable[ListedWord]:
        """The rows of its word list, for the reviewer."""
        return ()

    def list_problems(self) -> Iterator[tuple[str, str]]:
        """Rows of its word list, and what is wrong with them."""
        yield from ()

    def rules(self) -> Sequence[Rule]:
        """What its texts must be, beside what every language's must (`voices.lint`)."""
        return ()

    def questions(self, text: str) -> Sequence[str]:
        """The questions that a text asks, in their order."""
        return ()
