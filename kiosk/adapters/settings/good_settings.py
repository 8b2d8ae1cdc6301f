"""A copy of the settings of the last start that worked, for a start that meets a file which cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kiosk.adapters.settings.durable import write_durably

FOLDER = "good-settings"


def keep(config_dir: Path, names: Sequence[str], state_dir: Path) -> None:
    """Copy what has changed since the last copy. :raises OSError:"""
    kept = state_dir / FOLDER
    kept.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in names:
        content = (config_dir / name).read_bytes()
        copy = kept / name
        if not copy.is_file() or copy.read_bytes() != content:
            write_durably(copy, content)


def folder(names: Sequence[str], state_dir: Path) -> Path | None:
    """Where the copies lie; None when not all of them are there."""
    kept = state_dir / FOLDER
    return kept if all((kept / name).is_file() for name in names) else None
