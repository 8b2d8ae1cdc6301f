"""What a terminal could not send, from the sealed file that `kiosk outbox export` writes.

The file: one line of JSON that names format and terminal, LF, twelve bytes of nonce, the sealed JSON document
(AES-256-GCM, the first line authenticated with it, the key HKDF-SHA256 of the terminal's).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select

from backoffice.office import Office
from backoffice.store.durable import write_whole
from backoffice.store.tables import tables

FORMAT = "tshu-pinn unsent 1"
_NONCE_BYTES = 12


class UnsentError(ValueError):
    """The file cannot be opened here; the text says why."""


def open_unsent(office: Office, sealed: bytes) -> dict[str, Any]:
    """The document. :raises UnsentError: no such file, of a terminal that is unknown or has another key, or damaged."""
    head, newline, rest = sealed.partition(b"\n")
    try:
        told = json.loads(head) if newline else None
    except ValueError:
        told = None
    if not isinstance(told, dict) or told.get("format") != FORMAT or not isinstance(told.get("device"), str):
        raise UnsentError("this is no file of `kiosk outbox export`")
    key = HKDF(SHA256(), 32, None, FORMAT.encode()).derive(_key_of(office, told["device"]))
    nonce, body = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
    try:
        document: dict[str, Any] = json.loads(AESGCM(key).decrypt(nonce, body, head + newline))
    except (InvalidTag, ValueError) as problem:
        raise UnsentError(
            f"the file is damaged, or terminal {told['device']} has had another key since: export it there once more"
        ) from problem
    return document


def _key_of(office: Office, device: str) -> bytes:
    """:raises UnsentError:"""
    with office.database.read() as connection:
        query = select(tables.device.c.key_sealed).where(tables.device.c.device == device)
        sealed = connection.execute(query).scalar_one_or_none()
    if sealed is None:
        raise UnsentError(f"terminal {device} is not registered here")
    return office.vault.open(f"device.key:{device}", sealed)


def write_opened(office: Office, file: Path, out: Path) -> dict[str, Any]:
    """Open a file into another that only its owner may read; the document. :raises UnsentError: :raises OSError:"""
    document = open_unsent(office, file.read_bytes())
    text = json.dumps(document, ensure_ascii=False, indent=1).encode()
    write_whole(out, text, new=True)
    return document
