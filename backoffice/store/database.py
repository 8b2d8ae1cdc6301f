"""Opening the database: one writer, many readers, every commit on the disk before it is believed.

SQLite: WAL, synchronous=FULL, foreign keys, BEGIN IMMEDIATE for writers. PostgreSQL needs none of this.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

import backoffice.migrations

BUSY_TIMEOUT_MS = 8_000
"""Shorter than a terminal's patience: it is told to come again while it still listens."""


class DatabaseBusy(Exception):
    """The database did not answer in time; the same request may be repeated."""


class Database:
    """Two engines on one database: the writer has a single connection, readers never wait for it."""

    def __init__(self, url: str, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> None:
        if url.startswith("sqlite"):
            self._writer = _sqlite_engine(url, "BEGIN IMMEDIATE", 1, busy_timeout_ms)
            self._reader = _sqlite_engine(url, "BEGIN", 8, busy_timeout_ms)
        else:
            self._writer = self._reader = create_engine(url, pool_size=10, pool_timeout=busy_timeout_ms / 1000)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction; committed (fsync) when the block ends. :raises DatabaseBusy: locked for too long."""
        with self._begin(self._writer) as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent snapshot."""
        with self._begin(self._reader) as connection:
            yield connection

    @contextmanager
    def _begin(self, engine: Engine) -> Iterator[Connection]:
        try:
            with engine.begin() as connection:
                yield connection
        except PoolTimeout as cause:
            raise DatabaseBusy("no connection became free") from cause
        except OperationalError as cause:
            if "locked" in str(cause.orig) or "busy" in str(cause.orig):
                raise DatabaseBusy(str(cause.orig)) from cause
            raise

    def migrate(self) -> None:
        """Bring the schema up to date in one transaction."""
        with self._writer.begin() as connection:
            config = Config()
            config.set_main_option("script_location", str(Path(backoffice.migrations.__file__).parent))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        self._reader.dispose()
        self._writer.dispose()


def _sqlite_engine(url: str, begin: str, size: int, busy_timeout_ms: int) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=busy_timeout_ms / 1000,
        connect_args={"check_same_thread": False},
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
