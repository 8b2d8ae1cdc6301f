"""PostgreSQL: many writers under row locks, readers on one snapshot, no commit that the disk does not hold.

Locks are taken in one order (terminal, case, town), so that writers wait for each other and do not meet head-on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from backoffice.store.address import masked, secrets_of
from backoffice.store.failures import Conflict, DatabaseBusy, DatabaseUnusable, DiskFull
from backoffice.store.group import T, Work
from backoffice.store.joint import Joint, Outcomes
from backoffice.store.prepared import together
from backoffice.store.writer_threads import WriterThreads

_log = logging.getLogger(__name__)

WRITERS, READERS = 16, 8
_CONNECT = {"connect_timeout": 5, "client_encoding": "utf8", "application_name": "backoffice"}
"""Seconds to wait for the server; the address may say otherwise."""
_OPENING = 0x7453_6875
"""The advisory lock of those who open the database; any number that nobody else uses."""
_SCHEMA = _OPENING + 1
"""That of the schema: shared by every session that needs it as it is, alone for the one that changes it."""

_UNDONE = ("40001", "40P01")
_IN_TIME_OR_NEVER = ("08", "53", "55", "57")
"""Classes: connection, resources, not available, operator. Also 25006: the server has become a standby."""

_REMEDIES = (
    ("does not exist", "See the names in the address; `createdb -O USER DATABASE` makes a database"),
    ("password", "See user and password; ~/.pgpass (mode 600) is the place for the password"),
    ("pg_hba", "The server's pg_hba.conf must let this user in from here"),
    ("too many", "The server has no connection left: end other programs or raise max_connections"),
    ("starting up", "Start the back office again when the server is ready"),
)
_UNREACHABLE = "See that the server runs and that host and port are right, then start the back office again"

_SETTINGS = text(
    """SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS whole_pages,
    current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS standby,
    (SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit') AS commits"""
)


