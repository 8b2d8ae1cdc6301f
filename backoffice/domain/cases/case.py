"""The life of a case: one table of transitions, and who may take each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """收件 ≠ 审查 ≠ 技术审查 ≠ 决定: nobody acts in two of them on one case, the rule engine only as its rules do."""

    INTAKE = "intake"
    RULE_ENGINE = "rule_engine"
    REVIEWER = "reviewer"
    TECHNICAL_REVIEWER = "technical_reviewer"
    DECIDER = "decider"
    SUPERIOR = "superior"
    RESIDENT = "resident"
    TIMER = "timer"
    """A day has come; nobody acts."""


SEPARATED = frozenset((Role.INTAKE, Role.REVIEWER, Role.TECHNICAL_REVIEWER, Role.DECIDER, Role.SUPERIOR))
"""One person has one of these on one case, whatever her account allows."""

DISTRICT_WIDE = frozenset((Role.TECHNICAL_REVIEWER, Role.SUPERIOR))
"""Experts and superiors are few: they work on the cases of every town."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody of the staff who works on cases. `town`: nine digits, or None for the whole district."""

    login: str
    roles: frozenset[Role]
    town: str | None

    @property
    def only_town(self) -> str | None:
        """The town beyond which nothing exists for this person; None for the whole district."""
        return None if self.roles & DISTRICT_WIDE else self.town

    def sees(self, town: str) -> bool:
        """Cases of this town exist for this person."""
        return self.only_town in (None, town)

    def may_act(self, role: Role, town: str) -> bool:
        return role in self.roles and (role in DISTRICT_WIDE or self.town is None or self.town == town)


class CaseState(StrEnum):
    ACCEPTED = "accepted"
    """收件: here, and nobody has looked yet. No limit runs but the one for saying whether it is complete."""
    HANDED_OVER = "handed_over"
    """The machine could not decide: a human says whether it is complete (受理) or what is missing."""
    ADMITTED = "admitted"
    """受理: the limit runs."""
    UNDER_REVIEW = "under_review"
    """审查."""
    TECHNICAL_REVIEW = "technical_review"
    """技术审查, where the item wants it."""
    TO_DECIDE = "to_decide"
    """Reviewed; somebody else decides (决定)."""
    APPROVED = "approved"
    ISSUED = "issued"
    """What was granted is in the resident's hands."""
    NOTICED = "noticed"
    """A one-time notice lists all that is missing; the case waits, it is not refused."""
    SUPPLEMENTED = "supplemented"
    """What was missing has come; somebody looks whether it is what was asked for."""
    EXPIRED = "expired"
    """Nothing came in spite of reminders. It is not refused either: what comes late is still taken."""
    REFUSAL_PROPOSED = "refusal_proposed"
    """A first person would refuse; a second one looks. The resident has been told nothing."""
    REFUSED = "refused"
    """Only after a second review; never by a rule and never at the counter."""
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"
    """Another place or authority has it; it can come back."""
    WAITING = "waiting"
    """Another system has the next word, e.g. a payment whose state nobody knows yet."""
    COMPLETED = "completed"
    """Given on the spot: an answer, a paper, a receipt, an appointment. Nothing was to be decided."""
    REPEATED = "repeated"
    """The same is under way or approved under another number, which the applicant has been told."""


FINAL = frozenset((CaseState.REFUSED, CaseState.WITHDRAWN, CaseState.COMPLETED, CaseState.REPEATED))
ENDED = FINAL | {CaseState.APPROVED, CaseState.ISSUED}
"""No limit runs any more."""


class Move(StrEnum):
    APPROVE = "approve"
    NOTICE = "notice"
    HAND_OVER = "hand_over"
    SUPPLEMENT = "supplement"
    NOTICE_AGAIN = "notice_again"
    REFUSE = "refuse"
    WAIT = "wait"
    COMPLETE = "complete"
    ADMIT = "admit"
    DEEM_ADMITTED = "deem_admitted"
    """Nobody said in time what is missing: admitted on the day of receipt (行政许可法 32)."""
    BEGIN_REVIEW = "begin_review"
    ASK_EXPERT = "ask_expert"
    REPORT = "report"
    """The expert's opinion is there."""
    REVIEWED = "reviewed"
    PROPOSE_REFUSAL = "propose_refusal"
    SEND_BACK = "send_back"
    HAND_BACK = "hand_back"
    """The second review found a refusal to admit unfounded."""
    STOP_CLOCK = "stop_clock"
    RESUME_CLOCK = "resume_clock"
    REMIND = "remind"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    TRANSFER = "transfer"
    TAKE_BACK = "take_back"
    ISSUE = "issue"
    REPEAT = "repeat"
    REOPEN = "reopen"
    """A commitment on which it was approved was withdrawn or not kept."""


