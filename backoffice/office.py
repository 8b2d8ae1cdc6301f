"""One opened back office: clock, database, vault, catalogue tables. Everything else is handed this."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backoffice.clock import Clock, iso
from backoffice.domain.item import Release
from backoffice.paths import catalogue_dir
from backoffice.release import Tables, read_tables, release_of
from backoffice.store import audit
from backoffice.store.catalogue import load_first_release, newest
from backoffice.store.database import Database
from backoffice.store.digest import Digest, Profile, digest_of
from backoffice.store.vault import Vault, open_vault

DATABASE_FILE = "backoffice.sqlite"
KEY_FILE = "at_rest.key"
LOCK_FILE = "opening.lock"


@dataclass(frozen=True, slots=True)
class Office:
    clock: Clock
    database: Database
    vault: Vault
    digest: Digest
    tables: Tables
    release: Release

    def close(self) -> None:
        self.database.close()


def open_office(data: Path, clock: Clock, profile: Profile = Profile.SM3, catalogue: Path | None = None) -> Office:
    """Open the data folder; make it, migrate it and load release 1 when it is new.

    :raises VaultError: the key of an existing database is missing or unsafe.
    :raises CatalogueError: the catalogue must not be released.
    :raises ProfileUnavailable: the digest does not exist on this machine.
    """
    digest = digest_of(profile)
    folder = catalogue or catalogue_dir()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(data / LOCK_FILE):
        database_file = data / DATABASE_FILE
        vault = open_vault(data / KEY_FILE, create=not database_file.exists())
        database = Database(f"sqlite:///{database_file}")
        try:
            database.migrate()
            with database.write() as connection:
                load_first_release(connection, folder, iso(clock.now()))
                release = release_of(newest(connection))
                district = read_tables(folder)
                audit.prepare(connection, district.towns)
            return Office(clock, database, vault, digest, district, release)
        except BaseException:
            database.close()
            raise


@contextmanager
def _alone(lock_file: Path) -> Iterator[None]:
    """Two processes that open the same folder at once do it one after the other."""
    with lock_file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
