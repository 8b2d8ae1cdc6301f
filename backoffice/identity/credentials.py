"""Passwords (Argon2id, RFC 9106) and one-time codes (TOTP, RFC 6238: SHA-1, 6 digits, 30 s)."""

from __future__ import annotations

import hmac
import secrets
import threading
import unicodedata
from datetime import datetime

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backoffice.problems.problem import Problem

SHORTEST, LONGEST = 12, 128
ISSUER = "Tshu-pinn"
STEP_S = 30
TOLERATED_STEPS = 1
"""A telephone's clock may be half a minute off, either way."""

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""No l, o, 0 and 1: somebody reads it from a paper."""
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's smallest advised setting: 19 MiB; a stranger must not be able to fill the memory with logins."""
_AT_ONCE = threading.BoundedSemaphore(4)


def new_password(login: str) -> str:
    """One that `hash_password` takes: a login of two letters may stand in what chance wrote."""
    while True:
        password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))
        if login.casefold() not in password:
            return password


def hash_password(login: str, password: str) -> str:
    """:raises Problem: password_weak."""
    plain = _normal(password)
    if not SHORTEST <= len(plain) <= LONGEST or login.casefold() in plain.casefold() or len(set(plain)) < 5:
        raise Problem("password_weak", f"{SHORTEST} to {LONGEST} characters, not the login, not a few repeated")
    with _AT_ONCE:
        return _HASHER.hash(plain)


def password_fits(password_hash: str, password: str) -> bool:
    with _AT_ONCE:
        try:
            return _HASHER.verify(password_hash, _normal(password))
        except (VerificationError, InvalidHashError):
            return False


def _normal(password: str) -> str:
    # The same letters typed on two keyboards are one password.
    return unicodedata.normalize("NFKC", password)


NOBODY = _HASHER.hash(secrets.token_urlsafe(32))
"""Checked for a login that does not exist: it takes as long as for one that does."""


def new_totp_secret() -> str:
    return pyotp.random_base32()


def otpauth(login: str, totp_secret: str) -> str:
    """The address that an authenticator reads from a QR code."""
    return pyotp.TOTP(totp_secret).provisioning_uri(name=login, issuer_name=ISSUER)


def totp_step(totp_secret: str, code: str, now: datetime, after_step: int) -> int | None:
    """The time step that `code` belongs to, or None: wrong, too far, or not newer than the step used last."""
    totp, current = pyotp.TOTP(totp_secret), int(now.timestamp()) // STEP_S
    steps = range(current - TOLERATED_STEPS, current + TOLERATED_STEPS + 1)
    fitting = [step for step in steps if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())]
    newer = [step for step in fitting if step > after_step]
    return newer[0] if newer else None
