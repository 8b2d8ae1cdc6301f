"""A case as whoever works on it sees it; that it was opened is written down."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from backoffice.calls.once import Answer
from backoffice.casework.calendar import calendar_now
from backoffice.casework.consequence_notes import effect_of
from backoffice.casework.delivery import deliveries_of
from backoffice.casework.events import case_row
from backoffice.casework.limits import limits_of
from backoffice.casework.moving import standing_of, town_of
from backoffice.casework.notices import notices_of
from backoffice.casework.refusals import refusals_of
from backoffice.casework.transfers import transfers_of
from backoffice.casework.work import work_of
from backoffice.clock import iso
from backoffice.domain.cases.case import Actor
from backoffice.domain.cases.limits import colour
from backoffice.domain.cases.standing import possible
from backoffice.files.uploads import materials_of
from backoffice.identity.journal import note
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables import tables
from backoffice.store.tables.casework import case_words, clock_stop


def open_case(office: Office, actor: Actor, case_no: str) -> Answer:
    """Everything about one case. :raises Problem: case_unknown, also for a case of another town."""

    def work(connection: Connection) -> Answer:
        case = case_row(connection, case_no)
        if case is None or not actor.sees(town_of(connection, case)):
            raise Problem("case_unknown")
        note(office, connection, case.town, "case_opened", actor.login, case_no=case_no)
        return _whole(office, connection, case, actor)

    return office.database.transact(work)


def _whole(office: Office, connection: Connection, case: Row[Any], actor: Actor) -> Answer:
    case_no, vault = case.case_no, office.vault
    standing = standing_of(connection, case_no)
    work = work_of(connection, case_no)
    decision = vault.open_json(f"case.decision:{case_no}", case.decision_sealed) if case.decision_sealed else None
    return {
        "case_no": case_no,
        "item_id": case.item_id,
        "item_version": case.item_version,
        "state": case.state,
        "outcome": case.outcome,
        "effect": effect_of(connection, case),
        "town": work.town if work is not None else case.town,
        "site": case.site,
        "accepted_at": case.accepted_at,
        "admitted_at": work.admitted_at if work is not None else None,
        "row_version": case.row_version,
        "applicant": vault.open_json(f"case.applicant:{case_no}", case.applicant_sealed),
        "form": vault.open_json(f"case.form:{case_no}", case.form_sealed),
        "materials": materials_of(connection, case_no),
        "decision": decision,
        "moves": [move.value for move in possible(standing, actor.roles, actor.login)],
        "stopped": standing.stopped,
        "limits": _limits(office, connection, case_no),
        "stops": _stops(connection, case_no),
        "notices": notices_of(office, connection, case_no),
        "refusals": refusals_of(office, connection, case_no),
        "deliveries": deliveries_of(office, connection, case_no),
        "transfers": transfers_of(connection, case_no),
        "events": _events(office, connection, case_no),
    }


def _limits(office: Office, connection: Connection, case_no: str) -> list[Answer]:
    calendar, _ = calendar_now(office, connection)
    now = office.clock.now()
    return [
        {
            "kind": limit.kind,
            "started_at": iso(limit.term.start),
            "count": limit.term.count,
            "unit": limit.term.unit.value,
            "due_at": iso(limit.due_at),
            "provisional": limit.provisional,
            "colour": colour(limit.term, calendar, now).value,
        }
        for limit in limits_of(connection, case_no)
    ]


def _stops(connection: Connection, case_no: str) -> list[Answer]:
    table = clock_stop
    query = select(table).where(table.c.case_no == case_no).order_by(table.c.n)
    names = ("reason", "started_at", "ended_at")
    return [{name: getattr(row, name) for name in names} for row in connection.execute(query)]


def _events(office: Office, connection: Connection, case_no: str) -> list[Answer]:
    written = {
        row.event_n: office.vault.open(f"case.words:{case_no}/{row.event_n}", row.words_sealed).decode()
        for row in connection.execute(select(case_words).where(case_words.c.case_no == case_no))
    }
    table = tables.case_event
    names = ("n", "at", "role", "actor", "event", "to_state")
    rows = connection.execute(select(table).where(table.c.case_no == case_no).order_by(table.c.n))
    return [{**{name: getattr(row, name) for name in names}, "words": written.get(row.n, "")} for row in rows]
