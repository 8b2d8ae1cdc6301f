"""The store's audit chain: each event is written in the transaction of what it is about, or by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from kiosk.adapters.store.rows import event_of, to_json
from kiosk.domain.audit import AuditEvent, AuditKind, link
from kiosk.domain.outbox import ItemState, OutboxItem


class AuditRows:
    """A part of `SqlcipherStore`. Every method has committed when it returns. :raises StoreError: from each."""

    _lock: threading.RLock
    _connection: Any
    _wall: Callable[[], datetime]

    def _transaction(self) -> AbstractContextManager[Any]:
        raise TypeError("a part of the store")

    def _errors(self) -> AbstractContextManager[None]:
        raise TypeError("a part of the store")

    def audit_chain(self) -> list[AuditEvent]:
        """The whole chain of this store, oldest first; `kiosk.domain.audit.verify` checks it."""
        return self.audit_after(0, -1)

    def audit_after(self, seq: int, most: int) -> list[AuditEvent]:
        """The events that follow number `seq`, at most so many; -1 for all."""
        with self._lock, self._errors():
            query = "SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?"
            rows = self._connection.execute(query, (seq, most)).fetchall()
        return [event_of(row) for row in rows]

    def record_login(self, number: str, result: str) -> None:
        self._record(AuditKind.STAFF_LOGIN, number=number, result=result)

    def record_idle_switch(self, number: str, state: str) -> None:
        self._record(AuditKind.IDLE_SWITCH, number=number, state=state)

    def record_export(self, items: int) -> None:
        """What had not been sent was written into a sealed file."""
        self._record(AuditKind.EXPORTED, items=str(items))

    def record_wish(self, key: str) -> None:
        """A technician wants an item tried again that waits; of a rejected one its move says so."""
        self._record(AuditKind.RETRIED, key=key)

    def _record(self, event_kind: AuditKind, /, **facts: str) -> None:
        with self._lock, self._errors(), self._transaction() as db:
            self._audit(db, event_kind, **facts)

    def _audit(self, db: Any, event_kind: AuditKind, /, **facts: str) -> None:
        row = db.execute("SELECT * FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        event = link(event_of(row) if row else None, self._wall().isoformat(), event_kind, facts)
        values = (event.seq, event.at, event.kind.value, to_json(event.facts), event.previous, event.digest)
        db.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)", values)

    def _audit_move(self, db: Any, before: ItemState, item: OutboxItem) -> None:
        if before is item.state:
            return
        if item.state is ItemState.DELIVERED:
            self._audit(db, AuditKind.DELIVERED, key=item.key)
        elif item.state is ItemState.REJECTED:
            self._audit(db, AuditKind.REJECTED, key=item.key, problem=item.last_problem)
        elif before is ItemState.REJECTED:
            self._audit(db, AuditKind.RETRIED, key=item.key)
