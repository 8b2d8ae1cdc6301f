"""好差评 from the slip, later, at any terminal; and what is counted of ratings. Nobody here writes one for anybody.

Nobody's answer is kept apart (`default_rating`) and never counts as satisfied (福建 trial rule of 2019-10-25 would).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, insert, select, tuple_

from backoffice.calls.once import Answer, Call, once
from backoffice.casework.events import case_row
from backoffice.clock import iso
from backoffice.domain.cases.case import CaseState
from backoffice.domain.rating import GB39046_CODE, PLATFORM_CODE, Satisfaction, from_platform
from backoffice.identity.slip_codes import CodeGuard
from backoffice.identity.staff import Staff, StaffRole
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.queries.inquiry import slip_case
from backoffice.store.tables import tables
from backoffice.store.tables.visits import default_rating, slip_rating
from backoffice.visits.appointments import tell
from backoffice.visits.feedback import check_labels, follow_up

ROUTE = "slip-ratings"
EXPORT_PAGE = 500
UNANSWERED_AFTER = timedelta(days=7)
TO_BE_DONE, UNDER_WAY, DONE = 1, 2, 3
"""The national platform's proStatus."""
SELF_SERVICE = 5
"""Its channel (pf) of terminals."""
WATCHERS = (StaffRole.AUDITOR, StaffRole.SUPERIOR)
"""Whoever is rated does not watch the figures: they are nobody's to work towards."""
_DONE = (CaseState.APPROVED, CaseState.COMPLETED, CaseState.REFUSED)
_SATISFIED = (Satisfaction.VERY_SATISFIED, Satisfaction.SATISFIED, Satisfaction.FAIRLY_SATISFIED)


@dataclass(frozen=True, slots=True, repr=False)
class SlipRating:
    number: str
    code: str
    level: int
    """5 is best."""
    labels: tuple[str, ...]
    note: str
    rated_at: str


def stage_of(state: CaseState) -> int:
    if state in _DONE:
        return DONE
    return TO_BE_DONE if state is CaseState.ACCEPTED else UNDER_WAY


def rate_by_slip(office: Office, guard: CodeGuard, call: Call, rating: SlipRating) -> Answer:
    """Once in each stage of a case. :raises Problem: progress_unknown, too_many_attempts, already_rated, labels."""
    found = slip_case(office, guard, rating.number, rating.code)
    check_labels(office, rating.labels, rating.level)
    level = from_platform(rating.level)

    def work(connection: Connection) -> Answer:
        case = case_row(connection, found.case_no, lock=True)
        assert case is not None
        stage = stage_of(CaseState(case.state))
        if stage in _rated_stages(connection, case.case_no):
            raise Problem("already_rated")
        _insert(office, connection, call.device, case, stage, level, rating)
        tell(office, connection, case.case_no, call.device, "rated_by_slip", {"satisfaction": level.value})
        follow_up(office, connection, case, level)
        return {"case_no": case.case_no, "stage": stage, "received_at": iso(office.clock.now())}

    return once(office, call, ROUTE, 201, work)


def note_unanswered(office: Office) -> int:
    """Cases done a week ago that nobody rated; how many were noted. Repeating it notes none twice."""
    before = iso(office.clock.now() - UNANSWERED_AFTER)
    case, rated, noted = tables.service_case, tables.rating, default_rating
    query = (
        select(case.c.case_no)
        .where(case.c.state.in_([state.value for state in _DONE]), case.c.decided_at <= before)
        .where(case.c.case_no.not_in(select(rated.c.case_no)), case.c.case_no.not_in(select(noted.c.case_no)))
        .where(case.c.case_no.not_in(select(slip_rating.c.case_no).where(slip_rating.c.stage == DONE)))
    )
    with office.database.read() as connection:
        silent = list(connection.execute(query.order_by(case.c.case_no)).scalars())
    return sum(office.database.transact(partial(_note_silence, office, case_no)) for case_no in silent)


def figures_for(office: Office, staff: Staff) -> Answer:
    """The figures of the staff's town. :raises Problem: forbidden."""
    staff.need(*WATCHERS)
    return figures(office, staff.town)


