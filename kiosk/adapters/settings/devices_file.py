"""Changes one thing in devices.toml: which port a device has. Everything else stays byte for byte.

The line is edited where it stands; that nothing else has changed is proved by reading both texts again.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from kiosk.adapters.settings.durable import write_durably

BACKUP = ".before-rebind"


class DevicesFileError(Exception):
    """The file was not changed; the text says why."""


def with_port(text: str, device: str, port: str) -> str:
    """`text` with another port in the table `device`. :raises DevicesFileError: when it cannot be done in one line."""
    if not port.isprintable() or not port.isascii():
        raise DevicesFileError(f"{port!r} is no port: printable ASCII only")
    lines = text.splitlines(keepends=True)
    begin, end = _table(lines, device)
    for at in range(begin, end):
        if match := re.match(r"""(\s*port\s*=\s*)("[^"]*"|'[^']*')(.*)""", lines[at], re.DOTALL):
            lines[at] = f"{match[1]}{_quoted(port)}{match[3]}"
            break
    else:
        raise DevicesFileError(f'[{device}] has no line port = "…"')
    changed = "".join(lines)
    _prove(text, changed, device, port)
    return changed


def rebind(path: Path, device: str, port: str) -> Path:
    """Write the change, all or nothing, and keep the file as it was beside it.

    :returns: the backup. :raises DevicesFileError: nothing was changed.
    """
    try:
        old = path.read_bytes()
        changed = with_port(old.decode("utf-8"), device, port).encode("utf-8")
        backup = backup_of(path)
        write_durably(backup, old, like=path)
        write_durably(path, changed, like=path)
    except (OSError, UnicodeDecodeError) as error:
        raise DevicesFileError(f"{path}: {error}") from error
    return backup


def undo(path: Path) -> None:
    """Put the kept file back; what was there becomes the kept one, so that undoing twice changes nothing.

    :raises DevicesFileError: there is none, or it is no devices.toml; nothing was changed.
    """
    backup = backup_of(path)
    try:
        kept, now = backup.read_bytes(), path.read_bytes()
        tomllib.loads(kept.decode("utf-8"))
        write_durably(path, kept, like=path)
        write_durably(backup, now, like=path)
    except FileNotFoundError as error:
        raise DevicesFileError(f"{backup} is not there: nothing was rebound here") from error
    except (OSError, ValueError) as error:
        raise DevicesFileError(f"{backup}: {error}") from error


def backup_of(path: Path) -> Path:
    return path.with_name(path.name + BACKUP)


def _table(lines: list[str], device: str) -> tuple[int, int]:
    """The lines behind the table's head, up to the next head. :raises DevicesFileError:"""
    head = re.compile(rf"""\s*\[\s*(["']?){re.escape(device)}\1\s*\]""")
    begins = [at for at, line in enumerate(lines) if head.match(line)]
    if len(begins) != 1:
        raise DevicesFileError(f"[{device}] stands {len(begins)} times on a line of its own")
    begin = begins[0] + 1
    ends = (at for at in range(begin, len(lines)) if lines[at].lstrip().startswith("["))
    return begin, next(ends, len(lines))


def _quoted(port: str) -> str:
    escaped = port.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _prove(old: str, new: str, device: str, port: str) -> None:
    """:raises DevicesFileError: when reading shows any other change than the wanted one."""
    try:
        before, after = tomllib.loads(old), tomllib.loads(new)
    except tomllib.TOMLDecodeError as error:
        raise DevicesFileError(f"not TOML: {error}") from error
    if after != {**before, device: {**before[device], "port": port}}:
        raise DevicesFileError(f"the line of [{device}]'s port cannot be changed alone; edit the file by hand")
