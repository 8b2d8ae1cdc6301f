"""What a clip must say to be used: a hash over the words, so that a changed text never plays its old sound."""

from __future__ import annotations

import hashlib
import unicodedata
from functools import lru_cache

from voices import languages
from voices.packs.take import RENDERED
from voices.reading import NotationError, Reading

_VERSION = "1"


def surface(lang: str, accent: str, reading: Reading) -> str:
    """What an engine is given: after the accent's readings and changes of tone, where the language has any.

    :raises NotationError: the sound is not written in the language's notation.
    :raises FileNotFoundError: no such accent.
    """
    return languages.of(lang).surface(reading, accent)


@lru_cache(maxsize=8192)
def text_hash(lang: str, accent: str, reading: Reading, kind: str) -> str | None:
    """Hash of what is said; None when it cannot be said at all.

    Punctuation and spacing do not count, tone groups do. A rendered clip also depends on the accent's tables,
    a person's voice does not: she says the words as she says them.
    """
    shape = ""
    if kind == RENDERED:
        try:
            shape = surface(lang, accent, reading)
        except (NotationError, FileNotFoundError):
            return None
    return hash_of(lang, accent, reading, shape)


def hash_of(lang: str, accent: str, reading: Reading, shape: str) -> str:
    """:param shape: the surface that a rendered clip was made from; empty for a recording."""
    sound = " ".join(reading.sound.split()) if languages.of(lang).notation else _words(reading.sound)
    parts = (_VERSION, lang, accent, _words(reading.script), sound, shape)
    whole = "\x1f".join(unicodedata.normalize("NFC", part) for part in parts)
    return hashlib.sha256(whole.encode()).hexdigest()


def _words(text: str) -> str:
    """Letters and digits of any script, without punctuation and spacing."""
    return "".join(letter for letter in unicodedata.normalize("NFC", text) if letter.isalnum())
