"""Where the database is: one address, and the form in which it may be shown."""

from __future__ import annotations

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from backoffice.store.failures import DatabaseUnusable

SQLITE, POSTGRESQL = "sqlite", "postgresql"
_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_SECRETS = ("password", "sslpassword")
_HOW = "Write sqlite:////folder/file, or postgresql+psycopg://user@host:5432/database with the password in ~/.pgpass"


def parse(text: str) -> URL:
    """An address of one of the two databases. :raises DatabaseUnusable: it is none, or names no database."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # The cause would repeat the text, and with it a password: it is not chained.
        raise DatabaseUnusable("The address of the database cannot be read", _HOW) from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise DatabaseUnusable(f"There is no database of the kind '{url.drivername}' here", _HOW)
    if not url.database or url.database == ":memory:":
        raise DatabaseUnusable("The address names no database that lasts", _HOW)
    return url.set(drivername=driver)


def masked(url: URL) -> str:
    """For messages and logs: without any password, also one that was given as a parameter."""
    hidden = {name: "***" for name in _SECRETS if name in url.query}
    return url.update_query_dict(hidden).render_as_string(hide_password=True)


def secrets_of(url: URL) -> tuple[str, ...]:
    """What must never be shown, so that it can be struck out of other people's messages."""
    given = [str(url.password)] if url.password else []
    return (*given, *(str(url.query[name]) for name in _SECRETS if name in url.query))
