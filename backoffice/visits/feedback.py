"""What a resident says back: one rating a visit. There is no other way to write one."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from backoffice.calls.once import Answer, Call, lock_device, once
from backoffice.casework.events import append_event, case_row
from backoffice.clock import iso
from backoffice.domain.cases.case import CaseState, Role
from backoffice.domain.rating import PLATFORM_CODE, Satisfaction, from_platform
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables import tables
from backoffice.visits.tasks import FIX_SIMPLE_WORKDAYS, FIX_WORKDAYS, RETURN_VISIT, open_task

RATING_ROUTE = "ratings"
WORST_TO_VISIT = 2
"""Up to this level (1 is worst) somebody calls back."""


@dataclass(frozen=True, slots=True, repr=False)
class Rating:
    visit_token: str
    level: int
    """5 is best, as on the national platform."""
    labels: tuple[str, ...]
    rated_at: str


def rate(office: Office, device: str, call: Call | None, case_no: str, rating: Rating) -> Answer:
    """Write the visit's rating; without a key a second one is refused.

    :raises Problem: case_unknown, wrong_token, already_rated, labels.
    """

    def work(connection: Connection) -> Answer:
        row = case_row(connection, case_no, lock=True)
        if row is None or row.device != device:
            raise Problem("case_unknown")
        access = office.vault.open_json(f"case.access:{case_no}", row.access_sealed)
        if not hmac.compare_digest(access["visit_token"].encode(), rating.visit_token.encode()):
            raise Problem("wrong_token")
        level = from_platform(rating.level)
        check_labels(office, rating.labels, rating.level)
        _insert_rating(office, connection, case_no, level, rating)
        state = CaseState(row.state)
        append_event(
            office,
            connection,
            case_no=case_no,
            town=row.town,
            role=Role.INTAKE,
            actor=device,
            event="rated",
            states=(state, state),
            details={"satisfaction": level.value},
        )
        follow_up(office, connection, row, level)
        return {"case_no": case_no, "received_at": iso(office.clock.now())}

    def without_a_key(connection: Connection) -> Answer:
        lock_device(connection, device)
        return work(connection)

    if call is None:
        return office.database.transact(without_a_key)
    return once(office, call, RATING_ROUTE, 201, work)


def check_labels(office: Office, codes: Sequence[str], level: int) -> None:
    """Labels about a clerk's manner are not offered by a machine, so none can come from one.

    :raises Problem: labels: unknown, of another level, or no longer in use.
    """
    for code in codes:
        label = office.tables.labels.get(code)
        if label is None or label.level != level or not label.at_kiosk or not label.in_use:
            raise Problem("labels")


def follow_up(office: Office, connection: Connection, case: Row[Any], level: Satisfaction) -> None:
    """A bad rating is called back about; what one click brought about is put right sooner than a long case."""
    if PLATFORM_CODE[level] > WORST_TO_VISIT:
        return
    item = office.release.items.get(case.item_id)
    simple = item is not None and item.case_type == "instant_counter"
    open_task(office, connection, case, RETURN_VISIT, FIX_SIMPLE_WORKDAYS if simple else FIX_WORKDAYS)


def _insert_rating(office: Office, connection: Connection, case_no: str, level: Satisfaction, rating: Rating) -> None:
    used = select(tables.rating.c.case_no).where(tables.rating.c.case_no == case_no)
    if connection.execute(used).one_or_none() is not None:
        raise Problem("already_rated")
    connection.execute(
        insert(tables.rating).values(
            case_no=case_no,
            satisfaction=level.value,
            labels=json.dumps(sorted(set(rating.labels))),
            rated_at=rating.rated_at,
            received_at=iso(office.clock.now()),
        )
    )
