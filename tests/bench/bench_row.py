"""What a benchmark reports: a figure, how far its repeats lie apart, and the goal that the median must keep."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

ROUNDS = 9
LEAST_REPEATS = 5
"""A time or a ratio of times that was measured less often says nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """`at_most` and `at_least` are goals; a row without any is only told. A count stands by itself, without repeats."""

    name: str
    value: float
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""
    repeats: tuple[float, ...] = ()

    @property
    def holds(self) -> bool:
        low = self.at_least is None or self.value >= self.at_least
        return low and (self.at_most is None or self.value <= self.at_most)

    def __str__(self) -> str:
        goals = [f"<= {self.at_most:g}"] if self.at_most is not None else []
        goals += [f">= {self.at_least:g}"] if self.at_least is not None else []
        spread = f"[{min(self.repeats):.3f} .. {max(self.repeats):.3f}, {len(self.repeats)}x]" if self.repeats else ""
        verdict = "" if self.holds else "MISSED"
        return "  ".join(
            part
            for part in (f"{self.value:9.3f}  {' '.join(goals):10s}", self.name, spread, self.note, verdict)
            if part
        )


def repeated(
    name: str,
    repeats: Sequence[float],
    *,
    at_most: float | None = None,
    at_least: float | None = None,
    note: str = "",
) -> Row:
    """The median of what was measured several times. :raises ValueError: it was measured less than five times"""
    if len(repeats) < LEAST_REPEATS:
        raise ValueError(f"{name}: {len(repeats)} repeats, and {LEAST_REPEATS} are the least that can be believed")
    return Row(name, statistics.median(repeats), at_most, at_least, note, tuple(repeats))


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two things measured in turns: the seconds (or rates) of both, round by round."""

    one: list[float] = field(default_factory=list)
    other: list[float] = field(default_factory=list)

    def ratios(self, taken_off_both: float = 0.0) -> list[float]:
        """One by the other, each with its neighbour in time: what slows the machine for a while slows both."""
        pairs = zip(self.one, self.other, strict=True)
        return [(one - taken_off_both) / (other - taken_off_both) for one, other in pairs]

    def middles(self) -> tuple[float, float]:
        return statistics.median(self.one), statistics.median(self.other)


def turns(rounds: int) -> Iterator[bool]:
    """Whether the first of two goes first: they change places each round, so that neither always follows the other."""
    for at in range(rounds):
        yield at % 2 == 0


def in_turns(one: Callable[[], float], other: Callable[[], float], rounds: int = ROUNDS) -> Pairs:
    """Both measure themselves, in the order one, other, other, one, one, …"""
    pairs = Pairs()
    for one_first in turns(rounds):
        for action, kept in ((one, pairs.one), (other, pairs.other))[:: 1 if one_first else -1]:
            kept.append(action())
    return pairs


def timed(action: Callable[[], object]) -> Callable[[], float]:
    """The same action, which gives its seconds."""

    def seconds() -> float:
        began_s = time.perf_counter()
        action()
        return time.perf_counter() - began_s

    return seconds
