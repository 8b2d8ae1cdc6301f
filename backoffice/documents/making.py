"""Documents as rows: made once, each copy counted, told apart by whoever scans the code.

A copy is rendered and stored before the transaction that names it. What comes out of a printer is told by the terminal
afterwards: printed, failed, or nobody knows. Only a copy that surely failed is not counted by the next one.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, func, insert, select, update

from backoffice.calls.once import Answer, Call, once
from backoffice.clock import iso
from backoffice.documents.papers import Sheet, data_of
from backoffice.documents.press import VERSIONS, press
from backoffice.documents.words import masked_name
from backoffice.domain.check_code import new_code
from backoffice.files import by_content
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store import audit
from backoffice.store.tables import tables
from backoffice.store.tables.papers import document, document_copy

MADE, PRINTED, UNKNOWN, FAILED = "made", "printed", "unknown", "failed"
PDF = "application/pdf"
ROUTE_PRINTED = "documents.printed"
PUBLIC_URL = "BACKOFFICE_PUBLIC_URL"
_LOCAL = "http://127.0.0.1:8350"
"""Where `serve` listens unless told otherwise: good for a demonstration on one machine only."""


@dataclass(frozen=True, slots=True, repr=False)
class Made:
    """A document before its transaction: rendered, stored, not yet entered."""

    document_id: str
    sheet: Sheet
    digest: str
    content: Mapping[str, Any]
    pdf_digest: str

    def __repr__(self) -> str:
        return f"Made({self.document_id})"


def public_address_gap() -> str:
    """What whoever starts the server must be told about the address on papers; empty when it is set.

    :raises ValueError: $BACKOFFICE_PUBLIC_URL is no http address.
    """
    example = verify_address("…")
    if os.environ.get(PUBLIC_URL):
        return ""
    return (
        f"${PUBLIC_URL} is not set: the codes on papers will lead to {example}, which nobody's telephone reaches. "
        "Set it to this office's public address before papers are given out; those already printed keep their code"
    )


def verify_address(code: str) -> str:
    """What the code on a paper leads to. :raises ValueError: $BACKOFFICE_PUBLIC_URL is no http address."""
    base = (os.environ.get(PUBLIC_URL) or _LOCAL).rstrip("/")
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"{PUBLIC_URL} must be an http or https address")
    return f"{base}/public/v1/verify/{code}"


def make(office: Office, sheet: Sheet, applicant: str) -> Made:
    """Give a sheet its code and digest, render the first copy and store it; no transaction yet.

    :param applicant: the full name; outsiders are told only the masked one.
    """
    document_id, code = secrets.token_hex(16), new_code()
    named = replace(sheet, code=code, verify_url=verify_address(code), copy=1)
    content = {"sheet": _plain(named), "applicant": masked_name(applicant)}
    # The identifier is secret: without it a digest of few likely contents could be tried out.
    text = json.dumps([document_id, content], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = office.digest.hex(text.encode())
    final = replace(named, digest=digest)
    return Made(document_id, final, digest, content, _render(office, final))


def _plain(sheet: Sheet) -> dict[str, Any]:
    return {**asdict(sheet), "made_at": iso(sheet.made_at), "digest": ""}


def _render(office: Office, sheet: Sheet) -> str:
    pdf = press(sheet.template, data_of(sheet), sheet.made_at)
    digest = office.digest.hex(pdf)
    by_content.keep(office, digest, PDF, len(pdf), by_content.cut(pdf))
    return digest


def enter(
    office: Office, connection: Connection, made: Made, *, case_no: str, device: str, item_id: str, purpose: str
) -> Answer:
    """The document's row and its first copy, in the caller's transaction.

    :param purpose: the option's key; the words stand on the paper.
    """
    connection.execute(
        insert(document).values(
            document_id=made.document_id,
            code=made.sheet.code,
            case_no=case_no,
            device=device,
            item_id=item_id,
            template=made.sheet.template,
            template_version=VERSIONS[made.sheet.template],
            purpose=purpose,
            digest=made.digest,
            content_sealed=office.vault.seal_json(_place(made.document_id), made.content),
            made_at=iso(made.sheet.made_at),
        )
    )
    _enter_copy(office, connection, made.document_id, 1, device, made.pdf_digest)
    return told(made.document_id, made.sheet.code, 1, made.pdf_digest)


def _enter_copy(office: Office, connection: Connection, document_id: str, n: int, device: str, digest: str) -> None:
    row = {"document_id": document_id, "n": n, "device": device, "digest": digest, "state": MADE}
    connection.execute(insert(document_copy).values(**row, made_at=iso(office.clock.now())))


def told(document_id: str, code: str, copy: int, digest: str) -> Answer:
    return {"document_id": document_id, "code": code, "copy": copy, "digest": digest}


def pdf_of(office: Office, device: str, document_id: str) -> tuple[bytes, str]:
    """The newest copy that was made for this terminal, and its digest.

    :raises Problem: document_unknown; document_withdrawn: what is no longer true is not printed.
    """
    with office.database.read() as connection:
        copy = _newest_copy(connection, device, document_id)
        withdrawn = select(document.c.withdrawn_at).where(document.c.document_id == document_id)
        if connection.execute(withdrawn).scalar_one() is not None:
            raise Problem("document_withdrawn")
    return by_content.read(office, copy.digest), copy.digest


def _newest_copy(connection: Connection, device: str, document_id: str) -> Row[Any]:
    query = (
        select(document_copy)
        .where(document_copy.c.document_id == document_id, document_copy.c.device == device)
        .order_by(document_copy.c.n.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Problem("document_unknown")
    return row


def report(office: Office, call: Call, document_id: str, outcome: str) -> Answer:
    """What became of the newest copy of this terminal: printed, unknown or failed. What is known stays known.

    :raises Problem: document_unknown, idempotency_mismatch.
    """

    def work(connection: Connection) -> Answer:
        copy = _newest_copy(connection, call.device, document_id)
        if copy.state in (MADE, UNKNOWN):
            _note_copy(office, connection, document_id, f"document_{outcome}", copy.n, call.device)
            where = (document_copy.c.document_id == document_id) & (document_copy.c.n == copy.n)
            values = {"state": outcome, "told_at": iso(office.clock.now())}
            connection.execute(update(document_copy).where(where).values(values))
        counts = _counts(connection, document_id)
        return {"document_id": document_id, "printed": counts[PRINTED], "unclear": counts[UNKNOWN]}

    return once(office, call, ROUTE_PRINTED, 201, work)


def _note_copy(office: Office, connection: Connection, document_id: str, event: str, n: int, device: str) -> None:
    """What became of copy `n`, in the audit chain of its case's town."""
    case = tables.service_case.c
    query = select(case.case_no, case.town).join(document, document.c.case_no == case.case_no)
    row = connection.execute(query.where(document.c.document_id == document_id)).one()
    told = {"at": iso(office.clock.now()), "case_no": row.case_no, "event": event, "actor": device, "copy": str(n)}
    audit.append(connection, office.digest, row.town, told)


