"""What becomes of a commitment: withdrawn by the resident, kept, or not kept, with its consequence and the way back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from backoffice.calls.once import Answer, Call, once, renew
from backoffice.casework import timers
from backoffice.casework.calendar import calendar_now
from backoffice.casework.events import answer_of, case_row
from backoffice.casework.moving import record, take
from backoffice.casework.supplements import check_code
from backoffice.catalogue.stored import item_version
from backoffice.clock import iso
from backoffice.commitments.promises import CHECK, DECIDED, of_case
from backoffice.domain.cases.case import CaseState, Move, Role
from backoffice.domain.commitment import CommitmentState, Lifted
from backoffice.domain.decide import Decision, by_hand
from backoffice.domain.text import Line
from backoffice.identity.journal import note
from backoffice.identity.slip_codes import CodeGuard
from backoffice.identity.staff import Staff
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables import tables
from backoffice.store.tables.commitments import commitment, commitment_bar

ROUTE = "commitment.withdrawal"
_OVER = (CaseState.REFUSED, CaseState.WITHDRAWN, CaseState.COMPLETED)
CHECKERS = ("reviewer", "technical_reviewer")
LIFTERS = ("decider", "superior")
MAX_LISTED = 200


@dataclass(frozen=True, slots=True, repr=False)
class Finding:
    """What the later check found. `words`: what was seen; kept sealed."""

    kept: bool
    words: str


def withdraw(office: Office, guard: CodeGuard, call: Call, case_no: str, code: str) -> Answer:
    """The resident takes the commitment back before it is checked: a human decides by the ordinary procedure.

    :raises Problem: progress_unknown, too_many_attempts, commitment_unknown, commitment_closed, idempotency_mismatch.
    """
    with office.database.read() as connection:
        row = case_row(connection, case_no)
    check_code(office, guard, row, case_no, code)

    def work(connection: Connection) -> Answer:
        case = case_row(connection, case_no, lock=True)
        made = of_case(connection, case_no, lock=True)
        if case is None or made is None:
            raise Problem("commitment_unknown")
        _end(office, connection, made, CommitmentState.WITHDRAWN, call.device)
        line = Line("reason.commitment_withdrawn")
        if CaseState(case.state) in DECIDED:
            _reopen(office, connection, case, call.device, line, None)
        elif CaseState(case.state) in _OVER:
            raise Problem("commitment_closed")
        else:
            record(office, connection, case, "commitment_withdrawn", Role.RESIDENT, call.device, {})
        return {"case_no": case_no, **line.to_json()}

    return once(office, call, ROUTE, 201, work)


def settle(office: Office, staff: Staff, commitment_id: str, version: int, finding: Finding) -> Answer:
    """The result of the later check. Not kept: the case is reopened, and the ledger bars further commitments.

    :raises Problem: forbidden, commitment_unknown, commitment_closed, version_stale.
    """
    staff.need(*CHECKERS)

    def work(connection: Connection) -> Answer:
        made, case = _held(connection, staff, commitment_id, version)
        state = CommitmentState.KEPT if finding.kept else CommitmentState.BROKEN
        if CaseState(case.state) not in DECIDED:
            # Nothing rests on it yet, or no more.
            raise Problem("commitment_closed")
        newest = _end(office, connection, made, state, staff.login, finding.words)
        role = Role.REVIEWER if "reviewer" in staff.roles else Role.TECHNICAL_REVIEWER
        record(office, connection, case, f"commitment_{state.value}", role, staff.login, {"commitment": commitment_id})
        bar_id = None
        if not finding.kept:
            again = case_row(connection, case.case_no, lock=True)
            reason, appeal = Line("reason.commitment_broken"), Line("next.commitment_appeal")
            _reopen(office, connection, again or case, "rules:commitment", reason, appeal)
            bar_id = _bar(office, connection, made, staff.login)
        return {"commitment_id": commitment_id, "state": state.value, "row_version": newest, "bar_id": bar_id}

    return office.database.transact(work)


def lift(office: Office, staff: Staff, bar_id: str, version: int, why: Lifted) -> Answer:
    """信用修复 or a successful appeal: this person may make commitments again.

    :raises Problem: forbidden, bar_unknown, commitment_closed, version_stale, roles_not_separate.
    """
    staff.need(*LIFTERS)

    def work(connection: Connection) -> Answer:
        query = select(commitment_bar).where(commitment_bar.c.bar_id == bar_id).with_for_update()
        bar = connection.execute(query).one_or_none()
        town = None if bar is None else _town(connection, bar.commitment_id)
        if bar is None or town is None or not staff.sees(town):
            raise Problem("bar_unknown")
        if bar.row_version != version:
            raise Problem("version_stale", newest=bar.row_version)
        if bar.lifted_at is not None:
            raise Problem("commitment_closed")
        if bar.entered_by == staff.login:
            raise Problem("roles_not_separate", "who entered it does not lift it")
        lifted = {"lifted_at": iso(office.clock.now()), "lifted_by": staff.login, "lifted_for": why.value}
        where = commitment_bar.c.bar_id == bar_id
        connection.execute(update(commitment_bar).where(where).values(row_version=version + 1, **lifted))
        note(office, connection, town, "commitment_bar_lifted", staff.login, bar=bar_id, why=why.value)
        return {"bar_id": bar_id, "lifted_for": why.value, "row_version": version + 1}

    return office.database.transact(work)


def due_checks(office: Office, staff: Staff) -> list[Answer]:
    """Commitments that decided cases rest on and nobody has checked, the earliest due first; at most MAX_LISTED.

    `overdue`: its day has passed; the timer of the check has rung or is about to.
    """
    staff.need(*CHECKERS, *LIFTERS)
    case = tables.service_case.c
    columns = (commitment, case.item_id, case.town)
    query = (
        select(*columns)
        .join(tables.service_case)
        .where(commitment.c.state == CommitmentState.MADE.value, case.state.in_([state.value for state in DECIDED]))
    )
    if staff.town is not None:
        query = query.where(case.town == staff.town)
    names = ("commitment_id", "case_no", "item_id", "town", "text_key", "text_version", "signed_at", "signed_by")
    also = ("check_due_on", "check_provisional", "row_version")
    with office.database.read() as connection:
        rows = connection.execute(query.order_by(commitment.c.check_due_on, commitment.c.commitment_id)).fetchmany(
            MAX_LISTED
        )
    today = office.clock.now().date().isoformat()
    return [
        {**{name: row._mapping[name] for name in (*names, *also)}, "overdue": row.check_due_on < today} for row in rows
    ]


def open_bars(office: Office, staff: Staff) -> list[Answer]:
    """The local ledger: what was not kept and neither repaired nor taken back; at most MAX_LISTED, oldest first."""
    staff.need(*CHECKERS, *LIFTERS)
    case = tables.service_case.c
    joined = commitment_bar.join(commitment).join(tables.service_case)
    query = (
        select(commitment_bar, case.case_no, case.town).select_from(joined).where(commitment_bar.c.lifted_at.is_(None))
    )
    if staff.town is not None:
        query = query.where(case.town == staff.town)
    names = ("bar_id", "commitment_id", "case_no", "town", "entered_at", "entered_by", "row_version")
    with office.database.read() as connection:
        rows = connection.execute(query.order_by(commitment_bar.c.entered_at)).fetchmany(MAX_LISTED)
    return [{name: row._mapping[name] for name in names} for row in rows]


def _held(connection: Connection, staff: Staff, commitment_id: str, version: int) -> tuple[Row[Any], Row[Any]]:
    """The commitment and its case, both held."""
    query = select(commitment.c.case_no).where(commitment.c.commitment_id == commitment_id)
    case_no = connection.execute(query).scalar_one_or_none()
    case = None if case_no is None else case_row(connection, case_no, lock=True)
    if case is None or not staff.sees(case.town):
        raise Problem("commitment_unknown")
    made = of_case(connection, case.case_no, lock=True)
    if made is None:
        raise Problem("commitment_unknown")
    if made.row_version != version:
        raise Problem("version_stale", newest=made.row_version)
    return made, case


def _end(
    office: Office, connection: Connection, made: Row[Any], state: CommitmentState, by: str, words: str = ""
) -> int:
    """The new row version. :raises Problem: commitment_closed: it has ended before."""
    if made.state != CommitmentState.MADE.value:
        raise Problem("commitment_closed")
    timers.cancel(connection, made.case_no, CHECK)
    version = int(made.row_version) + 1
    sealed = office.vault.seal(f"commitment.note:{made.commitment_id}", words.encode()) if words else None
    connection.execute(
        update(commitment)
        .where(commitment.c.commitment_id == made.commitment_id)
        .values(
            state=state.value,
            ended_at=iso(office.clock.now()),
            ended_by=by,
            note_sealed=sealed,
            row_version=version,
        )
    )
    return version


def _reopen(
    office: Office, connection: Connection, case: Row[Any], actor: str, reason: Line, next_step: Line | None
) -> None:
    """What was granted on the commitment is decided anew, by a human."""
    item = item_version(connection, case.item_id, case.item_version)
    if item is None:
        raise LookupError("a case's item was published")
    calendar, _ = calendar_now(office, connection)
    pending = by_hand(item, (reason,), office.clock.now().date(), calendar)
    decision = Decision(pending.outcome, pending.reasons, next_step or pending.next_step, pending.facts)
    take(office, connection, case, Move.REOPEN, Role.RULE_ENGINE, actor, {"reason": reason.key})
    table, case_no = tables.service_case, case.case_no
    connection.execute(
        update(table)
        .where(table.c.case_no == case_no)
        .values(
            outcome=decision.outcome.value,
            due_on=decision.facts.get("due_on"),
            decision_sealed=office.vault.seal_json(f"case.decision:{case_no}", decision.to_json()),
        )
    )
    renew(office, connection, case.device, case_no, answer_of(office, connection, case_no))


def _bar(office: Office, connection: Connection, made: Row[Any], by: str) -> str:
    bar_id = str(uuid.uuid4())
    connection.execute(
        insert(commitment_bar).values(
            bar_id=bar_id,
            person_index=made.person_index,
            commitment_id=made.commitment_id,
            entered_at=iso(office.clock.now()),
            entered_by=by,
            row_version=1,
        )
    )
    return bar_id


def _town(connection: Connection, commitment_id: str) -> str | None:
    query = select(tables.service_case.c.town).join(commitment).where(commitment.c.commitment_id == commitment_id)
    return connection.execute(query).scalar_one_or_none()
