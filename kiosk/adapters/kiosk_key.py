"""The key of the store: 32 random bytes in a file that only its owner may read.

What this protects against: somebody who takes a copy of the store, a support image or a backup
without the key file. What it does not: a thief who carries away the whole disk, or whoever is
root on the running terminal, has both files. Only a key sealed in a TPM closes that gap; where a
terminal has none, the disk itself must be encrypted by the system.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from kiosk.adapters.high_water import write_durably
from kiosk.domain.outbox import StoreError

KEY_BYTES = 32


def load_store_key(path: Path, store: Path) -> bytes:
    """The key; made at the very first start.

    :param store: the store it opens. When that file exists and the key does not, a new key would
        only hide the loss, so none is made.
    :raises StoreError: store.key_missing, store.key_damaged, store.key_exposed (others may read it).
    """
    if path.exists():
        return _read(path)
    if store.exists():
        raise StoreError("store.key_missing", "the store exists but its key file does not")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = secrets.token_bytes(KEY_BYTES)
    write_durably(path, key.hex().encode() + b"\n", 0o600)
    return key


def _read(path: Path) -> bytes:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise StoreError("store.key_exposed", f"key file has mode {mode:04o}, 0600 is needed")
    return read_hex_key(path)


def read_hex_key(path: Path) -> bytes:
    """A 32-byte key written as hex digits (the store's and the device's key files look alike).

    :raises StoreError: store.key_missing, store.key_damaged.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise StoreError("store.key_missing", "key file cannot be read") from error
    with os.fdopen(descriptor, "rb") as file:
        text = file.read(4 * KEY_BYTES)
    try:
        key = bytes.fromhex(text.decode("ascii").strip())
    except ValueError as error:
        raise StoreError("store.key_damaged", "key file holds no hex digits") from error
    if len(key) != KEY_BYTES:
        raise StoreError("store.key_damaged", f"key of {len(key)} bytes, {KEY_BYTES} are needed")
    return key
