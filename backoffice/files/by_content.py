"""Files by their content: each is stored once, sealed, under the digest of what it says."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import Connection, delete, exists, insert, select

from backoffice.clock import iso
from backoffice.office import Office
from backoffice.store.sealed_files import PIECE_BYTES, read_sealed, write_sealed
from backoffice.store.tables.papers import case_material, document_copy, stored_file, upload
from backoffice.store.tables.payments import deduction_authority

FOLDER = "files"
_NAMED_BY = (case_material.c.digest, document_copy.c.digest, upload.c.digest, deduction_authority.c.paper_digest)
_CHANGING = threading.Lock()
"""A file must not be taken away between being written and being entered."""


def path_of(office: Office, digest: str) -> Path:
    return office.data / FOLDER / digest[:2] / digest[2:4] / digest


def cut(content: bytes) -> Iterator[bytes]:
    """Into pieces that can be sealed one by one."""
    for start in range(0, len(content), PIECE_BYTES):
        yield content[start : start + PIECE_BYTES]


def keep(office: Office, digest: str, media_type: str, length: int, pieces: Iterable[bytes]) -> None:
    """Store a content and enter it; one that is there is left alone.

    :param digest: of all pieces together, by the office's own algorithm; the caller has computed it.
    """
    row = {
        "digest": digest,
        "algorithm": office.digest.algorithm,
        "media_type": media_type,
        "length": length,
        "stored_at": iso(office.clock.now()),
    }

    def enter(connection: Connection) -> None:
        if not _known(connection, digest):
            connection.execute(insert(stored_file).values(row))

    with _CHANGING:
        with office.database.read() as connection:
            if _known(connection, digest):
                return
        write_sealed(office.vault, path_of(office, digest), _place(digest), pieces)
        office.database.transact(enter)


def read(office: Office, digest: str) -> bytes:
    """The content. :raises FileNotFoundError: :raises VaultError: damaged."""
    return b"".join(read_sealed(office.vault, path_of(office, digest), _place(digest)))


def drop_unclaimed(office: Office, stored_before: str) -> int:
    """Remove contents that no case, document, upload or authority names; how many."""

    def work(connection: Connection) -> list[str]:
        named = [exists().where(column == stored_file.c.digest) for column in _NAMED_BY]
        query = select(stored_file.c.digest).where(stored_file.c.stored_at < stored_before, *(~name for name in named))
        found = list(connection.execute(query).scalars())
        connection.execute(delete(stored_file).where(stored_file.c.digest.in_(found)))
        return found

    with _CHANGING:
        gone = office.database.transact(work)
        for digest in gone:
            path_of(office, digest).unlink(missing_ok=True)
    return len(gone)


def _known(connection: Connection, digest: str) -> bool:
    query = select(stored_file.c.digest).where(stored_file.c.digest == digest)
    return connection.execute(query).one_or_none() is not None


def _place(digest: str) -> str:
    return f"file:{digest}"
