"""办不成事: what could not be done gets a number, four dates, and people who see it. Never only a no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from backoffice.casework import timers
from backoffice.casework.calendar import calendar_now
from backoffice.clock import iso
from backoffice.domain.text import Arg, Line
from backoffice.identity.staff import Staff
from backoffice.office import Office
from backoffice.problem import Problem
from backoffice.records import Answer, case_row, idempotent, lock_device, remember
from backoffice.store import audit
from backoffice.store.tables_visits import complaint

ROUTE = "complaints"
OPEN = "open"
LEVELS = (("window", 0), ("department", 5), ("panel", 10), ("district", 15))
"""分级处置: who answers at the latest after how many workdays; 0 = the same day."""
TIMER = "complaint"
"""Kind of the four timers; `n` is the level. What they do is the escalation's, not the registration's."""
WHO = ("clerk", "intake", "reviewer", "superior")
_MAX_A_DAY = 999
_END_OF_DAY = time(18, 0)


@dataclass(frozen=True, slots=True, repr=False)
class ComplaintNote:
    site: str
    case_no: str
    item_id: str
    step: str
    reason: str
    note: str
    made_at: str

    def __repr__(self) -> str:
        return f"ComplaintNote({self.step})"


def register(office: Office, device: str, key: str, body_hash: str, note: ComplaintNote) -> Answer:
    """:raises Problem: site_unknown, item_unknown, case_unknown, idempotency_mismatch, too_many_calls."""
    town = note.site[:9]
    if town not in office.tables.towns:
        raise Problem("site_unknown")
    if note.item_id and note.item_id not in office.release.items:
        raise Problem("item_unknown")

    def work(connection: Connection) -> Answer:
        lock_device(connection, device)
        known = idempotent(office, connection, device, key, ROUTE, body_hash)
        if known is not None:
            return known[1]
        _check_case(connection, device, note.case_no)
        # The town's numbers come one after the other.
        audit.hold(connection, town)
        number = _number(connection, town, office.clock.now().date())
        due = _due(office, connection)
        _insert(office, connection, device, number, note, due)
        answer = _answer(number, due)
        remember(office, connection, device, key, ROUTE, body_hash, 201, answer)
        return answer

    return office.database.transact(work)


def complaints_of(office: Office, staff: Staff) -> list[Answer]:
    """Those of the towns this person sees, newest first, with the note. :raises Problem: forbidden."""
    staff.need(*WHO)
    query = select(complaint)
    if staff.town is not None:
        query = query.where(complaint.c.town == staff.town)
    with office.database.read() as connection:
        found = connection.execute(query.order_by(complaint.c.received_at.desc()).limit(500)).all()
    return [_shown(office, row) for row in found]


def _check_case(connection: Connection, device: str, case_no: str) -> None:
    """:raises Problem: case_unknown: it was not made at this terminal."""
    if case_no:
        row = case_row(connection, case_no)
        if row is None or row.device != device:
            raise Problem("case_unknown")


def _number(connection: Connection, town: str, day: date) -> str:
    """Twelve digits: day, town, and the town's count of the day. :raises Problem: too_many_calls."""
    head = f"{day:%y%m%d}{town[-3:]}"
    where = complaint.c.complaint_no.startswith(head)
    last = connection.execute(select(func.max(complaint.c.complaint_no)).where(where)).scalar_one()
    n = int(last[-3:]) + 1 if last else 1
    if n > _MAX_A_DAY:
        raise Problem("too_many_calls")
    return f"{head}{n:03d}"


def _due(office: Office, connection: Connection) -> dict[str, date]:
    """Level -> its last day. What comes in on a day that is not worked counts from the next one that is."""
    calendar, _ = calendar_now(office, connection)
    today = office.clock.now().date()
    first = today if calendar.is_workday(today) else calendar.after(today, 1).day
    return {level: calendar.after(first, days).day if days else first for level, days in LEVELS}


def _insert(
    office: Office, connection: Connection, device: str, number: str, note: ComplaintNote, due: dict[str, date]
) -> None:
    now = office.clock.now()
    connection.execute(
        insert(complaint).values(
            complaint_no=number,
            town=note.site[:9],
            site=note.site,
            device=device,
            case_no=note.case_no,
            item_id=note.item_id,
            step=note.step,
            reason=note.reason,
            note_sealed=office.vault.seal(_place(number), note.note.encode()),
            made_at=note.made_at,
            received_at=iso(now),
            **{f"{level}_by": day.isoformat() for level, day in due.items()},
            state=OPEN,
            row_version=1,
        )
    )
    for n, (level, _) in enumerate(LEVELS, start=1):
        at = max(datetime.combine(due[level], _END_OF_DAY, now.tzinfo), now + timedelta(minutes=1))
        timers.schedule(connection, number, TIMER, at, n)
    entry = {"at": iso(now), "event": "complaint", "actor": device, "complaint": number, "step": note.step}
    audit.append(connection, office.digest, note.site[:9], entry)


def _answer(number: str, due: dict[str, date]) -> Answer:
    last = due["district"].isoformat()
    line = Line("complaint.taken", {"number": Arg("digits", number), "date": Arg("date", last)})
    return {
        "complaint_no": number,
        "due": {level: day.isoformat() for level, day in due.items()},
        "line": line.to_json(),
    }


def _shown(office: Office, row: Row[Any]) -> Answer:
    names = ("complaint_no", "town", "site", "case_no", "item_id", "step", "reason", "made_at", "received_at")
    return {
        **{name: getattr(row, name) for name in (*names, "state", "row_version")},
        "due": {level: getattr(row, f"{level}_by") for level, _ in LEVELS},
        "note": office.vault.open(_place(row.complaint_no), row.note_sealed).decode(),
    }


def _place(number: str) -> str:
    return f"complaint.note:{number}"
