"""The words of the made-up district, from `config/demo/district.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from backoffice.paths import config_dir


@dataclass(frozen=True, slots=True)
class Words:
    first_day: date
    last_day: date
    label: str
    transfer_day: date
    transfer_to: str
    transfer_basis: str
    transfer_from: tuple[str, ...]
    without_account: tuple[str, ...]
    objects: tuple[str, ...]
    actions: tuple[str, ...]
    unbound_reasons: tuple[str, ...]
    leader: str
    refusal_authority: str
    refusal_words: str
    elements: tuple[str, ...]


def read_words(folder: Path | None = None) -> Words:
    """:raises OSError: no such file. :raises ValueError: not the agreed form."""
    path = (folder or config_dir() / "demo") / "district.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        return Words(
            date.fromisoformat(data["first_day"]),
            date.fromisoformat(data["last_day"]),
            data["label"],
            date.fromisoformat(data["transfer"]["day"]),
            data["transfer"]["to"],
            data["transfer"]["basis"],
            tuple(data["transfer"]["from"]),
            tuple(data["accounts"]["without"]),
            tuple(data["guides"]["objects"]),
            tuple(data["guides"]["actions"]),
            tuple(data["unbound"]["reasons"]),
            data["walkthroughs"]["leader"],
            data["refusals"]["authority"],
            data["refusals"]["words"],
            tuple(data["elements"]["names"]),
        )
    except (KeyError, TypeError) as cause:
        raise ValueError(f"{path}: {type(cause).__name__} {cause}") from cause
