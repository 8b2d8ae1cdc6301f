"""异地代收代办: a case that is for another place is sent there, asked after until somebody answers, and never lost."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, select, update

from backoffice.calls.once import Answer
from backoffice.casework import timers
from backoffice.casework.following import TRANSFER_ASK
from backoffice.casework.moving import Order, on_case, record, standing_of, take
from backoffice.clock import iso
from backoffice.domain.cases.case import CaseState, Move, Role
from backoffice.domain.cases.case_number import DIVISION
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables.casework import case_work, transfer

RECEIVED, RETURNED = "received", "returned"
REASONS = ("other_place", "other_authority", "collected_here_for_there")
_PLACE = re.compile(r"[0-9]{6}([0-9]{3}([0-9]{3})?)?", re.ASCII)
_T = transfer.c


def send(office: Office, order: Order, place: str, authority: str, reason: str) -> int:
    """Send it to another place: a division's code of 6, 9 or 12 digits. A town of this district just gets it.

    :raises Problem: what `on_case` and `take` raise; town_unknown.
    """

    def work(connection: Connection, case: Row[Any]) -> int:
        return send_held(office, connection, case, order, place, authority, reason)

    return on_case(office, order, work)


def send_held(
    office: Office, connection: Connection, case: Row[Any], order: Order, place: str, authority: str, reason: str
) -> int:
    """`send` for a case whose row is held already. :raises Problem: move_not_allowed, town_unknown."""
    login = order.actor.login
    if place.startswith(DIVISION) and len(place) > len(DIVISION):
        return _route(office, connection, case, order, place)
    if not _PLACE.fullmatch(place) or reason not in REASONS or not authority.strip():
        raise Problem("town_unknown", "a place has 6, 9 or 12 digits, an authority, and one of the reasons")
    details = {"place": place, "reason": reason}
    version = take(office, connection, case, Move.TRANSFER, order.role, login, details)
    n = int(connection.execute(select(func.max(_T.n)).where(_T.case_no == case.case_no)).scalar_one() or 0) + 1
    connection.execute(
        insert(transfer).values(
            case_no=case.case_no,
            n=n,
            place=place,
            authority=authority[:80],
            reason=reason,
            sent_by=login[:80],
            sent_at=iso(office.clock.now()),
        )
    )
    _mark(connection, case.case_no, place)
    return version


def answer(office: Office, order: Order, answered: str) -> int:
    """What the other place said: received, or returned and therefore work of ours again. The new row version.

    :raises Problem: what `on_case` and `take` raise; transfer_unknown.
    """

    def work(connection: Connection, case: Row[Any]) -> int:
        newest = select(func.max(_T.n)).where(_T.case_no == case.case_no).scalar_subquery()
        where = and_(_T.case_no == case.case_no, _T.n == newest, _T.answered_at.is_(None))
        values = {"answered_at": iso(office.clock.now()), "answer": answered}
        if (
            case.state != CaseState.TRANSFERRED
            or not connection.execute(update(transfer).where(where).values(values)).rowcount
        ):
            raise Problem("transfer_unknown")
        login = order.actor.login
        if answered == RECEIVED:
            timers.cancel(connection, case.case_no, TRANSFER_ASK)
            return record(office, connection, case, "transfer_received", order.role, login, {})
        _mark(connection, case.case_no, "")
        admitted = standing_of(connection, case.case_no).admitted
        wanted = Move.SEND_BACK if admitted else Move.TAKE_BACK
        return take(office, connection, case, wanted, order.role, login, {"answer": RETURNED})

    return on_case(office, order, work)


def transfers_of(connection: Connection, case_no: str) -> list[Answer]:
    query = select(transfer).where(_T.case_no == case_no).order_by(_T.n)
    names = ("n", "place", "authority", "reason", "sent_at", "answered_at", "answer")
    return [{name: getattr(row, name) for name in names} for row in connection.execute(query)]


def _route(office: Office, connection: Connection, case: Row[Any], order: Order, place: str) -> int:
    town = place[:9]
    if town not in office.tables.towns:
        raise Problem("town_unknown")
    if order.role not in (Role.INTAKE, Role.REVIEWER, Role.SUPERIOR):
        raise Problem("forbidden", "needs the role intake, reviewer or superior")
    values = {"town": town, "place": place, "claimed_by": None, "claimed_until": None}
    routed = connection.execute(update(case_work).where(case_work.c.case_no == case.case_no).values(**values))
    if not routed.rowcount:
        raise Problem("move_not_allowed", "nobody works on this case yet")
    return record(office, connection, case, "routed", order.role, order.actor.login, {"town": town})


def _mark(connection: Connection, case_no: str, place: str) -> None:
    connection.execute(update(case_work).where(case_work.c.case_no == case_no).values(place=place))
