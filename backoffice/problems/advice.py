"""What to do about a problem: `next` for a program, `speech` for a resident. By its code, else by its status."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Next(StrEnum):
    RETRY = "retry"
    """The same request may be sent again, after Retry-After where there is one."""
    ASK_CLERK = "ask_clerk"
    CORRECT_INPUT = "correct_input"
    CALL = "call"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Advice:
    next: Next
    speech: str
    """Text key; a small shared set, for every problem that a resident may meet."""


TRY_AGAIN = Advice(Next.RETRY, "problem.try_again")
WAIT = Advice(Next.RETRY, "problem.wait")
CORRECT = Advice(Next.CORRECT_INPUT, "problem.correct")
ASK_CLERK = Advice(Next.ASK_CLERK, "problem.ask_clerk")
NOT_HERE = Advice(Next.ASK_CLERK, "problem.not_here")
CALL = Advice(Next.CALL, "problem.call")
SUSPENDED = Advice(Next.ASK_CLERK, "problem.suspended")
NOTHING = Advice(Next.NONE, "problem.ask_clerk")

SPEECH_KEYS = frozenset(
    advice.speech for advice in (TRY_AGAIN, WAIT, CORRECT, ASK_CLERK, NOT_HERE, CALL, SUSPENDED, NOTHING)
)

_OF_CODE: dict[str, Advice] = {
    # A terminal heals these by itself: it signs anew, or sets its clock by the signed time.
    "clock_skew": TRY_AGAIN,
    "replayed": TRY_AGAIN,
    "suspended": SUSPENDED,
    # What the resident typed or chose.
    "progress_unknown": CORRECT,
    "form": CORRECT,
    "labels": CORRECT,
    "login_wrong": CORRECT,
    "code_wrong": CORRECT,
    "password_weak": CORRECT,
    "bill_code": CORRECT,
    "slot_unknown": CORRECT,
    "slot_full": CORRECT,
    # Done before: there is nothing left to do.
    "already_rated": NOTHING,
    "too_many_calls": CALL,
}
_OF_STATUS: dict[int, Advice] = {
    404: NOT_HERE,
    408: TRY_AGAIN,
    410: NOT_HERE,
    429: WAIT,
    502: TRY_AGAIN,
    503: TRY_AGAIN,
    504: TRY_AGAIN,
}


def advice_of(code: str, status: int) -> Advice:
    return _OF_CODE.get(code) or _OF_STATUS.get(status, ASK_CLERK)