def _counts(connection: Connection, document_id: str) -> dict[str, int]:
    query = (
        select(document_copy.c.state, func.count())
        .where(document_copy.c.document_id == document_id)
        .group_by(document_copy.c.state)
    )
    found = {row[0]: int(row[1]) for row in connection.execute(query)}
    return {state: found.get(state, 0) for state in (MADE, PRINTED, UNKNOWN, FAILED)}


def another_copy(office: Office, row: Row[Any]) -> tuple[int, str]:
    """Render the next copy of a document and store it: its number on the paper, and the file's digest."""
    with office.database.read() as connection:
        counts = _counts(connection, row.document_id)
    number = 1 + counts[MADE] + counts[PRINTED] + counts[UNKNOWN]
    content = office.vault.open_json(_place(row.document_id), row.content_sealed)
    sheet = sheet_from(content["sheet"], row.digest)
    return number, _render(office, replace(sheet, copy=number))


def sheet_from(plain: Mapping[str, Any], digest: str) -> Sheet:
    return Sheet(**{**plain, "made_at": datetime.fromisoformat(plain["made_at"]), "digest": digest})


def enter_another(office: Office, connection: Connection, row: Row[Any], device: str, digest: str) -> None:
    """:raises Problem: document_withdrawn, when it was withdrawn while the copy was being rendered."""
    held = select(document.c.withdrawn_at).where(document.c.document_id == row.document_id).with_for_update()
    if connection.execute(held).scalar_one() is not None:
        raise Problem("document_withdrawn")
    query = select(func.max(document_copy.c.n)).where(document_copy.c.document_id == row.document_id)
    newest = int(connection.execute(query).scalar_one())
    _enter_copy(office, connection, row.document_id, newest + 1, device, digest)
    _note_copy(office, connection, row.document_id, "document_copied", newest + 1, device)


def content_of(office: Office, row: Row[Any]) -> Mapping[str, Any]:
    content: Mapping[str, Any] = office.vault.open_json(_place(row.document_id), row.content_sealed)
    return content


def _place(document_id: str) -> str:
    return f"document.content:{document_id}"
