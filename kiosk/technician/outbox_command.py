"""`kiosk outbox list|retry|export`: what has not reached the office, at a terminal that is stopped."""

from __future__ import annotations

import argparse
import base64
import os
import pwd
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from kiosk.adapters import paths
from kiosk.adapters.clock import SystemClock
from kiosk.adapters.settings.config import ConfigError, TerminalConfig, load_terminal, state_dir_of
from kiosk.adapters.settings.durable import write_durably
from kiosk.adapters.store import sealed_export
from kiosk.adapters.store.kiosk_key import load_store_key, read_hex_key
from kiosk.adapters.store.sqlcipher import SqlcipherStore
from kiosk.domain.outbox import ItemState, OutboxItem, StoreError, tried_anew

EXIT_WRONG = 1
_IN_USE = (
    "the terminal is running and holds its store. Stop it first (systemctl stop tshu-pinn), then try again. "
    "Nothing is lost"
)


class OutboxError(Exception):
    """It was not done; the text says why, and what to do. Nothing was changed."""


def add_commands(command: Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]) -> None:
    """Put the command into the `kiosk` parser; `command(name, run, help)` makes one."""
    outbox = command("outbox", run, "what has not reached the office: list it, try it again, or export it sealed")
    outbox.add_argument("do", choices=("list", "retry", "export"))
    outbox.add_argument("key", nargs="*", help="with retry: which items; without: everything that was rejected")
    outbox.add_argument("--out", metavar="FILE", help="with export: the sealed file; an existing one is not replaced")
    outbox.add_argument("--config", help="folder of terminal.toml")


def run(arguments: argparse.Namespace) -> int:
    folder = Path(arguments.config) if arguments.config else paths.config_dir()
    try:
        config = load_terminal(folder / "terminal.toml")
        # First what can be wrong without the store: nothing is opened for a file that cannot be written.
        key, out = (_export_target(config, folder, arguments.out)) if arguments.do == "export" else (b"", None)
        store = _open(config)
        try:
            if out is not None:
                told = _export(store, config.terminal.device, key, out)
            elif arguments.do == "retry":
                told = _retry(store, arguments.key)
            else:
                told = _listed(store.pending())
        finally:
            store.close()
    except StoreError as error:
        sys.stderr.write(f"kiosk: {_IN_USE if error.code == 'store.in_use' else error}\n")
        return EXIT_WRONG
    except (OutboxError, ConfigError, OSError) as error:
        sys.stderr.write(f"kiosk: {error}\n")
        return EXIT_WRONG
    sys.stdout.write("".join(f"{line}\n" for line in told))
    return 0


def _open(config: TerminalConfig) -> SqlcipherStore:
    """:raises OutboxError: there is no store, or it is somebody else's. :raises StoreError:"""
    state_dir = state_dir_of(config)
    path = state_dir / "outbox.db"
    if not path.exists():
        raise OutboxError(
            f"there is no store at {path}: this terminal has not started yet, or its state_dir is another"
        )
    owner = path.stat().st_uid
    if owner != os.geteuid():
        # Files that root leaves behind would keep the terminal from its own store.
        name = _name_of(owner)
        raise OutboxError(f"the store belongs to {name}; run this as {name} (sudo -u {name} kiosk outbox …)")
    return SqlcipherStore(path, load_store_key(state_dir / "store.key", path), SystemClock().wall)


def _name_of(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def _listed(items: Iterable[OutboxItem]) -> list[str]:
    """Numbers, kinds and codes; nothing of what somebody said or who it was."""
    lines = [
        f"{item.state.value:<9} {item.kind.value:<10} {item.key}  since {item.created_at}  "
        f"{item.attempts} attempts  {item.last_problem or '-'}"
        for item in items
        if item.state is not ItemState.DELIVERED
    ]
    return [*lines, f"{len(lines)} items have not reached the office"]


def _retry(store: SqlcipherStore, keys: Iterable[str]) -> list[str]:
    """:raises OutboxError: one of the keys is not here; then none is tried."""
    waiting = {item.key: item for item in store.pending() if item.state is not ItemState.DELIVERED}
    wanted = list(keys) or [key for key, item in waiting.items() if item.state is ItemState.REJECTED]
    if missing := [key for key in wanted if key not in waiting]:
        raise OutboxError(f"no such item waits here: {', '.join(missing)}. `kiosk outbox list` shows what does")
    for key in wanted:
        item = waiting[key]
        store.update(tried_anew(item))
        if item.state is not ItemState.REJECTED:
            store.record_wish(key)
    return [f"{key} will be tried again" for key in wanted] + [f"{len(wanted)} items; start the terminal to send them"]


def _export_target(config: TerminalConfig, folder: Path, out: str | None) -> tuple[bytes, Path]:
    """The terminal's key and where to write. :raises OutboxError: no file is named, or there is one already."""
    if not out:
        raise OutboxError("name the file: kiosk outbox export --out FILE")
    target = Path(out)
    if target.exists():
        raise OutboxError(f"{target} exists and is not replaced; name another file")
    if not target.parent.is_dir():
        raise OutboxError(f"there is no folder {target.parent}")
    return read_hex_key(folder / config.backoffice.key_file, "device"), target


def _export(store: SqlcipherStore, device: str, key: bytes, out: Path) -> list[str]:
    items = [item for item in store.pending() if item.state is not ItemState.DELIVERED]
    document = {"device": device, "items": [_document(store, item) for item in items]}
    # The audit first: a file that nobody knows of is worse than a note of one that could not be written.
    store.record_export(len(items))
    write_durably(out, sealed_export.seal(device, key, document))
    return [str(out), f"{len(items)} items, sealed for the office (backoffice unsent {out.name}); they stay here, too"]


def _document(store: SqlcipherStore, item: OutboxItem) -> Mapping[str, object]:
    """An item with its files, as the contract's bodies have it."""
    kept = [file for digest in item.attachments if (file := store.file(item.case_no, digest)) is not None]
    return {
        "key": item.key,
        "kind": item.kind.value,
        "case_no": item.case_no,
        "created_at": item.created_at,
        "state": item.state.value,
        "last_problem": item.last_problem,
        "body": dict(item.body),
        "files": [
            {
                "digest": file.digest,
                "media_type": file.media_type,
                "material": file.material,
                "content_base64": base64.b64encode(file.content).decode(),
            }
            for file in kept
        ],
    }
