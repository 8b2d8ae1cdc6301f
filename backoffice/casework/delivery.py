"""送达: on paper at once, over the counter, by post, or kept for somebody who collects it (代收登记)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, select, tuple_, update

from backoffice.calls.once import Answer
from backoffice.casework import timers
from backoffice.casework.following import PICKUP
from backoffice.casework.moving import Order, on_case, record, take
from backoffice.clock import iso
from backoffice.domain.cases.case import Actor, CaseState, Move
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables import tables
from backoffice.store.tables.casework import delivery

PICKUP_DAYS = 7
MAX_PAGE = 200
DELIVERABLE = (CaseState.APPROVED, CaseState.REFUSED, CaseState.ISSUED)
_D = delivery.c


class Way(StrEnum):
    SLIP = "slip"
    """Printed and taken along."""
    COUNTER = "counter"
    POST = "post"
    COLLECT = "collect"
    """Somebody else may collect it."""


_KEPT = (Way.COUNTER, Way.COLLECT)
"""What lies here until somebody comes."""


class Shown(StrEnum):
    """What a collector identified herself with."""

    RESIDENT = "resident"
    HMT = "hmt"
    FOREIGNER_2017 = "foreigner_2017"
    FOREIGNER_2023 = "foreigner_2023"
    SOCIAL_CARD = "social_card"
    HOUSEHOLD = "household"


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    name: str
    phone: str
    address: str


@dataclass(frozen=True, slots=True, repr=False)
class Handed:
    """How it reached somebody: a tracking number, or who came for it and what she showed."""

    tracking_no: str = ""
    collector: str = ""
    relation: str = ""
    shown: Shown | None = None
    signed: bool = False


def prepare(office: Office, order: Order, way: Way, address: Address | None) -> tuple[int, int]:
    """What was decided is made ready; (new row version, number of the delivery).

    :raises Problem: what `on_case` raises; move_not_allowed, delivery_incomplete.
    """

    def work(connection: Connection, case: Row[Any]) -> tuple[int, int]:
        if case.state not in DELIVERABLE:
            raise Problem("move_not_allowed", "nothing has been decided that could be delivered")
        if (way is Way.POST) != (address is not None):
            raise Problem("delivery_incomplete", "an address belongs to what goes by post, and to nothing else")
        last = select(func.max(_D.n)).where(_D.case_no == case.case_no)
        n = int(connection.execute(last).scalar_one() or 0) + 1
        connection.execute(
            insert(delivery).values(
                case_no=case.case_no,
                n=n,
                way=way.value,
                address_sealed=_sealed(office, f"delivery.address:{case.case_no}/{n}", address),
                signed=False,
                prepared_by=order.actor.login[:80],
                prepared_at=iso(office.clock.now()),
            )
        )
        if way in _KEPT:
            at = office.clock.now() + timedelta(days=PICKUP_DAYS)
            timers.schedule(connection, case.case_no, PICKUP, at, n)
        version = record(
            office, connection, case, "delivery_prepared", order.role, order.actor.login, {"way": way.value}
        )
        return version, n

    return on_case(office, order, work)


def hand_over(office: Office, order: Order, n: int, handed: Handed) -> int:
    """It is with the resident, or on its way; what was granted is issued with that. The new row version.

    :raises Problem: what `on_case` raises; delivery_unknown, delivery_incomplete.
    """

    def work(connection: Connection, case: Row[Any]) -> int:
        where = and_(_D.case_no == case.case_no, _D.n == n)
        row = connection.execute(select(delivery).where(where, _D.delivered_at.is_(None))).one_or_none()
        if row is None:
            raise Problem("delivery_unknown")
        way = Way(row.way)
        _check(way, handed)
        collector = {"name": handed.collector, "relation": handed.relation} if handed.collector else None
        place = f"delivery.collector:{case.case_no}/{n}"
        connection.execute(
            update(delivery)
            .where(where)
            .values(
                tracking_no=handed.tracking_no or None,
                collector_sealed=office.vault.seal_json(place, collector) if collector else None,
                document_shown=handed.shown.value if handed.shown else None,
                signed=handed.signed,
                delivered_at=iso(office.clock.now()),
            )
        )
        timers.cancel(connection, case.case_no, PICKUP)
        details = {"way": way.value, "delivery": str(n)}
        if case.state == CaseState.APPROVED:
            return take(office, connection, case, Move.ISSUE, order.role, order.actor.login, details)
        return record(office, connection, case, "delivered", order.role, order.actor.login, details)

    return on_case(office, order, work)


def deliveries_of(office: Office, connection: Connection, case_no: str) -> list[Answer]:
    query = select(delivery).where(_D.case_no == case_no).order_by(_D.n)
    return [_shown(office, row) for row in connection.execute(query)]


def collect_register(
    office: Office, actor: Actor, after: tuple[str, str, int] | None = None, limit: int = MAX_PAGE
) -> list[Answer]:
    """代收登记 of the towns that this person sees, newest first: who collected what, when, and what was shown.

    :param after: `place_in_register` of the last one of the page before.
    """
    case = tables.service_case
    query = select(delivery).join(case, case.c.case_no == _D.case_no).where(_D.way == Way.COLLECT.value)
    if actor.only_town is not None:
        query = query.where(case.c.town == actor.only_town)
    order = (_D.prepared_at, _D.case_no, _D.n)
    if after is not None:
        query = query.where(tuple_(*order) < tuple_(*after))
    query = query.order_by(*(column.desc() for column in order)).limit(limit)
    with office.database.read() as connection:
        return [{"case_no": row.case_no, **_shown(office, row)} for row in connection.execute(query)]


def place_in_register(entry: Answer) -> tuple[str, str, int]:
    return entry["prepared_at"], entry["case_no"], entry["n"]


def _check(way: Way, handed: Handed) -> None:
    if way is Way.POST and not handed.tracking_no:
        raise Problem("delivery_incomplete", "what goes by post has a tracking number")
    if way is Way.COLLECT and not (handed.collector and handed.shown and handed.signed):
        raise Problem("delivery_incomplete", "who collects is named, shows a document and signs")
    if way is Way.COUNTER and not (handed.shown and handed.signed):
        raise Problem("delivery_incomplete", "over the counter a document is shown and the receipt signed")


def _sealed(office: Office, place: str, address: Address | None) -> bytes | None:
    if address is None:
        return None
    return office.vault.seal_json(place, {"name": address.name, "phone": address.phone, "address": address.address})


def _shown(office: Office, row: Row[Any]) -> Answer:
    where, vault = f"{row.case_no}/{row.n}", office.vault
    return {
        "n": row.n,
        "way": row.way,
        "prepared_at": row.prepared_at,
        "prepared_by": row.prepared_by,
        "delivered_at": row.delivered_at,
        "tracking_no": row.tracking_no,
        "document_shown": row.document_shown,
        "signed": row.signed,
        "address": vault.open_json(f"delivery.address:{where}", row.address_sealed) if row.address_sealed else None,
        "collector": vault.open_json(f"delivery.collector:{where}", row.collector_sealed)
        if row.collector_sealed
        else None,
    }
