"""A second copy of the counters beside the store, so that no number is given twice even when the store is replaced.

A small JSON file without personal data: the digest of the store's key and, for each counter, a
number that was never reached. Written whole to a new file, synced, renamed, folder synced.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from kiosk.adapters.settings.durable import write_durably

_MOST = 500
"""Counters kept: a year of days and some more."""


def key_id(key: bytes) -> str:
    """Names a key without telling it: the key is random and 32 bytes long."""
    return hashlib.sha256(b"store key id\0" + key).hexdigest()[:16]


class HighWater:
    """:raises OSError: on writing, when the disk refuses."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.key_id = ""
        self._marks: dict[str, int] = {}
        self._load()

    def _load(self) -> None:
        """A damaged file is as good as none: the store itself holds the counters too."""
        try:
            document = json.loads(self._path.read_text("utf-8"))
            marks = {str(name): int(high) for name, high in document["marks"].items()}
            self.key_id, self._marks = str(document["key_id"]), marks
        except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            return

    def get(self, name: str) -> int:
        return self._marks.get(name, 0)

    def raise_to(self, name: str, high: int) -> None:
        """Durable when it returns."""
        if high <= self.get(name):
            return
        self._marks.pop(name, None)
        self._marks[name] = high
        while len(self._marks) > _MOST:
            self._marks.pop(next(iter(self._marks)))
        self._write()

    def bind(self, identifier: str) -> None:
        """Note which key the store beside this file belongs to."""
        if self.key_id != identifier:
            self.key_id = identifier
            self._write()

    def _write(self) -> None:
        document = json.dumps({"key_id": self.key_id, "marks": self._marks})
        write_durably(self._path, document.encode(), 0o600)
