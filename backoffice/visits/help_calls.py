"""Calls for help: stored, told to staff, accepted by one of them, or left without an answer by a known time.

What is said to whoever called follows the row: nobody "comes" before somebody has accepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from backoffice.calls.once import Answer, Call, once
from backoffice.casework import timers
from backoffice.casework.calendar import calendar_now
from backoffice.clock import iso
from backoffice.domain import help_desk
from backoffice.domain.text import Line
from backoffice.geography.stored import sites_on
from backoffice.identity.staff import Staff
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store import audit
from backoffice.store.tables import tables

ROUTE = "help-calls"
TIMER = "help_answer"
"""Rings when a call has waited long enough; its subject is the call's number."""
WHO = ("clerk", "intake", "superior")
ANSWER_S = 120.0
"""So long somebody of staff has to accept; then the resident is told whom to ring up herself."""
MAX_TICKET = 999
_MOST_SHOWN = 500


class CallState(StrEnum):
    SENT = "sent"
    """Stored here; nobody has said that they come."""
    ACCEPTED = "accepted"
    UNANSWERED = "unanswered"
    """Nobody accepted in time, or nobody was on duty. Somebody may still accept."""


@dataclass(frozen=True, slots=True, repr=False)
class HelpCall:
    case_no: str
    site: str
    step: str
    item_id: str
    note: str
    called_at: str


def call_for_help(office: Office, call: Call, wanted: HelpCall) -> Answer:
    """Give the call a ticket and say by when somebody must have accepted it.

    :raises Problem: idempotency_mismatch, site_unknown, too_many_calls.
    """
    now = office.clock.now()
    day = now.date().isoformat()
    if wanted.site[:9] not in office.tables.towns:
        raise Problem("site_unknown")

    def work(connection: Connection) -> Answer:
        # Two terminals of one village: the town's calls get their tickets one after the other.
        audit.hold(connection, wanted.site[:9])
        ticket = _next_ticket(connection, wanted.site, day)
        call_id = f"{wanted.site}{now:%y%m%d}{ticket:03d}"
        calendar, _ = calendar_now(office, connection)
        post = help_desk.on_duty(office.tables.posts, calendar, now)
        answer_by = help_desk.answer_by(now, ANSWER_S) if post is not None else now
        connection.execute(
            insert(tables.help_call).values(
                site=wanted.site,
                day=day,
                ticket=ticket,
                call_id=call_id,
                device=call.device,
                case_no=wanted.case_no,
                step=wanted.step,
                item_id=wanted.item_id,
                note_sealed=office.vault.seal(f"help.note:{wanted.site}/{day}/{ticket}", wanted.note.encode()),
                called_at=wanted.called_at,
                received_at=iso(now),
                state=(CallState.SENT if post is not None else CallState.UNANSWERED).value,
                answer_by=iso(answer_by),
                row_version=1,
            )
        )
        if post is not None:
            timers.schedule(connection, call_id, TIMER, answer_by)
        return _answer(office, connection, _row(connection, call_id))

    return once(office, call, ROUTE, 201, work)


def call_now(office: Office, device: str, call_id: str) -> Answer:
    """How a call stands, for the terminal that made it. :raises Problem: call_unknown."""
    with office.database.read() as connection:
        row = _find(connection, call_id)
        if row is None or row.device != device:
            raise Problem("call_unknown")
        return _answer(office, connection, row)


def calls_of(office: Office, staff: Staff) -> list[Answer]:
    """Calls in the towns this person sees that nobody has accepted, the oldest first. :raises Problem: forbidden."""
    staff.need(*WHO)
    table = tables.help_call
    query = select(table).where(table.c.state != CallState.ACCEPTED.value, table.c.call_id.is_not(None))
    if staff.town is not None:
        query = query.where(table.c.site.startswith(staff.town))
    with office.database.read() as connection:
        found = connection.execute(query.order_by(table.c.received_at.desc()).limit(_MOST_SHOWN)).all()
        return [_shown(row) for row in reversed(found)]


