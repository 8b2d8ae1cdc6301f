"""This terminal gets its key from the back office for a code that an operator made: `POST /public/v1/enrolments`.

The key is agreed on (X25519, RFC 7748; HKDF with SHA-256, RFC 5869: salt is the code, the context names both public
keys, terminal and site) and never sent. The answer proves that the other side has the same key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import requests
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.adapters.settings.config import wrong_address
from kiosk.adapters.signing import Profile
from kiosk.domain.timing import REQUEST_TIMEOUT_S

CODE = re.compile(r"[2-9A-HJKMNP-Z]{10}", re.ASCII)
_CONTEXT = b"tshu-pinn enrolment 1"
_FIELDS = ("device", "site", "site_no", "profile", "public_key", "proof")

_REMEDIES = {
    "code_wrong": "The code is unknown, used or older than a day. Ask the operator for a new one",
    "too_many_attempts": "Too many wrong codes came from here. Wait, then try again",
    "site_no_taken": "Another terminal has this site number by now. Ask the operator for a code with a free one",
}


class EnrolmentError(Exception):
    """The terminal is not enrolled; the text says what happened and what to do. Nothing was written."""


class NotAsked(EnrolmentError):
    """What was typed or what is there cannot be used: the office was not asked, and the code is as good as before."""


@dataclass(frozen=True, slots=True, repr=False)
class Enrolled:
    device: str
    site: str
    site_no: str
    server_time_ms: int
    profile: Profile
    key: bytes


def normal(code: str) -> str:
    """:raises EnrolmentError: no code was ever like that; found before one of the few tries is used."""
    typed = "".join(code.split()).replace("-", "").upper()
    if not CODE.fullmatch(typed):
        raise NotAsked("A code has ten letters and digits, without 0, O, 1, I and L. See what the operator told")
    return typed


def enrol(url: str, code: str, ca_file: Path | None = None) -> Enrolled:
    """
    :param url: the back office's base address, without `/public`.
    :param ca_file: certificates (PEM) of the authority that its own comes from; without, the public ones are believed.
    :raises EnrolmentError:
    """
    if wrong := wrong_address(url):
        raise NotAsked(f"The address {url} {wrong}. Nothing was sent")
    if ca_file is not None and not ca_file.is_file():
        raise NotAsked(f"The certificate file {ca_file} is not there. Nothing was sent")
    typed, own = normal(code), X25519PrivateKey.generate()
    ours = own.public_key().public_bytes_raw()
    told = _ask(url, ca_file, {"code": typed, "public_key": base64.urlsafe_b64encode(ours).decode().rstrip("=")})
    try:
        return _agreed(own, ours, typed, told)
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise EnrolmentError(
            "The answer is none of a back office that enrols terminals. See that the address is right, "
            "then ask the operator for a new code"
        ) from error


def _ask(url: str, ca_file: Path | None, body: Mapping[str, str]) -> Mapping[str, object]:
    try:
        with requests.Session() as session:
            # Proxies and passwords of the environment are nobody's business here.
            session.trust_env = False
            session.verify = str(ca_file) if ca_file is not None else True
            address = url.rstrip("/") + "/public/v1/enrolments"
            answer = session.post(address, json=body, timeout=REQUEST_TIMEOUT_S, allow_redirects=False)
        told = answer.json()
    except requests.exceptions.SSLError as error:
        raise EnrolmentError(
            f"The certificate of {url} is not believed. Where the back office has one of an authority of its own, name "
            "its file: `[backoffice] ca_file` in terminal.toml, or --ca-file. The code was not used"
        ) from error
    except (requests.RequestException, ValueError, OSError) as error:
        raise EnrolmentError(
            f"No answer from {url} ({type(error).__name__}). See address and network, then try the same code again; "
            "should it be refused now, ask for a new one"
        ) from error
    if answer.status_code != 201 or not isinstance(told, dict):
        code = str(told.get("code", "")) if isinstance(told, dict) else ""
        remedy = _REMEDIES.get(code, "Try again later")
        raise EnrolmentError(f"{remedy} (answer {answer.status_code} {code})".replace(" )", ")"))
    return told


def _agreed(own: X25519PrivateKey, ours: bytes, code: str, told: Mapping[str, object]) -> Enrolled:
    """:raises ValueError, KeyError: something is missing or malformed. :raises EnrolmentError: the keys differ."""
    device, site, site_no, profile, public_key, proof = (str(told[name]) for name in _FIELDS)
    server_time = told["server_time"]
    if not isinstance(server_time, int):
        raise ValueError("server_time")
    theirs = base64.urlsafe_b64decode(public_key + "=")
    shared = own.exchange(X25519PublicKey.from_public_bytes(theirs))
    context = b"\0".join((_CONTEXT, ours + theirs, device.encode(), site.encode()))
    key = HKDF(SHA256(), 32, salt=code.encode(), info=context).derive(shared)
    chosen = Profile(profile)
    text = "\n".join(("enrolled", device, site, site_no, str(server_time)))
    right = hmac.new(key, text.encode(), chosen.value.removeprefix("hmac-")).hexdigest()
    if not hmac.compare_digest(right.encode(), proof.encode()):
        raise EnrolmentError(
            "The other side does not have the same key: somebody may stand between. Ask the operator for a new code, "
            "and use an https address"
        )
    return Enrolled(device, site, site_no, server_time, chosen, key)


def key_line(key: bytes) -> bytes:
    """As the key file has it."""
    return key.hex().encode() + b"\n"


def fingerprint(key: bytes) -> str:
    """Names a key without telling it."""
    return hashlib.sha256(b"device key id\0" + key).hexdigest()[:16]
