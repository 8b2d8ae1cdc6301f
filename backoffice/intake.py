"""收件: taking a case in. One transaction holds state, event, audit link, outbox row and the answer."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from backoffice import commitments, uploads
from backoffice.clock import iso
from backoffice.domain.answer_checks import Around
from backoffice.domain.case import CaseState, Role
from backoffice.domain.case_number import KIOSK_CHANNEL, CaseNumber, CaseNumberError, parse_case_number
from backoffice.domain.form import FormError, check_form
from backoffice.domain.item import Item, Mode
from backoffice.domain.person import Applicant
from backoffice.office import Office
from backoffice.problem import Problem
from backoffice.records import Answer, answer_with, append_event, idempotent, lock_device, remember
from backoffice.store import tables
from backoffice.store.catalogue import item_version
from backoffice.store.prepared import adding

ROUTE = "cases"
LONGEST_OFFLINE = timedelta(days=60)
_COLUMNS = (
    *("case_no", "shown_no", "device", "site", "town", "item_id", "item_version", "consent_version", "lang", "state"),
    *("created_at", "boot_id", "monotonic_s", "accepted_at", "row_version"),
    *("applicant_index", "applicant_sealed", "form_sealed", "access_sealed"),
)
_ADD_CASE = adding(tables.service_case, *_COLUMNS)


@dataclass(frozen=True, slots=True, repr=False)
class Submission:
    case_no: str
    item_id: str
    item_version: int
    consent_version: str
    applicant: Applicant
    form: Mapping[str, str]
    commitment: str | None
    created_at: str
    site: str
    lang: str
    boot_id: str
    monotonic_s: float
    materials: tuple[tuple[str, str], ...] = ()
    """(material, digest) of each uploaded file."""
    promised_by: commitments.Deputy | None = None
    """Who made the commitment in the applicant's name; None = the applicant."""

    def __repr__(self) -> str:
        return f"Submission({self.item_id})"


def accept(office: Office, device: str, key: str, body_hash: str, submission: Submission) -> bool:
    """Take a case in, once; True when it was already here.

    :raises Problem: idempotency_mismatch, case_no_*, site_unknown, item_*, consent_version, commitment, form,
        materials_missing.
    """

    def work(connection: Connection) -> bool:
        site_no = lock_device(connection, device).site_no
        # First of all: what was accepted once stays accepted, whatever has changed since.
        if idempotent(office, connection, device, key, ROUTE, body_hash) is not None:
            return True
        answer = open_case(office, connection, device, site_no, key, submission, Mode.APPLY)
        remember(office, connection, device, key, ROUTE, body_hash, 201, answer)
        return False

    if submission.materials:
        uploads.settle(office, device, (digest for _, digest in submission.materials))
    return office.database.transact(work)


def open_case(
    office: Office,
    connection: Connection,
    device: str,
    site_no: str | None,
    key: str,
    submission: Submission,
    mode: Mode,
    *,
    channel: str = KIOSK_CHANNEL,
    taken_by: str | None = None,
) -> Answer:
    """A case of any mode, in the caller's transaction; the caller asks for the key before and remembers the answer.

    :param channel: the number's. :param taken_by: who took it in, when it was not the terminal itself.
    :raises Problem: case_no_*, site_unknown, item_*, consent_version, commitment, form, materials_missing,
        deputy_without_authority.
    """
    number = _number(key, submission.case_no)
    if number.channel != channel or site_no not in (None, number.site_no):
        raise Problem("case_no_device")
    if submission.site[:9] not in office.tables.towns:
        raise Problem("site_unknown")
    item = _item(office, connection, submission)
    if mode is Mode.GUIDE:
        check_guided(item)
    else:
        check_item(office, item, submission)
        if item is not None and item.mode is not mode:
            raise Problem("item_mode")
    answer = _insert(office, connection, device, number, submission, taken_by or device)
    uploads.claim(office, connection, device, number.text, submission.materials)
    if item is not None and item.form is not None:
        commitments.make(office, connection, item, submission)
    return answer


