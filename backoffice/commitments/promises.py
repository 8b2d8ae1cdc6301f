"""Commitments as they are made, and whether a case may go by one. What becomes of them later: commitment_ends.py."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, Row, insert, select, update

from backoffice.casework import timers
from backoffice.casework.calendar import calendar_now
from backoffice.clock import iso
from backoffice.domain.cases.case import CaseState
from backoffice.domain.commitment import CommitmentState, deputy_may_promise, promiser
from backoffice.domain.items.item import Item
from backoffice.domain.person import Applicant
from backoffice.domain.text import Line
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables.commitments import commitment, commitment_bar

DECIDED = (CaseState.APPROVED, CaseState.ISSUED)
"""What rests on the commitment alone; reopened when it falls away."""
BARRED = "reason.commitment_barred"
CHECK = "commitment_check"
"""Kind of the timer that rings when the day of the check has passed and nobody has said what it found."""


@dataclass(frozen=True, slots=True, repr=False)
class Deputy:
    """Who promised in the applicant's name. `authority`: digest of the written authority among the case's files."""

    name: str
    number: str
    authority: str

    def __repr__(self) -> str:
        return "Deputy(***)"


class Promised(Protocol):
    """What of a submission a commitment is made from."""

    @property
    def case_no(self) -> str: ...
    @property
    def applicant(self) -> Applicant: ...
    @property
    def form(self) -> Mapping[str, str]: ...
    @property
    def commitment(self) -> str | None: ...
    @property
    def consent_version(self) -> str: ...
    @property
    def created_at(self) -> str: ...
    @property
    def materials(self) -> Sequence[tuple[str, str]]: ...
    @property
    def promised_by(self) -> Deputy | None: ...


def make(office: Office, connection: Connection, item: Item, submission: Promised) -> None:
    """Keep what was promised with a case, in the transaction that takes the case in; nothing when nothing was.

    :raises Problem: deputy_without_authority.
    """
    if not submission.commitment:
        return
    deputy = submission.promised_by
    if deputy is not None:
        _check_deputy(item, submission, deputy)
    now = office.clock.now()
    calendar, _ = calendar_now(office, connection)
    due = calendar.after(now.date(), item.ruling.check_workdays if item.ruling else 0)
    commitment_id, vault = str(uuid.uuid4()), office.vault
    shown = None if deputy is None else vault.seal_json(f"commitment.authority:{commitment_id}", asdict(deputy))
    connection.execute(
        insert(commitment).values(
            commitment_id=commitment_id,
            case_no=submission.case_no,
            person_index=_index(office, item, submission.applicant.number, submission.form),
            text_key=submission.commitment,
            text_version=submission.consent_version,
            signed_at=submission.created_at,
            signed_by="applicant" if deputy is None else "deputy",
            authority_sealed=shown,
            state=CommitmentState.MADE.value,
            check_due_on=due.day.isoformat(),
            check_provisional=due.provisional,
            row_version=1,
        )
    )
    timers.schedule(connection, submission.case_no, CHECK, overdue_from(due.day, now))


def overdue_from(day: date, now: datetime) -> datetime:
    """The moment at which a check that was due on this day is late. :param now: aware; its offset counts."""
    return datetime.combine(day + timedelta(days=1), time(), now.tzinfo)


def _check_deputy(item: Item, submission: Promised, deputy: Deputy) -> None:
    came = {digest for _, digest in submission.materials}
    if not deputy_may_promise(item, deputy.authority) or deputy.authority not in came:
        raise Problem("deputy_without_authority")


def against(office: Office, connection: Connection, case: Row[Any], item: Item, number: str, form: Any) -> Line | None:
    """Why this case does not go by a commitment although its item offers one; None when it does, or when none is
    offered.

    :param number: the applicant's.
    """
    if item.form is None or not item.form.commitment:
        return None
    if barred(connection, _index(office, item, number, form)):
        return Line(BARRED)
    made = of_case(connection, case.case_no)
    if made is None or made.state != CommitmentState.MADE.value:
        return Line("reason.ordinary_way")
    return None


def barred(connection: Connection, person_index: str) -> bool:
    """A commitment of this person was not kept here, and that has been neither repaired nor taken back."""
    open_ones = select(commitment_bar.c.bar_id).where(
        commitment_bar.c.person_index == person_index, commitment_bar.c.lifted_at.is_(None)
    )
    return connection.execute(open_ones.limit(1)).one_or_none() is not None


def of_case(connection: Connection, case_no: str, *, lock: bool = False) -> Row[Any] | None:
    query = select(commitment).where(commitment.c.case_no == case_no)
    return connection.execute(query.with_for_update() if lock else query).one_or_none()


def lapse(office: Office, connection: Connection, case_no: str) -> None:
    """The case is decided without it: there is nothing to check later."""
    timers.cancel(connection, case_no, CHECK)
    standing = (commitment.c.case_no == case_no) & (commitment.c.state == CommitmentState.MADE.value)
    ended = {"state": CommitmentState.LAPSED.value, "ended_at": iso(office.clock.now()), "ended_by": "rules"}
    connection.execute(update(commitment).where(standing).values(row_version=commitment.c.row_version + 1, **ended))


def _index(office: Office, item: Item, number: str, form: Mapping[str, str]) -> str:
    return office.vault.index(promiser(item, number, form))
