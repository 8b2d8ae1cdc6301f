"""What a benchmark reports: a ratio of two things measured in turns in one run, and the goal it must keep."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 9


@dataclass(frozen=True, slots=True)
class Row:
    """`at_most` and `at_least` are goals; a row without any is only told."""

    name: str
    value: float
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def holds(self) -> bool:
        low = self.at_least is None or self.value >= self.at_least
        return low and (self.at_most is None or self.value <= self.at_most)

    def __str__(self) -> str:
        goals = [f"<= {self.at_most:g}"] if self.at_most is not None else []
        goals += [f">= {self.at_least:g}"] if self.at_least is not None else []
        verdict = "" if self.holds else "   MISSED"
        return f"{self.value:9.3f}  {' '.join(goals):10s}  {self.name}  {self.note}".rstrip() + verdict


def in_turns(one: Callable[[], None], other: Callable[[], None], rounds: int = ROUNDS) -> tuple[float, float]:
    """Median seconds of both, measured A B A B …"""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for action, kept in zip((one, other), times, strict=True):
            began = time.perf_counter()
            action()
            kept.append(time.perf_counter() - began)
    return statistics.median(times[0]), statistics.median(times[1])
