"""Whoever holds a slip holds its number and its code: that is all it takes, at any terminal."""

from __future__ import annotations

import hmac
from typing import Any

from sqlalchemy import Row, select

from backoffice.inquiry import CodeGuard
from backoffice.office import Office
from backoffice.problem import Problem
from backoffice.store import tables


def case_of_slip(office: Office, guard: CodeGuard, number: str, code: str) -> Row[Any]:
    """:param number: all 22 digits or the 16 of the slip.

    :raises Problem: progress_unknown for an unknown number and for a wrong code alike; too_many_attempts.
    """
    shown = number[-16:]
    guard.check(shown)
    case = tables.service_case
    with office.database.read() as connection:
        row = connection.execute(select(case).where(case.c.shown_no == shown)).one_or_none()
    if row is None or (len(number) > len(shown) and row.case_no != number):
        guard.wrong(shown)
        raise Problem("progress_unknown")
    access = office.vault.open_json(f"case.access:{row.case_no}", row.access_sealed)
    if not hmac.compare_digest(access["query_code"].encode(), code.encode()):
        guard.wrong(shown)
        raise Problem("progress_unknown")
    guard.right(shown)
    return row
