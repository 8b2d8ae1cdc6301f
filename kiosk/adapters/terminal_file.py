"""Values of terminal.toml put in their places: every comment and every other line stays as somebody wrote it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from kiosk.adapters.config import ConfigError, load_terminal
from kiosk.adapters.durable import write_durably

_SECTION = re.compile(r"\s*\[([A-Za-z_]+)\]")
_PLAIN = re.compile(r"[^\"\\\x00-\x1f\x7f]*")


def put_values(path: Path, values: Mapping[tuple[str, str], str]) -> None:
    """:param values: (section, key) -> text. All or nothing, and only if the file still makes sense afterwards.

    :raises ConfigError: the file cannot be read, lacks one of the keys, or would not be accepted with a value.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    text = "".join(_with(lines, dict(values), path))
    trial = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        trial.write_text(text, encoding="utf-8")
        load_terminal(trial)
    finally:
        trial.unlink(missing_ok=True)
    write_durably(path, text.encode(), like=path)


def _with(lines: list[str], values: dict[tuple[str, str], str], path: Path) -> list[str]:
    section, made = "", []
    for line in lines:
        found = _SECTION.match(line)
        section = found[1] if found else section
        key = line.partition("=")[0].strip()
        made.append(_line(line, values.pop((section, key)), path) if (section, key) in values else line)
    if values:
        missing = ", ".join(f"[{section}] {key}" for section, key in values)
        raise ConfigError(f"{path}: has no {missing}; write it there, with any value")
    return made


def _line(line: str, value: str, path: Path) -> str:
    head, _, rest = line.partition("=")
    found = re.match(r'(\s*)"[^"]*"(\s*(?:#.*)?\r?\n?)$', rest)
    if found is None or not _PLAIN.fullmatch(value):
        raise ConfigError(f'{path}: the line of {head.strip()} must be {head.strip()} = "…"')
    return f'{head}={found[1]}"{value}"{found[2]}'
