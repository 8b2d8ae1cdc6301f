"""Where a case stands: its events, read in order, and what may come next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from backoffice.domain.cases.case import ENDED, SEPARATED, TABLE, CaseState, Guard, Move, NotAllowed, Role, move
from backoffice.domain.items.terms import ExpertNeed


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a case's history, as far as its life depends on it."""

    event: str
    to: CaseState
    role: Role
    actor: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands: what its events, read in order, amount to."""

    state: CaseState
    admitted: bool = False
    stopped: bool = False
    notices: int = 0
    reminders: int = 0
    """Since the last notice."""
    expert: ExpertNeed = ExpertNeed.NONE
    """Of the item, as it was published for this case."""
    heard: bool = False
    """An expert has given an opinion since the case was opened, or opened again."""
    acted: Mapping[str, Role] = field(default_factory=dict)
    """Login -> the separated role in which that person has acted here."""


EVENT_OF_MOVE: dict[Move, str] = {
    Move.HAND_OVER: "handed_over",
    Move.ADMIT: "admitted",
    Move.DEEM_ADMITTED: "deemed_accepted",
    Move.BEGIN_REVIEW: "review_begun",
    Move.ASK_EXPERT: "expert_asked",
    Move.REPORT: "expert_reported",
    Move.REVIEWED: "reviewed",
    Move.APPROVE: "approved",
    Move.NOTICE: "noticed",
    Move.NOTICE_AGAIN: "noticed_again",
    Move.SUPPLEMENT: "supplemented",
    Move.PROPOSE_REFUSAL: "refusal_proposed",
    Move.REFUSE: "refused",
    Move.SEND_BACK: "sent_back",
    Move.HAND_BACK: "handed_back",
    Move.STOP_CLOCK: "clock_stopped",
    Move.RESUME_CLOCK: "clock_resumed",
    Move.REMIND: "reminded",
    Move.EXPIRE: "expired",
    Move.WITHDRAW: "withdrawn",
    Move.TRANSFER: "transferred",
    Move.TAKE_BACK: "taken_back",
    Move.ISSUE: "issued",
    Move.REPEAT: "repeated",
    Move.REOPEN: "reopened",
}
"""What the history calls the moves of people and days; the machine names most of its own."""

_ADMITTING = frozenset(EVENT_OF_MOVE[move] for move in (Move.ADMIT, Move.DEEM_ADMITTED))


def rebuild(events: Iterable[Event], expert: ExpertNeed = ExpertNeed.NONE) -> Standing:
    """From the whole history, oldest first.

    :param expert: whether the case's item wants an expert's opinion. :raises ValueError: there is no event.
    """
    standing: Standing | None = None
    for event in events:
        standing = _after(standing or Standing(event.to, expert=expert), event)
    if standing is None:
        raise ValueError("a case has at least the event of its receipt")
    return standing


def _after(before: Standing, event: Event) -> Standing:
    acted = before.acted
    if event.role in SEPARATED and event.actor not in acted:
        acted = {**acted, event.actor: event.role}
    arrived = event.to is CaseState.NOTICED and before.state is not CaseState.NOTICED
    stopped = (before.stopped or event.event == "clock_stopped") and event.event != "clock_resumed"
    return replace(
        before,
        state=event.to,
        admitted=before.admitted or event.event in _ADMITTING or event.to is CaseState.APPROVED,
        stopped=stopped and event.to not in ENDED,
        notices=before.notices + arrived,
        reminders=0 if arrived else before.reminders + (event.event == "reminded"),
        heard=(before.heard or event.event == EVENT_OF_MOVE[Move.REPORT]) and event.event != EVENT_OF_MOVE[Move.REOPEN],
        acted=acted,
    )


def _holds(guard: Guard, standing: Standing) -> bool:
    return {
        Guard.ADMITTED: standing.admitted,
        Guard.NOT_ADMITTED: not standing.admitted,
        Guard.FIRST_NOTICE: standing.notices == 0,
        Guard.LATER_NOTICE: standing.notices > 0,
        Guard.REMINDED: standing.reminders > 0,
        Guard.RUNNING: not standing.stopped,
        Guard.STOPPED: standing.stopped,
        Guard.EXPERT_NAMED: standing.expert is not ExpertNeed.NONE,
        Guard.EXPERT_HEARD: standing.heard or standing.expert is not ExpertNeed.REQUIRED,
    }[guard]


class RolesNotSeparate(NotAllowed):
    """The same person has acted on this case in another of the separated roles."""


def check_move(standing: Standing, wanted: Move, role: Role, login: str) -> CaseState:
    """The state after this person's move.

    :raises NotAllowed: no row, not for this role, a guard does not hold, or she acted in another separated role here.
    """
    after = move(standing.state, wanted, role)
    for guard in TABLE[standing.state, wanted].guards:
        if not _holds(guard, standing):
            raise NotAllowed(f"{wanted} needs a case that is {guard}")
    other = standing.acted.get(login)
    if role in SEPARATED and other is not None and other is not role:
        raise RolesNotSeparate(f"who was {other} on this case is not {role} on it")
    return after


def possible(standing: Standing, roles: frozenset[Role], login: str) -> tuple[Move, ...]:
    """The moves that this person could take now."""
    return tuple(wanted for wanted in Move if any(_can(standing, wanted, role, login) for role in roles))


def _can(standing: Standing, wanted: Move, role: Role, login: str) -> bool:
    try:
        check_move(standing, wanted, role, login)
    except NotAllowed:
        return False
    return True
