"""The key of the audit chains: whoever can write the database, and does not hold it, cannot write a link that fits.

It is derived from the key at rest, which lies apart from the database; so is the one that signs anchors, heads that
another holder keeps.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, func, select

from backoffice.store.durable import write_whole
from backoffice.store.failures import VaultError
from backoffice.store.tables import tables
from backoffice.store.vault import Vault

KEYED = "mac-"
"""Begins the algorithm of a link that was made with the key."""
_KEY_BYTES = 32


class AnchorError(ValueError):
    """This is no anchor of this office; the text says why."""


@dataclass(frozen=True, slots=True, repr=False)
class ChainKey:
    mac_key: bytes
    signing_key: bytes
    unkeyed: Mapping[str, int]
    """By town: the last link of the time before there was a key. A later one without it is none of ours."""

    def sign(self, heads: Mapping[str, tuple[int, str]], at: str) -> dict[str, Any]:
        """An anchor: what another holder keeps, and lays beside the chains one day."""
        told = {"at": at, "heads": {town: {"n": n, "hash": link} for town, (n, link) in sorted(heads.items())}}
        private = Ed25519PrivateKey.from_private_bytes(self.signing_key)
        key = private.public_key().public_bytes_raw().hex()
        return {**told, "key": key, "signature": private.sign(_signed(told)).hex()}

    def heads_of(self, anchor: object) -> dict[str, tuple[int, str]]:
        """:raises AnchorError: not of the form, or not signed with this office's key."""
        try:
            if not isinstance(anchor, Mapping):
                raise TypeError("no table")
            told = {name: anchor[name] for name in ("at", "heads")}
            signature = bytes.fromhex(anchor["signature"])
            heads = {str(town): (int(head["n"]), str(head["hash"])) for town, head in told["heads"].items()}
        except (TypeError, KeyError, ValueError, AttributeError) as cause:
            raise AnchorError("it is no anchor: heads, at and signature are needed") from cause
        public = Ed25519PrivateKey.from_private_bytes(self.signing_key).public_key()
        try:
            public.verify(signature, _signed(told))
        except InvalidSignature as cause:
            raise AnchorError("it was not signed with this office's key, or it was changed") from cause
        return heads


def open_chain_key(vault: Vault, unkeyed_file: Path, connection: Connection) -> ChainKey:
    """:param unkeyed_file: how far each chain had come before there was a key; written once, beside the key at rest.
    :raises VaultError: the file is damaged.
    """
    if not unkeyed_file.exists():
        write_whole(unkeyed_file, json.dumps(_unkeyed(connection), sort_keys=True).encode())
    try:
        unkeyed = {str(town): int(n) for town, n in json.loads(unkeyed_file.read_bytes()).items()}
    except (ValueError, AttributeError, TypeError) as cause:
        raise VaultError(f"{unkeyed_file} is damaged; bring it back from the backup") from cause
    return ChainKey(_derived(vault, b"audit chain"), _derived(vault, b"audit anchor"), unkeyed)


def _unkeyed(connection: Connection) -> dict[str, int]:
    """By town the last of the links that were made without a key, from the first one on."""
    link = tables.audit.c
    keyed, plain = link.algorithm.startswith(KEYED), func.max(link.n)
    first = select(link.town, func.min(link.n).label("n")).where(keyed).group_by(link.town).subquery()
    query = (
        select(link.town, plain)
        .outerjoin(first, first.c.town == link.town)
        .where(first.c.n.is_(None) | (link.n < first.c.n))
        .group_by(link.town)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _derived(vault: Vault, what: bytes) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=what).derive(vault.data_key + vault.index_key)


def _signed(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
