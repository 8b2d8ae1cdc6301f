"""A short start: what dataclasses compile is kept, the screen is opened beside the imports, and nobody searches for
garbage before the first picture.

A dataclass compiles its methods anew in every process, which is half of what importing the rooms takes. What was
compiled is kept beside Python's own compiled files, under the digest of the text that it was compiled from: it can be
of no other class. Without this module, and wherever nothing can be kept, everything works as it does without.
"""

from __future__ import annotations

import builtins
import contextlib
import dataclasses
import gc
import hashlib
import marshal
import os
import sys
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path
from types import CodeType
from typing import Any

from kiosk.ui.toolkit import early_video


class KeptCode:
    """Code by the digest of the text it was compiled from, in one file; one that is damaged or of another Python is not
    read. Each is made of its bytes when it is wanted: the file holds what other commands use, too.
    """

    def __init__(self, path: Path):
        self._path = path
        self._kept = self._read()
        self._used: dict[bytes, bytes] = {}

    def run(self, text: str, names: dict[str, Any] | None = None, into: dict[str, Any] | None = None) -> None:
        """As `exec` does."""
        digest = hashlib.sha256(text.encode()).digest()
        kept = self._kept.get(digest)
        code: CodeType = compile(text, "<dataclass>", "exec") if kept is None else marshal.loads(kept)
        self._used[digest] = marshal.dumps(code) if kept is None else kept
        builtins.exec(code, names, into)

    def keep(self) -> None:
        """What was used, if any of it was not kept yet: whole or not at all."""
        if self._used.keys() <= self._kept.keys() or sys.dont_write_bytecode:
            return
        body = marshal.dumps(self._used)
        unfinished = self._path.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):
            unfinished.write_bytes(MAGIC_NUMBER + hashlib.sha256(body).digest() + body)
            unfinished.replace(self._path)

    def _read(self) -> dict[bytes, bytes]:
        head = len(MAGIC_NUMBER)
        with contextlib.suppress(OSError):
            data = self._path.read_bytes()
            digest, body = data[head : head + 32], data[head + 32 :]
            if data[:head] == MAGIC_NUMBER and digest == hashlib.sha256(body).digest():
                kept: dict[bytes, bytes] = marshal.loads(body)
                return kept
        return {}


_code: list[KeptCode] = []


def begin() -> None:
    """Before the rooms are imported."""
    gc.disable()
    early_video.begin()
    _code.append(KeptCode(Path(cache_from_source(__file__)).with_suffix(".classes")))
    # The name that the module looks up before Python's own.
    vars(dataclasses)["exec"] = _code[-1].run


def end() -> None:
    """Nobody waits any more; what has come to stay is never searched again. Does nothing without `begin`."""
    while _code:
        vars(dataclasses).pop("exec", None)
        _code.pop().keep()
        gc.collect()
        gc.freeze()
        gc.enable()
