"""Files that a power cut leaves whole: under its name stands the old content or the new one, and the name stays."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(path: Path, mode: int = 0o600, *, new: bool = False) -> Iterator[BinaryIO]:
    """A stream whose content stands under `path`, on the disk, when the block ends; otherwise nothing has changed.

    :param new: the name must not exist yet.
    :raises FileExistsError: it does. :raises OSError: the disk refuses, or takes only a part.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        # The buffered stream writes the rest of what write(2) has taken only in part.
        with os.fdopen(descriptor, "wb") as stream:
            os.fchmod(descriptor, mode)
            yield stream
            stream.flush()
            os.fsync(descriptor)
        if new:
            # A rename would put this file in the place of one that came meanwhile.
            os.link(fresh, path)
            fresh.unlink()
        else:
            fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_whole(path: Path, content: bytes, mode: int = 0o600, *, new: bool = False) -> None:
    """`whole_file` with a content that is there already."""
    with whole_file(path, mode, new=new) as stream:
        stream.write(content)


def make_folder(folder: Path) -> None:
    """Make what is missing of it, for its owner only; a new name is on the disk when this returns."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)
        sync_folder(one.parent)


def sync_folder(folder: Path) -> None:
    """Make renames and new names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
