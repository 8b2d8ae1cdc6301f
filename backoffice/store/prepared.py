"""Statements of the shortest path, made once and then run by their text on the driver itself.

An accepted case takes nine of them; SQLAlchemy's own way costs ten times as much as the statement. For plain statements
on columns of text, numbers and bytes only: values go to the driver as they are, and come back as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Table, Update, bindparam, insert
from sqlalchemy.exc import DBAPIError

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


class Prepared:
    """One statement; its values are its named bind parameters.

    Both ways to run it raise `KeyError` when a value is missing, and `DBAPIError` as the database says it.
    """

    def __init__(self, statement: Plain) -> None:
        self._statement = statement
        self._texts: dict[str, _Text] = {}

    def run(self, connection: Connection, values: Mapping[str, object]) -> None:
        self._executed(connection, values).close()

    def first(self, connection: Connection, values: Mapping[str, object]) -> tuple[Any, ...] | None:
        """The first row, in the order of the statement's columns."""
        cursor = self._executed(connection, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
        cursor.close()
        return row

    def _executed(self, connection: Connection, values: Mapping[str, object]) -> Any:
        dialect = connection.dialect
        text = self._texts.get(dialect.name) or self._make(dialect)
        arguments = text.arguments(values)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(text.sql, arguments)
        except dialect.loaded_dbapi.Error as cause:
            raise _told(connection, text.sql, cause, cursor) from cause
        return cursor

    def _make(self, dialect: Dialect) -> _Text:
        compiled = self._statement.compile(dialect=dialect)
        positional = getattr(compiled, "positiontup", None)
        names = tuple(compiled.params if positional is None else positional)
        made = self._texts[dialect.name] = _Text(str(compiled), names, positional is not None)
        return made


def adding(table: Table, *columns: str) -> Prepared:
    """One row with these columns, each named like its value."""
    return Prepared(insert(table).values({name: bindparam(name) for name in columns}).inline())


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
