"""Signed requests: HMAC over what is sent, with the device's 32-byte key.

The signed text is the lines METHOD, path?query, digest of the body, Device, Seq, Nonce, Time
(unix ms), and `name:value` of each header in `COVERED` that is sent, joined by LF. Profile
`hmac-sm3` (GB/T 32905); `hmac-sha256` only where the terminal's configuration declares it, never
by falling back in silence.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

_SM3_ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
"""GB/T 32905 annex A.1: SM3("abc")."""


COVERED = ("idempotency-key", "if-match", "upload-length", "upload-metadata", "upload-offset")
"""In the order in which they are signed."""


class Profile(StrEnum):
    SM3 = "hmac-sm3"
    SHA256 = "hmac-sha256"


class SigningUnavailable(RuntimeError):
    """This machine's OpenSSL cannot do the declared profile."""


@dataclass(frozen=True, slots=True)
class Signer:
    """:raises SigningUnavailable: when made on a machine without the profile's digest."""

    device: str
    key: bytes
    profile: Profile = Profile.SM3

    def __post_init__(self) -> None:
        if len(self.key) != 32:
            raise ValueError("32 bytes are needed")
        if self.profile is Profile.SM3 and not sm3_works():
            raise SigningUnavailable("OpenSSL here has no SM3; declare the profile hmac-sha256 on both sides")

    def __repr__(self) -> str:
        return f"Signer({self.device}, {self.profile.value})"

    def headers(
        self,
        method: str,
        target: str,
        body: bytes,
        seq: int,
        time_ms: int,
        beside: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """The five headers of one request, and with a body its digest: it can be refused before it is read.

        :param target: path and query as the back office gets them.
        :param beside: the request's other headers.
        """
        others = {name.lower(): value for name, value in (beside or {}).items()}
        nonce = secrets.token_hex(16)
        digest = hashlib.new(self._digest, body).hexdigest()
        lines = [method, target, digest, self.device, str(seq), nonce, str(time_ms)]
        lines += [f"{name}:{others[name]}" for name in COVERED if name in others]
        told = {"Body-Digest": digest} if body else {}
        return {
            **told,
            "Device": self.device,
            "Seq": str(seq),
            "Nonce": nonce,
            "Time": str(time_ms),
            "Signature": f"{self.profile.value}={self._mac(lines)}",
        }

    def is_server_time(self, time_ms: int, nonce: str, signature: str) -> bool:
        """Whether the back office itself said this time in answer to our `nonce`."""
        expected = self._mac(["server-time", str(time_ms), nonce])
        given = signature.removeprefix(f"{self.profile.value}=")
        return given.isascii() and hmac.compare_digest(expected, given)

    def digest_of(self, content: bytes) -> str:
        """Hex digest of a file by this profile, as the back office names its files."""
        return hashlib.new(self._digest, content).hexdigest()

    @property
    def _digest(self) -> str:
        return self.profile.value.removeprefix("hmac-")

    def _mac(self, lines: list[str]) -> str:
        return hmac.new(self.key, "\n".join(lines).encode(), self._digest).hexdigest()


def sm3_works() -> bool:
    try:
        return hashlib.new("sm3", b"abc").hexdigest() == _SM3_ABC
    except ValueError:
        return False
