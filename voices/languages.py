"""Which languages there are: every folder of the package `voices` that holds `pack.toml`.

The package of such a folder has `LANGUAGE`, its subclass of `Language`. A folder that lies elsewhere is found
once its parent is on `voices.__path__`, as Python finds its modules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

import voices
from voices.language import Language


@dataclass(frozen=True, slots=True)
class Voice:
    """A language by one of its accents; `accent` is empty where it has none."""

    language: Language
    accent: str

    @property
    def engine(self) -> str:
        """The live engine's name of it."""
        return self.language.voice(self.accent)

    @property
    def name(self) -> str:
        """In English, for technicians."""
        return ", ".join(part for part in (self.language.english, self.accent) if part)

    @property
    def label(self) -> str:
        """The accent, else the language's code: what measures and files are called by."""
        return self.accent or self.language.code


def every() -> Sequence[Language]:
    """All languages by their codes."""
    return tuple(_found(tuple(voices.__path__)).values())


def codes() -> tuple[str, ...]:
    return tuple(_found(tuple(voices.__path__)))


def of(code: str) -> Language:
    """:raises KeyError: no such language."""
    return _found(tuple(voices.__path__))[code]


def folder_of(code: str) -> Path:
    """:raises KeyError: no such language."""
    return of(code).folder


def every_voice() -> Sequence[Voice]:
    """All voices, those of languages with accents first: they are our own, and the kiosk begins with them."""
    found = [Voice(language, accent) for language in every() for accent in language.accents()]
    return sorted(found, key=lambda voice: not voice.accent)


def all_accents() -> tuple[str, ...]:
    return tuple(voice.accent for voice in every_voice() if voice.accent)


def of_voice(engine: str) -> Language | None:
    """The language that speaks by a voice of the engine; None for a voice that is no language's."""
    return _of_voice(tuple(voices.__path__)).get(engine)


@lru_cache(maxsize=4)
def _found(paths: tuple[str, ...]) -> Mapping[str, Language]:
    packs = {pack.parent.name: pack.parent for path in reversed(paths) for pack in Path(path).glob("*/pack.toml")}
    found = {code: import_module(f"voices.{code}").LANGUAGE(packs[code]) for code in sorted(packs)}
    return MappingProxyType(found)


@lru_cache(maxsize=4)
def _of_voice(paths: tuple[str, ...]) -> Mapping[str, Language]:
    return MappingProxyType({voice.engine: voice.language for voice in every_voice()})
