"""The site's own files: `notices.toml` beside terminal.toml, and the copy of its hours in the state folder.

[[notice]]
text = "…"                  # one short line, shown on the screen that waits
from = 2026-11-24
to = 2026-11-28             # the last day
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from kiosk.adapters.settings import json_file
from kiosk.adapters.settings.config import ConfigError, read_toml
from kiosk.domain.site.state import Notice, Span

NOTICES = "notices.toml"
NOTICE_MOST = 24
"""Characters: one line that is read in passing."""
_KEYS = {"text", "from", "to"}


class SiteCopy:
    """`kiosk.app.site.service.Keeper`: public facts, no person in them."""

    def __init__(self, state_dir: Path):
        self._path = state_dir / "site.json"

    def read(self) -> Mapping[str, object]:
        return json_file.read(self._path)

    def write(self, document: Mapping[str, object]) -> None:
        json_file.write(self._path, document)


def load_notices(folder: Path) -> tuple[Notice, ...]:
    """None where the site has no file. :raises ConfigError: with the entry that cannot be used, and why."""
    path = folder / NOTICES
    if not path.is_file():
        return ()
    document = read_toml(path)
    entries = document.get("notice", [])
    if document.keys() - {"notice"} or not isinstance(entries, list):
        raise ConfigError(f"{path}: only [[notice]] is allowed")
    return tuple(_notice(entry, f"{path}: notice {at}") for at, entry in enumerate(entries, 1))


def _notice(entry: object, where: str) -> Notice:
    if not isinstance(entry, dict) or entry.keys() != _KEYS:
        raise ConfigError(f"{where}: needs text, from and to, and nothing else")
    text, first, last = entry["text"], entry["from"], entry["to"]
    if not isinstance(text, str) or not 0 < len(text.strip()) <= NOTICE_MOST or not text.isprintable():
        raise ConfigError(f"{where}: text has 1 to {NOTICE_MOST} characters in one line")
    if not _is_day(first) or not _is_day(last) or last < first:
        raise ConfigError(f"{where}: from and to are dates without quotes (2026-11-24), from not after to")
    return Notice(text.strip(), first.isoformat(), last.isoformat())


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def parse_span(text: str, where: str) -> Span | None:
    """`21:00-07:00`; empty: none. :raises ConfigError:"""
    if not text:
        return None
    begin, _, end = text.partition("-")
    try:
        return _clock(begin), _clock(end)
    except ValueError as error:
        raise ConfigError(f'{where}: must be like "21:00-07:00"') from error


def _clock(text: str) -> str:
    """:raises ValueError: not HH:MM."""
    return datetime.strptime(text, "%H:%M").strftime("%H:%M")
