"""The schema: which one a database has, and how it is brought up to date.

What migrates is imported only where something is to be migrated: it takes as long as all else that a command imports.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from backoffice.store.failures import DatabaseUnusable

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(__file__).parents[1] / "migrations"
_FILE = re.compile(r"v(\d{4})_\w+\.py")


def is_current(connection: Connection) -> bool:
    """True when it has the newest schema that this program makes."""
    return _there(connection) == {newest()}


def refuse_newer(connection: Connection) -> None:
    """:raises DatabaseUnusable: it has a schema that this program does not know."""
    if unknown := _there(connection) - _known():
        raise DatabaseUnusable(
            f"The database has schema {', '.join(sorted(unknown))}, newer than this program knows",
            "Install the program that last opened it, or a newer one",
        )


def refuse_other(connection: Connection) -> None:
    """:raises DatabaseUnusable: it has any schema but the one of this program."""
    if is_current(connection):
        return
    refuse_newer(connection)
    raise DatabaseUnusable(
        f"The database has schema {_named(connection)}, and this program works with {newest()}",
        "Give this command with the program that serves the database; or stop that one and start `backoffice serve` "
        "of this program, which brings the schema up to date",
    )


def in_use(connection: Connection) -> DatabaseUnusable:
    return DatabaseUnusable(
        f"A back office is running on schema {_named(connection)} of this database, and this program needs {newest()}",
        "Stop the running one, then start `backoffice serve` of this program, which brings the schema up to date",
    )


def bring_up_to_date(connection: Connection) -> None:
    """In the connection's own transaction."""
    from alembic import command

    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def alembic_config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config


@cache
def newest() -> str:
    """By the names of the migrations, which begin with their numbers. :raises ValueError: none is installed."""
    return max(match[1] for file in (_FOLDER / "versions").iterdir() if (match := _FILE.fullmatch(file.name)))


def _named(connection: Connection) -> str:
    return ", ".join(sorted(_there(connection))) or "none"


def _there(connection: Connection) -> set[str]:
    """Empty for a database that has no schema yet."""
    if not inspect(connection).has_table("alembic_version"):
        return set()
    return set(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())


@cache
def _known() -> frozenset[str]:
    from alembic.script import ScriptDirectory

    return frozenset(one.revision for one in ScriptDirectory.from_config(alembic_config()).walk_revisions())
