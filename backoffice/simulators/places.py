"""The district's villages with the codes that held on a day, and other lists for made-up people."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from backoffice.paths import config_dir

CODES_CHANGED_ON = date(2021, 10, 31)
"""The first official list of division codes with today's towns; the list of 2020-06-30 has the codes before."""


@dataclass(frozen=True, slots=True)
class Village:
    code_before: str
    """Empty: founded with the new codes."""
    code: str
    name: str
    town: str

    def code_on(self, day: date) -> str:
        """12 digits. A village that did not exist yet is known by its first code."""
        return self.code_before if day < CODES_CHANGED_ON and self.code_before else self.code

    @property
    def farming(self) -> bool:
        """An administrative village: codes from 200 on are villages, below are urban communities."""
        return 200 <= int(self.code[9:]) < 500


@dataclass(frozen=True, slots=True)
class Lists:
    villages: tuple[Village, ...]
    surnames: str
    given: Mapping[str, Sequence[str]]
    banks: Sequence[str]
    shops: Sequence[str]
    diseases: Sequence[str]


def read_lists(folder: Path | None = None) -> Lists:
    """:raises OSError: no such files. :raises ValueError: not the agreed form."""
    demo = folder or config_dir() / "demo"
    names = tomllib.loads((demo / "names.toml").read_text(encoding="utf-8"))
    with (demo / "villages.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    villages = tuple(Village(row["code_before"], row["code"], row["village"], row["town"]) for row in rows)
    shops = names["shops"]
    return Lists(
        villages, names["surnames"], names["given"], names["banks"]["names"], shops["kinds"], shops["diseases"]
    )
