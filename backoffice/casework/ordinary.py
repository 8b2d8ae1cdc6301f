"""Moves that need no more than a word, and stopping and resuming the clock."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from backoffice.casework import limits
from backoffice.casework.moving import Order, on_case, take
from backoffice.domain.cases.case import TABLE, Actor, CaseState, Move, Role
from backoffice.domain.cases.limits import StopReason
from backoffice.office import Office
from backoffice.problems.problem import Problem

ORDINARY = (
    Move.ADMIT,
    Move.BEGIN_REVIEW,
    Move.ASK_EXPERT,
    Move.REPORT,
    Move.REVIEWED,
    Move.APPROVE,
    Move.SEND_BACK,
    Move.REOPEN,
    Move.WITHDRAW,
)
WORDS_NEEDED = (Move.REPORT, Move.REVIEWED, Move.SEND_BACK, Move.REOPEN)
"""An opinion without words is none."""


def role_for(actor: Actor, *moves: Move) -> Role:
    """The role in which this person takes one of these moves. :raises Problem: forbidden: none of hers does."""
    able = {role for (_, wanted), row in TABLE.items() if wanted in moves for role in row.roles}
    found = sorted(actor.roles & able)
    if not found:
        raise Problem("forbidden", f"needs one of the roles {', '.join(sorted(able))}")
    return found[0]


def move_case(office: Office, order: Order, wanted: Move, words: str) -> int:
    """The new row version. :raises Problem: what `on_case` and `take` raise; words_missing."""
    if wanted not in ORDINARY:
        raise Problem("move_not_allowed", f"{wanted} has a way of its own")
    if wanted in WORDS_NEEDED and not words.strip():
        raise Problem("words_missing")

    def work(connection: Connection, case: Row[Any]) -> int:
        if wanted is Move.SEND_BACK and case.state != CaseState.TO_DECIDE:
            # A second review and another place's answer leave rows of their own.
            raise Problem("move_not_allowed", f"from {case.state} a case is sent back in another way")
        return take(office, connection, case, wanted, order.role, order.actor.login, words=words)

    return on_case(office, order, work)


def stop_clock(office: Office, order: Order, reason: StopReason, words: str) -> int:
    """A special procedure begins. The new row version. :raises Problem: what `on_case` and `take` raise."""
    if reason is StopReason.RESIDENT:
        raise Problem("move_not_allowed", "waiting for the resident begins with a notice")

    def work(connection: Connection, case: Row[Any]) -> int:
        login, details = order.actor.login, {"reason": reason.value}
        version = take(office, connection, case, Move.STOP_CLOCK, order.role, login, details, words)
        limits.stop(office, connection, case.case_no, reason, login)
        return version

    return on_case(office, order, work)


def resume_clock(office: Office, order: Order, words: str) -> int:
    """It has ended. The new row version. :raises Problem: what `on_case` and `take` raise."""

    def work(connection: Connection, case: Row[Any]) -> int:
        version = take(office, connection, case, Move.RESUME_CLOCK, order.role, order.actor.login, words=words)
        limits.resume(office, connection, case.case_no, resident=False)
        return version

    return on_case(office, order, work)
