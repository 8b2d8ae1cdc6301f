"""The schema: which one a database has, and how it is brought up to date.

What migrates is imported only where something is to be migrated: it takes as long as all else that a command imports.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

import backoffice.migrations
from backoffice.store.failures import DatabaseUnusable

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(backoffice.migrations.__file__).parent
_FILE = re.compile(r"v(\d{4})_\w+\.py")


def is_current(connection: Connection) -> bool:
    """True when it has the newest schema that this program makes."""
    return _there(connection) == {newest()}


def bring_up_to_date(connection: Connection) -> None:
    """In the connection's own transaction. :raises DatabaseUnusable: it is newer than this program."""
    from alembic import command

    if unknown := _there(connection) - _known():
        raise DatabaseUnusable(
            f"The database has schema {', '.join(sorted(unknown))}, newer than this program knows",
            "Install the program that last opened it, or a newer one",
        )
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


def _there(connection: Connection) -> set[str]:
    """Empty for a database that has no schema yet."""
    if not inspect(connection).has_table("alembic_version"):
        return set()
    return set(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())


@cache
def _known() -> frozenset[str]:
    from alembic.script import ScriptDirectory

    return frozenset(one.revision for one in ScriptDirectory.from_config(alembic_config()).walk_revisions())
