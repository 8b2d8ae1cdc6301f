"""Drawings that were made once, kept as files: drawing them anew takes time and memory at every start.

A file is named after what it shows and the digest of what it was drawn from; one that is damaged or of another source
is drawn again. Where the folder cannot be written to, drawings are made at every start as before.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

_HEAD = struct.Struct("<4s4i")
"""Mark, then the lower left corner inside the icon, width and height in pixels."""
_MARK = b"ink1"


@dataclass(frozen=True, slots=True)
class Drawn:
    """How much ink each pixel has, row by row from the bottom, 0 to 255."""

    x: int
    y: int
    width: int
    height: int
    alpha: bytes


class DrawnFiles:
    def __init__(self, folder: Path | None):
        """:param folder: None = nothing is kept."""
        self._folder = folder
        self._complained = False

    def path(self, name: str, height_px: int, ink: str, source: bytes) -> Path | None:
        """:param source: whatever decides how it looks."""
        if self._folder is None:
            return None
        digest = hashlib.sha256(source).hexdigest()[:16]
        return self._folder / f"{name}-{height_px}-{ink}-{digest}.ink"

    def read(self, path: Path | None) -> Drawn | None:
        """None where it must be drawn."""
        if path is None:
            return None
        try:
            data = path.read_bytes()
            mark, x, y, width, height = _HEAD.unpack_from(data)
            alpha = zlib.decompress(data[_HEAD.size :])
        except FileNotFoundError:
            return None
        except (OSError, struct.error, zlib.error) as error:
            log.warning("%s is drawn again: %s", path.name, error)
            return None
        if mark != _MARK or len(alpha) != width * height:
            log.warning("%s is drawn again: not such a file", path.name)
            return None
        return Drawn(x, y, width, height, alpha)

    def keep(self, path: Path | None, drawn: Drawn) -> None:
        """Whole or not at all; another process may do the same."""
        if path is None:
            return
        head = _HEAD.pack(_MARK, drawn.x, drawn.y, drawn.width, drawn.height)
        unfinished = path.with_suffix(f".{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(head + zlib.compress(drawn.alpha, 1))
            unfinished.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                unfinished.unlink()
            if not self._complained:
                self._complained = True
                log.warning("drawings are not kept: %s", error)
