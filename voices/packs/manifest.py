"""manifest.json: what a pack is, who made it, and its signature."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from voices import languages
from voices.packs.errors import PackError
from voices.packs.take import RECORDED, RENDERED
from voices.packs.wav import RATES

FORMAT = 1
TARGET_LUFS = -20.0
"""Loudness of every clip (EBU R 128 integrated), as of the live engine."""
IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
_TYPES: Mapping[str, type] = {
    **dict.fromkeys(("id", "language", "accent", "kind", "licence", "speaker", "consent", "author", "engine"), str),
    **dict.fromkeys(("status", "created", "prompts_sha256"), str),
    "rate": int,
    "loudness_lufs": float,
    "reviewers": list,
}


@dataclass(frozen=True, slots=True)
class Header:
    """What its maker says of a pack."""

    id: str
    language: str
    """Its code, e.g. nan or cmn."""
    accent: str
    """Name of the accent; empty in a language without accents."""
    kind: str
    """recorded or rendered."""
    licence: str
    engine: str = ""
    """Name and version of what rendered it; empty for recordings."""
    speaker: str = ""
    """Who is heard, by an identifier; empty for renderings."""
    consent: str = ""
    """Where the speaker's written consent is kept."""
    author: str = ""
    """Who made the recordings or wrote the readings: no reviewer of it."""
    rate: int = 48_000

    def check(self) -> None:
        """:raises PackError: something is missing, unknown or contradicts itself."""
        if not IDENTIFIER.fullmatch(self.id):
            raise PackError(f"{self.id!r} is no identifier of a pack; use small letters, digits and hyphens")
        if self.language not in languages.codes():
            raise PackError(f"the language is {self.language!r}; packs are {' or '.join(languages.codes())}")
        known = languages.of(self.language).accents()
        if self.accent not in known:
            raise PackError(f"the accent {self.accent!r} is unknown for {self.language}; known: {', '.join(known)}")
        if self.kind not in (RECORDED, RENDERED):
            raise PackError(f"the kind is {self.kind!r}; packs are recorded or rendered")
        if self.rate not in RATES:
            raise PackError(f"the rate is {self.rate}; clips have 24000 or 48000 Hz")
        if not self.licence:
            raise PackError("the licence is missing; write under which the clips may be used")
        if self.kind == RECORDED and not (self.speaker and self.consent):
            raise PackError("a recording names its speaker and where her consent is kept")
        if self.kind == RENDERED and not self.engine:
            raise PackError("a rendering names its engine and version")


@dataclass(frozen=True, slots=True)
class Signature:
    signer: str
    """Name of the key as the signer's own file has it; trust goes by `key`."""
    key: str
    """SHA-256 of the public key's 32 bytes."""
    value: str
    """Ed25519 (RFC 8032) over `Manifest.signed_bytes`, base64."""


@dataclass(frozen=True, slots=True)
class Manifest:
    header: Header
    status: str
    """`machine, unreviewed` or `reviewed`."""
    reviewers: tuple[str, ...]
    created: str
    prompts_sha256: str
    """Of prompts.tsv, which holds the hash of each clip: the signature reaches all of them."""
    signature: Signature | None = None

    def dump(self) -> str:
        whole = self._signed() | {"signature": asdict(self.signature) if self.signature else None}
        return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"

    def signed_bytes(self) -> bytes:
        """What is signed: all but the signature, keys sorted, no spaces (as RFC 8785 for these types)."""
        return json.dumps(self._signed(), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    def _signed(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            **asdict(self.header),
            "loudness_lufs": TARGET_LUFS,
            "status": self.status,
            "reviewers": list(self.reviewers),
            "created": self.created,
            "prompts_sha256": self.prompts_sha256,
        }


def parse(text: str) -> Manifest:
    """:raises PackError: no manifest of format 1; the message names the field."""
    try:
        table = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PackError(f"manifest.json is no JSON ({error}); copy the pack again") from error
    if not isinstance(table, dict) or table.pop("format", None) != FORMAT:
        raise PackError(f"manifest.json is not of format {FORMAT}; update this program or make the pack anew")
    signature = table.pop("signature", None)
    _check_types(table)
    if table.pop("loudness_lufs") != TARGET_LUFS:
        raise PackError(f"the pack's loudness is not {TARGET_LUFS:.0f} LUFS; make it anew")
    try:
        date.fromisoformat(table["created"])
    except ValueError as error:
        raise PackError(f"manifest.json: created: {error}; make the pack anew") from error
    own = {name: table.pop(name) for name in ("status", "created", "prompts_sha256")}
    reviewers = tuple(table.pop("reviewers"))
    header = Header(**table)
    header.check()
    return Manifest(header, own["status"], reviewers, own["created"], own["prompts_sha256"], _signature(signature))


def _check_types(table: Mapping[str, object]) -> None:
    odd = set(table) ^ {*_TYPES, "rate"}
    if odd:
        raise PackError(f"manifest.json lacks or has too much: {', '.join(sorted(map(repr, odd)))}; make the pack anew")
    for name, kind in _TYPES.items():
        value = table[name]
        if type(value) is not kind or (isinstance(value, str) and not value.isprintable()):
            raise PackError(f"manifest.json: {name} is {str(value)[:40]!r}; make the pack anew")
    reviewers = table["reviewers"]
    assert isinstance(reviewers, list)
    if not all(isinstance(person, str) and person.isprintable() for person in reviewers):
        raise PackError("manifest.json: reviewers are no names; make the pack anew")


def _signature(found: object) -> Signature | None:
    if found is None:
        return None
    names = set(Signature.__dataclass_fields__)
    if not isinstance(found, dict) or set(found) != names or not all(isinstance(v, str) for v in found.values()):
        raise PackError("manifest.json: the signature is malformed; have the pack signed again")
    return Signature(**found)
