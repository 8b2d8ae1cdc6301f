"""From a folder to a signed archive: for recordings only what two reviewers found right."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from voices.packs import archive, inspection, reviews, signing
from voices.packs.errors import PackError
from voices.packs.manifest import Manifest
from voices.packs.pack import CLIP_BYTES, CLIPS, MANIFEST, Pack, open_pack, read_file
from voices.packs.row import Row
from voices.packs.take import RECORDED
from voices.packs.writer import seal


@dataclass(frozen=True, slots=True)
class Released:
    pack: Pack
    key: str
    """Number of the key that it was signed with."""
    left_out: Mapping[str, str]
    """Which clause of a recording is not in it, and why."""


def release(folder: Path, review_files: Iterable[Path], signer: signing.Signer, out: Path) -> Released:
    """Write the signed archive of a pack's folder.

    :raises PackError: the folder holds no pack, a clip is not right, or nothing was reviewed by two.
    """
    pack = open_pack(folder)
    header = pack.manifest.header
    said = [review for file in review_files for review in reviews.read(file)]
    found, why = reviews.approve(pack.rows, said, (header.speaker, header.author))
    going = [row for row in found if row.may_play(header.kind)]
    if not going:
        raise PackError(
            f"no clip of {header.id} was found right by two reviewers who are neither its speaker nor its author; "
            "have it heard first: voices review"
        )
    with tempfile.TemporaryDirectory() as scratch:
        signed = _signed(pack, going, Path(scratch), signer)
        archive.write(signed, out)
    left_out = why if header.kind == RECORDED else {}
    return Released(signed, signed.manifest.signature.key if signed.manifest.signature else "", left_out)


def _signed(pack: Pack, going: list[Row], scratch: Path, signer: signing.Signer) -> Pack:
    (scratch / CLIPS).mkdir()
    for row in going:
        inspection.check_clip(row, *pack.clip(row))
        (scratch / row.file).write_bytes(read_file(pack.folder / row.file, CLIP_BYTES))
    manifest: Manifest = signing.sign(seal(scratch, pack.manifest.header, going, pack.manifest.created), signer)
    (scratch / MANIFEST).write_text(manifest.dump(), encoding="utf-8")
    return open_pack(scratch)
