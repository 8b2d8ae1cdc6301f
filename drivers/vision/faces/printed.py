"""The words of the card's printed faces, from `printed.toml`."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Printed:
    """See `printed.toml`."""

    unlimited: str
    male: str
    female: str
    title: str
    labels: tuple[str, ...]
    number_label: str
    nation_label: str
    sex_label: str
    birth_marks: str
    address_ends: str
    issuer_ends: tuple[str, ...]
    nations: Mapping[str, str]
    """GB/T 3304 code -> name."""
    simplified: Mapping[int, str]
    """For `str.translate`."""


@functools.cache
def printed() -> Printed:
    """The table, read once a process."""
    table = tomllib.loads(Path(__file__).with_name("printed.toml").read_text(encoding="utf-8"))
    table["simplified"] = str.maketrans(table["simplified"])
    return Printed(**{**table, "labels": tuple(table["labels"]), "issuer_ends": tuple(table["issuer_ends"])})
