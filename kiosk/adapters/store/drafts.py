"""The store's drafts: what was said before somebody left in the middle, in the encrypted database and nowhere else."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from kiosk.adapters.store.rows import to_json
from kiosk.domain.drafts.state import KeptDraft

_COLUMNS = "case_no, code, salt, owner, saved_at, content"


class DraftRows:
    """A part of `SqlcipherStore`. Every method has committed when it returns. :raises StoreError: from each."""

    _lock: threading.RLock
    _connection: Any

    def _transaction(self) -> AbstractContextManager[Any]:
        raise TypeError("a part of the store")

    def _errors(self) -> AbstractContextManager[None]:
        raise TypeError("a part of the store")

    def keep_draft(self, draft: KeptDraft) -> None:
        """New, or instead of the one with its number."""
        row = (draft.case_no, draft.code, draft.salt, draft.owner, draft.saved_at, to_json(draft.content))
        with self._lock, self._errors(), self._transaction() as db:
            db.execute(f"INSERT OR REPLACE INTO draft ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", row)

    def drafts(self) -> Sequence[KeptDraft]:
        """Every draft, the oldest first."""
        with self._lock, self._errors():
            rows = self._connection.execute(f"SELECT {_COLUMNS} FROM draft ORDER BY rowid").fetchall()
        return [
            KeptDraft(case_no, code, salt, owner, saved_at, json.loads(content))
            for case_no, code, salt, owner, saved_at, content in rows
        ]

    def drop_draft(self, case_no: str) -> None:
        """With its pictures, from table, free pages and WAL; a case that is to be sent keeps those that it names."""
        with self._lock, self._errors():
            with self._transaction() as db:
                db.execute("DELETE FROM draft WHERE case_no = ?", (case_no,))
                db.execute(
                    "DELETE FROM attachment WHERE case_no = ? AND case_no NOT IN (SELECT case_no FROM outbox)",
                    (case_no,),
                )
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
