"""Opening the database: one consistent snapshot for readers, every commit on the disk before it is believed.

The same on SQLite and PostgreSQL; what differs is in `store.sqlite` and `store.postgresql`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from sqlalchemy import URL, Connection, Engine, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backoffice.store import address, schema
from backoffice.store.failures import Conflict, DatabaseBusy, DatabaseUnusable
from backoffice.store.group import T, Work
from backoffice.store.joint import Joint, Member, Unbatchable

__all__ = ["BUSY_TIMEOUT_MS", "Database", "DatabaseBusy", "DatabaseUnusable"]

BUSY_TIMEOUT_MS = 5_000
"""Shorter than a terminal's patience: it is told to come again while it still listens."""
ATTEMPTS = 5
"""How often work is done again that the database undid for another transaction's sake."""


class Store(Protocol):
    """What one kind of database is asked for."""

    @property
    def writer(self) -> Engine: ...
    @property
    def reader(self) -> Engine: ...
    @property
    def joint(self) -> Joint: ...
    def transact(self, work: Work[T]) -> T: ...
    def check(self) -> None: ...
    def exists(self) -> bool: ...
    def alone(self, connection: Connection) -> None: ...
    def hold(self, connection: Connection) -> None: ...
    def unheld(self, connection: Connection) -> bool: ...
    def rebuilding(self) -> AbstractContextManager[None]: ...
    def check_links(self, connection: Connection) -> None: ...
    def told(self, cause: DBAPIError) -> Exception | None: ...
    def close(self) -> None: ...


class Database:
    """:raises DatabaseUnusable: the address is none of a database that is known here."""

    def __init__(self, url: str | URL, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> None:
        self.url = address.parse(url) if isinstance(url, str) else url
        self._store = _store(self.url, busy_timeout_ms)

    def transact(self, work: Work[T]) -> T:
        """Do work in one transaction; committed (fsync) when this returns. Work may be done more than once.

        :raises DatabaseBusy: it could not be done in time; the same may be asked for again.
        """
        return self._done(lambda: self._store.transact(work))

    def join(self, make: Callable[[], Member[T]]) -> T:
        """`transact`, together with whatever of the same kind comes at this moment."""
        return self._done(lambda: self._joined(make))

    def _joined(self, make: Callable[[], Member[T]]) -> T:
        try:
            return self._store.joint.run(make)
        except Unbatchable:
            return self._store.transact(make().alone)

    def _done(self, once: Callable[[], T]) -> T:
        for _ in range(ATTEMPTS - 1):
            try:
                with self._faults_by_name():
                    return once()
            except Conflict:
                continue
        with self._faults_by_name():
            return once()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction; committed (fsync) when the block ends. :raises DatabaseBusy: locked for too long."""
        with self._faults_by_name(), self._store.writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent snapshot."""
        with self._faults_by_name(), self._store.reader.begin() as connection:
            yield connection

    @contextmanager
    def write_alone(self) -> Iterator[Connection]:
        """`write`, one after the other for every process that opens this database."""
        with self.write() as connection:
            self._store.alone(connection)
            yield connection

    def check(self) -> None:
        """The first contact. :raises DatabaseUnusable: with what to do."""
        with self._faults_by_name():
            self._store.check()

    def is_empty(self) -> bool:
        """Nothing was ever written: a key for what is at rest may be made."""
        with self.read() as connection:
            return not inspect(connection).get_table_names()

    def exists(self) -> bool:
        """There is something that was written once; asking makes nothing."""
        with self._faults_by_name():
            return self._store.exists() and not self.is_empty()

    def migrate(self) -> None:
        """Bring the schema up to date in one transaction; nobody else changes it until this is closed.

        :raises DatabaseUnusable: it is newer than this program, or a program is running that needs it as it is.
        """
        with self._faults_by_name(), self._store.rebuilding(), self.write_alone() as connection:
            if not schema.is_current(connection):
                schema.refuse_newer(connection)
                if not self._store.unheld(connection):
                    raise schema.in_use(connection)
                schema.bring_up_to_date(connection)
                self._store.check_links(connection)
            self._store.hold(connection)

    def use_as_it_is(self) -> None:
        """Nobody changes the schema until this is closed. :raises DatabaseUnusable: it is another program's."""
        with self._faults_by_name(), self._store.writer.connect() as connection:
            self._store.hold(connection)
            schema.refuse_other(connection)

    def close(self) -> None:
        self._store.close()

    @contextmanager
    def _faults_by_name(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeout as cause:
            raise DatabaseBusy("no connection became free") from cause
        except DBAPIError as cause:
            told = self._store.told(cause)
            if told is None:
                raise
            raise told from cause


def _store(url: URL, busy_timeout_ms: int) -> Store:
    if url.get_backend_name() == address.SQLITE:
        from backoffice.store.sqlite import SqliteStore

        return SqliteStore(url, busy_timeout_ms)
    from backoffice.store.postgresql import PostgresqlStore

    return PostgresqlStore(url, busy_timeout_ms)
