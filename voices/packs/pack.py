"""A pack on this machine: a folder with manifest.json, prompts.tsv and clips/."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from voices.packs import manifest as manifests
from voices.packs import row as rows
from voices.packs import wav
from voices.packs.errors import PackError
from voices.packs.manifest import Manifest
from voices.packs.row import Row

MANIFEST, PROMPTS, CLIPS = "manifest.json", "prompts.tsv", "clips"
MANIFEST_BYTES, PROMPTS_BYTES, CLIP_BYTES = 64_000, 8_000_000, 3_000_000
"""Most that each file may have; a clip of 30 s at 48 kHz has 2.9 million."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack whose two tables are in order. Its clips are looked at when they are asked for."""

    folder: Path
    manifest: Manifest
    rows: tuple[Row, ...]

    def clip(self, row: Row) -> tuple[wav.Samples, int]:
        """The samples and their rate in Hz, compared with the hash of their row.

        :raises PackError: missing, changed or no clip.
        """
        raw = read_file(self.folder / row.file, CLIP_BYTES)
        return read_clip(raw, row, self.manifest.header.rate)


def read_clip(raw: bytes, row: Row, rate: int) -> tuple[wav.Samples, int]:
    """:raises PackError: the bytes are not the row's clip."""
    if hashlib.sha256(raw).hexdigest() != row.sha256:
        raise PackError(f"{row.file} is not what the pack says (its hash differs); import the pack again")
    samples, found = wav.read(raw, row.file)
    if found != rate:
        raise PackError(f"{row.file} has {found} Hz, the pack says {rate}; make the pack anew")
    return samples, rate


def open_pack(folder: Path) -> Pack:
    """:raises PackError: manifest or table cannot be read, are malformed, or contradict each other."""
    manifest = read_file(folder / MANIFEST, MANIFEST_BYTES)
    return assemble(folder, manifest, read_file(folder / PROMPTS, PROMPTS_BYTES))


def assemble(folder: Path, manifest_raw: bytes, prompts_raw: bytes) -> Pack:
    """:raises PackError: malformed, or the two contradict each other."""
    manifest = manifests.parse(_text(manifest_raw, MANIFEST))
    if hashlib.sha256(prompts_raw).hexdigest() != manifest.prompts_sha256:
        raise PackError(f"{PROMPTS} is not what the manifest says (its hash differs); copy or make the pack again")
    found = rows.parse(_text(prompts_raw, PROMPTS))
    header = manifest.header
    own = {rows.person(header.speaker), rows.person(header.author)}
    for row in found:
        row.check(header.language, header.accent, header.kind)
        if own & set(map(rows.person, row.reviewers)):
            raise PackError(f"{row.key} was reviewed by its own speaker or author; have somebody else review it")
    _unique(found)
    if (manifest.status, manifest.reviewers) != rows.standing(found):
        raise PackError("the manifest claims other reviews than its clips have; do not use the pack")
    return Pack(folder, manifest, found)


def _unique(found: tuple[Row, ...]) -> None:
    seen: set[tuple[str, int, str]] = set()
    files: dict[str, str] = {}
    for row in found:
        which = (row.key, row.index, row.text_hash)
        if which in seen:
            raise PackError(f"{row.key} clause {row.index} stands twice with the same text; make the pack anew")
        if files.setdefault(row.file, row.sha256) != row.sha256:
            raise PackError(f"{row.file} has two hashes; make the pack anew")
        seen.add(which)


def read_file(path: Path, most: int) -> bytes:
    """:raises PackError: not there, not readable or too large."""
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        raise PackError(f"{path.name} cannot be read ({error.strerror}); import the pack again") from error
    if len(raw) > most:
        raise PackError(f"{path.name} is larger than {most} bytes; this is no pack")
    return raw


def _text(raw: bytes, name: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PackError(f"{name} is no UTF-8 text; copy the pack again") from error
