"""The digest profile: SM3 where OpenSSL has it; SHA-256 only when the configuration says so, never silently."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from enum import StrEnum


class Profile(StrEnum):
    SM3 = "hmac-sm3"
    SHA256 = "hmac-sha256"


class ProfileUnavailable(Exception):
    """This machine's OpenSSL lacks the digest that the configuration names."""


_ALGORITHM = {Profile.SM3: "sm3", Profile.SHA256: "sha256"}


@dataclass(frozen=True, slots=True)
class Digest:
    profile: Profile
    chain_key: bytes = field(default=b"", repr=False)
    """Of the audit chains; empty: their links carry plain digests, as before there was a key."""

    @property
    def algorithm(self) -> str:
        return _ALGORITHM[self.profile]

    def hex(self, data: bytes) -> str:
        return hashlib.new(self.algorithm, data).hexdigest()

    def link(self, data: bytes) -> str:
        return self.mac(self.chain_key, data) if self.chain_key else self.hex(data)

    def mac(self, key: bytes, data: bytes) -> str:
        return hmac.new(key, data, self.algorithm).hexdigest()


def digest_of(profile: Profile) -> Digest:
    """:raises ProfileUnavailable: probed once at start; there is no silent fallback."""
    if _ALGORITHM[profile] not in hashlib.algorithms_available:
        raise ProfileUnavailable(f"{profile} is not available here; declare another profile to run without it")
    return Digest(profile)
