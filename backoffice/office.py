"""One opened back office: clock, database, vault, catalogue tables. Everything else is handed this."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, select

from backoffice.catalogue.in_force import Releases
from backoffice.catalogue.packages import load_first_packages
from backoffice.catalogue.release import Tables, read_tables
from backoffice.catalogue.stored import load_first_release
from backoffice.clock import Clock, iso
from backoffice.domain.items.item import Release
from backoffice.geography.stored import load_first_geography, towns_from
from backoffice.paths import catalogue_dir
from backoffice.store import audit
from backoffice.store.chain_key import ChainKey, open_chain_key
from backoffice.store.database import Database
from backoffice.store.digest import Digest, Profile, digest_of
from backoffice.store.durable import make_folder
from backoffice.store.failures import DatabaseUnusable, VaultError
from backoffice.store.tables import tables
from backoffice.store.vault import Vault, open_vault

DATABASE_FILE = "backoffice.sqlite"
KEY_FILE = "at_rest.key"
UNKEYED_FILE = "audit.unkeyed"
LOCK_FILE = "opening.lock"


@dataclass(frozen=True, slots=True)
class Office:
    clock: Clock
    database: Database
    vault: Vault
    digest: Digest
    tables: Tables
    releases: Releases
    chain_key: ChainKey
    data: Path
    """The folder of everything that is no row: keys and files."""

    @property
    def release(self) -> Release:
        """The catalogue in force now."""
        return self.releases.current()

    def close(self) -> None:
        self.database.close()


def open_office(
    data: Path,
    clock: Clock,
    profile: Profile = Profile.SM3,
    catalogue: Path | None = None,
    db: str | None = None,
) -> Office:
    """Open the data folder and its database; make them, migrate and load release 1 when they are new.

    :param db: the database's address; without one it is SQLite in the data folder. The key is in the folder always.
    :raises DatabaseUnusable: no database, or one that would lose what it acknowledged, or newer than this program.
    :raises VaultError: the key of an existing database is missing, unsafe or another database's.
    :raises CatalogueError: the catalogue must not be released.
    :raises ProfileUnavailable: the digest does not exist on this machine.
    """
    digest = digest_of(profile)
    folder = catalogue or catalogue_dir()
    make_folder(data)
    with _alone(data / LOCK_FILE):
        database = Database(db or f"sqlite:///{data / DATABASE_FILE}")
        try:
            database.check()
            vault = open_vault(data / KEY_FILE, create=database.is_empty())
            database.migrate()
            with database.write_alone() as connection:
                check_key(connection, vault)
                load_first_release(connection, folder, iso(clock.now()))
                load_first_geography(connection, folder)
                load_first_packages(connection, folder)
                towns = towns_from(connection, clock.now().date())
                district = replace(read_tables(folder), towns=towns)
                audit.prepare(connection, towns)
                chain_key = open_chain_key(vault, data / UNKEYED_FILE, connection)
            digest = replace(digest, chain_key=chain_key.mac_key)
            return Office(clock, database, vault, digest, district, Releases(clock, database), chain_key, data)
        except BaseException:
            database.close()
            raise


def open_existing(
    data: Path,
    clock: Clock,
    profile: Profile = Profile.SM3,
    catalogue: Path | None = None,
    db: str | None = None,
) -> Office:
    """Open an office that was made before, with the schema of this program; nothing is made and nothing migrated.

    :raises NoOffice: there is none.
    :raises DatabaseUnusable: as `open_office`, and a schema that is older than this program's.
    :raises VaultError: :raises CatalogueError: :raises ProfileUnavailable: as `open_office`.
    """
    digest = digest_of(profile)
    folder = catalogue or catalogue_dir()
    if not data.is_dir():
        raise NoOffice(f"there is no folder {data}")
    database = Database(db or f"sqlite:///{data / DATABASE_FILE}")
    try:
        if db is not None:
            database.check()
        if not database.exists():
            raise NoOffice(f"{data} holds none" if db is None else "the database that --db names is empty")
        vault = open_vault(data / KEY_FILE, create=False)
        database.use_as_it_is()
        with database.read() as connection:
            check_key(connection, vault)
            towns = towns_from(connection, clock.now().date())
            if not towns:
                raise NoOffice("its first start did not come to an end")
            district = replace(read_tables(folder), towns=towns)
            chain_key = open_chain_key(vault, data / UNKEYED_FILE, connection)
        digest = replace(digest, chain_key=chain_key.mac_key)
        return Office(clock, database, vault, digest, district, Releases(clock, database), chain_key, data)
    except BaseException:
        database.close()
        raise


class NoOffice(DatabaseUnusable):
    """Whoever asks for an office that is there has named a place where none is."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"There is no back office here: {why}",
            "Name the folder that `backoffice serve` works in, with --data or $BACKOFFICE_DATA; "
            "`backoffice serve` makes one",
        )


def check_key(connection: Connection, vault: Vault) -> None:
    """:raises VaultError: nothing of this database opens with the folder's key."""
    sealed = connection.execute(select(tables.device.c.device, tables.device.c.key_sealed).limit(1)).one_or_none()
    if sealed is None:
        return
    try:
        vault.open(f"device.key:{sealed.device}", sealed.key_sealed)
    except VaultError as cause:
        raise VaultError(f"{KEY_FILE} of this data folder is not the key of this database") from cause


@contextmanager
def _alone(lock_file: Path) -> Iterator[None]:
    """Two processes that open the same folder at once do it one after the other."""
    with lock_file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
