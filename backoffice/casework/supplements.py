"""补正: what was missing comes, at any terminal with number and code of the slip, or at a counter."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from backoffice.calls.once import Answer, Call, answered, once
from backoffice.casework.events import case_row
from backoffice.casework.moving import Order, on_case, take
from backoffice.casework.notices import notices_of
from backoffice.casework.telling import said_by
from backoffice.domain.cases.case import CaseState, Move, Role
from backoffice.domain.text import Line
from backoffice.files import uploads
from backoffice.identity.slip_codes import CodeGuard
from backoffice.office import Office
from backoffice.problems.problem import Problem

ROUTE = "supplements"
AWAITED = (CaseState.NOTICED, CaseState.EXPIRED)


@dataclass(frozen=True, slots=True, repr=False)
class Brought:
    """One thing that came: `what` as the notice names it; `digest` of an uploaded file, or empty for paper; `answer`
    to a question that was asked again."""

    what: str
    digest: str
    answer: str = ""


def at_terminal(
    office: Office, guard: CodeGuard, call: Call, case_no: str, code: str, brought: Sequence[Brought]
) -> Answer:
    """Take what a resident brings; whose terminal took the case in does not matter.

    :raises Problem: progress_unknown, too_many_attempts, supplement_not_awaited, idempotency_mismatch,
        materials_missing.
    """
    with office.database.read() as connection:
        known = answered(office, connection, call, ROUTE)
        row = case_row(connection, case_no)
    if known is not None:
        return known
    check_code(office, guard, row, case_no, code)
    if any(one.digest for one in brought):
        uploads.settle(office, call.device, (one.digest for one in brought if one.digest))

    def work(connection: Connection) -> Answer:
        case = _awaited(case_row(connection, case_no, lock=True))
        uploads.claim(office, connection, call.device, case_no, _files(brought))
        take(office, connection, case, Move.SUPPLEMENT, Role.INTAKE, call.device, _counted(brought), _text(brought))
        told = Line("supplement.received", said_by(connection, case_no))
        return {"case_no": case_no, **told.to_json()}

    return once(office, call, ROUTE, 201, work)


def at_counter(office: Office, order: Order, brought: Sequence[Brought]) -> int:
    """The new row version. :raises Problem: what `on_case` raises; supplement_not_awaited."""

    def work(connection: Connection, case: Row[Any]) -> int:
        _awaited(case)
        login = order.actor.login
        return take(office, connection, case, Move.SUPPLEMENT, order.role, login, _counted(brought), _text(brought))

    return on_case(office, order, work)


def withdraw_at_terminal(office: Office, guard: CodeGuard, call: Call, case_no: str, code: str) -> Answer:
    """The resident takes the request back. :raises Problem: progress_unknown, too_many_attempts, move_not_allowed."""
    with office.database.read() as connection:
        row = case_row(connection, case_no)
    check_code(office, guard, row, case_no, code)

    def work(connection: Connection) -> Answer:
        case = case_row(connection, case_no, lock=True)
        if case is None:
            raise Problem("progress_unknown")
        take(office, connection, case, Move.WITHDRAW, Role.RESIDENT, call.device)
        return {"case_no": case_no, **Line("progress.withdrawn").to_json()}

    return once(office, call, "withdrawals", 201, work)


def notices_at_terminal(office: Office, guard: CodeGuard, case_no: str, code: str) -> Answer:
    """What is missing and of which item, for whoever holds the slip.

    :raises Problem: progress_unknown, too_many_attempts.
    """
    with office.database.read() as connection:
        row = case_row(connection, case_no)
        check_code(office, guard, row, case_no, code)
        assert row is not None, "an unknown number has no code"
        return {"item_id": row.item_id, "notices": notices_of(office, connection, case_no, personal=False)}


def check_code(office: Office, guard: CodeGuard, row: Row[Any] | None, case_no: str, code: str) -> None:
    """:raises Problem: progress_unknown for an unknown number and a wrong code alike; too_many_attempts."""
    shown = case_no[-16:]
    guard.check(shown)
    right = row is not None and hmac.compare_digest(
        office.vault.open_json(f"case.access:{case_no}", row.access_sealed)["query_code"].encode(), code.encode()
    )
    if not right:
        guard.wrong(shown)
        raise Problem("progress_unknown")
    guard.right(shown)


def _awaited(case: Row[Any] | None) -> Row[Any]:
    if case is None:
        raise Problem("progress_unknown")
    if case.state not in AWAITED:
        raise Problem("supplement_not_awaited")
    return case


def _files(brought: Sequence[Brought]) -> tuple[tuple[str, str], ...]:
    """As the uploads name them; which file is what stands beside the event."""
    return tuple((f"supplement.{n}", one.digest) for n, one in enumerate(brought, start=1) if one.digest)


def _counted(brought: Sequence[Brought]) -> dict[str, str]:
    return {"brought": str(len(brought)), "files": str(sum(bool(one.digest) for one in brought))}


def _text(brought: Sequence[Brought]) -> str:
    return json.dumps(
        [{"what": one.what, "digest": one.digest, **({"answer": one.answer} if one.answer else {})} for one in brought],
        ensure_ascii=False,
    )
