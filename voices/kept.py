"""What was read from files once, kept beside Python's own compiled files: reading the texts is a sixth of a start.

What is kept counts only while every source is as it was, by name, size and time, as with compiled files. Where nothing
can be kept the sources are read at every start.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any


def kept(name: str, sources: Iterable[Path], read: Callable[[], Any]) -> Any:
    """What `read` gives, from what is kept while `sources` stay as they are; plain JSON values.

    :raises ValueError: `read` refused the sources; then nothing is kept.
    """
    folder, mark = Path(cache_from_source(__file__)).parent, _mark(sources)
    path = folder / f"{name}-{mark}.json"
    with contextlib.suppress(OSError, ValueError):
        return json.loads(path.read_bytes())
    value = read()
    if not sys.dont_write_bytecode:
        with contextlib.suppress(OSError):
            _keep(path, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
            for old in folder.glob(f"{name}-*.json"):
                if old != path:
                    old.unlink()
    return value


def _mark(sources: Iterable[Path]) -> str:
    stats = ((path, path.stat()) for path in sorted(sources))
    told = [(str(path), stat.st_mtime_ns, stat.st_size) for path, stat in stats]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _keep(path: Path, data: bytes) -> None:
    """Whole or not at all; another process may do the same."""
    unfinished = path.with_suffix(f".{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished.write_bytes(data)
    unfinished.replace(path)
