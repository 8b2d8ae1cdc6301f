"""The kiosk's encrypted store: SQLite in SQLCipher, one file, one connection, one process.

Promises: what changed has been written to the disk (WAL, synchronous=FULL) when a call returns;
no number is given twice, whatever happens; a store that cannot be read is never deleted.

locking_mode=EXCLUSIVE, because a second kiosk process on the same outbox would send everything
twice, and because SQLite then keeps the WAL index in memory: no shared-memory file that a power
cut could leave behind in a state nobody synced.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from kiosk.adapters.settings.durable import sync_folder
from kiosk.adapters.store.audit import AuditRows
from kiosk.adapters.store.drafts import DraftRows
from kiosk.adapters.store.files import FileRows
from kiosk.adapters.store.high_water import HighWater, key_id
from kiosk.adapters.store.kiosk_key import KEY_BYTES, disk_error
from kiosk.adapters.store.migrations import LATEST, MIGRATIONS
from kiosk.adapters.store.rows import COLUMNS, item_of, item_row, to_json
from kiosk.adapters.store.salvage import salvage
from kiosk.domain.audit import AuditKind
from kiosk.domain.case_number import MAX_SERIAL
from kiosk.domain.outbox import ItemKind, ItemState, OutboxItem, StoreError

SERIAL_BLOCK = 20
"""A restart skips at most so many numbers of a day's 99999."""
SEQ_BLOCK = 500
RECEIPT_DAYS = 30
_SIDE_FILES = ("-wal", "-journal", "-shm")

OnFault = Callable[[str, str], None]


