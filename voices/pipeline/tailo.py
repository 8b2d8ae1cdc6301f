"""Tâi-lô with tone digits: syllables, words, tone groups. Validation by the language's own inventory.

Notation (Taiwan MOE 臺灣閩南語羅馬字拼音方案, tone digits): `tshiann2 theh8--khi2-lai5 | tsing3`. Spaces and
single hyphens part syllables, `--` starts a neutral tail, `|` ends a tone group.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from voices.reading import NotationError

INITIALS = ("p", "ph", "b", "m", "t", "th", "n", "l", "k", "kh", "g", "ng", "ts", "tsh", "s", "j", "h", "")
_OPEN = ["a", "e", "i", "o", "oo", "u", "ai", "au", "ia", "iau", "io", "iu", "ua", "uai", "ue", "ui", "ir", "er"]
_NASAL = [
    "ann",
    "enn",
    "inn",
    "onn",
    "unn",
    "ainn",
    "aunn",
    "iann",
    "iaunn",
    "iunn",
    "ionn",
    "uann",
    "uainn",
    "uenn",
    "uinn",
]
_NASAL_CODA = [
    "am",
    "im",
    "iam",
    "om",
    "an",
    "in",
    "ian",
    "un",
    "uan",
    "irn",
    "ern",
    "ang",
    "ing",
    "iang",
    "ong",
    "iong",
    "ung",
    "uang",
    "m",
    "ng",
]
_STOP = ["ap", "ip", "iap", "op", "at", "it", "iat", "ut", "uat", "ak", "ik", "iak", "ok", "iok"]
_GLOTTAL = [
    "ah",
    "eh",
    "ih",
    "oh",
    "ooh",
    "uh",
    "aih",
    "auh",
    "iah",
    "iauh",
    "ioh",
    "iuh",
    "uah",
    "uaih",
    "ueh",
    "uih",
    "irh",
    "erh",
] + [final + "h" for final in ("ann", "enn", "inn", "onn", "ainn", "aunn", "iann", "uann", "uainn", "m", "ng")]
FINALS = frozenset((*_OPEN, *_NASAL, *_NASAL_CODA, *_STOP, *_GLOTTAL))
_CHECKED = frozenset((*_STOP, *_GLOTTAL))
_SYLLABLE = re.compile(r"([a-z]+)([1-9])")
_BY_LENGTH = sorted(INITIALS, key=len, reverse=True)


class TailoError(NotationError):
    """No Minnan syllable; the message names it."""


@dataclass(frozen=True, slots=True)
class Syllable:
    initial: str
    final: str
    tone: int
    """1 to 9, the citation tone."""
    neutral: bool = False
    joined: bool = field(default=False, compare=False)
    """A hyphen ties it to the syllable before: both are one word."""

    @property
    def checked(self) -> bool:
        return self.final in _CHECKED

    @property
    def coda(self) -> str:
        """p, t, k or h of a checked syllable, else empty."""
        return self.final[-1] if self.checked else ""

    @property
    def letters(self) -> str:
        return self.initial + self.final


@lru_cache(maxsize=8192)
def syllable(text: str, neutral: bool = False, joined: bool = False) -> Syllable:
    """:raises TailoError: unknown letters, or a tone that the final cannot carry."""
    match = _SYLLABLE.fullmatch(text)
    if not match:
        raise TailoError(f"{text!r} is no syllable with a tone digit")
    letters, tone = match[1], int(match[2])
    for initial in _BY_LENGTH:
        final = letters[len(initial) :]
        if letters.startswith(initial) and final in FINALS:
            found = Syllable(initial, final, tone, neutral, joined)
            break
    else:
        raise TailoError(f"{text!r} is no Minnan syllable")
    if found.checked != (tone in (4, 8)):
        raise TailoError(f"{text!r}: -{found.coda or 'open'} and tone {tone} exclude each other")
    return found


Group = tuple[Syllable, ...]


def groups(text: str) -> tuple[Group, ...]:
    """The tone groups of a clause.

    :raises TailoError: a syllable that is none, a group without one, or a group that begins neutral.
    """
    found = tuple(_group(part) for part in text.split("|") if part.strip())
    for group in found:
        if not group:
            raise TailoError(f"a tone group has no syllable: {text!r}")
        if group[0].neutral:
            raise TailoError(f"a tone group begins with a neutral syllable: {text!r}")
    return found


def _group(text: str) -> Group:
    syllables: list[Syllable] = []
    for word in text.split():
        full, *tails = word.split("--")
        syllables += [syllable(part, joined=at > 0) for at, part in enumerate(filter(None, full.split("-")))]
        for tail in tails:
            syllables += [syllable(part, neutral=True, joined=True) for part in tail.split("-") if part]
    return tuple(syllables)
