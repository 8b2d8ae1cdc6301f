"""Token buckets: how many requests one caller may send, by the injected clock, in bounded memory."""

from __future__ import annotations

import math
import threading
import tomllib
from collections import OrderedDict
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from backoffice.clock import Clock
from backoffice.paths import config_dir
from backoffice.problems.problem import Problem

FILE = "backoffice.toml"
MAX_NAMES = 20_000
"""Callers remembered at once; the one unheard of for the longest is forgotten first, and starts with a full bucket."""


class LimitsError(ValueError):
    """The file's limits cannot be used; the text says which and what is allowed."""


@dataclass(frozen=True, slots=True)
class Rate:
    burst: int
    per_minute: int


@dataclass(frozen=True, slots=True)
class Limits:
    terminal: Rate
    staff: Rate
    address: Rate


def read_limits(path: Path | None = None) -> Limits:
    """:raises LimitsError: unknown or missing name, or a number that is none. :raises OfficeFilesMissing:"""
    file = path or config_dir() / FILE
    table = tomllib.loads(file.read_text(encoding="utf-8")).get("limits", {})
    names = {field.name for field in fields(Limits)}
    if set(table) != names:
        raise LimitsError(f"{file}: [limits] needs exactly {', '.join(sorted(names))}")
    return Limits(**{name: _rate(file, name, entry) for name, entry in table.items()})


def _rate(file: Path, name: str, entry: dict[str, Any]) -> Rate:
    wanted = {field.name for field in fields(Rate)}
    numbers = isinstance(entry, dict) and all(type(value) is int and 1 <= value <= 10**6 for value in entry.values())
    if not numbers or set(entry) != wanted:
        raise LimitsError(f"{file}: [limits.{name}] needs burst and per_minute, whole numbers from 1 to 1000000")
    return Rate(**entry)


class Buckets:
    """One bucket a name."""

    def __init__(self, clock: Clock, rate: Rate, max_names: int = MAX_NAMES) -> None:
        self._clock = clock
        self._rate = rate
        self._max_names = max_names
        self._filled: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, name: str) -> None:
        """One request of this caller. :raises Problem: too_many_requests, with Retry-After in seconds."""
        now, per_s = self._clock.now().timestamp(), self._rate.per_minute / 60
        with self._lock:
            tokens, since = self._filled.pop(name, (float(self._rate.burst), now))
            # A clock that was set back fills nothing, and does not empty anything either.
            tokens = min(self._rate.burst, tokens + max(0.0, now - since) * per_s)
            enough = tokens >= 1
            self._filled[name] = (tokens - 1 if enough else tokens, now)
            while len(self._filled) > self._max_names:
                self._filled.popitem(last=False)
        if not enough:
            wait_s = math.ceil((1 - tokens) / per_s)
            raise Problem("too_many_requests", headers={"Retry-After": str(max(1, wait_s))})