class Outcome(StrEnum):
    """What the resident is told."""

    APPROVED = "approved"
    NOTICE = "notice"
    PENDING = "pending"
    DONE = "done"
    """There was nothing to decide: what was asked for has been given."""


class NotAllowed(Exception):
    """This move does not exist in this state, or not for this role, or not for this person."""


class Guard(StrEnum):
    """What must be so besides the state."""

    ADMITTED = "admitted"
    NOT_ADMITTED = "not_admitted"
    FIRST_NOTICE = "first_notice"
    LATER_NOTICE = "later_notice"
    REMINDED = "reminded"
    RUNNING = "running"
    STOPPED = "stopped"
    EXPERT_NAMED = "one of an item with a technical review"
    EXPERT_HEARD = "looked at by an expert, as its item requires"


@dataclass(frozen=True, slots=True)
class Transition:
    to: CaseState
    roles: frozenset[Role]
    guards: tuple[Guard, ...] = ()


def _table() -> dict[tuple[CaseState, Move], Transition]:
    state, step, guard = CaseState, Move, Guard
    engine, timer = frozenset((Role.RULE_ENGINE,)), frozenset((Role.TIMER,))
    intake, reviewer = frozenset((Role.INTAKE,)), frozenset((Role.REVIEWER,))
    expert, decider = frozenset((Role.TECHNICAL_REVIEWER,)), frozenset((Role.DECIDER,))
    superior, holder = frozenset((Role.SUPERIOR,)), frozenset((Role.RESIDENT, Role.INTAKE))
    unsaid, running = (guard.NOT_ADMITTED,), (guard.RUNNING,)
    table = {
        (state.ACCEPTED, step.APPROVE): Transition(state.APPROVED, engine),
        (state.ACCEPTED, step.NOTICE): Transition(state.NOTICED, engine),
        (state.ACCEPTED, step.HAND_OVER): Transition(state.HANDED_OVER, engine),
        (state.ACCEPTED, step.WAIT): Transition(state.WAITING, engine),
        (state.ACCEPTED, step.COMPLETE): Transition(state.COMPLETED, engine),
        (state.ACCEPTED, step.REPEAT): Transition(state.REPEATED, engine),
        (state.WAITING, step.COMPLETE): Transition(state.COMPLETED, engine),
        (state.WAITING, step.HAND_OVER): Transition(state.HANDED_OVER, engine),
        (state.HANDED_OVER, step.ADMIT): Transition(state.ADMITTED, intake, unsaid),
        (state.HANDED_OVER, step.DEEM_ADMITTED): Transition(state.ADMITTED, timer, unsaid),
        (state.HANDED_OVER, step.NOTICE): Transition(state.NOTICED, intake | reviewer, (guard.FIRST_NOTICE,)),
        (state.HANDED_OVER, step.NOTICE_AGAIN): Transition(state.NOTICED, superior, (guard.LATER_NOTICE,)),
        (state.HANDED_OVER, step.PROPOSE_REFUSAL): Transition(state.REFUSAL_PROPOSED, reviewer),
        (state.HANDED_OVER, step.TRANSFER): Transition(state.TRANSFERRED, intake | reviewer),
        (state.ADMITTED, step.BEGIN_REVIEW): Transition(state.UNDER_REVIEW, reviewer),
        (state.ADMITTED, step.TRANSFER): Transition(state.TRANSFERRED, intake | reviewer),
        (state.UNDER_REVIEW, step.ASK_EXPERT): Transition(state.TECHNICAL_REVIEW, reviewer, (guard.EXPERT_NAMED,)),
        (state.UNDER_REVIEW, step.REVIEWED): Transition(state.TO_DECIDE, reviewer, (*running, guard.EXPERT_HEARD)),
        (state.UNDER_REVIEW, step.NOTICE): Transition(state.NOTICED, reviewer, (guard.FIRST_NOTICE, guard.RUNNING)),
        (state.UNDER_REVIEW, step.NOTICE_AGAIN): Transition(
            state.NOTICED, superior, (guard.LATER_NOTICE, guard.RUNNING)
        ),
        (state.UNDER_REVIEW, step.PROPOSE_REFUSAL): Transition(state.REFUSAL_PROPOSED, reviewer, running),
        (state.UNDER_REVIEW, step.TRANSFER): Transition(state.TRANSFERRED, reviewer, running),
        (state.TECHNICAL_REVIEW, step.REPORT): Transition(state.UNDER_REVIEW, expert),
        (state.TO_DECIDE, step.APPROVE): Transition(state.APPROVED, decider, running),
        (state.TO_DECIDE, step.PROPOSE_REFUSAL): Transition(state.REFUSAL_PROPOSED, decider, running),
        (state.TO_DECIDE, step.SEND_BACK): Transition(state.UNDER_REVIEW, decider),
        (state.REFUSAL_PROPOSED, step.REFUSE): Transition(state.REFUSED, superior),
        (state.REFUSAL_PROPOSED, step.SEND_BACK): Transition(state.UNDER_REVIEW, superior, (guard.ADMITTED,)),
        (state.REFUSAL_PROPOSED, step.HAND_BACK): Transition(state.HANDED_OVER, superior, unsaid),
        (state.NOTICED, step.SUPPLEMENT): Transition(state.SUPPLEMENTED, intake),
        (state.NOTICED, step.REMIND): Transition(state.NOTICED, timer),
        (state.NOTICED, step.EXPIRE): Transition(state.EXPIRED, timer, (guard.REMINDED,)),
        (state.EXPIRED, step.SUPPLEMENT): Transition(state.SUPPLEMENTED, intake),
        (state.SUPPLEMENTED, step.ADMIT): Transition(state.ADMITTED, intake, unsaid),
        (state.SUPPLEMENTED, step.DEEM_ADMITTED): Transition(state.ADMITTED, timer, unsaid),
        (state.SUPPLEMENTED, step.BEGIN_REVIEW): Transition(state.UNDER_REVIEW, reviewer, (guard.ADMITTED,)),
        (state.SUPPLEMENTED, step.NOTICE_AGAIN): Transition(state.NOTICED, superior, (guard.LATER_NOTICE,)),
        (state.SUPPLEMENTED, step.PROPOSE_REFUSAL): Transition(state.REFUSAL_PROPOSED, reviewer, unsaid),
        (state.SUPPLEMENTED, step.TRANSFER): Transition(state.TRANSFERRED, intake | reviewer),
        (state.APPROVED, step.ISSUE): Transition(state.ISSUED, intake),
        (state.APPROVED, step.REOPEN): Transition(state.UNDER_REVIEW, engine | decider),
        (state.ISSUED, step.REOPEN): Transition(state.UNDER_REVIEW, engine | decider),
        (state.TRANSFERRED, step.TAKE_BACK): Transition(state.HANDED_OVER, intake | superior, unsaid),
        (state.TRANSFERRED, step.SEND_BACK): Transition(state.UNDER_REVIEW, intake | superior, (guard.ADMITTED,)),
    }
    for at, roles in (
        (state.UNDER_REVIEW, reviewer),
        (state.TECHNICAL_REVIEW, expert),
        (state.TO_DECIDE, decider),
    ):
        table[at, step.STOP_CLOCK] = Transition(at, roles, (guard.ADMITTED, guard.RUNNING))
        table[at, step.RESUME_CLOCK] = Transition(at, roles, (guard.STOPPED,))
    for at in WITHDRAWABLE:
        table[at, step.WITHDRAW] = Transition(state.WITHDRAWN, holder)
    return table


WITHDRAWABLE = (
    CaseState.HANDED_OVER,
    CaseState.ADMITTED,
    CaseState.UNDER_REVIEW,
    CaseState.TECHNICAL_REVIEW,
    CaseState.TO_DECIDE,
    CaseState.NOTICED,
    CaseState.SUPPLEMENTED,
    CaseState.EXPIRED,
    CaseState.REFUSAL_PROPOSED,
    CaseState.TRANSFERRED,
)
"""Until it is decided a resident may take her request back, without giving a reason."""

TABLE: dict[tuple[CaseState, Move], Transition] = _table()

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
