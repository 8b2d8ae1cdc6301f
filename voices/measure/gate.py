"""What a gate is: a figure, what it should be, and whether it is.

A module of this folder that measures has `gates(bench: Bench) -> list[Gate]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Bench:
    """What every measurement is given.

    data: folder that holds the built voice (`espeak-ng-data`).
    out: folder for pictures and tables.
    fast: the subset that belongs into the quick test run.
    """

    data: Path
    out: Path
    fast: bool = False


@dataclass(frozen=True, slots=True)
class Gate:
    """One row of the report; `wanted` and `measured` are written for people, with units."""

    name: str
    wanted: str
    measured: str
    passed: bool
    details: Mapping[str, object] = field(default_factory=dict)
    """What a reader asks next: the cases that failed, by name."""
