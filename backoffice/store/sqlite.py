"""SQLite: WAL, synchronous=FULL, foreign keys, BEGIN IMMEDIATE for the one writer; who waits shares a commit."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.exc import DBAPIError

from backoffice.store.failures import DatabaseBusy, DatabaseUnusable, DiskFull
from backoffice.store.group import GroupWriter, T, Work
from backoffice.store.joint import Joint

READERS = 8
IN_USE = "-in-use"
"""Beside the database: locked, shared, by all who have it open, and alone by the one that changes the schema."""


class SqliteStore:
    """Two engines on one file: the writer has a single connection, readers never wait for it."""

    def __init__(self, url: URL, busy_timeout_ms: int) -> None:
        self._url = url
        self.writer = _engine(url, "BEGIN IMMEDIATE", 1, busy_timeout_ms)
        self.reader = _engine(url, "BEGIN", READERS, busy_timeout_ms)
        self._group = GroupWriter(self.writer, busy_timeout_ms / 1000)
        self.joint = Joint(self._group.begin, busy_timeout_ms / 1000)
        self._held: int | None = None

    def transact(self, work: Work[T]) -> T:
        return self._group.run(work)

    def check(self) -> None:
        """Nothing to ask: each connection sets what it needs."""

    def alone(self, connection: Connection) -> None:
        """BEGIN IMMEDIATE has seen to it."""

    def exists(self) -> bool:
        return Path(str(self._url.database)).is_file()

    def hold(self, connection: Connection) -> None:
        fcntl.flock(self._in_use(), fcntl.LOCK_SH)

    def unheld(self, connection: Connection) -> bool:
        try:
            fcntl.flock(self._in_use(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    @contextmanager
    def rebuilding(self) -> Iterator[None]:
        """Tables may be dropped and made anew under others that name them; `check_links` looks at all of it after.

        SQLite changes this setting outside a transaction only, and a new CHECK needs a new table.
        """
        self._set_foreign_keys("OFF")
        try:
            yield
        finally:
            self._set_foreign_keys("ON")

    def check_links(self, connection: Connection) -> None:
        """:raises DatabaseUnusable: a row names another that is not there; the transaction undoes the change."""
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            tables = ", ".join(sorted({str(row[0]) for row in broken}))
            raise DatabaseUnusable(
                f"Rows of {tables} name others that are not in {self._url.database}; nothing was changed",
                "Put back the newest backup (`backoffice restore`), and keep this file for whoever looks into it",
            )

    def _set_foreign_keys(self, state: str) -> None:
        with self.writer.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection), "SQLite's own driver is in use"
            driver.execute(f"PRAGMA foreign_keys={state}")

    def _in_use(self) -> int:
        if self._held is None:
            self._held = os.open(f"{self._url.database}{IN_USE}", os.O_RDWR | os.O_CREAT, 0o600)
        return self._held

    def told(self, cause: DBAPIError) -> Exception | None:
        text = str(cause.orig)
        if "is full" in text:
            return DiskFull(f"no room for {self._url.database}")
        if "locked" in text or "busy" in text:
            return DatabaseBusy(text)
        if "unable to open" in text or "not a database" in text or "readonly" in text:
            return DatabaseUnusable(
                f"SQLite cannot use {self._url.database}: {text}",
                "See that the folder exists and belongs to this user, and that the file is the back office's own",
            )
        return None

    def close(self) -> None:
        self._group.close()
        if self._held is not None:
            os.close(self._held)
            self._held = None
        self.reader.dispose()
        self.writer.dispose()


def _engine(url: URL, begin: str, size: int, busy_timeout_ms: int) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=busy_timeout_ms / 1000,
        connect_args={"check_same_thread": False},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, record: Any) -> None:
        # Autocommit in the driver, BEGIN from us: otherwise DDL and savepoints end transactions behind our back.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={busy_timeout_ms}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "wal_autocheckpoint=4000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
