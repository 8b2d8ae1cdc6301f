"""What could not be sent, in a file that only the office can open: AES-256-GCM under a key that both sides have.

The file: one line of JSON that names format and terminal, LF, twelve bytes of nonce, the sealed JSON document; the
first line is authenticated with it. The key is HKDF-SHA256 of the terminal's own, so that neither serves as the other.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORMAT = "tshu-pinn unsent 1"
_NONCE_BYTES = 12


def seal(device: str, key: bytes, document: Mapping[str, object]) -> bytes:
    """:param key: the terminal's, 32 bytes."""
    head = json.dumps({"format": FORMAT, "device": device}).encode() + b"\n"
    plain = json.dumps(document, ensure_ascii=False, sort_keys=True).encode()
    nonce = secrets.token_bytes(_NONCE_BYTES)
    own = HKDF(SHA256(), 32, None, FORMAT.encode()).derive(key)
    return head + nonce + AESGCM(own).encrypt(nonce, plain, head)
