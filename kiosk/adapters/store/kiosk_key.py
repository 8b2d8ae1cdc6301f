"""The key of the store: 32 random bytes in a file that only its owner may read.

What this protects against: somebody who takes a copy of the store, a support image or a backup
without the key file. What it does not: a thief who carries away the whole disk, or whoever is
root on the running terminal, has both files. Only a key sealed in a TPM closes that gap; where a
terminal has none, the disk itself must be encrypted by the system.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from pathlib import Path

from kiosk.adapters.settings.durable import write_durably
from kiosk.domain.outbox import StoreError

KEY_BYTES = 32
_MISSING = {"store": "store.key_missing", "device": "device.key_missing"}
_EXPOSED = {"store": "store.key_exposed", "device": "device.key_exposed"}
_DAMAGED = {"store": "store.key_damaged", "device": "device.key_damaged"}


def load_store_key(path: Path, store: Path) -> bytes:
    """The key; made at the very first start.

    :param store: the store it opens. When that file exists and the key does not, a new key would
        only hide the loss, so none is made.
    :raises StoreError: store.key_missing, store.key_damaged, store.key_exposed (others may read it), store.full,
        store.io.
    """
    if path.exists():
        return read_hex_key(path)
    if store.exists():
        raise StoreError("store.key_missing", f"the store {store} exists but its key file {path} does not")
    key = secrets.token_bytes(KEY_BYTES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_durably(path, key.hex().encode() + b"\n", 0o600)
    except OSError as error:
        raise disk_error(error) from error
    return key


def disk_error(error: OSError) -> StoreError:
    """A full disk is told apart: it is cured by making room."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return StoreError("store.full" if full else "store.io", f"{error.filename or ''} {error.strerror or ''}".strip())


def read_hex_key(path: Path, whose: str = "store") -> bytes:
    """A 32-byte key written as hex digits (the store's and the device's key files look alike).

    :param whose: `store` or `device`, for the fault's code.
    :raises StoreError: `…key_missing`, `…key_exposed` (others may read it), `…key_damaged`, with the path.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise StoreError(_MISSING[whose], f"{path} cannot be read: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as file:
        mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
        if mode & 0o077:
            raise StoreError(_EXPOSED[whose], f"{path} has mode {mode:04o}, 0600 is needed")
        text = file.read(4 * KEY_BYTES)
    try:
        key = bytes.fromhex(text.decode("ascii").strip())
    except ValueError as error:
        raise StoreError(_DAMAGED[whose], f"{path} holds no hex digits") from error
    if len(key) != KEY_BYTES:
        raise StoreError(_DAMAGED[whose], f"{path} holds {len(key)} bytes, {KEY_BYTES} are needed")
    return key
