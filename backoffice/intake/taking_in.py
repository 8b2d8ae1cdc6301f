"""收件: taking a case in. One transaction holds state, event, audit link, outbox row and the answer."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from backoffice.calls.once import Answer
from backoffice.casework.events import answer_with, append_event
from backoffice.catalogue.stored import item_version
from backoffice.clock import iso
from backoffice.commitments import promises
from backoffice.domain.cases.case import CaseState, Role
from backoffice.domain.cases.case_number import KIOSK_CHANNEL, CaseNoInvalid, CaseNumber, parse_case_number
from backoffice.domain.items.answer_checks import Around
from backoffice.domain.items.form import FormError, check_form
from backoffice.domain.items.item import Item, MaterialKind, Mode
from backoffice.domain.person import Applicant
from backoffice.files import uploads
from backoffice.identity import consents
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.audit import Heads
from backoffice.store.prepared import adding, settle
from backoffice.store.tables import tables

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
    consents: tuple[tuple[str, str], ...] = ()
    """(purpose, version of the words) of what was agreed to before it was sent."""
    promised_by: promises.Deputy | None = None
    """Who made the commitment in the applicant's name; None = the applicant."""

    def __repr__(self) -> str:
        return f"Submission({self.item_id})"

    @property
    def registers_agreed(self) -> frozenset[str]:
        """Registers that the resident let us ask."""
        return consents.registers_in(purpose for purpose, _ in self.consents)

    @property
    def has_rows_of_its_own(self) -> bool:
        """Beside the case's own: files, a promise, consents."""
        return bool(self.materials or self.commitment or self.consents)


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
    heads: Heads | None = None,
    draft: Draft | None = None,
    instead: bool = False,
) -> Answer:
    """A case of any mode, in the caller's transaction; the caller asks for the key before and remembers the answer.

    :param channel: the number's. :param taken_by: who took it in, when it was not the terminal itself.
    :param heads: of chains that the caller holds already. :param draft: when it was made before.
    :param instead: guidance stands in for an item that a terminal carries.
    :raises Problem: case_no_*, site_unknown, item_*, consent_version, commitment, form, materials_missing,
        deputy_without_authority, signature_missing.
    """
    number = _number(key, submission.case_no)
    if number.channel != channel or site_no not in (None, number.site_no):
        raise Problem("case_no_device")
    if submission.site[:9] not in office.tables.towns:
        raise Problem("site_unknown")
    item = _item(office, connection, submission)
    if mode is Mode.GUIDE:
        check_guided(item, instead=instead)
    else:
        check_item(office, item, submission)
        if item is not None and item.mode is not mode:
            raise Problem("item_mode")
        if item is not None and channel == KIOSK_CHANNEL:
            _check_signature(item, submission)
    draft = draft or draft_of(office, device, submission)
    _insert(office, connection, draft, submission, taken_by or device, heads)
    if submission.has_rows_of_its_own:
        settle(connection)
    uploads.claim(office, connection, device, number.text, submission.materials)
    given_at, received_at = submission.created_at, iso(office.clock.now())
    consents.keep(connection, device, number.text, submission.consents, submission.lang, given_at, received_at)
    if item is not None and item.form is not None:
        promises.make(office, connection, item, submission)
    return draft.answer


def check_guided(item: Item | None, *, instead: bool) -> None:
    """:raises Problem: there is no such item; or a terminal carries it, and nothing was said of why it did not."""
    if item is None:
        raise Problem("item_unknown", "no such item in this version")
    if (item.transact and item.mode is not Mode.GUIDE) is not instead:
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


def _check_signature(item: Item, submission: Submission) -> None:
    """A promise is signed on glass, and the picture of it is a file of the case; or it was agreed to aloud.

    :raises Problem: signature_missing.
    """
    if not submission.commitment:
        return
    signed = {material.name for material in item.materials if material.kind is MaterialKind.PROMISE}
    by_hand = any(name in signed for name, _ in submission.materials)
    if not by_hand and consents.ALOUD not in {purpose for purpose, _ in submission.consents}:
        raise Problem("signature_missing")


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
    except CaseNoInvalid as cause:
        raise Problem(cause.code) from cause


def _item(office: Office, connection: Connection, submission: Submission) -> Item | None:
    """As published in that version. A version never changes: the release in memory is as good as the table."""
    newest = office.release.items.get(submission.item_id)
    if newest is not None and newest.version == submission.item_version:
        return newest
    return item_version(connection, submission.item_id, submission.item_version)


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """A case's row and what its terminal will be told, made before anything is held: sealing takes its time."""

    values: Mapping[str, Any]
    answer: Answer


def draft_of(office: Office, device: str, submission: Submission) -> Draft:
    """Of a submission that nobody has checked yet."""
    case_no, now, vault = submission.case_no, iso(office.clock.now()), office.vault
    access = {"query_code": f"{secrets.randbelow(10_000):04d}", "visit_token": secrets.token_urlsafe(24)}
    values: dict[str, Any] = {
        "case_no": case_no,
        "shown_no": case_no[-16:],
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
    return Draft(values, answer_with(case_no, now, access, None))


def _insert(
    office: Office, connection: Connection, draft: Draft, submission: Submission, taken_by: str, heads: Heads | None
) -> None:
    """The case with all that belongs to it. :raises Problem: case_no_taken."""
    with numbers_are_kept_once():
        _ADD_CASE.run(connection, draft.values)
    append_event(
        office,
        connection,
        case_no=submission.case_no,
        town=draft.values["town"],
        role=Role.INTAKE,
        actor=taken_by,
        event="accepted",
        states=(None, CaseState.ACCEPTED),
        details={"item": f"{submission.item_id}/{submission.item_version}", "consent": submission.consent_version},
        first=True,
        heads=heads,
    )


@contextmanager
def numbers_are_kept_once() -> Iterator[None]:
    """:raises Problem: case_no_taken. Of what is written, only a number that another case has can be there already;
    which of its rows the database meets first is the database's to choose.
    """
    try:
        yield
    except IntegrityError as cause:
        if not any(table.name in str(cause.orig) for table in (tables.service_case, tables.case_event)):
            raise
        raise Problem("case_no_taken") from cause