def check_guided(item: Item | None) -> None:
    """:raises Problem: there is no such item, or a terminal carries it and need not send anybody away."""
    if item is None:
        raise Problem("item_unknown", "no such item in this version")
    if item.transact and item.mode is not Mode.GUIDE:
        raise Problem("item_mode")


def check_item(office: Office, item: Item | None, submission: Submission) -> None:
    """:raises Problem: the submission does not fit the item as published in its version."""
    if item is None:
        raise Problem("item_unknown", "no such item in this version")
    form = item.form
    if form is None:
        raise Problem("item_not_transacted")
    if submission.consent_version != form.consent_version:
        raise Problem("consent_version")
    # Who promises nothing goes the ordinary way; nobody can promise what was not asked.
    if submission.commitment not in (None, form.commitment):
        raise Problem("commitment")
    lists = {name: frozenset(entries) for name, entries in office.release.lists.items()}
    around = Around(_day_of_answers(office, submission), lists)
    try:
        check_form(form, submission.form, submission.applicant, around)
    except FormError as cause:
        raise Problem("form", str(cause)) from cause


def _day_of_answers(office: Office, submission: Submission) -> date:
    """The day that answers such as "next year" are measured by: the terminal's, which may have been offline for weeks.

    A terminal whose clock is wrong by more is not believed.
    """
    now = office.clock.now()
    made = datetime.fromisoformat(submission.created_at)
    return made.astimezone(now.tzinfo).date() if timedelta(0) <= now - made <= LONGEST_OFFLINE else now.date()


def _number(key: str, case_no: str) -> CaseNumber:
    if key != case_no:
        raise Problem("key_is_not_the_number")
    try:
        return parse_case_number(case_no)
    except CaseNumberError as cause:
        raise Problem(cause.code) from cause


def _item(office: Office, connection: Connection, submission: Submission) -> Item | None:
    """As published in that version. A version never changes: the release in memory is as good as the table."""
    newest = office.release.items.get(submission.item_id)
    if newest is not None and newest.version == submission.item_version:
        return newest
    return item_version(connection, submission.item_id, submission.item_version)


def _insert(
    office: Office,
    connection: Connection,
    device: str,
    number: CaseNumber,
    submission: Submission,
    taken_by: str,
) -> Answer:
    """The case with all that belongs to it; what its terminal is told. :raises Problem: case_no_taken."""
    case_no, now, vault = number.text, iso(office.clock.now()), office.vault
    access = {"query_code": f"{secrets.randbelow(10_000):04d}", "visit_token": secrets.token_urlsafe(24)}
    values: dict[str, Any] = {
        "case_no": case_no,
        "shown_no": number.shown,
        "device": device,
        "site": submission.site,
        "town": submission.site[:9],
        "item_id": submission.item_id,
        "item_version": submission.item_version,
        "consent_version": submission.consent_version,
        "lang": submission.lang,
        "state": CaseState.ACCEPTED.value,
        "created_at": submission.created_at,
        "boot_id": submission.boot_id,
        "monotonic_s": submission.monotonic_s,
        "accepted_at": now,
        "row_version": 1,
        "applicant_index": vault.index(submission.applicant.number),
        "applicant_sealed": vault.seal_json(f"case.applicant:{case_no}", submission.applicant.to_json()),
        "form_sealed": vault.seal_json(f"case.form:{case_no}", dict(submission.form)),
        "access_sealed": vault.seal_json(f"case.access:{case_no}", access),
    }
    try:
        _ADD_CASE.run(connection, values)
    except IntegrityError as cause:
        # The number is the key of the table, and nothing else of this row can be taken.
        raise Problem("case_no_taken") from cause
    append_event(
        office,
        connection,
        case_no=case_no,
        town=values["town"],
        role=Role.INTAKE,
        actor=taken_by,
        event="accepted",
        states=(None, CaseState.ACCEPTED),
        details={"item": f"{submission.item_id}/{submission.item_version}", "consent": submission.consent_version},
        first=True,
    )
    return answer_with(case_no, now, access, None)
