"""The recipe as data: read, checked against the language's inventory, hashed."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from voices.pipeline import tailo

FILE = Path(__file__).parent / "recipe.toml"
PLACES = ("initial", "vowel", "nasal", "coda")

_SOUNDING = ("plan", "features", "tracks", "synth", "finish")
"""Modules that turn the recipe into sound."""

Sounds = tuple[tuple[str, int], ...]
"""Symbols and their frames."""


class RecipeError(ValueError):
    """The recipe is not whole; the message names the entry."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Frames of 25 ms; what each is for stands in the file."""

    shift: int
    lead: int
    tail: int
    phrase_final: int
    group_final: int
    afterglow: int
    open_rime: int
    nasal_vowel: int
    nasal_coda: int
    checked: int
    coda_stop: int
    glide: int
    tilde: int
    tilde_checked: int
    pause: int


@dataclass(frozen=True, slots=True)
class Pitch:
    base_hz: float
    semitones: float
    inside: tuple[float, float]
    final: tuple[float, float]

    def hz(self, chao: float) -> float:
        """Frequency of a Chao level (1 to 5; 3 is the base)."""
        return float(self.base_hz * 2 ** ((chao - 3) / 4 * self.semitones / 12))


@dataclass(frozen=True, slots=True)
class Energy:
    vowel_floor: float
    closed: float
    coda_closed: float
    silence: float
    closures: Mapping[str, int]
    voice_bars: Mapping[str, tuple[float, int]]
    murmurs: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Push:
    where: str
    symbol: str
    rivals: tuple[str, ...]
    by: float


@dataclass(frozen=True, slots=True)
class Steady:
    share: float
    vowels: tuple[str, ...]
    onsets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finish:
    coda_fade_ms: Mapping[str, tuple[float, float]]
    voice_bar_db: Mapping[str, float]
    voice_bar_hz: float
    level_within_db: float
    level_most_db: float


@dataclass(frozen=True, slots=True)
class Recipe:
    style: str
    row: int
    pitch: Pitch
    timing: Timing
    initials: Mapping[str, Sounds]
    initials_before_i: Mapping[str, Sounds]
    vowels: Mapping[str, str]
    codas: Mapping[str, str]
    finals: Mapping[str, tuple[str, ...]]
    syllabic: Mapping[str, tuple[str, ...]]
    marks: Mapping[str, str]
    energy: Energy
    pushes: tuple[Push, ...]
    steady: Steady
    finish: Finish
    digest: str
    """Hash of the file and of the code that follows it."""

    def initial(self, name: str, before_i: bool) -> Sounds:
        if not name:
            return ()
        return self.initials_before_i[name] if before_i and name in self.initials_before_i else self.initials[name]

    def symbols(self) -> frozenset[str]:
        """Every symbol the voice must know."""
        found = {symbol for sounds in self.initials.values() for symbol, _ in sounds}
        found |= {symbol for sounds in self.initials_before_i.values() for symbol, _ in sounds}
        found |= {*self.vowels.values(), *self.codas.values(), *self.marks.values()}
        found |= {symbol for each in (self.syllabic, self.finals) for symbols in each.values() for symbol in symbols}
        found |= {symbol for push in self.pushes for symbol in (push.symbol, *push.rivals)}
        return frozenset(found | {*self.steady.vowels, *self.steady.onsets})


@lru_cache(maxsize=4)
def load(path: Path = FILE) -> Recipe:
    """:raises RecipeError: an initial of the language is missing, or a value is of no use."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        found = _recipe(table, digest(path))
    except (KeyError, TypeError) as error:
        raise RecipeError(f"{path.name}: {error}") from error
    _check(found)
    return found


def digest(path: Path = FILE) -> str:
    """Changes with the recipe and with every module that turns it into sound."""
    total = hashlib.sha256(path.read_bytes())
    for name in _SOUNDING:
        total.update((Path(__file__).parent / f"{name}.py").read_bytes())
    return total.hexdigest()


def _recipe(table: Mapping[str, Any], made_of: str) -> Recipe:
    energy, finish, steady = table["energy"], table["finish"], table["steady"]
    return Recipe(
        table["style"]["name"],
        table["style"]["row"],
        Pitch(**table["pitch"]),
        Timing(**table["timing"]),
        {name: _sounds(sounds) for name, sounds in table["initials"].items()},
        {name: _sounds(sounds) for name, sounds in table["initials_before_i"].items()},
        table["vowels"],
        table["codas"],
        {name: tuple(symbols) for name, symbols in table["finals"].items()},
        {name: tuple(symbols) for name, symbols in table["syllabic"].items()},
        table["marks"],
        Energy(**energy),
        tuple(Push(p["where"], p["symbol"], tuple(p["rivals"]), p["by"]) for p in table["push"]),
        Steady(steady["share"], tuple(steady["vowels"]), tuple(steady["onsets"])),
        Finish(**finish),
        made_of,
    )


def _sounds(entry: Sequence[Sequence[Any]]) -> Sounds:
    return tuple((str(symbol), int(frames)) for symbol, frames in entry)


def _check(found: Recipe) -> None:
    missing = set(tailo.INITIALS) - {""} - set(found.initials)
    if missing:
        raise RecipeError(f"no sound for the initial {sorted(missing)[0]}")
    for name, sounds in (*found.initials.items(), *found.initials_before_i.items()):
        if not sounds or any(frames < 1 for _, frames in sounds):
            raise RecipeError(f"initial {name}: a sound of less than one frame")
    for push in found.pushes:
        if push.where not in PLACES or not push.rivals:
            raise RecipeError(f"push of {push.symbol}: unknown place {push.where!r}, or no rival")
    if set(found.marks) != {"level", "rising", "falling", "low"}:
        raise RecipeError("marks must be level, rising, falling, low")