class SqlcipherStore(AuditRows, FileRows, DraftRows):
    """Fulfils `kiosk.domain.ports.Store`. Any thread may call; calls queue at one lock.

    :raises StoreError: from every method: store.full, store.io, store.in_use …
    """

    def __init__(
        self, path: Path, key: bytes, wall: Callable[[], datetime], on_fault: OnFault = lambda code, detail: None
    ) -> None:
        """Open or create.

        :param key: 32 bytes.
        :param wall: the terminal's wall clock (aware), for receipts and audit.
        :param on_fault: told store.replaced with the name of the file that was set aside and how many
            items could be taken over from it.
        :raises StoreError: store.wrong_key, store.unreadable (neither key nor damage can be told:
            nothing is touched), store.too_new, store.in_use, store.io.
        """
        if len(key) != KEY_BYTES:
            raise ValueError(f"{KEY_BYTES} bytes are needed")
        self._lock = threading.RLock()
        self._path, self._key, self._wall = path, key, wall
        self._free: dict[str, range] = {}
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._marks = HighWater(path.with_name(path.name + ".marks"))
        self._open()
        with self._errors():
            self._marks.bind(key_id(key))
            self._migrate()
            for kept_as in self._not_taken_over():
                saved = self._take_over(kept_as)
                on_fault("store.replaced", f"{kept_as}, {saved} items saved")
            self._note_opening()

    # -- opening

    def _open(self) -> None:
        """Connect; a damaged file is set aside first."""
        if self._marks.key_id and self._marks.key_id != key_id(self._key):
            raise StoreError("store.wrong_key", "the key is not the one this store was made with")
        try:
            if not self._path.exists():
                # First, so that a store half made when the power went is known to be ours.
                self._marks.bind(key_id(self._key))
            self._connection = self._connect()
            return
        except OSError as error:
            raise disk_error(error) from error
        except sqlcipher.OperationalError as error:
            raise _translated(error) from error
        except sqlcipher.DatabaseError as error:
            if not self._marks.key_id:
                raise StoreError("store.unreadable", "wrong key or damaged file; it was left untouched") from error
        self._set_aside()
        self._connection = self._connect()

    def _connect(self) -> Any:
        """A connection whose every page has been checked.

        :raises sqlcipher3.DatabaseError: not readable with this key, or damaged.
        """
        connection = sqlcipher.connect(str(self._path), isolation_level=None, check_same_thread=False, timeout=2.0)
        try:
            connection.execute(f"PRAGMA key = \"x'{self._key.hex()}'\"")
            for setting in (
                "locking_mode = EXCLUSIVE",
                "journal_mode = WAL",
                "synchronous = FULL",
                "secure_delete = ON",
                "temp_store = MEMORY",
                "foreign_keys = ON",
            ):
                connection.execute(f"PRAGMA {setting}").fetchall()
            # A checkpoint that the power cut short leaves torn pages in the main file whose whole
            # copies are in the WAL: finish it before looking at the file's pages.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            _check_pages(connection)
        except sqlcipher.Error:
            connection.close()
            raise
        return connection

    def _set_aside(self) -> None:
        """Rename the damaged files; the WAL first, for SQLite deletes a WAL that stands alone."""
        stamp = self._wall().strftime("%Y%m%dT%H%M%S")
        name, again = f"{self._path.name}.damaged-{stamp}", 1
        while self._path.with_name(name).exists():
            again += 1
            name = f"{self._path.name}.damaged-{stamp}-{again}"
        for side in (*_SIDE_FILES, ""):
            file = self._path.with_name(self._path.name + side)
            if file.exists():
                file.rename(self._path.with_name(name + side))
        sync_folder(self._path.parent)

    def _not_taken_over(self) -> list[str]:
        """Damaged files whose items are not in this store yet: also when the power failed in between."""
        names = [file.name for file in self._path.parent.glob(f"{self._path.name}.damaged-*")]
        return sorted(n for n in names if not n.endswith(_SIDE_FILES) and not self._marks.get(f"taken-over/{n}"))

    def _take_over(self, kept_as: str) -> int:
        """Bring what can still be read into this store; returns how many items that were."""
        saved = [item for item in salvage(self._path.with_name(kept_as), self._key) if self.get(item.key) is None]
        with self._transaction() as db:
            self._audit(db, AuditKind.STORE_REPLACED, kept_as=kept_as, saved=str(len(saved)))
            for item in saved:
                self._insert(db, item)
        self._marks.raise_to(f"taken-over/{kept_as}", 1)
        return len(saved)

    def _migrate(self) -> None:
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version > LATEST:
            self._connection.close()
            raise StoreError("store.too_new", f"store version {version}, this program knows {LATEST}")
        for number in range(version, LATEST):
            with self._transaction() as db:
                for statement in MIGRATIONS[number]:
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {number + 1}")

    def _note_opening(self) -> None:
        with self._transaction() as db:
            self._audit(db, AuditKind.STORE_OPENED, version=str(LATEST))
            # The visit these tokens belong to ended with the process before.
            db.execute(
                "UPDATE receipts SET visit_token = '' WHERE visit_token <> '' AND case_no NOT IN"
                " (SELECT case_no FROM outbox WHERE kind = ?)",
                (ItemKind.RATING.value,),
            )
            self._forget_old_receipts(db)

    # -- numbers

    def next_case_serial(self, day: str) -> int:
        """:raises StoreError: store.serials_used_up after 99999 of one day."""
        return self._next(f"serial/{day}", SERIAL_BLOCK, MAX_SERIAL)

    def next_request_seq(self) -> int:
        return self._next("request_seq", SEQ_BLOCK, 2**53)

    def _next(self, name: str, block: int, most: int) -> int:
        """Reserve a block durably, twice over (store and file beside it), then use it."""
        with self._lock, self._errors():
            free = self._free.get(name) or self._reserve(name, block)
            if free[0] > most:
                raise StoreError("store.serials_used_up", name.partition("/")[0])
            self._free[name] = free[1:]
            return free[0]

    def _reserve(self, name: str, block: int) -> range:
        with self._transaction() as db:
            row = db.execute("SELECT high FROM counters WHERE name = ?", (name,)).fetchone()
            used = max(row[0] if row else 0, self._marks.get(name))
            self._marks.raise_to(name, used + block)
            db.execute(
                "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET high = excluded.high",
                (name, used + block),
            )
        return range(used + 1, used + block + 1)

    # -- items

    def put(self, item: OutboxItem) -> None:
        """Keep a new item. The same item again is no error, another one under its key is.

        :raises StoreError: store.duplicate_key.
        """
        with self._lock, self._errors():
            known = self.get(item.key)
            if known is not None:
                if dict(known.body) == dict(item.body) and known.kind is item.kind:
                    return
                raise StoreError("store.duplicate_key", item.kind.value)
            with self._transaction() as db:
                self._insert(db, item)

    def _insert(self, db: Any, item: OutboxItem) -> None:
        db.execute(f"INSERT INTO outbox ({COLUMNS}) VALUES ({', '.join('?' * 13)})", item_row(item))
        if item.kind.opens_case:
            # In one transaction: a draft that outlived its case would be taken up under a number that is used.
            db.execute("DELETE FROM draft WHERE case_no = ?", (item.case_no,))
        self._audit(db, AuditKind.STORED, key=item.key, kind=item.kind.value)

    def update(self, item: OutboxItem) -> None:
        """Write an item's state; of a purged one only its visit token (empty = forget it).

        :raises StoreError: store.unknown_key.
        """
        with self._lock, self._errors(), self._transaction() as db:
            row = db.execute("SELECT state FROM outbox WHERE key = ?", (item.key,)).fetchone()
            if row is None:
                self._update_purged(db, item)
                return
            db.execute(
                "UPDATE outbox SET state = ?, attempts = ?, last_problem = ?, receipt = ? WHERE key = ?",
                (item.state.value, item.attempts, item.last_problem, to_json(item.receipt), item.key),
            )
            self._audit_move(db, ItemState(row[0]), item)

    def _update_purged(self, db: Any, item: OutboxItem) -> None:
        token = str(item.receipt.get("visit_token", ""))
        changed = db.execute("UPDATE receipts SET visit_token = ? WHERE key = ?", (token, item.key)).rowcount
        if not changed:
            raise StoreError("store.unknown_key", item.kind.value)

    def pending(self) -> Sequence[OutboxItem]:
        """Every item not yet purged, oldest first: also delivered ones that await their purge, and rejected ones."""
        with self._lock, self._errors():
            rows = self._connection.execute(f"SELECT {COLUMNS} FROM outbox ORDER BY rowid").fetchall()
        return [item_of(row) for row in rows]

    def get(self, key: str) -> OutboxItem | None:
        """An item; after its purge what is left of it: empty body, receipt with at most the visit token."""
        with self._lock, self._errors():
            row = self._connection.execute(f"SELECT {COLUMNS} FROM outbox WHERE key = ?", (key,)).fetchone()
            if row:
                return item_of(row)
            left = self._connection.execute(
                "SELECT kind, case_no, purged_at, visit_token FROM receipts WHERE key = ?", (key,)
            ).fetchone()
        if left is None:
            return None
        receipt = {"visit_token": left[3]} if left[3] else {}
        return OutboxItem(key, ItemKind(left[0]), left[1], 0, {}, left[2], state=ItemState.DELIVERED, receipt=receipt)

    def purge(self, key: str) -> None:
        """Delete a delivered item's personal data from table, free pages and WAL.

        Its key, the time and the receipt's digest stay for 30 days, the visit token until the case's
        rating has gone. An unknown or purged key is no error.

        :raises StoreError: store.not_delivered.
        """
        with self._lock, self._errors():
            item = self.get(key)
            if item is None:
                return
            if item.state is not ItemState.DELIVERED:
                raise StoreError("store.not_delivered", item.state.value)
            with self._transaction() as db:
                if db.execute("DELETE FROM outbox WHERE key = ?", (key,)).rowcount:
                    self._keep_receipt(db, item)
                self._forget_old_receipts(db)
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _keep_receipt(self, db: Any, item: OutboxItem) -> None:
        digest = hashlib.sha256(to_json(item.receipt).encode()).hexdigest()
        token = str(item.receipt.get("visit_token", "")) if item.kind.opens_case else ""
        db.execute(
            "INSERT OR REPLACE INTO receipts VALUES (?, ?, ?, ?, ?, ?)",
            (item.key, item.kind.value, item.case_no, self._wall().isoformat(), digest, token),
        )
        if item.kind is ItemKind.RATING:
            db.execute("UPDATE receipts SET visit_token = '' WHERE case_no = ?", (item.case_no,))
        self._audit(db, AuditKind.PURGED, key=item.key)

    def _forget_old_receipts(self, db: Any) -> None:
        oldest = (self._wall() - timedelta(days=RECEIPT_DAYS)).isoformat()
        db.execute("DELETE FROM receipts WHERE julianday(purged_at) < julianday(?)", (oldest,))

    # -- catalogue

    def save_catalogue(self, release: int, document: str) -> None:
        with self._lock, self._errors(), self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO catalogue VALUES (1, ?, ?)", (release, document))

    def load_catalogue(self) -> tuple[int, str] | None:
        with self._lock, self._errors():
            row = self._connection.execute("SELECT release, document FROM catalogue").fetchone()
        return (row[0], row[1]) if row else None

    # -- plumbing

    def close(self) -> None:
        with self._lock, suppress(sqlcipher.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        """All or nothing; committed and synced when the block is left."""
        db = self._connection
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlcipher.Error as error:
            raise _translated(error) from error
        except OSError as error:
            raise disk_error(error) from error


def _check_pages(connection: Any) -> None:
    damaged = connection.execute("PRAGMA cipher_integrity_check").fetchall()
    if damaged:
        raise sqlcipher.DatabaseError(f"{len(damaged)} damaged pages")
    answer = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != "ok":
        raise sqlcipher.DatabaseError("damaged structure")


def _translated(error: Exception) -> StoreError:
    text = str(error).lower()
    for part, code in (
        ("full", "store.full"),
        ("locked", "store.in_use"),
        ("disk i/o", "store.io"),
        ("unable to open", "store.io"),
        ("readonly", "store.io"),
    ):
        if part in text:
            return StoreError(code)
    return StoreError("store.failed", type(error).__name__)
