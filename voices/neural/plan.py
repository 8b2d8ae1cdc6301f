"""From surface syllables to tokens: which symbol, how many frames, what it is part of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from voices.neural.recipe import Recipe
from voices.pipeline import tailo

SILENCE, INITIAL, VOWEL, NASAL, CODA, MARK, GLOW = "silence", "initial", "vowel", "nasal", "coda", "mark", "glow"
PAUSE = "|"
NASAL_CODAS, STOP_CODAS = ("m", "n", "ng"), ("p", "t", "k", "h")
VOICELESS = frozenset(("p", "ph", "t", "th", "k", "kh", "ts", "tsh", "s", "h"))
_TILDE = "̃"
_SURFACE = re.compile(r"([a-z]+)([0-9])")
_CODA = re.compile(r"(ng|m|n|p|t|k|h)$")
_NUCLEI = ("oo", "ir", "er", "a", "e", "i", "o", "u")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A surface syllable taken apart. `vowels` is empty for a syllabic nasal, whose letters are in `syllabic`."""

    initial: str
    vowels: tuple[str, ...]
    syllabic: str
    nasal: bool
    coda: str
    code: str
    """Tone code of the accent."""

    @property
    def checked(self) -> bool:
        return self.coda in STOP_CODAS

    @property
    def before_i(self) -> bool:
        return self.vowels[:1] == ("i",)


@dataclass(frozen=True, slots=True)
class Token:
    symbol: str
    """Empty for the edge of the utterance."""
    frames: int
    kind: str
    syllable: int
    """Position of its syllable; -1 for silence."""


@lru_cache(maxsize=2048)
def spoken(text: str) -> Spoken:
    """:raises TailoError: no surface syllable (letters and one code, `phah4`)."""
    match = _SURFACE.fullmatch(text)
    if not match:
        raise tailo.TailoError(f"{text!r} is no syllable with a tone code")
    initial, final = split(match[1])
    nasal, stop = False, ""
    body = final
    if body.endswith("h"):
        body, stop = body[:-1], "h"
    if body in ("m", "ng"):
        return Spoken(initial, (), body, False, stop, match[2])
    if body.endswith("nn"):
        body, nasal = body[:-2], True
    coda = _CODA.search(body) if not nasal and not stop else None
    vowels = tuple(_nuclei(body[: coda.start()] if coda else body))
    return Spoken(initial, vowels, "", nasal, coda[1] if coda else stop, match[2])


def split(letters: str) -> tuple[str, str]:
    """Initial and final. :raises TailoError: no Minnan syllable."""
    for initial in sorted(tailo.INITIALS, key=len, reverse=True):
        if letters.startswith(initial) and letters[len(initial) :] in tailo.FINALS:
            return initial, letters[len(initial) :]
    raise tailo.TailoError(f"{letters!r} is no Minnan syllable")


def _nuclei(body: str) -> Iterator[str]:
    while body:
        found = next(name for name in _NUCLEI if body.startswith(name))
        yield found
        body = body[len(found) :]


def plan(
    words: Sequence[str], recipe: Recipe, speed: float, mark_of: dict[str, str], ends: frozenset[int] = frozenset()
) -> list[Token]:
    """Tokens with their frames.

    :param words: surface syllables; `|` is a pause.
    :param speed: 1 is the recipe's own.
    :param mark_of: tone code -> tone mark.
    :param ends: positions (pauses not counted) of syllables that end a tone group.
    """
    timing = recipe.timing
    tokens = [Token("", timing.lead, SILENCE, -1)]
    at = 0
    for place, word in enumerate(words):
        if word == PAUSE:
            tokens.append(Token(" ", timing.pause, SILENCE, -1))
            continue
        last = place + 1 == len(words) or words[place + 1] == PAUSE
        tokens += _syllable(spoken(word), at, recipe, speed, mark_of, last, at in ends)
        at += 1
    return [*tokens, Token(".", timing.tail, SILENCE, -1), Token("", 1, SILENCE, -1)]