def figures(office: Office, town: str | None = None) -> Answer:
    """What people said, by level; what nobody said, apart. `satisfied` counts answers only."""
    case = tables.service_case
    by_level: Counter[str] = Counter()
    with office.database.read() as connection:
        for table in (tables.rating, slip_rating):
            query = select(table.c.satisfaction).join(case, case.c.case_no == table.c.case_no)
            by_level.update(connection.execute(_within(query, town)).scalars())
        silent = connection.execute(
            _within(select(default_rating.c.case_no).join(case, case.c.case_no == default_rating.c.case_no), town)
        ).all()
    return {
        "answers": sum(by_level.values()),
        "by_level": {level.value: by_level[level.value] for level in Satisfaction},
        "satisfied": sum(by_level[level.value] for level in _SATISFIED),
        "unanswered": len(silent),
    }


def exported(office: Office) -> Iterator[Answer]:
    """Ratings in the fields of the national platform; the two public codings run in opposite directions.

    Page by page, so that no more than `EXPORT_PAGE` are in memory.
    """
    visit, slip = tables.rating.c, slip_rating.c
    for row in _paged(office, select(tables.rating), visit.case_no):
        with office.database.read() as connection:
            stage = _stage_at(connection, row.case_no, row.received_at)
        yield _platform_row(row, stage)
    for row in _paged(office, select(slip_rating), slip.case_no, slip.stage):
        yield _platform_row(row, row.stage)


def _paged(office: Office, query: Select[Any], *order: ColumnElement[Any]) -> Iterator[Row[Any]]:
    """The rows of a query by a unique order, a page in each snapshot."""
    page_query = query.order_by(*order).limit(EXPORT_PAGE)
    following: Select[Any] | None = page_query
    while following is not None:
        with office.database.read() as connection:
            page = connection.execute(following).all()
        yield from page
        full = len(page) == EXPORT_PAGE
        last = [page[-1]._mapping[column] for column in order] if full else []
        following = page_query.where(tuple_(*order) > tuple_(*last)) if full else None


def _platform_row(row: Row[Any], stage: int) -> Answer:
    level = Satisfaction(row.satisfaction)
    return {
        "projectNo": row.case_no,
        "proStatus": stage,
        "pf": SELF_SERVICE,
        "satisfaction": PLATFORM_CODE[level],
        "satisfaction_gb39046": GB39046_CODE[level],
        "evalDetail": ",".join(json.loads(row.labels)),
        "assessTime": row.rated_at,
    }


def _within(query: Any, town: str | None) -> Any:
    return query if town is None else query.where(tables.service_case.c.town == town)


def _rated_stages(connection: Connection, case_no: str) -> set[int]:
    """Stages in which somebody has spoken, be it with the visit's token or with the slip."""
    query = select(slip_rating.c.stage).where(slip_rating.c.case_no == case_no)
    stages = set(connection.execute(query).scalars())
    visit = select(tables.rating.c.received_at).where(tables.rating.c.case_no == case_no)
    received_at = connection.execute(visit).scalar_one_or_none()
    return stages if received_at is None else stages | {_stage_at(connection, case_no, received_at)}


def _stage_at(connection: Connection, case_no: str, moment: str) -> int:
    event = tables.case_event
    query = (
        select(event.c.to_state)
        .where(event.c.case_no == case_no, event.c.at <= moment)
        .order_by(event.c.n.desc())
        .limit(1)
    )
    state = connection.execute(query).scalar_one_or_none()
    return TO_BE_DONE if state is None else stage_of(CaseState(state))


def _insert(
    office: Office,
    connection: Connection,
    device: str,
    case: Row[Any],
    stage: int,
    level: Satisfaction,
    rating: SlipRating,
) -> None:
    place = f"slip_rating.note:{case.case_no}/{stage}"
    connection.execute(
        insert(slip_rating).values(
            case_no=case.case_no,
            stage=stage,
            satisfaction=level.value,
            labels=json.dumps(sorted(set(rating.labels))),
            label_version=max((label.since for label in office.tables.labels.values()), default=1),
            note_sealed=office.vault.seal(place, rating.note.encode()),
            device=device,
            rated_at=rating.rated_at,
            received_at=iso(office.clock.now()),
        )
    )


def _note_silence(office: Office, case_no: str, connection: Connection) -> int:
    case_row(connection, case_no, lock=True)
    for table in (default_rating, tables.rating):
        if connection.execute(select(table.c.case_no).where(table.c.case_no == case_no)).one_or_none() is not None:
            return 0
    connection.execute(insert(default_rating).values(case_no=case_no, noted_at=iso(office.clock.now())))
    return 1
