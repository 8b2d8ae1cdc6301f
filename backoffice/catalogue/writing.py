"""Writing a release back as the folder it was read from; TOML in the few shapes that the catalogue uses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backoffice.catalogue.release import RawRelease
from backoffice.store.durable import write_whole


def write_release(folder: Path, raw: RawRelease) -> list[Path]:
    """Write the release's own files, items and forms by category, and the rules by item; the paths written."""
    for place in ("items", "forms", "rules"):
        (folder / place).mkdir(parents=True, exist_ok=True)
    written = [
        _write(folder / "release.toml", raw.head),
        _write(folder / "fields.toml", {"field": raw.fields}),
        _write(folder / "capture_rules.toml", {"rule": raw.capture_rules}),
        _write(folder / "lists.toml", raw.lists),
    ]
    for category in raw.head["categories"]:
        rows = [dict(row) for place, row in raw.rows if place == category]
        written.append(_write(folder / "items" / f"{category}.toml", {"item": rows}))
        forms = [raw.forms[row["id"]] for row in rows if row["id"] in raw.forms]
        if forms:
            written.append(_write(folder / "forms" / f"{category}.toml", {"form": forms}))
    for item_id, ruling in raw.rulings.items():
        written.append(_write(folder / "rules" / f"{item_id}.toml", ruling))
    return written


def _write(path: Path, data: Mapping[str, Any]) -> Path:
    write_whole(path, to_toml(data).encode(), 0o644)
    return path


def to_toml(data: Mapping[str, Any], prefix: str = "") -> str:
    """Plain values first, then tables, then lists of tables, as TOML demands."""
    tables = {key: value for key, value in data.items() if isinstance(value, Mapping) and not _inline(value)}
    lists = {key: value for key, value in data.items() if _is_table_list(value)}
    lines = [f"{key} = {_value(value)}" for key, value in data.items() if key not in tables and key not in lists]
    text = "".join(f"{line}\n" for line in lines)
    for key, table in tables.items():
        text += f"\n[{prefix}{key}]\n" + to_toml(table, f"{prefix}{key}.")
    for key, rows in lists.items():
        text += "".join(f"\n[[{prefix}{key}]]\n" + to_toml(row, f"{prefix}{key}.") for row in rows)
    return text


def _is_table_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _inline(value: Mapping[str, Any]) -> bool:
    """A table of plain texts fits on one line, e.g. `failed_args`."""
    return all(isinstance(entry, str) for entry in value.values())


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ", ".join(_value(entry) for entry in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(entry)}" for key, entry in value.items()) + " }" if value else "{}"
    raise TypeError(f"{type(value).__name__} is not used in a catalogue")
