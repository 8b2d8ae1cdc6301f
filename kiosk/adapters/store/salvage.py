"""What can still be read of a damaged store: item by item, from a copy, so that the damaged file stays as it is."""

from __future__ import annotations

import logging
import shutil
import tempfile
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from kiosk.adapters.store.rows import COLUMNS, item_of
from kiosk.domain.outbox import OutboxItem

log = logging.getLogger(__name__)

_BLIND_ROWS = 2000
"""Rows tried when the damage hides how many there are."""


def salvage(damaged: Path, key: bytes) -> list[OutboxItem]:
    """Every outbox item whose pages are whole, in their order. An unreadable file gives none.

    :raises OSError: no room for the copy.
    """
    with tempfile.TemporaryDirectory(dir=damaged.parent, prefix="salvage-") as scratch:
        copy = Path(scratch) / "copy.db"
        for side in ("", "-wal"):
            source = damaged.with_name(damaged.name + side)
            if source.exists():
                shutil.copyfile(source, copy.with_name(copy.name + side))
        reader = _Reader(copy, key)
        try:
            items = [item for row in range(1, reader.highest() + 1) if (item := reader.item(row)) is not None]
        finally:
            reader.close()
    log.warning("damaged store: %d items saved, %d rows not readable", len(items), reader.unreadable)
    return items


class _Reader:
    """After one damaged page SQLCipher refuses the whole connection: a new one for the next row."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path, self._key = path, key
        self._connection: Any = None
        self.unreadable = 0

    def highest(self) -> int:
        try:
            row = self._ask("SELECT max(rowid) FROM outbox")
        except sqlcipher.DatabaseError as error:
            self.close()
            return 0 if _nothing_to_read(error) else _BLIND_ROWS
        return int(row[0] or 0)

    def item(self, row: int) -> OutboxItem | None:
        try:
            found = self._ask(f"SELECT {COLUMNS} FROM outbox WHERE rowid = {row:d}")
        except sqlcipher.DatabaseError:
            self.unreadable += 1
            self.close()
            return None
        try:
            return item_of(found) if found else None
        except ValueError:
            # The end of a long row lay on a damaged page.
            self.unreadable += 1
            return None

    def _ask(self, question: str) -> Any:
        if self._connection is None:
            self._connection = sqlcipher.connect(str(self._path), isolation_level=None)
            self._connection.execute(f"PRAGMA key = \"x'{self._key.hex()}'\"")
        return self._connection.execute(question).fetchone()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _nothing_to_read(error: Exception) -> bool:
    """The first page or the list of tables itself is gone."""
    text = str(error)
    return "not a database" in text or "no such table" in text
