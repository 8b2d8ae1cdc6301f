"""The compiled schema of the keys, kept beside Python's own compiled files: a terminal compiles it once, not with every
start. Wherever it cannot be kept, and where what was kept is not whole, it is compiled as it always was.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterable
from importlib.util import cache_from_source
from pathlib import Path

_DIGEST_BYTES = 32


def place(made_by: str, sources: Iterable[Path]) -> Path:
    """Where it is kept: the name says by what it was compiled, and from which files as they are now."""
    digest = hashlib.sha256(made_by.encode())
    for source in sorted(sources):
        known = source.stat()
        digest.update(f"\n{source} {known.st_size} {known.st_mtime_ns}".encode())
    return Path(cache_from_source(__file__)).with_name(f"keys-{digest.hexdigest()[:32]}")


def take(kept: Path, folder: Path) -> bool:
    """Write the kept files into a new `folder`; False, and no folder, when none are kept or they are damaged."""
    try:
        data = kept.read_bytes()
    except OSError:
        return False
    digest, body = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != digest:
        return False
    folder.mkdir()
    while body:
        head, _, body = body.partition(b"\n")
        size, name = head.decode().split(" ", 1)
        (folder / name).write_bytes(body[: int(size)])
        body = body[int(size) :]
    return True


def keep(folder: Path, kept: Path) -> None:
    """All files of `folder`, whole or not at all: after a power cut a file may be there without what was in it."""
    if sys.dont_write_bytecode:
        return
    contents = {file.name: file.read_bytes() for file in sorted(folder.iterdir())}
    body = b"".join(f"{len(content)} {name}\n".encode() + content for name, content in contents.items())
    unfinished = kept.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(OSError):
        unfinished.write_bytes(hashlib.sha256(body).digest() + body)
        unfinished.replace(kept)