class PostgresqlStore:
    """Writers and readers have pools of their own: who reads never waits for a writer's connection."""

    def __init__(self, url: URL, busy_timeout_ms: int) -> None:
        self._url = url
        self._busy_timeout_ms = busy_timeout_ms
        self._holding = False
        self.writer = self._engine(WRITERS)
        self._hands = WriterThreads(WRITERS, busy_timeout_ms / 1000)
        self.joint = Joint(self._begin_joint, busy_timeout_ms / 1000)
        self.reader = self._engine(READERS).execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    def transact(self, work: Work[T]) -> T:
        def begun() -> T:
            with self.writer.begin() as connection:
                return work(connection)

        return self._hands.run(begun)

    def _begin_joint(self, work: Callable[[Connection], Outcomes]) -> Future[Outcomes]:
        def begun() -> Outcomes:
            with self.writer.connect() as connection, _given_up(connection), together(connection):
                transaction = connection.begin()
                outcomes = work(connection)
                # In one message with what it commits.
                transaction.commit()
                return outcomes

        return self._hands.begin(begun)

    def check(self) -> None:
        """:raises DatabaseUnusable: a server that would lose what it acknowledged, or cannot keep our texts."""
        with self.writer.connect() as connection:
            found = connection.execute(_SETTINGS).one()
        if found.fsync == "off" or found.whole_pages == "off":
            raise DatabaseUnusable(
                "This PostgreSQL runs with fsync or full_page_writes off: a power cut could undo what it acknowledged",
                "Put both on in postgresql.conf and reload the server",
            )
        if found.encoding != "UTF8":
            raise DatabaseUnusable(
                f"The database's encoding is {found.encoding}: it cannot hold every name",
                "Make it anew: createdb --encoding UTF8 --template template0",
            )
        if found.standby:
            raise DatabaseUnusable("This PostgreSQL is a standby and only reads", "Give the address of the primary")
        if found.commits == "off":
            _log.warning("the server has synchronous_commit off; the back office puts it on for itself")
        _log.info("database: %s", masked(self._url))

    def alone(self, connection: Connection) -> None:
        """Hold every other opening, on any machine, until this transaction ends. It may take as long as it needs."""
        for name in ("lock_timeout", "statement_timeout"):
            connection.exec_driver_sql(f"SET LOCAL {name} = 0")
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _OPENING})

    def exists(self) -> bool:
        return True

    def hold(self, connection: Connection) -> None:
        # A session's lock: it outlives this transaction, and the pool keeps the session.
        connection.execute(text("SELECT pg_advisory_lock_shared(:key)"), {"key": _SCHEMA})
        self._holding = True

    def unheld(self, connection: Connection) -> bool:
        return bool(connection.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _SCHEMA}).scalar_one())

    def rebuilding(self) -> AbstractContextManager[None]:
        """No table is made anew for a new rule here."""
        return nullcontext()

    def check_links(self, connection: Connection) -> None:
        """They were looked at with each change."""

    def told(self, cause: DBAPIError) -> Exception | None:
        state = getattr(cause.orig, "sqlstate", None)
        if state in _UNDONE:
            return Conflict(f"undone for another transaction ({state})")
        if state == "53100":
            return DiskFull("no room on PostgreSQL's disk")
        if state == "42501":
            return DatabaseUnusable(
                f"The user of {masked(self._url)} may not do this: {self._words(cause)}",
                "Make that user the owner of the database: ALTER DATABASE … OWNER TO …",
            )
        if state is None and not cause.connection_invalidated and isinstance(cause.orig, psycopg.OperationalError):
            return self._not_connected(cause)
        busy = cause.connection_invalidated or state == "25006" or str(state)[:2] in _IN_TIME_OR_NEVER
        return DatabaseBusy(f"PostgreSQL did not do it in time ({state})") if busy else None

    def close(self) -> None:
        self._hands.close()
        self.reader.dispose()
        self.writer.dispose()

    def _not_connected(self, cause: DBAPIError) -> Exception:
        words = self._words(cause)
        remedy = next((remedy for word, remedy in _REMEDIES if word in words), _UNREACHABLE)
        return NotConnected(f"No connection to {masked(self._url)}: {words}", remedy)

    def _words(self, cause: DBAPIError) -> str:
        """The server's own, on one line and without a secret."""
        words = " ".join(str(cause.orig).split())
        for secret in secrets_of(self._url):
            words = words.replace(secret, "***")
        return words

    def _engine(self, size: int) -> Engine:
        engine = create_engine(
            self._url,
            pool_size=size,
            max_overflow=0,
            pool_timeout=self._busy_timeout_ms / 1000,
            connect_args={name: value for name, value in _CONNECT.items() if name not in self._url.query},
            hide_parameters=True,
        )
        event.listen(engine, "connect", self._configure)
        return engine

    def _configure(self, connection: psycopg.Connection[Any], record: Any) -> None:
        # Who waits for a lock learns so before the statement's own time is up.
        lock_ms, statement_ms = self._busy_timeout_ms * 3 // 4, self._busy_timeout_ms
        connection.autocommit = True
        connection.execute(
            """SELECT set_config('lock_timeout', %s, false), set_config('statement_timeout', %s, false),
            set_config('idle_in_transaction_session_timeout', '60s', false),
            set_config('synchronous_commit', CASE current_setting('synchronous_commit')
                WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)""",
            (f"{lock_ms}ms", f"{statement_ms}ms"),
        )
        if self._holding:
            # Also those that are made after the server was away hold it: a lock ends with its session.
            connection.execute("SELECT pg_advisory_lock_shared(%s)", (_SCHEMA,))
        connection.autocommit = False


@contextmanager
def _given_up(connection: Connection) -> Iterator[None]:
    """What broke in the middle of a message: a new connection is sooner had than the state of this one found out."""
    try:
        yield
    except BaseException:
        connection.invalidate()
        raise


class NotConnected(DatabaseUnusable, DatabaseBusy):
    """At the start the server's operator is told; later a terminal is told to come again."""
