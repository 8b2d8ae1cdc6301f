"""One move of one case by one person or timer: state, event, audit, outbox and timers in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, insert, select, update

from backoffice.casework.events import append_event, case_row
from backoffice.casework.work import work_of
from backoffice.catalogue.stored import item_version
from backoffice.clock import iso
from backoffice.domain.cases.case import Actor, CaseState, Move, NotAllowed, Role
from backoffice.domain.cases.standing import EVENT_OF_MOVE, Event, RolesNotSeparate, Standing, check_move, rebuild
from backoffice.domain.items.terms import ExpertNeed
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables import tables
from backoffice.store.tables.casework import case_words

T = TypeVar("T")
Work = Callable[[Connection, Row[Any]], T]

_OUTCOME = {CaseState.APPROVED: "approved", CaseState.REFUSED: "refused"}


@dataclass(frozen=True, slots=True)
class Order:
    """Who wants to move which case, in which role, and which version of it she has seen."""

    actor: Actor
    role: Role
    case_no: str
    version: int


def standing_of(connection: Connection, case_no: str) -> Standing:
    """Rebuilt from the case's own events, and its item as published in its version.

    :raises ValueError: there are no events.
    """
    table = tables.case_event
    columns = (table.c.event, table.c.to_state, table.c.role, table.c.actor)
    rows = connection.execute(select(*columns).where(table.c.case_no == case_no).order_by(table.c.n))
    events = [Event(row.event, CaseState(row.to_state), Role(row.role), row.actor) for row in rows]
    case = case_row(connection, case_no)
    item = item_version(connection, case.item_id, case.item_version) if case is not None else None
    return rebuild(events, item.technical_review.need if item is not None else ExpertNeed.NONE)


def on_case(office: Office, order: Order, work: Work[T]) -> T:
    """Do something with a case that this person may work on; the row is held while it is done.

    :raises Problem: case_unknown, forbidden, case_claimed, version_stale, and what `work` raises.
    """

    def begin(connection: Connection) -> T:
        case = case_row(connection, order.case_no, lock=True)
        if case is None or not order.actor.sees(town := town_of(connection, case)):
            raise Problem("case_unknown")
        if not order.actor.may_act(order.role, town):
            raise Problem("forbidden", f"needs the role {order.role}")
        check_claim(office, connection, order.case_no, order.actor.login)
        if case.row_version != order.version:
            raise Problem("version_stale", newest=case.row_version)
        return work(connection, case)

    return office.database.transact(begin)


def town_of(connection: Connection, case: Row[Any]) -> str:
    """The town that works on it: where it came in, unless it was sent to another."""
    row = work_of(connection, case.case_no)
    return str(row.town if row is not None else case.town)


def check_claim(office: Office, connection: Connection, case_no: str, login: str) -> None:
    """:raises Problem: case_claimed, while another's lease lasts."""
    row = work_of(connection, case_no)
    if row is not None and row.claimed_by not in (None, login) and row.claimed_until > iso(office.clock.now()):
        raise Problem("case_claimed")


def take(
    office: Office,
    connection: Connection,
    case: Row[Any],
    wanted: Move,
    role: Role,
    login: str,
    details: Mapping[str, str] | None = None,
    words: str = "",
) -> int:
    """Move a case whose row is held; the new row version.

    :param details: for audit and outbox, no personal data. :param words: what was written beside it; kept sealed.
    :raises Problem: move_not_allowed, roles_not_separate.
    """
    before = CaseState(case.state)
    try:
        after = check_move(standing_of(connection, case.case_no), wanted, role, login)
    except RolesNotSeparate as cause:
        raise Problem("roles_not_separate", str(cause)) from cause
    except NotAllowed as cause:
        raise Problem("move_not_allowed", str(cause)) from cause
    version: int = case.row_version + 1
    values: dict[str, object] = {"state": after.value, "row_version": version}
    if after in _OUTCOME:
        values |= {"outcome": _OUTCOME[after], "decided_at": iso(office.clock.now())}
    table = tables.service_case
    connection.execute(update(table).where(table.c.case_no == case.case_no).values(**values))
    _note(office, connection, case, (before, after), role, login, EVENT_OF_MOVE[wanted], details or {})
    if words:
        keep_words(office, connection, case.case_no, words)
    return version


def record(
    office: Office,
    connection: Connection,
    case: Row[Any],
    event: str,
    role: Role,
    login: str,
    details: Mapping[str, str],
) -> int:
    """Something happened that moves nothing; the new row version."""
    state, version = CaseState(case.state), case.row_version + 1
    table = tables.service_case
    connection.execute(update(table).where(table.c.case_no == case.case_no).values(row_version=version))
    _note(office, connection, case, (state, state), role, login, event, details)
    return int(version)


def keep_words(office: Office, connection: Connection, case_no: str, words: str) -> None:
    """Beside the newest event."""
    table = tables.case_event
    newest = select(table.c.n).where(table.c.case_no == case_no).order_by(table.c.n.desc()).limit(1)
    n = connection.execute(newest).scalar_one()
    sealed = office.vault.seal(f"case.words:{case_no}/{n}", words.encode())
    connection.execute(insert(case_words).values(case_no=case_no, event_n=n, words_sealed=sealed))


def _note(
    office: Office,
    connection: Connection,
    case: Row[Any],
    states: tuple[CaseState, CaseState],
    role: Role,
    login: str,
    event: str,
    details: Mapping[str, str],
) -> None:
    append_event(
        office,
        connection,
        case_no=case.case_no,
        town=case.town,
        role=role,
        actor=login,
        event=event,
        states=states,
        details=details,
    )
