"""One-time notices: all that is missing at once, locked when issued; a second one is a superior's, with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from backoffice.calls.once import Answer
from backoffice.casework.moving import Order, on_case, take
from backoffice.catalogue.stored import item_version
from backoffice.clock import iso
from backoffice.domain.cases.case import Move, Role
from backoffice.domain.cases.notice import NoticeError, Point, check_points, point_from_json
from backoffice.domain.items.item import Item
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables import tables

_N = tables.notice.c


@dataclass(frozen=True, slots=True, repr=False)
class Notice:
    """What somebody wants to issue. `helper`: who can help, by name of the post and how to reach it."""

    points: tuple[Point, ...]
    until: date
    helper: str
    why_again: str = ""
    """Of a second notice: why the first was not enough."""


def issue(office: Office, order: Order, notice: Notice) -> int:
    """Issue a first notice, or as a superior a later one; the case's new row version.

    :raises Problem: what `on_case` and `take` raise; notice_incomplete, notice_outside_guide, notice_repeats.
    """

    def work(connection: Connection, case: Row[Any]) -> int:
        item = item_version(connection, case.item_id, case.item_version)
        if item is None:
            raise Problem("item_unknown")
        before = _rows(connection, case.case_no)
        _check(office, case.case_no, item, before, notice)
        again = order.role is Role.SUPERIOR
        if not notice.helper.strip() or (again and not notice.why_again.strip()):
            raise Problem("notice_incomplete", "who can help, and of a second notice why it is needed")
        n = len(before) + 1
        _put(office, connection, case.case_no, n, order.actor.login, notice)
        details = {"notice": str(n), "points": str(len(notice.points)), "until": notice.until.isoformat()}
        wanted = Move.NOTICE_AGAIN if again else Move.NOTICE
        return take(office, connection, case, wanted, order.role, order.actor.login, details)

    return on_case(office, order, work)


def notices_of(office: Office, connection: Connection, case_no: str, *, personal: bool = True) -> list[Answer]:
    """Every notice of a case, oldest first, in the form in which it is printed and spoken.

    A machine's notice has text keys (`line`) instead of words.
    """
    return [_shown(office, connection, row, personal) for row in _rows(connection, case_no)]


def _check(office: Office, case_no: str, item: Item, before: Sequence[Row[Any]], notice: Notice) -> None:
    earlier = {
        str(point["what"])
        for row in before
        for point in office.vault.open_json(f"notice:{case_no}/{row.n}", row.reasons_sealed)
        if "what" in point
    }
    try:
        check_points(item, notice.points, earlier, notice.until, office.clock.now().date())
    except NoticeError as cause:
        raise Problem(cause.code, str(cause)) from cause


def _put(office: Office, connection: Connection, case_no: str, n: int, login: str, notice: Notice) -> None:
    vault, place = office.vault, f"notice:{case_no}/{n}"
    points = [{**point.to_json(), "helper": notice.helper} for point in notice.points]
    connection.execute(
        insert(tables.notice).values(
            case_no=case_no,
            n=n,
            issued_at=iso(office.clock.now()),
            locked=True,
            reasons_sealed=vault.seal_json(place, points),
            until_on=notice.until.isoformat(),
            issued_by=login[:80],
            why_sealed=vault.seal(f"{place}.why", notice.why_again.encode()) if notice.why_again else None,
        )
    )


def _rows(connection: Connection, case_no: str) -> list[Row[Any]]:
    return list(connection.execute(select(tables.notice).where(_N.case_no == case_no).order_by(_N.n)))


def _shown(office: Office, connection: Connection, row: Row[Any], personal: bool) -> Answer:
    place = f"notice:{row.case_no}/{row.n}"
    stored = office.vault.open_json(place, row.reasons_sealed)
    points = [
        {**point_from_json(point).to_json(), "helper": point["helper"], "line": None}
        if "what" in point
        else _spoken(office, connection, row.case_no, point)
        for point in stored
    ]
    answer = {
        "n": row.n,
        "issued_at": row.issued_at,
        "issued_by": row.issued_by if personal else None,
        "until": row.until_on,
        "locked": row.locked,
        "points": [{**point, "until": row.until_on} for point in points],
    }
    if personal and row.why_sealed is not None:
        answer["why_again"] = office.vault.open(f"{place}.why", row.why_sealed).decode()
    return answer


def _spoken(office: Office, connection: Connection, case_no: str, line: dict[str, Any]) -> Answer:
    """A rule's reason: its words are the voices', its basis the rule's."""
    case = connection.execute(select(tables.service_case).where(tables.service_case.c.case_no == case_no)).one()
    item = item_version(connection, case.item_id, case.item_version)
    rule = next((rule for rule in item.rules if rule.failed == line["key"]), None) if item else None
    return {
        "what": "",
        "why": "",
        "basis": rule.legal_basis if rule else "",
        "how": rule.next_step if rule else "",
        "unusable": False,
        "field": "",
        "helper": office.tables.towns[case.town],
        "line": line,
    }
