"""Who vouches for a pack: Ed25519 signatures (RFC 8032), public keys as PEM files in a folder of the machine."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from voices.packs.errors import PackError, UnknownSigner
from voices.packs.manifest import IDENTIFIER, Manifest, Signature

_PEM_BYTES = 10_000


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key and the name of its owner."""

    name: str
    key: Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class Trusted:
    """A public key of this machine's folder; `name` is the file's."""

    name: str
    key: Ed25519PublicKey


Keyring = Mapping[str, Trusted]
"""By the number of the key."""


def number(key: Ed25519PublicKey) -> str:
    """The key's number: SHA-256 of its 32 bytes, in hexadecimal."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()


def spoken_number(full: str) -> str:
    """The first 16 digits in groups of four: long enough to compare by telephone."""
    return " ".join(full[at : at + 4] for at in range(0, 16, 4))


def generate(folder: Path, name: str) -> tuple[Path, Path]:
    """A new pair: `<name>.private.pem` (readable by its owner only) and `<name>.pem`, which others may have.

    :raises PackError: the name is no identifier, there is a key of this name, or the folder cannot be written.
    """
    if not IDENTIFIER.fullmatch(name):
        raise PackError(f"{name!r} is no name of a key; use small letters, digits and hyphens")
    private, public = folder / f"{name}.private.pem", folder / f"{name}.pem"
    if private.exists() or public.exists():
        raise PackError(f"there is a key {name} in {folder} already; choose another name")
    key = Ed25519PrivateKey.generate()
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    shown = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secret)
        public.write_bytes(shown)
    except OSError as error:
        raise PackError(f"{folder} cannot be written ({error.strerror}); choose another folder") from error
    return private, public


def load_signer(path: Path) -> Signer:
    """:raises PackError: no Ed25519 private key."""
    try:
        key = serialization.load_pem_private_key(_read(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise PackError(f"{path.name} is no private key without password; make one: pack key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise PackError(f"{path.name} is no Ed25519 key; make one: pack key")
    return Signer(path.name.split(".")[0], key)


def load_keyring(folder: Path) -> Keyring:
    """All public keys of a folder; without the folder nobody is trusted.

    :raises PackError: a file is no Ed25519 public key.
    """
    keys = (load_public(path) for path in sorted(folder.glob("*.pem")))
    return {number(trusted.key): trusted for trusted in keys}


def load_public(path: Path) -> Trusted:
    """:raises PackError: no Ed25519 public key."""
    try:
        key = serialization.load_pem_public_key(_read(path))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise PackError(f"{path} is no public key; take it out of there") from error
    if not isinstance(key, Ed25519PublicKey):
        raise PackError(f"{path} is no Ed25519 key; take it out of there")
    return Trusted(path.stem, key)


def sign(manifest: Manifest, signer: Signer) -> Manifest:
    value = base64.b64encode(signer.key.sign(manifest.signed_bytes())).decode()
    return replace(manifest, signature=Signature(signer.name, number(signer.key.public_key()), value))


def verify(manifest: Manifest, keyring: Keyring) -> Trusted:
    """Whose signature it is, as this machine calls her.

    :raises UnknownSigner: the message says how to come to know her.
    :raises PackError: no signature, or another content than was signed.
    """
    signature = manifest.signature
    identifier = manifest.header.id
    if signature is None:
        raise PackError(f"the pack {identifier} is not signed; have who made it sign it: pack sign")
    trusted = keyring.get(signature.key)
    if trusted is None:
        raise UnknownSigner(
            f"the pack {identifier} is signed by {signature.signer!r}, whom this machine does not know. Ask her for "
            f"her public key, compare its number by telephone ({spoken_number(signature.key)}), and put the file into "
            "the folder of keys"
        )
    try:
        trusted.key.verify(base64.b64decode(signature.value, validate=True), manifest.signed_bytes())
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise PackError(
            f"the pack {identifier} was changed after {trusted.name} had signed it; do not use it, ask for it again"
        ) from error
    return trusted


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_PEM_BYTES)
    except OSError as error:
        raise PackError(f"{path.name} cannot be read ({error.strerror})") from error
