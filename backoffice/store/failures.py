"""What can be wrong with a database or its key, told to whoever has to put it right; never with a password in it.

It imports nothing, so that every command can name these without the libraries that raise them.
"""

from __future__ import annotations


class DatabaseBusy(Exception):
    """The database did not answer in time; the same request may be repeated."""


class DiskFull(DatabaseBusy):
    """There was no room for it: nothing of it was kept. When there is room the same request may be repeated."""


class Conflict(DatabaseBusy):
    """Another transaction was in the way and this one was undone; done again it may succeed."""


class DatabaseUnusable(Exception):
    """The database cannot be opened: what happened, that nothing is lost, what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}. Nothing was changed, and nothing that was accepted is lost. {remedy}.")


class VaultError(Exception):
    """The key file is missing or unsafe, or a sealed value does not belong to its place."""
