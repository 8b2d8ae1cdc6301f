"""The decoder's features of a plan: pushed away from rivals, and steadied over initials."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from voices.neural.engine import Engine, Floats
from voices.neural.plan import INITIAL, VOWEL, Token
from voices.neural.recipe import Push, Recipe, Steady

Text = Callable[[Sequence[str]], Floats]
"""Symbols to features per token."""


def features(engine: Engine, tokens: Sequence[Token], recipe: Recipe) -> Floats:
    """512 x tokens."""

    def text(symbols: Sequence[str]) -> Floats:
        return engine.text(engine.tokens(symbols))

    return shaped(text, tokens, recipe.pushes, recipe.steady)


def shaped(text: Text, tokens: Sequence[Token], pushes: Sequence[Push], steady: Steady) -> Floats:
    """Extrapolation without training: what parts a sound from its rival is made larger than the voice makes it."""
    plain = text([token.symbol for token in tokens])
    made = _steadied(text, tokens, steady, plain)
    for push in pushes:
        if any(_hit(token, push) for token in tokens):
            rivals = [text([r if _hit(t, push) else t.symbol for t in tokens]) for r in push.rivals]
            made = made + push.by * (plain - np.mean(rivals, axis=0))
    return np.asarray(made, dtype=np.float32)


def _hit(token: Token, push: Push) -> bool:
    return token.symbol == push.symbol and token.kind == push.where


def _steadied(text: Text, tokens: Sequence[Token], steady: Steady, plain: Floats) -> Floats:
    places = [at for at, token in enumerate(tokens) if token.kind == VOWEL and token.symbol in steady.vowels]
    if not places or not steady.share:
        return plain.copy()
    others = []
    for onset in steady.onsets:
        symbols = [onset if _first_of_initial(tokens, at) else token.symbol for at, token in enumerate(tokens)]
        others.append(text(symbols)[:, places])
    made = plain.copy()
    made[:, places] += steady.share * (np.mean(others, axis=0) - plain[:, places])
    return made


def _first_of_initial(tokens: Sequence[Token], at: int) -> bool:
    this, before = tokens[at], tokens[at - 1] if at else None
    return this.kind == INITIAL and (before is None or before.kind != INITIAL or before.syllable != this.syllable)
