"""Whose turn it is among cases of one day: two of those that go first, then one of the others. Nobody starves."""

from __future__ import annotations

from datetime import date

from backoffice.domain.days import full_years

ELDER_YEARS = 60
FIRST_IN_A_ROW = 2
_ROUND = FIRST_IN_A_ROW + 1
_FIRST_CATEGORIES = frozenset(("disability", "veterans"))


def goes_first(birth: date | None, on: date, category: str, *, urgent: bool) -> bool:
    """The old, the disabled, who has served, and what cannot wait. `birth`: None when the card does not say."""
    old = birth is not None and full_years(birth, on) >= ELDER_YEARS
    return old or urgent or category in _FIRST_CATEGORIES


def slot(place: int, *, first: bool) -> int:
    """The turn within the day of the `place`-th case (from 0) of its kind; given once and never taken back.

    The n-th of the others is at most the 3n-th of all, however many come that go first.
    """
    if first:
        return place // FIRST_IN_A_ROW * _ROUND + place % FIRST_IN_A_ROW
    return place * _ROUND + FIRST_IN_A_ROW
