"""The list of contrasts (contrasts.toml) and the renders that each is judged on."""

from __future__ import annotations

import hashlib
import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

LIST = Path(__file__).parent / "contrasts.toml"
DRAWS = 6
"""Renders of each member in each context."""
_PERCENT = (85, 100, 115)
_SEMITONES = (-2.0, 0.0, 2.0)
_OPEN_CODES, _CHECKED_CODES = "12357", "48"
_NARROW_CODES = "148"
"""Tone codes that both accents give to open as to checked syllables, where one member is open and one checked."""


class ListError(ValueError):
    """contrasts.toml says something that cannot be measured; the message names the contrast."""


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


def load(words: str = "scoring") -> tuple[Contrast, ...]:
    """:param words: which lists of contexts, `scoring` or `tuning`.
    :raises ListError: a pair or a `higher` that does not fit.
    """
    document = tomllib.loads(LIST.read_text(encoding="utf-8"))
    lists = document[words]
    found = [_initial(row, lists) for row in document["initial"]]
    found += [_rime(row, lists) for row in document["rime"]]
    return tuple(found)


def _initial(row: Mapping[str, object], lists: Mapping[str, Sequence[str]]) -> Contrast:
    return _contrast(row, "initial", lists[str(row.get("rimes", "rimes"))], lists)


def _rime(row: Mapping[str, object], lists: Mapping[str, Sequence[str]]) -> Contrast:
    pair = row["pair"]
    closed = isinstance(pair, list) and any(_coda(str(rime)) for rime in pair)
    return _contrast(row, "coda" if closed else "vowel", lists["onsets"], lists)


def _coda(rime: str) -> bool:
    return rime[-1] in "ptkhm" or rime.endswith("ng") or (rime.endswith("n") and not rime.endswith("nn"))


def _contrast(
    row: Mapping[str, object], kind: str, contexts: Sequence[str], lists: Mapping[str, Sequence[str]]
) -> Contrast:
    pair = row["pair"]
    if not isinstance(pair, list) or len(pair) != 2 or row["higher"] not in pair:
        raise ListError(f"{row}: a pair of two is needed, and `higher` must be one of them")
    name = str(row.get("name", "/".join(each or "0" for each in pair)))
    both = (str(pair[0]), str(pair[1]))
    before, after = tuple(lists["before"]), tuple(lists["after"])
    higher = pair.index(row["higher"])
    quick = bool(row.get("quick", False))
    return Contrast(name, kind, both, tuple(contexts), before, after, str(row["measure"]), higher, quick)


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
