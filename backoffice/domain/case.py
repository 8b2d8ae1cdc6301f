"""The life of a case: one table of transitions, and who may take each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """收件 ≠ 审查 ≠ 决定: nobody holds two of them on one case, and the rule engine only what its rules allow."""

    INTAKE = "intake"
    RULE_ENGINE = "rule_engine"
    REVIEWER = "reviewer"
    DECIDER = "decider"
    SUPERIOR = "superior"


class CaseState(StrEnum):
    ACCEPTED = "accepted"
    APPROVED = "approved"
    NOTICED = "noticed"
    """A one-time notice lists all that is missing; the case waits, it is not refused."""
    UNDER_REVIEW = "under_review"
    """A human decides."""
    WAITING = "waiting"
    """Another system has the next word, e.g. a payment whose state nobody knows yet."""
    COMPLETED = "completed"
    """Given on the spot: an answer, a paper, a receipt, an appointment. Nothing was to be decided."""
    REFUSED = "refused"
    """Only after a second review; never by a rule and never at the counter."""


class Move(StrEnum):
    APPROVE = "approve"
    NOTICE = "notice"
    HAND_OVER = "hand_over"
    SUPPLEMENT = "supplement"
    NOTICE_AGAIN = "notice_again"
    REFUSE = "refuse"
    WAIT = "wait"
    COMPLETE = "complete"


class Outcome(StrEnum):
    """What the resident is told."""

    APPROVED = "approved"
    NOTICE = "notice"
    PENDING = "pending"
    DONE = "done"
    """There was nothing to decide: what was asked for has been given."""


class NotAllowed(Exception):
    """This move does not exist in this state, or not for this role."""


@dataclass(frozen=True, slots=True)
class Transition:
    to: CaseState
    roles: frozenset[Role]


_ENGINE = frozenset((Role.RULE_ENGINE,))
_DECIDER = frozenset((Role.DECIDER,))
_SUPERIOR = frozenset((Role.SUPERIOR,))

TABLE: dict[tuple[CaseState, Move], Transition] = {
    (CaseState.ACCEPTED, Move.APPROVE): Transition(CaseState.APPROVED, _ENGINE),
    (CaseState.ACCEPTED, Move.NOTICE): Transition(CaseState.NOTICED, _ENGINE),
    (CaseState.ACCEPTED, Move.HAND_OVER): Transition(CaseState.UNDER_REVIEW, _ENGINE),
    (CaseState.UNDER_REVIEW, Move.APPROVE): Transition(CaseState.APPROVED, _DECIDER),
    (CaseState.UNDER_REVIEW, Move.NOTICE): Transition(CaseState.NOTICED, frozenset((Role.REVIEWER,))),
    (CaseState.UNDER_REVIEW, Move.NOTICE_AGAIN): Transition(CaseState.NOTICED, _SUPERIOR),
    (CaseState.UNDER_REVIEW, Move.REFUSE): Transition(CaseState.REFUSED, _SUPERIOR),
    (CaseState.ACCEPTED, Move.WAIT): Transition(CaseState.WAITING, _ENGINE),
    (CaseState.ACCEPTED, Move.COMPLETE): Transition(CaseState.COMPLETED, _ENGINE),
    (CaseState.WAITING, Move.COMPLETE): Transition(CaseState.COMPLETED, _ENGINE),
    (CaseState.WAITING, Move.HAND_OVER): Transition(CaseState.UNDER_REVIEW, _ENGINE),
    (CaseState.NOTICED, Move.SUPPLEMENT): Transition(CaseState.UNDER_REVIEW, frozenset((Role.INTAKE,))),
}

MOVE_OF_OUTCOME: dict[Outcome, Move] = {
    Outcome.APPROVED: Move.APPROVE,
    Outcome.NOTICE: Move.NOTICE,
    Outcome.PENDING: Move.HAND_OVER,
    Outcome.DONE: Move.COMPLETE,
}


def move(state: CaseState, wanted: Move, role: Role) -> CaseState:
    """The state after a move. :raises NotAllowed: there is no such row, or not for this role."""
    row = TABLE.get((state, wanted))
    if row is None:
        raise NotAllowed(f"{wanted} is no move of a case that is {state}")
    if role not in row.roles:
        raise NotAllowed(f"{role} may not {wanted} a case that is {state}")
    return row.to
