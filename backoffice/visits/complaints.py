"""办不成事: what could not be done gets a number, four dates, and people who see it. Never only a no."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from backoffice.calls.once import Answer, Call, once
from backoffice.casework import timers
from backoffice.casework.calendar import calendar_now
from backoffice.casework.events import case_row
from backoffice.clock import iso
from backoffice.domain.text import Arg, Line
from backoffice.identity.staff import Staff
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store import audit
from backoffice.store.tables.visits import complaint, complaint_act

ROUTE = "complaints"


class State(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    """Somebody has written what was done; the resident has not heard it yet."""
    CLOSED = "closed"
    """The resident has heard it."""


class Act(StrEnum):
    ANSWERED = "answered"
    RAISED = "raised"
    CLOSED = "closed"
    OVERDUE = "overdue"
    """The last level has not answered in time either: nobody is above it."""


LEVELS = (("window", 0), ("department", 5), ("panel", 10), ("district", 15))
"""分级处置: who answers at the latest after how many workdays; 0 = the same day."""
TIMER = "complaint"
"""Kind of the four timers; `n` is the level whose last day is over."""
TIMER_ACTOR = "timer"
_NAMES = tuple(level for level, _ in LEVELS)
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


def register(office: Office, call: Call, note: ComplaintNote) -> Answer:
    """:raises Problem: site_unknown, item_unknown, case_unknown, idempotency_mismatch, too_many_calls."""
    town = note.site[:9]
    if town not in office.tables.towns:
        raise Problem("site_unknown")
    if note.item_id and note.item_id not in office.release.items:
        raise Problem("item_unknown")

    def work(connection: Connection) -> Answer:
        _check_case(connection, call.device, note.case_no)
        # The town's numbers come one after the other.
        audit.hold(connection, town)
        number = _number(connection, town, office.clock.now().date())
        due = _due(office, connection)
        _insert(office, connection, call.device, number, note, due)
        return _taken(number, due)

    return once(office, call, ROUTE, 201, work)


def complaints_of(office: Office, staff: Staff) -> list[Answer]:
    """Those of the towns this person sees, newest first, with the note. :raises Problem: forbidden."""
    staff.need(*WHO)
    query = select(complaint)
    if staff.town is not None:
        query = query.where(complaint.c.town == staff.town)
    with office.database.read() as connection:
        found = connection.execute(query.order_by(complaint.c.received_at.desc()).limit(500)).all()
        acts = _acts(office, connection, [row.complaint_no for row in found])
    return [_shown(office, row, acts[row.complaint_no]) for row in found]


def answer(office: Office, staff: Staff, number: str, version: int, text: str) -> Answer:
    """What was done about it; nobody has to be reminded of it any more.

    :raises Problem: forbidden, complaint_unknown, complaint_state, version_stale.
    """

    def write(connection: Connection, row: Row[Any]) -> Changes:
        timers.cancel(connection, number, TIMER)
        sealed = office.vault.seal(_answer_place(number), text.encode())
        done = {"answered_by": staff.login, "answered_at": iso(office.clock.now()), "answer_sealed": sealed}
        return {**done, "state": State.ANSWERED.value}

    return _act(office, staff, number, version, Act.ANSWERED, {State.OPEN}, write)


def close(office: Office, staff: Staff, number: str, version: int, note: str) -> Answer:
    """The resident has heard the answer. :raises Problem: forbidden, complaint_unknown, complaint_state, version_stale.

    :param note: how she heard it, and what she said.
    """

    def write(connection: Connection, row: Row[Any]) -> Changes:
        return {"state": State.CLOSED.value, "closed_at": iso(office.clock.now())}

    return _act(office, staff, number, version, Act.CLOSED, {State.ANSWERED}, write, note)


def escalate(office: Office, staff: Staff, number: str, version: int, note: str) -> Answer:
    """To the next level before its day, or again after an answer that did not help.

    :raises Problem: forbidden, complaint_unknown, complaint_state (also at the last level), version_stale.
    """

    def write(connection: Connection, row: Row[Any]) -> Changes:
        above = _above(row.level)
        if above is None:
            raise Problem("complaint_state")
        if row.state == State.ANSWERED:
            _remind(office, connection, row, above)
        return {"state": State.OPEN.value, "level": above}

    return _act(office, staff, number, version, Act.RAISED, {State.OPEN, State.ANSWERED}, write, note)


def overdue(office: Office, connection: Connection, number: str, n: int) -> None:
    """The effect of the timers: who has not answered by the last day hands it to the next level."""
    row = connection.execute(
        select(complaint).where(complaint.c.complaint_no == number).with_for_update()
    ).one_or_none()
    if row is None or row.state != State.OPEN or _NAMES.index(row.level) > n - 1:
        return  # answered, or raised by a person before
    above = _NAMES[n] if n < len(_NAMES) else None
    act = Act.RAISED if above else Act.OVERDUE
    _change(office, connection, row, TIMER_ACTOR, act, {"level": above or row.level}, "")


Changes = dict[str, Any]


def _act(
    office: Office,
    staff: Staff,
    number: str,
    version: int,
    act: Act,
    states: Collection[State],
    write: Callable[[Connection, Row[Any]], Changes],
    note: str = "",
) -> Answer:
    staff.need(*WHO)

    def work(connection: Connection) -> Answer:
        query = select(complaint).where(complaint.c.complaint_no == number)
        row = connection.execute(query.with_for_update()).one_or_none()
        if row is None or not staff.sees(row.town):
            raise Problem("complaint_unknown")
        if row.row_version != version:
            raise Problem("version_stale")
        if row.state not in states:
            raise Problem("complaint_state")
        _change(office, connection, row, staff.login, act, write(connection, row), note)
        changed = connection.execute(query).one()
        return _shown(office, changed, _acts(office, connection, [number])[number])

    return office.database.transact(work)


def _change(
    office: Office, connection: Connection, row: Row[Any], actor: str, act: Act, changes: Changes, note: str
) -> None:
    """The row, its act and the town's audit, in one transaction."""
    number, now = row.complaint_no, iso(office.clock.now())
    n = connection.execute(select(func.count()).where(complaint_act.c.complaint_no == number)).scalar_one() + 1
    values = {**changes, "row_version": row.row_version + 1}
    connection.execute(update(complaint).where(complaint.c.complaint_no == number).values(**values))
    connection.execute(
        insert(complaint_act).values(
            complaint_no=number,
            n=n,
            at=now,
            actor=actor,
            act=act.value,
            level=changes.get("level", row.level),
            note_sealed=office.vault.seal(_act_place(number, n), note.encode()),
        )
    )
    entry = {"at": now, "event": f"complaint_{act.value}", "actor": actor, "complaint": number}
    audit.append(connection, office.digest, row.town, entry)


