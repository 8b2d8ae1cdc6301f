"""The store's files: pictures that wait for the back office, each in the encrypted database and nowhere else."""

from __future__ import annotations

import threading
from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from kiosk.adapters.store.rows import to_json
from kiosk.domain.attachments import KeptFile
from kiosk.domain.outbox import OutboxItem, StoreError

_COLUMNS = "case_no, digest, media_type, material, content, kept_at"


class FileRows:
    """A part of `SqlcipherStore`. Every method has committed when it returns. :raises StoreError: from each."""

    _lock: threading.RLock
    _connection: Any

    def _transaction(self) -> AbstractContextManager[Any]:
        raise TypeError("a part of the store")

    def _errors(self) -> AbstractContextManager[None]:
        raise TypeError("a part of the store")

    def keep_file(self, file: KeptFile) -> None:
        """The same content of the same case again is no error."""
        row = (file.case_no, file.digest, file.media_type, file.material, file.content, file.kept_at)
        with self._lock, self._errors(), self._transaction() as db:
            db.execute(f"INSERT OR IGNORE INTO attachment ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", row)

    def file(self, case_no: str, digest: str) -> KeptFile | None:
        with self._lock, self._errors():
            found = self._connection.execute(
                f"SELECT {_COLUMNS} FROM attachment WHERE case_no = ? AND digest = ?", (case_no, digest)
            ).fetchone()
        if found is None:
            return None
        case, kept, media_type, material, content, kept_at = found
        return KeptFile(case, kept, media_type, material, bytes(content), kept_at)

    def drop_file(self, case_no: str, digest: str) -> None:
        self._delete("case_no = ? AND digest = ?", (case_no, digest))

    def drop_files(self, case_no: str, *, keep: Collection[str] = ()) -> None:
        """All files of a case but these, from table, free pages and WAL."""
        marks = ", ".join("?" * len(keep))
        self._delete(f"case_no = ? AND digest NOT IN ({marks})", (case_no, *keep))

    def drop_orphans(self) -> None:
        """Files of visits that stored no case and were not to be kept: their process ended in the middle."""
        self._delete("case_no NOT IN (SELECT case_no FROM outbox UNION SELECT case_no FROM draft)", ())

    def end_visit_files(self, case_no: str, *, keep: Collection[str]) -> None:
        """All files of a visit that has ended but these; those of a draft stay with it."""
        marks = ", ".join("?" * len(keep))
        where = f"case_no = ? AND digest NOT IN ({marks}) AND case_no NOT IN (SELECT case_no FROM draft)"
        self._delete(where, (case_no, *keep))

    def expire_files(self, before: datetime) -> None:
        """Files that were kept before this moment."""
        self._delete("julianday(kept_at) < julianday(?)", (before.isoformat(),))

    def _delete(self, where: str, values: tuple[object, ...]) -> None:
        with self._lock, self._errors():
            with self._transaction() as db:
                gone = db.execute(f"DELETE FROM attachment WHERE {where}", values).rowcount
            if gone:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def amend(self, item: OutboxItem) -> None:
        """Body and files of an item that has not been sent yet. :raises StoreError: store.unknown_key."""
        values = (to_json(dict(item.body)), to_json(item.attachments), item.key)
        with self._lock, self._errors(), self._transaction() as db:
            if not db.execute("UPDATE outbox SET body = ?, attachments = ? WHERE key = ?", values).rowcount:
                raise StoreError("store.unknown_key", item.kind.value)
