"""A file that a resident brought, for whoever works on the case; that it was opened is written down."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from backoffice.casework.events import case_row
from backoffice.casework.moving import town_of
from backoffice.domain.cases.case import Actor
from backoffice.domain.uploads import PDF
from backoffice.files import by_content, pictures
from backoffice.identity.journal import note
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.failures import VaultError
from backoffice.store.tables.papers import case_material, stored_file

_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", PDF: "pdf"}


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    content: bytes
    media_type: str
    name: str
    """For the disk of whoever saves it: the case's number and which of its files, nothing that a resident wrote."""


def open_file(office: Office, actor: Actor, case_no: str, digest: str) -> Opened:
    """A picture is drawn anew: what the resident's file holds beside its pixels reaches nobody.

    :raises Problem: case_unknown, also for a case of another town; file_unknown; file_damaged.
    """

    def work(connection: Connection) -> tuple[int, str]:
        case = case_row(connection, case_no)
        if case is None or not actor.sees(town_of(connection, case)):
            raise Problem("case_unknown")
        query = (
            select(case_material.c.n, stored_file.c.media_type)
            .join(stored_file, stored_file.c.digest == case_material.c.digest)
            .where(case_material.c.case_no == case_no, case_material.c.digest == digest)
            .order_by(case_material.c.n)
        )
        row = connection.execute(query).first()
        if row is None:
            raise Problem("file_unknown")
        note(office, connection, case.town, "file_opened", actor.login, case_no=case_no, n=str(row.n))
        return row.n, row.media_type

    n, media_type = office.database.transact(work)
    try:
        content = by_content.read(office, digest)
        if media_type != PDF:
            content = pictures.anew(content, media_type)
    except (FileNotFoundError, VaultError, pictures.PictureError) as cause:
        raise Problem("file_damaged", f"file {n}: {type(cause).__name__}") from cause
    return Opened(content, media_type, f"{case_no}-{n}.{_ENDINGS[media_type]}")
