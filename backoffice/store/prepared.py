"""Statements of the shortest path, made once and then run by their text on the driver itself.

An accepted case takes nine of them, six of which write; SQLAlchemy's own way costs ten times as much as the statement.
For plain statements on columns of text, numbers and bytes only: values go to the driver as they are, and come back so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Connection,
    Delete,
    Dialect,
    Insert,
    Select,
    String,
    Table,
    Update,
    any_,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from backoffice.store.many import Many

_WAITING = "gathered statements"
_NAMED = re.compile(r"%\((\w+)\)s(?:::\w+)?")
_MERGED: dict[tuple[tuple[Prepared, bool], ...], str] = {}
"""Made once each: which statements go together is the same for every case."""

_Values = Mapping[str, object]
_Waiting = tuple["Prepared", _Values]
Plain = Select[Any] | Insert | Update | Delete


@dataclass(frozen=True, slots=True)
class _Text:
    sql: str
    names: tuple[str, ...]
    positional: bool

    def arguments(self, values: Mapping[str, object]) -> tuple[object, ...] | dict[str, object]:
        if self.positional:
            return tuple(_plain(values[name]) for name in self.names)
        return {name: values[name] for name in self.names}


def _plain(value: object) -> object:
    """SQLite knows no arrays: it takes them apart itself, see `among`."""
    return json.dumps(value) if isinstance(value, list) else value


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

    def all(self) -> list[tuple[Any, ...]]:
        with self.told():
            rows: list[tuple[Any, ...]] = self.cursor.fetchall()
        self.cursor.close()
        return rows

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

    def __init__(self, statement: Plain, many: Many | None = None) -> None:
        """:param many: the same for many rows at once, for PostgreSQL."""
        self._statement = statement
        self.many = many
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

    def send_all(self, connection: Connection, rows: Sequence[_Values]) -> None:
        """The same for each of these, in their order. For SQLite."""
        text = self._texts.get(connection.dialect.name) or self._make(connection.dialect)
        cursor = connection.connection.cursor()
        with _as_sqlalchemy_says(connection, text.sql, cursor):
            cursor.executemany(text.sql, [tuple(map(values.__getitem__, text.names)) for values in rows])
        cursor.close()

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


class among(ColumnElement[bool]):
    """The column's text is one of a list, which is one value: the statement is the same however long the list is."""

    type = Boolean()
    inherit_cache = False

    def __init__(self, column: ColumnElement[str], name: str) -> None:
        self.column, self.name = column, name


@compiles(among)
def _in_array(element: among, compiler: SQLCompiler, **more: Any) -> str:
    return compiler.process(element.column == any_(bindparam(element.name, type_=ARRAY(String))), **more)


@compiles(among, "sqlite")
def _in_json(element: among, compiler: SQLCompiler, **more: Any) -> str:
    listed = func.json_each(bindparam(element.name, type_=String)).table_valued("value")
    return compiler.process(element.column.in_(select(listed.c.value)), **more)


def adding(table: Table, *columns: str) -> Prepared:
    """One row with these columns, each named like its value."""
    one = insert(table).values({name: bindparam(name) for name in columns}).inline()
    return Prepared(one, Many(table, columns))


def moving(table: Table, key: str, *columns: str) -> Prepared:
    """The row of this key gets these columns, all named like their values; of several for one key, the last counts."""
    one = update(table).where(table.c[key] == bindparam(f"of_{key}"))
    return Prepared(one.values({name: bindparam(f"new_{name}") for name in columns}), Many(table, columns, key))


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """Prepared statements sent inside do not wait for each other's answers, where the database can do that
    (PostgreSQL). A failure is told by the next answer that is looked at, or at the end of the block.

    :raises DBAPIError: as the database says it.
    """
    driver: Any = connection.connection.driver_connection
    pipeline = getattr(driver, "pipeline", None)
    # The end of an inner block would be one more way there and back.
    if pipeline is None or driver.info.pipeline_status:
        yield
        return
    with _as_sqlalchemy_says(connection, "several statements", None), pipeline():
        yield


@contextmanager
def gathered(connection: Connection) -> Iterator[None]:
    """What prepared statements write inside goes to the database at the end of the block, or before a prepared one
    that reads: to PostgreSQL, where each statement is a way there and back, as one; to SQLite as one for each table.

    Whoever runs SQLAlchemy's own statements inside that build on these rows calls `settle` before.

    :raises DBAPIError: as the database says it; nothing of the transaction is kept then.
    """
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
    if connection.dialect.name != "postgresql":
        for statement, rows in _in_turn(waiting):
            statement.send_all(connection, rows)
        return
    parts = list(_parts(waiting))
    shape = tuple((statement, len(rows) > 1) for statement, rows in parts)
    sql = _MERGED.get(shape)
    if sql is None:
        sql = _MERGED[shape] = _merged(shape, connection.dialect)
    values: dict[str, object] = {}
    for n, (statement, rows) in enumerate(parts):
        if statement.many is not None and len(rows) > 1:
            values |= statement.many.values(rows, n)
        else:
            values |= {f"v{n}_{name}": value for name, value in rows[0].items()}
    cursor = connection.connection.cursor()
    with _as_sqlalchemy_says(connection, sql, cursor):
        cursor.execute(sql, values)
    cursor.close()


def _in_turn(waiting: Iterable[_Waiting]) -> Iterator[tuple[Prepared, list[_Values]]]:
    """`_parts` where each statement is done before the next: a row comes before those that refer to it."""
    known: dict[Prepared, list[_Values]] = {}
    for statement, values in waiting:
        if statement.many is None:
            yield from known.items()
            known = {statement: [values]}
        else:
            known.setdefault(statement, []).append(values)
    yield from known.items()


def _parts(waiting: Iterable[_Waiting]) -> Iterator[tuple[Prepared, list[_Values]]]:
    """Each statement with its rows: all of those that can be written at once, otherwise one."""
    known: dict[Prepared, list[_Values]] = {}
    for statement, values in waiting:
        if statement.many is None:
            yield statement, [values]
        else:
            known.setdefault(statement, []).append(values)
    yield from known.items()


def _merged(shape: tuple[tuple[Prepared, bool], ...], dialect: Dialect) -> str:
    parts = [
        statement.many.text(dialect, n) if several and statement.many else statement.numbered(dialect, n)
        for n, (statement, several) in enumerate(shape)
    ]
    named = ", ".join(f"part_{n} AS ({part})" for n, part in enumerate(parts[:-1]))
    return f"WITH {named} {parts[-1]}" if named else parts[-1]


@contextmanager
def tentative(connection: Connection) -> Iterator[None]:
    """What is gathered inside is dropped when the block raises; the rest stays."""
    waiting = connection.info[_WAITING]
    before = len(waiting)
    try:
        yield
    except BaseException:
        del waiting[before:]
        raise


@contextmanager
def _as_sqlalchemy_says(connection: Connection, sql: str, cursor: Any) -> Iterator[None]:
    try:
        yield
    except connection.dialect.loaded_dbapi.Error as cause:
        raise _database_error(connection, sql, cause, cursor) from cause


def _database_error(connection: Connection, sql: str, cause: Any, cursor: Any) -> BaseException:
    """What SQLAlchemy would have raised, the connection given up when it is lost; never with the values."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(cause, connection.connection.dbapi_connection, cursor)
    if lost:
        connection.invalidate(cause)
    told: BaseException = DBAPIError.instance(
        sql, None, cause, dialect.loaded_dbapi.Error, True, connection_invalidated=lost, dialect=dialect
    )
    return told
