"""Personal data at rest: AES-256-GCM with a key file that only the server's user can read.

Each sealed value is bound to its place (`table.column:row`), so that it cannot be moved to another row.
Search goes by a keyed hash, never by the value.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backoffice.store.durable import write_whole
from backoffice.store.failures import VaultError

_VERSION = b"\x01"
_NONCE_BYTES = 12
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class Vault:
    data_key: bytes
    index_key: bytes

    def __repr__(self) -> str:
        return "Vault(***)"

    def seal(self, place: str, plain: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + AESGCM(self.data_key).encrypt(nonce, plain, place.encode())

    def open(self, place: str, sealed: bytes) -> bytes:
        """:raises VaultError: damaged, or sealed for another place."""
        if sealed[:1] != _VERSION:
            raise VaultError("sealed by an unknown version")
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return AESGCM(self.data_key).decrypt(nonce, body, place.encode())
        except InvalidTag as cause:
            raise VaultError(f"not sealed for {place.partition(':')[0]}") from cause

    def seal_json(self, place: str, value: Any) -> bytes:
        return self.seal(place, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())

    def open_json(self, place: str, sealed: bytes) -> Any:
        return json.loads(self.open(place, sealed))

    def index(self, value: str) -> str:
        """Keyed hash for equality search."""
        return hmac.new(self.index_key, value.encode(), "sha256").hexdigest()


def open_vault(key_file: Path, *, create: bool) -> Vault:
    """:param create: make a new key when there is none; only right for an empty data folder.
    :raises VaultError: no key, readable by others, or damaged."""
    if create and not key_file.exists():
        _create(key_file)
    try:
        mode = key_file.stat().st_mode & 0o777
        data = json.loads(key_file.read_text(encoding="ascii"))
        keys = (bytes.fromhex(data["data"]), bytes.fromhex(data["index"]))
    except FileNotFoundError as cause:
        raise VaultError(f"{key_file} is missing: the data here cannot be read without it") from cause
    except (ValueError, KeyError) as cause:
        raise VaultError(f"{key_file} is damaged") from cause
    if mode & 0o077:
        raise VaultError(f"{key_file} can be read by others (mode {mode:o}); it must be 600")
    if any(len(key) != _KEY_BYTES for key in keys):
        raise VaultError(f"{key_file} is damaged")
    return Vault(*keys)


def _create(key_file: Path) -> None:
    text = json.dumps({"data": secrets.token_hex(_KEY_BYTES), "index": secrets.token_hex(_KEY_BYTES)})
    write_whole(key_file, text.encode(), new=True)
