"""What an upload says of itself (tus 1.0, Upload-Metadata), and what a content really is."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
MEDIA_TYPES = (JPEG, PNG, PDF)
MOST_HEADER = 2048

_KEY = re.compile(r"[a-z0-9._-]{1,32}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MATERIAL = re.compile(r"[^\x00-\x1f\x7f]{1,64}")
_PDF_HEAD = re.compile(rb"%PDF-[12]\.[0-9]")
_PDF_END_WITHIN = 1024


class MetadataError(ValueError):
    """Upload-Metadata lacks something or is malformed; the message names the part, never its value."""


@dataclass(frozen=True, slots=True)
class Declared:
    digest: str
    """Of the whole content, by the back office's digest algorithm, 64 hexadecimal digits."""
    media_type: str
    material: str
    """The material as the guide names it."""


def read_metadata(header: str) -> Declared:
    """`digest`, `filetype` and `material` of an Upload-Metadata header: `key base64,key base64`; others are ignored.

    :raises MetadataError: missing, twice, not Base64, or not of the form that is wanted.
    """
    values = _pairs(header)
    for key, fits in (("digest", _DIGEST.fullmatch), ("material", _MATERIAL.fullmatch)):
        if not fits(values.get(key, "")):
            raise MetadataError(key)
    if values.get("filetype") not in MEDIA_TYPES:
        raise MetadataError("filetype")
    return Declared(values["digest"], values["filetype"], values["material"])


def _pairs(header: str) -> dict[str, str]:
    if len(header) > MOST_HEADER:
        raise MetadataError("too long")
    values: dict[str, str] = {}
    for part in header.split(","):
        key, _, coded = part.strip().partition(" ")
        if not _KEY.fullmatch(key) or key in values:
            raise MetadataError("keys are lower-case words, each once")
        try:
            values[key] = base64.b64decode(coded.strip(), validate=True).decode()
        except (binascii.Error, ValueError):
            # Not chained: the cause repeats what was sent.
            raise MetadataError(f"{key}: not Base64 of a text") from None
    return values


def media_type_of(content: bytes) -> str | None:
    """By its content: JPEG (ITU-T T.81 B.1), PNG (ISO/IEC 15948, 5.2 and 11.2), PDF (ISO 32000-2, 7.5); else None."""
    if content.startswith(b"\xff\xd8\xff") and content.rstrip(b"\x00").endswith(b"\xff\xd9"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR") and content.endswith(b"IEND\xaeB`\x82"):
        return PNG
    if _PDF_HEAD.match(content) and b"%%EOF" in content[-_PDF_END_WITHIN:]:
        return PDF
    return None
