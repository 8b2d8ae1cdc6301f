"""A pack as one file to carry on a USB stick: a zip that holds manifest.json, prompts.tsv, clips/ and nothing else.

Everything in it was made by somebody else: names, sizes and kinds of entries are checked before one is read, and no
entry is read further than its limit.
"""

from __future__ import annotations

import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from voices.packs import store
from voices.packs.errors import PackError
from voices.packs.inspection import check_clip
from voices.packs.pack import (
    CLIP_BYTES,
    CLIPS,
    MANIFEST,
    MANIFEST_BYTES,
    PROMPTS,
    PROMPTS_BYTES,
    Pack,
    assemble,
    read_clip,
)
from voices.packs.row import FILE
from voices.packs.signing import Keyring, Trusted, verify

ARCHIVE_BYTES = 1_000_000_000
"""Most that an archive, and what comes out of it, may have."""
ENTRIES = 10_000
_SPARE_BYTES = 200_000_000
"""Room that stays free on the disk for what the kiosk has to keep."""
_EPOCH = (2000, 1, 1, 0, 0, 0)
_BAD_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError, struct.error)


@dataclass(frozen=True, slots=True)
class Imported:
    pack: Pack
    signer: Trusted


def write(pack: Pack, path: Path) -> None:
    """The archive of a pack, the same bytes for the same pack; `path` appears when it is whole.

    :raises PackError: a clip is not what its row says, or `path` cannot be written.
    """
    partial = path.with_name(f".{path.name}.part")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as out:
            _put(out, MANIFEST, pack.manifest.dump().encode())
            _put(out, PROMPTS, (pack.folder / PROMPTS).read_bytes())
            for row in {row.file: row for row in pack.rows}.values():
                pack.clip(row)
                _put(out, row.file, (pack.folder / row.file).read_bytes())
        partial.replace(path)
    except OSError as error:
        raise PackError(f"{path} cannot be written ({error.strerror}); choose another place") from error
    finally:
        partial.unlink(missing_ok=True)


def _put(out: zipfile.ZipFile, name: str, raw: bytes) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    out.writestr(info, raw)


def bring_in(path: Path, packs: Path, keyring: Keyring) -> Imported:
    """Import a signed archive, whole or not at all; the version before can be restored.

    :raises PackError: not signed by somebody trusted, changed, cut short, or anything in it is not as packs are.
    """
    with _opened(path) as archive:
        names = _checked(archive)
        tables = _tables(archive)
        pack = assemble(path, *tables)
        signer = verify(pack.manifest, keyring)
        _compare(names, pack)
        folder = store.new_folder(packs)
        try:
            _room(archive.infolist(), packs)
            _unpack(archive, pack, folder)
            for name, raw in zip((MANIFEST, PROMPTS), tables, strict=True):
                _keep(folder / name, raw)
            placed = store.place(packs, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return Imported(Pack(placed, pack.manifest, pack.rows), signer)


def look(path: Path) -> Pack:
    """What an archive says of itself, its tables in order; no clip is read and nobody's signature is asked for.

    :raises PackError: no archive of a pack.
    """
    with _opened(path) as archive:
        _compare(_checked(archive), pack := assemble(path, *_tables(archive)))
    return pack


def check_clips(path: Path) -> int:
    """Read and measure each clip of an archive; returns how many.

    :raises PackError: one is not as packs are.
    """
    with _opened(path) as archive:
        _checked(archive)
        pack = assemble(path, *_tables(archive))
        for row in pack.rows:
            raw = _entry(archive, row.file, CLIP_BYTES)
            check_clip(row, *read_clip(raw, row, pack.manifest.header.rate))
    return len(pack.rows)


def _tables(archive: zipfile.ZipFile) -> tuple[bytes, bytes]:
    return _entry(archive, MANIFEST, MANIFEST_BYTES), _entry(archive, PROMPTS, PROMPTS_BYTES)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Whatever a damaged archive or a stick that is pulled out raises becomes one clear error."""
    try:
        if path.stat().st_size > ARCHIVE_BYTES:
            raise PackError(f"{path.name} is larger than {ARCHIVE_BYTES // 10**6} MB; this is no pack")
        with zipfile.ZipFile(path) as archive:
            yield archive
    except PackError:
        raise
    except OSError as error:
        raise PackError(f"{path.name} cannot be read ({error.strerror or error}); put the stick in again") from error
    except _BAD_ZIP as error:
        raise PackError(f"{path.name} is damaged or no zip file ({error}); copy it to the stick again") from error


def _checked(archive: zipfile.ZipFile) -> frozenset[str]:
    entries = [info for info in archive.infolist() if info.filename != f"{CLIPS}/"]
    if len(entries) > ENTRIES or sum(info.file_size for info in entries) > ARCHIVE_BYTES:
        raise PackError("the archive would grow beyond what a pack may have; do not use it")
    for info in entries:
        if info.filename not in (MANIFEST, PROMPTS) and not FILE.fullmatch(info.filename):
            raise PackError(f"the archive holds {info.filename[:80]!r}, which is no part of a pack; do not use it")
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise PackError(f"{info.filename} in the archive is no plain file; do not use it")
    names = frozenset(info.filename for info in entries)
    if len(names) != len(entries):
        raise PackError("the archive holds a file twice; do not use it")
    return names


def _compare(names: Iterable[str], pack: Pack) -> None:
    wanted = {MANIFEST, PROMPTS, *(row.file for row in pack.rows)}
    if missing := sorted(wanted - set(names)):
        raise PackError(f"{missing[0]} is missing in the archive; copy it to the stick again")
    if more := sorted(set(names) - wanted):
        raise PackError(f"{more[0]} in the archive belongs to no prompt; do not use it")


def _room(entries: Iterable[zipfile.ZipInfo], packs: Path) -> None:
    needed = sum(info.file_size for info in entries) + _SPARE_BYTES
    if shutil.disk_usage(packs).free < needed:
        raise PackError(f"the disk has no room: {needed // 10**6} MB are needed; remove a pack that is not used")


def _unpack(archive: zipfile.ZipFile, pack: Pack, folder: Path) -> None:
    (folder / CLIPS).mkdir()
    for row in pack.rows:
        raw = _entry(archive, row.file, CLIP_BYTES)
        check_clip(row, *read_clip(raw, row, pack.manifest.header.rate))
        if not row.may_play(pack.manifest.header.kind):
            raise PackError(f"{row.key} was not reviewed by two; have it reviewed before the pack is signed")
        _keep(folder / row.file, raw)


def _keep(path: Path, raw: bytes) -> None:
    try:
        path.write_bytes(raw)
    except OSError as error:
        raise PackError(
            f"the pack could not be kept ({error.strerror}); nothing changed, make room on the disk"
        ) from error


def _entry(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    try:
        with archive.open(name) as file:
            raw = file.read(most + 1)
    except KeyError as error:
        raise PackError(f"{name} is missing in the archive; this is no pack, or it was cut short") from error
    if len(raw) > most:
        raise PackError(f"{name} is larger than a part of a pack may be; do not use it")
    return raw