def _remind(office: Office, connection: Connection, row: Row[Any], level: str) -> None:
    """An answer that did not help had ended the timers: those from this level on are set again."""
    now = office.clock.now()
    for n, name in enumerate(_NAMES, start=1):
        if _NAMES.index(name) >= _NAMES.index(level):
            last = datetime.combine(date.fromisoformat(getattr(row, f"{name}_by")), _END_OF_DAY, now.tzinfo)
            timers.schedule(connection, row.complaint_no, TIMER, max(last, now + timedelta(minutes=n)), n)


def _above(level: str) -> str | None:
    at = _NAMES.index(level) + 1
    return _NAMES[at] if at < len(_NAMES) else None


def _acts(office: Office, connection: Connection, numbers: Sequence[str]) -> dict[str, list[Answer]]:
    """By complaint, in the order in which they were done."""
    found: dict[str, list[Answer]] = {number: [] for number in numbers}
    query = select(complaint_act).where(complaint_act.c.complaint_no.in_(numbers)).order_by(complaint_act.c.n)
    for row in connection.execute(query):
        note = office.vault.open(_act_place(row.complaint_no, row.n), row.note_sealed).decode()
        act = {"at": row.at, "actor": row.actor, "act": row.act, "level": row.level, "note": note}
        found[row.complaint_no].append(act)
    return found


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
            state=State.OPEN.value,
            row_version=1,
            level=_NAMES[0],
        )
    )
    for n, (level, _) in enumerate(LEVELS, start=1):
        at = max(datetime.combine(due[level], _END_OF_DAY, now.tzinfo), now + timedelta(minutes=1))
        timers.schedule(connection, number, TIMER, at, n)
    entry = {"at": iso(now), "event": "complaint", "actor": device, "complaint": number, "step": note.step}
    audit.append(connection, office.digest, note.site[:9], entry)


def _taken(number: str, due: dict[str, date]) -> Answer:
    last = due["district"].isoformat()
    line = Line("complaint.taken", {"number": Arg("digits", number), "date": Arg("date", last)})
    return {
        "complaint_no": number,
        "due": {level: day.isoformat() for level, day in due.items()},
        "line": line.to_json(),
    }


def _shown(office: Office, row: Row[Any], acts: Sequence[Answer]) -> Answer:
    names = ("complaint_no", "town", "site", "case_no", "item_id", "step", "reason", "made_at", "received_at")
    sealed = row.answer_sealed
    return {
        **{name: getattr(row, name) for name in (*names, "state", "row_version")},
        **{name: getattr(row, name) for name in ("level", "answered_by", "answered_at", "closed_at")},
        "due": {level: getattr(row, f"{level}_by") for level in _NAMES},
        "note": office.vault.open(_place(row.complaint_no), row.note_sealed).decode(),
        "answer": office.vault.open(_answer_place(row.complaint_no), sealed).decode() if sealed else "",
        "acts": list(acts),
    }


def _place(number: str) -> str:
    return f"complaint.note:{number}"


def _answer_place(number: str) -> str:
    return f"complaint.answer:{number}"


def _act_place(number: str, n: int) -> str:
    return f"complaint.act:{number}/{n}"
