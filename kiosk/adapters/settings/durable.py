"""The one way to replace a small file: after a power cut either the old or the new one stands there, whole."""

from __future__ import annotations

import os
from pathlib import Path


def write_durably(
    path: Path, content: bytes, mode: int = 0o600, like: Path | None = None, owner_like: Path | None = None
) -> None:
    """Write beside it, sync, rename, sync the folder.

    :param mode: of the file, where it does not follow `like`.
    :param like: the new file gets this one's mode and, when root writes, its owner and group.
    :param owner_like: when root writes, the new file gets this one's owner and group, and `mode`.
    :raises OSError: the disk refuses, or takes only a part; the old file stands as before.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        try:
            _write_all(descriptor, content)
            _take_after(descriptor, mode, like, owner_like)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _write_all(descriptor: int, content: bytes) -> None:
    """write(2) may take less than it is given: a disk that fills, a signal."""
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]


def _take_after(descriptor: int, mode: int, like: Path | None, owner_like: Path | None) -> None:
    os.fchmod(descriptor, mode if like is None else like.stat().st_mode & 0o7777)
    if (owner := like or owner_like) is not None and os.geteuid() == 0:
        kept = owner.stat()
        os.fchown(descriptor, kept.st_uid, kept.st_gid)


def sync_folder(folder: Path) -> None:
    """Make renames and new names in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
