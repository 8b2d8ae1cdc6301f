"""Statements of the shortest path, made once and then run by their text on the driver itself.

An accepted case takes nine of them, six of which write; SQLAlchemy's own way costs ten times as much as the statement.
For plain statements on columns of text, numbers and bytes only: values go to the driver as they are, and come back so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Table, Update, bindparam, insert
from sqlalchemy.exc import DBAPIError

_WAITING = "gathered statements"
_NAMED = re.compile(r"%\((\w+)\)s(?:::\w+)?")
_MERGED: dict[tuple[Prepared, ...], str] = {}
"""Made once each: which statements go together is the same for every case."""

Plain = Select[Any] | Insert | Update | Delete


@dataclass(frozen=True, slots=True)
class _Text:
    sql: str
    names: tuple[str, ...]
    positional: bool

    def arguments(self, values: Mapping[str, object]) -> tuple[object, ...] | dict[str, object]:
        if self.positional:
            return tuple(values[name] for name in self.names)
        return {name: values[name] for name in self.names}


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement that has been given to the database."""

    connection: Connection
    sql: str
    cursor: Any

    def first(self) -> tuple[Any, ...] | None:
        with self.told():
            row: tuple[Any, ...] | None = self.cursor.fetchone()
        self.cursor.close()
        return row

    def close(self) -> None:
        self.cursor.close()

    @contextmanager
    def told(self) -> Iterator[None]:
        with _as_sqlalchemy_says(self.connection, self.sql, self.cursor):
            yield


class Prepared:
    """One statement; its values are its named bind parameters.

    Both ways to run it raise `KeyError` when a value is missing, and `DBAPIError` as the database says it.
    """

    def __init__(self, statement: Plain) -> None:
        self._statement = statement
        self._texts: dict[str, _Text] = {}

    def run(self, connection: Connection, values: Mapping[str, object]) -> None:
        waiting = connection.info.get(_WAITING)
        if waiting is None:
            self.send(connection, values).close()
        else:
            waiting.append((self, dict(values)))

    def first(self, connection: Connection, values: Mapping[str, object]) -> tuple[Any, ...] | None:
        """The first row, in the order of the statement's columns."""
        return self.send(connection, values).first()

    def send(self, connection: Connection, values: Mapping[str, object]) -> Sent:
        """For whoever looks at the answer later: see `together`."""
        if connection.info.get(_WAITING):
            settle(connection)
        dialect = connection.dialect
        text = self._texts.get(dialect.name) or self._make(dialect)
        arguments = text.arguments(values)
        sent = Sent(connection, text.sql, connection.connection.cursor())
        with sent.told():
            sent.cursor.execute(text.sql, arguments)
        return sent

    def numbered(self, dialect: Dialect, n: int) -> str:
        """The text with parameters of its own, to stand beside others in one statement."""
        text = self._texts.get(dialect.name) or self._make(dialect)
        return _NAMED.sub(rf"%(v{n}_\1)s", text.sql)

    def _make(self, dialect: Dialect) -> _Text:
        compiled = self._statement.compile(dialect=dialect)
        positional = getattr(compiled, "positiontup", None)
        names = tuple(compiled.params if positional is None else positional)
        made = self._texts[dialect.name] = _Text(str(compiled), names, positional is not None)
        return made


def adding(table: Table, *columns: str) -> Prepared:
    """One row with these columns, each named like its value."""
    return Prepared(insert(table).values({name: bindparam(name) for name in columns}).inline())


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """Prepared statements sent inside do not wait for each other's answers, where the database can do that
    (PostgreSQL). A failure is told by the next answer that is looked at, or at the end of the block.

    :raises DBAPIError: as the database says it.
    """
    pipeline = getattr(connection.connection.driver_connection, "pipeline", None)
    if pipeline is None:
        yield
        return
    with _as_sqlalchemy_says(connection, "several statements", None), pipeline():
        yield


@contextmanager
def gathered(connection: Connection) -> Iterator[None]:
    """What prepared statements write inside goes to the database as one statement, at the end of the block or before
    a prepared one that reads. For PostgreSQL, where each statement is a way there and back; elsewhere nothing changes.

    Whoever runs SQLAlchemy's own statements inside that build on these rows calls `settle` before.

    :raises DBAPIError: as the database says it; nothing of the transaction is kept then.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    connection.info[_WAITING] = []
    try:
        yield
        settle(connection)
    finally:
        connection.info.pop(_WAITING, None)


def settle(connection: Connection) -> None:
    """Write now what is gathered."""
    waiting = connection.info.get(_WAITING)
    if not waiting:
        return
    connection.info[_WAITING] = []
    statements = tuple(statement for statement, _ in waiting)
    sql = _MERGED.get(statements)
    if sql is None:
        parts = [statement.numbered(connection.dialect, n) for n, statement in enumerate(statements)]
        named = ", ".join(f"part_{n} AS ({part})" for n, part in enumerate(parts[:-1]))
        sql = _MERGED[statements] = f"WITH {named} {parts[-1]}" if named else parts[-1]
    values = {f"v{n}_{name}": value for n, (_, given) in enumerate(waiting) for name, value in given.items()}
    cursor = connection.connection.cursor()
    with _as_sqlalchemy_says(connection, sql, cursor):
        cursor.execute(sql, values)
    cursor.close()


@contextmanager
def _as_sqlalchemy_says(connection: Connection, sql: str, cursor: Any) -> Iterator[None]:
    try:
        yield
    except connection.dialect.loaded_dbapi.Error as cause:
        raise _told(connection, sql, cause, cursor) from cause


def _told(connection: Connection, sql: str, cause: Any, cursor: Any) -> BaseException:
    """What SQLAlchemy would have raised, the connection given up when it is lost; never with the values."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(cause, connection.connection.dbapi_connection, cursor)
    if lost:
        connection.invalidate(cause)
    told: BaseException = DBAPIError.instance(
        sql, None, cause, dialect.loaded_dbapi.Error, True, connection_invalidated=lost, dialect=dialect
    )
    return told
