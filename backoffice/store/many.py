"""One statement for many rows of one table: PostgreSQL takes each column's values as an array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Dialect, Table


@dataclass(frozen=True, slots=True)
class Many:
    """Rows that are added to a table, or moved on, as one column of values each."""

    table: Table
    columns: tuple[str, ...]
    key: str = ""
    """Of rows that are there already."""

    def text(self, dialect: Dialect, n: int) -> str:
        names = (self.key, *self.columns) if self.key else self.columns
        types = (self.table.c[name].type.compile(dialect) for name in names)
        rows = ", ".join(f"%(v{n}_{name})s::{kind}[]" for name, kind in zip(names, types, strict=True))
        listed, name = ", ".join(names), self.table.name
        if not self.key:
            return f"INSERT INTO {name} ({listed}) SELECT * FROM unnest({rows})"
        new = ", ".join(f"{column} = given.{column}" for column in self.columns)
        found = f"unnest({rows}) AS given ({listed})"
        return f"UPDATE {name} SET {new} FROM {found} WHERE {name}.{self.key} = given.{self.key}"

    def values(self, rows: Sequence[Mapping[str, object]], n: int) -> dict[str, object]:
        if not self.key:
            return {f"v{n}_{name}": [row[name] for row in rows] for name in self.columns}
        last = list({row[f"of_{self.key}"]: row for row in rows}.values())
        found: dict[str, object] = {f"v{n}_{name}": [row[f"new_{name}"] for row in last] for name in self.columns}
        return {**found, f"v{n}_{self.key}": [row[f"of_{self.key}"] for row in last]}
