"""The list of contrasts (contrasts.toml) and the renders that each is judged on."""

from __future__ import annotations

import hashlib
import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

LIST = Path(__file__).parent / "contrasts.toml"
DRAWS = 6
"""Renders of each member in each context."""
_PERCENT = (85, 100, 115)
_SEMITONES = (-2.0, 0.0, 2.0)
_OPEN_CODES, _CHECKED_CODES = "12357", "48"
_NARROW_CODES = "148"
"""Tone codes that both accents give to open as to checked syllables, where one member is open and one checked."""


class ListError(RuntimeError):
    """contrasts.toml says something that cannot be measured; the message names the row."""


@dataclass(frozen=True, slots=True)
class Contrast:
    name: str
    kind: str
    """initial, vowel or coda: where the two differ."""
    pair: tuple[str, str]
    contexts: tuple[str, ...]
    """Rimes for a pair of initials, initials for a pair of rimes."""
    before: tuple[str, ...]
    after: tuple[str, ...]
    measure: str
    higher: int
    """Which member has the greater measure, 0 or 1."""
    source: str
    """Where the measure comes from."""
    quick: bool = False
    """Belongs into the quick test run."""

    def syllable(self, member: int, context: str) -> str:
        """Letters without tone."""
        mine = self.pair[member]
        return mine + context if self.kind == "initial" else context + mine


@dataclass(frozen=True, slots=True)
class Utterance:
    """One render: `words[at]` is the syllable that is judged."""

    member: int
    context: int
    words: tuple[str, ...]
    at: int
    percent: int
    semitones: float


def load(words: str = "scoring", path: Path = LIST) -> tuple[Contrast, ...]:
    """:param words: which lists of neighbours and contexts, `scoring` or `tuning`.
    :raises ListError: a row that does not fit; the message names it.
    """
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    found: list[Contrast] = []
    for kind in ("initial", "rime"):
        for row in document[kind]:
            try:
                found.append(_contrast(row, kind, document[words], document["sources"]))
            except (KeyError, TypeError, ValueError) as error:
                raise ListError(f"{path.name}: {kind} {row}: {error}") from error
    return tuple(found)


def _contrast(
    row: Mapping[str, Any], kind: str, lists: Mapping[str, Sequence[str]], sources: Mapping[str, str]
) -> Contrast:
    first, second = row["pair"]
    if first == second:
        raise ValueError("the two are the same")
    measure = row["measure"]
    return Contrast(
        name=row.get("name", f"{first or '0'}/{second or '0'}"),
        kind="initial" if kind == "initial" else "coda" if _coda(first) or _coda(second) else "vowel",
        pair=(first, second),
        contexts=tuple(lists[row.get("rimes", "rimes") if kind == "initial" else "onsets"]),
        before=tuple(lists["before"]),
        after=tuple(lists["after"]),
        measure=measure,
        higher=(first, second).index(row["higher"]),
        source=sources[measure],
        quick=row.get("quick", False),
    )


def _coda(rime: str) -> bool:
    return rime[-1] in "ptkhm" or rime.endswith("ng") or (rime.endswith("n") and not rime.endswith("nn"))


def utterances(contrast: Contrast, draws: int = DRAWS) -> Iterator[Utterance]:
    """The two members in the same neighbourhoods, tones, speeds and pitches: only the segment differs.

    Drawn, but the same every time: the name of the contrast is the seed.
    """
    chance = random.Random(hashlib.sha256(contrast.name.encode()).digest())
    for number, context in enumerate(contrast.contexts):
        for _ in range(draws):
            before, after = chance.choice(contrast.before), chance.choice(contrast.after)
            code = chance.choice(_codes(contrast, context))
            percent, semitones = chance.choice(_PERCENT), chance.choice(_SEMITONES)
            for member in (0, 1):
                words = [before, contrast.syllable(member, context) + code, after]
                spoken = tuple(word for word in words if word)
                yield Utterance(member, number, spoken, 1 if before else 0, percent, semitones)


@lru_cache(maxsize=256)
def _codes(contrast: Contrast, context: str) -> str:
    checked = [contrast.syllable(member, context)[-1] in "ptkh" for member in (0, 1)]
    if all(checked):
        return _CHECKED_CODES
    return _NARROW_CODES if any(checked) else _OPEN_CODES
