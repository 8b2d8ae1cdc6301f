"""Uploads in pieces (tus 1.0): what was acknowledged is on the disk, sealed; the rest is sent again.

A piece is written and synced before its row is committed, and the row before the terminal is told. A crash in between
leaves a file that no row names: the terminal learns the old offset and sends the piece again.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from backoffice.calls.once import Call, answered, lock_device, remember
from backoffice.clock import iso
from backoffice.domain.uploads import Declared, media_type_of
from backoffice.files import by_content, pictures
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.sealed_files import read_sealed, write_sealed
from backoffice.store.tables.papers import case_material, stored_file, upload, upload_piece

MOST_BYTES = 8 * 1024 * 1024
MOST_PIECES = 1024
MOST_OPEN = 64
"""Unfinished uploads of one terminal."""
UNFINISHED = timedelta(hours=24)
UNCLAIMED = timedelta(days=30)
"""A terminal may be offline for weeks between a photo and the case that names it."""
ROUTE = "uploads"
FOLDER = "uploads"
OPEN, COMPLETE, REFUSED = "open", "complete", "refused"


@dataclass(frozen=True, slots=True)
class Progress:
    upload_id: str
    length: int
    received: int
    expires_at: str


def create(office: Office, call: Call, length: int, declared: Declared) -> str:
    """A new, empty upload; the same key again is the same upload.

    :raises Problem: upload_too_large, too_many_uploads, idempotency_mismatch.
    """
    if not 0 < length <= MOST_BYTES:
        raise Problem("upload_too_large", f"1 to {MOST_BYTES} bytes")
    expire(office)

    def work(connection: Connection) -> str:
        lock_device(connection, call.device)
        known = answered(office, connection, call, ROUTE)
        if known is not None:
            return str(known["upload"])
        _room(connection, call.device)
        now, upload_id = office.clock.now(), secrets.token_hex(16)
        connection.execute(
            insert(upload).values(
                upload_id=upload_id,
                device=call.device,
                length=length,
                received=0,
                pieces=0,
                digest=declared.digest,
                media_type=declared.media_type,
                material=declared.material,
                state=OPEN,
                created_at=iso(now),
                expires_at=iso(now + UNFINISHED),
            )
        )
        remember(office, connection, call, ROUTE, 201, {"upload": upload_id})
        return upload_id

    return office.database.transact(work)


def _room(connection: Connection, device: str) -> None:
    waiting = select(func.count()).select_from(upload).where(upload.c.device == device, upload.c.state == OPEN)
    if connection.execute(waiting).scalar_one() >= MOST_OPEN:
        raise Problem("too_many_uploads", headers={"Retry-After": "3600"})


def progress(office: Office, device: str, upload_id: str) -> Progress:
    """How much is on the disk. :raises Problem: upload_unknown (another terminal's, too), upload_gone, upload_*."""
    with office.database.read() as connection:
        row = _own(office, connection, device, upload_id)
    if row.state == OPEN and row.received == row.length:
        # The server ended between the last piece and looking at the whole.
        _finish(office, row)
    return Progress(upload_id, row.length, row.received, row.expires_at)


def append(office: Office, device: str, upload_id: str, offset: int, piece: bytes) -> Progress:
    """Add bytes at the offset that was acknowledged last; complete with the last of them.

    :raises Problem: upload_offset, upload_too_large, upload_pieces, upload_digest, upload_type, and of `progress`.
    """
    with office.database.read() as connection:
        row = _own(office, connection, device, upload_id)
    if offset != row.received:
        raise _wrong_offset(row.received)
    if row.received + len(piece) > row.length:
        raise Problem("upload_too_large", "more than Upload-Length")
    if piece:
        _add(office, row, piece)
    return progress(office, device, upload_id)


def _add(office: Office, row: Row[Any], piece: bytes) -> None:
    if row.pieces >= MOST_PIECES:
        raise Problem("upload_pieces", f"at most {MOST_PIECES}")
    name = secrets.token_hex(16)
    path = _folder(office, row.upload_id) / name
    write_sealed(office.vault, path, f"upload:{row.upload_id}/{name}", by_content.cut(piece))

    def work(connection: Connection) -> int:
        now_there = connection.execute(
            select(upload.c.received, upload.c.pieces).where(upload.c.upload_id == row.upload_id).with_for_update()
        ).one()
        if now_there.received == row.received:
            connection.execute(insert(upload_piece).values(upload_id=row.upload_id, n=now_there.pieces + 1, name=name))
            values = {"received": row.received + len(piece), "pieces": now_there.pieces + 1}
            connection.execute(update(upload).where(upload.c.upload_id == row.upload_id).values(values))
        return int(now_there.received)

    received = office.database.transact(work)
    if received != row.received:
        path.unlink(missing_ok=True)
        raise _wrong_offset(received)


def _wrong_offset(received: int) -> Problem:
    return Problem("upload_offset", headers={"Upload-Offset": str(received)})


def _own(office: Office, connection: Connection, device: str, upload_id: str) -> Row[Any]:
    row = connection.execute(select(upload).where(upload.c.upload_id == upload_id)).one_or_none()
    if row is None or row.device != device:
        raise Problem("upload_unknown")
    if row.state == REFUSED or (row.state == OPEN and row.expires_at <= iso(office.clock.now())):
        raise Problem("upload_gone")
    return row


def _finish(office: Office, row: Row[Any]) -> None:
    """Look at the whole, keep it or throw it away. :raises Problem: upload_digest, upload_type."""
    content = b"".join(_pieces(office, row.upload_id))
    wrong = ""
    if office.digest.hex(content) != row.digest:
        wrong = "upload_digest"
    elif not _is(content, row.media_type):
        wrong = "upload_type"
    else:
        by_content.keep(office, row.digest, row.media_type, row.length, by_content.cut(content))
    until = office.clock.now() + (UNFINISHED if wrong else UNCLAIMED)

    def work(connection: Connection) -> None:
        connection.execute(delete(upload_piece).where(upload_piece.c.upload_id == row.upload_id))
        values = {"state": REFUSED if wrong else COMPLETE, "expires_at": iso(until)}
        connection.execute(update(upload).where(upload.c.upload_id == row.upload_id).values(values))

    office.database.transact(work)
    shutil.rmtree(_folder(office, row.upload_id), ignore_errors=True)
    if wrong:
        raise Problem(wrong)


def _is(content: bytes, media_type: str) -> bool:
    """What it begins and ends with, and for a picture that all of it can be drawn."""
    try:
        pictures.check(content, media_type)
    except pictures.PictureError:
        return False
    return media_type_of(content) == media_type


def _pieces(office: Office, upload_id: str) -> Iterator[bytes]:
    query = select(upload_piece.c.name).where(upload_piece.c.upload_id == upload_id).order_by(upload_piece.c.n)
    with office.database.read() as connection:
        names = list(connection.execute(query).scalars())
    for name in names:
        yield from read_sealed(office.vault, _folder(office, upload_id) / name, f"upload:{upload_id}/{name}")


def _folder(office: Office, upload_id: str) -> Path:
    return office.data / FOLDER / upload_id


def settle(office: Office, device: str, digests: Iterable[str]) -> None:
    """Finish what a crash left with all its bytes, before a case asks for it."""
    wanted = upload.c.digest.in_(tuple(digests))
    query = select(upload).where(
        upload.c.device == device, wanted, upload.c.state == OPEN, upload.c.received == upload.c.length
    )
    with office.database.read() as connection:
        rows = connection.execute(query).all()
    for row in rows:
        try:
            _finish(office, row)
        except Problem:
            # It is not what was declared: for the case it is a digest that is missing.
            continue


def claim(
    office: Office, connection: Connection, device: str, case_no: str, materials: tuple[tuple[str, str], ...]
) -> None:
    """Give a case its files, in its own transaction.

    :param materials: (material, digest) of each.
    :raises Problem: materials_missing, with the digests that this terminal has not brought completely.
    """
    if not materials:
        return
    digests = {digest for _, digest in materials}
    query = select(upload.c.digest).where(
        upload.c.device == device, upload.c.state == COMPLETE, upload.c.digest.in_(digests)
    )
    missing = sorted(digests - set(connection.execute(query).scalars()))
    if missing:
        raise Problem("materials_missing", missing=missing)
    brought = select(func.count()).select_from(case_material).where(case_material.c.case_no == case_no)
    already = int(connection.execute(brought).scalar_one())
    for n, (material, digest) in enumerate(materials, start=already + 1):
        connection.execute(insert(case_material).values(case_no=case_no, n=n, material=material, digest=digest))


def materials_of(connection: Connection, case_no: str) -> list[dict[str, Any]]:
    """The files of a case: material, digest, media type, length in bytes."""
    query = (
        select(case_material.c.material, stored_file)
        .join(stored_file, stored_file.c.digest == case_material.c.digest)
        .where(case_material.c.case_no == case_no)
        .order_by(case_material.c.n)
    )
    return [
        {"material": row.material, "digest": row.digest, "media_type": row.media_type, "length": row.length}
        for row in connection.execute(query)
    ]


def expire(office: Office) -> int:
    """Throw away what nobody went on with or claimed in time; how many uploads."""
    now = office.clock.now()
    query = select(upload.c.upload_id).where(upload.c.expires_at <= iso(now)).limit(256)

    def work(connection: Connection) -> list[str]:
        gone = list(connection.execute(query).scalars())
        if gone:
            connection.execute(delete(upload_piece).where(upload_piece.c.upload_id.in_(gone)))
            connection.execute(delete(upload).where(upload.c.upload_id.in_(gone)))
        return gone

    with office.database.read() as connection:
        if not connection.execute(query).first():
            return 0
    gone = office.database.transact(work)
    for upload_id in gone:
        shutil.rmtree(_folder(office, upload_id), ignore_errors=True)
    by_content.drop_unclaimed(office, iso(now - UNCLAIMED))
    return len(gone)