def _syllable(
    this: Spoken, at: int, recipe: Recipe, speed: float, mark_of: dict[str, str], last: bool, ends: bool
) -> Iterator[Token]:
    timing = recipe.timing
    more = timing.phrase_final if last else timing.group_final if ends else 0
    mark = Token(mark_of[this.code], 1, MARK, at)
    for symbol, frames in recipe.initial(this.initial, this.before_i):
        yield Token(symbol, _paced(frames, speed), INITIAL, at)
    if this.syllabic:
        symbols = recipe.syllabic[this.syllabic]
        total = _paced(timing.checked if this.checked else timing.open_rime - 1 + more, speed)
        body = [Token(symbol, n, VOWEL, at) for symbol, n in zip(symbols, _shares(total, len(symbols)), strict=True)]
    else:
        body = _vowels(this, at, recipe, speed, more)
    if this.coda in NASAL_CODAS:
        frames = _paced(timing.nasal_coda + more - more // 2, speed)
        body.append(Token(recipe.codas[this.coda], frames, NASAL, at))
    if this.checked:
        # No tone mark here: between the vowel and its stop it spoils the transition.
        yield from body
        yield Token(recipe.codas[this.coda], timing.coda_stop, CODA, at)
        return
    if last:
        # One token the longer, not two of a kind; the mark moves to the end of what is faded out.
        body[-1] = replace(body[-1], frames=body[-1].frames + timing.afterglow)
        mark = replace(mark, kind=GLOW)
    yield from body
    yield mark


def _vowels(this: Spoken, at: int, recipe: Recipe, speed: float, more: int) -> list[Token]:
    timing = recipe.timing
    if this.checked:
        total = timing.checked
    elif this.coda:
        total = timing.nasal_vowel + more // 2
    else:
        total = timing.open_rime - 1 + more
    symbols = _symbols(this, recipe)
    glides = [symbol for symbol in symbols[:-1] if symbol in "jw"]
    nuclei = symbols[len(glides) :]
    tilde = (timing.tilde_checked if this.checked else timing.tilde) if this.nasal else 0
    left = max(len(nuclei), _paced(total, speed) - timing.glide * len(glides) - tilde)
    tokens = [Token(symbol, timing.glide, VOWEL, at) for symbol in glides]
    tildes = _shares(tilde, len(nuclei)) if tilde >= len(nuclei) else [1] * len(nuclei)
    for symbol, frames, breath in zip(nuclei, _shares(left, len(nuclei)), tildes, strict=True):
        tokens.append(Token(symbol, frames, VOWEL, at))
        if this.nasal:
            tokens.append(Token(_TILDE, breath, VOWEL, at))
    return tokens


def _symbols(this: Spoken, recipe: Recipe) -> list[str]:
    """Symbols of the vowels; the first of several is a glide unless the pair is iu or ui."""
    names = this.vowels
    known = recipe.finals.get("".join(names) + this.coda)
    if known and not this.nasal:
        return list(known)
    found = []
    for place, name in enumerate(names):
        symbol = recipe.vowels[name]
        if name == "o" and (this.coda in ("ng", "k", "m", "p") or this.nasal):
            symbol = recipe.vowels["oo"]
        if name == "a" and names[0] == "i" and this.coda in ("n", "t"):
            symbol = "ɛ"
        if place == 0 and len(names) > 1:
            symbol = "j" if name == "i" and names[1:] != ("u",) else symbol
            symbol = "w" if name == "u" and names[1:] != ("i",) else symbol
        found.append(symbol)
    return found


def _paced(frames: int, speed: float) -> int:
    return max(1, round(frames / speed))


def _shares(total: int, parts: int) -> list[int]:
    """As even as can be, the later ones longer."""
    share, rest = divmod(total, parts)
    return [share + (1 if place >= parts - rest else 0) for place in range(parts)]