def accept(
    office: Office, staff: Staff, call_id: str, version: int, who: str | None = None, minutes: int | None = None
) -> Answer:
    """Say that somebody comes: from now on the terminal says so, too. Of two who accept at once one does.

    :param who: the post that comes, a text key; without it the one that is on duty, else the first that opens.
    :param minutes: until somebody is there; without it what the post's table says.
    :raises Problem: forbidden, call_unknown, post_unknown, version_stale.
    """
    staff.need(*WHO)

    def work(connection: Connection) -> Answer:
        row = _find(connection, call_id, lock=True)
        if row is None or not staff.sees(row.site[:9]):
            raise Problem("call_unknown")
        if row.row_version != version or row.state == CallState.ACCEPTED:
            raise Problem("version_stale")
        post = _post(office, connection, who)
        now = office.clock.now()
        table = tables.help_call
        connection.execute(
            update(table)
            .where(table.c.call_id == call_id)
            .values(
                state=CallState.ACCEPTED.value,
                accepted_by=staff.login,
                accepted_at=iso(now),
                accepted_who=post.who,
                minutes=post.minutes if minutes is None else minutes,
                row_version=version + 1,
            )
        )
        timers.cancel(connection, call_id, TIMER)
        _note(office, connection, row, "help_accepted", staff.login)
        return _shown(_row(connection, call_id))

    return office.database.transact(work)


def nobody_answered(office: Office, connection: Connection, call_id: str, _: int) -> None:
    """The effect of the timer."""
    row = _find(connection, call_id, lock=True)
    if row is None or row.state != CallState.SENT:
        return
    table = tables.help_call
    changes = {"state": CallState.UNANSWERED.value, "row_version": row.row_version + 1}
    connection.execute(update(table).where(table.c.call_id == call_id).values(**changes))
    _note(office, connection, row, "help_unanswered", "timer")


def _post(office: Office, connection: Connection, who: str | None) -> help_desk.Post:
    """:raises Problem: post_unknown"""
    posts = office.tables.posts
    if who is None:
        calendar, _ = calendar_now(office, connection)
        return help_desk.on_duty(posts, calendar, office.clock.now()) or posts[0]
    post = next((one for one in posts if one.who == who), None)
    if post is None:
        raise Problem("post_unknown")
    return post


def _answer(office: Office, connection: Connection, row: Row[Any]) -> Answer:
    """What the terminal says of a call, from its row alone."""
    now = office.clock.now()
    return {
        "call_id": row.call_id,
        "ticket": f"{row.ticket:03d}",
        "state": row.state,
        "row_version": row.row_version,
        "answer_within_s": max(0, round((datetime.fromisoformat(row.answer_by) - now).total_seconds())),
        "answer": _line(office, connection, row).to_json(),
    }


def _line(office: Office, connection: Connection, row: Row[Any]) -> Line:
    ticket = f"{row.ticket:03d}"
    if row.state == CallState.ACCEPTED:
        return help_desk.accepted(ticket, row.accepted_who, row.minutes)
    received = datetime.fromisoformat(row.received_at)
    calendar, _ = calendar_now(office, connection)
    phone = next((site.phone for site in sites_on(connection, received.date()) if site.code == row.site), "")
    if row.state == CallState.SENT:
        return help_desk.sent(ticket, datetime.fromisoformat(row.answer_by), phone)
    if help_desk.on_duty(office.tables.posts, calendar, received) is None:
        return help_desk.closed(office.tables.posts, calendar, received, ticket)
    return help_desk.unanswered(ticket, phone)


def _shown(row: Row[Any]) -> Answer:
    names = ("call_id", "site", "step", "item_id", "called_at", "received_at", "state", "answer_by", "row_version")
    return {
        **{name: getattr(row, name) for name in names},
        **{name: getattr(row, name) for name in ("accepted_by", "accepted_who", "minutes")},
        "ticket": f"{row.ticket:03d}",
    }


def _find(connection: Connection, call_id: str, lock: bool = False) -> Row[Any] | None:
    query = select(tables.help_call).where(tables.help_call.c.call_id == call_id)
    return connection.execute(query.with_for_update() if lock else query).one_or_none()


def _row(connection: Connection, call_id: str) -> Row[Any]:
    row = _find(connection, call_id)
    assert row is not None, "it was written in this transaction"
    return row


def _note(office: Office, connection: Connection, row: Row[Any], event: str, actor: str) -> None:
    entry = {"at": iso(office.clock.now()), "event": event, "actor": actor, "call": row.call_id}
    audit.append(connection, office.digest, row.site[:9], entry)


def _next_ticket(connection: Connection, site: str, day: str) -> int:
    table = tables.help_call
    query = select(func.max(table.c.ticket)).where((table.c.site == site) & (table.c.day == day))
    ticket = int(connection.execute(query).scalar_one() or 0) + 1
    if ticket > MAX_TICKET:
        raise Problem("too_many_calls")
    return ticket
