"""How a figure is shown: exact fractions, rounded once, half up, at the very end."""

from __future__ import annotations

from decimal import Decimal

RULE = "half up, once, from the exact fraction"


def percent(numerator: int, denominator: int, places: int = 1) -> Decimal:
    """`numerator` of `denominator` in per cent: 35 440 of 54 820 is 64.6. Both count something: neither is negative.

    :raises ZeroDivisionError: of nothing.
    """
    return _rounded(100 * numerator, denominator, places)


def mean(total: int, count: int, places: int = 2) -> Decimal:
    """:raises ZeroDivisionError: of nothing."""
    return _rounded(total, count, places)


def _rounded(numerator: int, denominator: int, places: int) -> Decimal:
    """Whole numbers until the last step: a quotient that was rounded before would be rounded twice."""
    if denominator == 0:
        raise ZeroDivisionError("a share of nothing")
    scaled, rest = divmod(numerator * 10**places, denominator)
    return Decimal(scaled + (2 * rest >= denominator)).scaleb(-places)
