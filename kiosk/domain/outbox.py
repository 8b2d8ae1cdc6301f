"""The outbox: what must reach the back office, item by item, never twice and never silently stuck.

Pure: the states and their table, what an answer means for an item, when it is tried again, and
which items may go now. `kiosk/app/outbox/service.py` does what this module decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from kiosk.domain.timing import OUTBOX_BACKOFF_S


class ItemKind(StrEnum):
    CASE = "case"
    RATING = "rating"
    CALL = "call"
    COMPLAINT = "complaint"
    """What could not be done."""
    GUIDANCE = "guidance"
    """Somebody was told where to go: a case without a card."""
    PRINTED = "printed"
    """What a printer proved of a certificate."""
    CONSENT = "consent"
    """What was agreed to: purpose, version of the text, language, time."""
    SUPPLEMENT = "supplement"
    """What was missing from a case, which its body names: the item goes under the number of the visit that brought
    it."""
    PAYMENT = "payment"
    """A payment that was sent while somebody stood there: only ever asked about, never sent from here."""

    @property
    def opens_case(self) -> bool:
        return self in (ItemKind.CASE, ItemKind.GUIDANCE)


class ItemState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    """A request may have reached the server: ask before sending again."""
    DELIVERED = "delivered"
    REJECTED = "rejected"
    """The server refuses it for good: a clerk must look; it stays visible and exportable."""


@dataclass(frozen=True, slots=True, repr=False)
class OutboxItem:
    """kind + attachments + order + consent version (and the pinned item version)."""

    key: str
    """Unique: the case number for what opens a case, `<case number>/rating`, `<case number>/call/<n>`,
    `<case number>/complaint/<n>`."""
    kind: ItemKind
    case_no: str
    order: int
    """Items of one case are delivered in this order; other cases never wait for it."""
    body: Mapping[str, object]
    created_at: str
    """ISO 8601 wall time with offset, as this terminal believed it."""
    item_version: int = 0
    consent_version: str = ""
    attachments: tuple[str, ...] = ()
    """Digests of files (`kiosk.domain.attachments`) that must be complete at the server before this item."""
    state: ItemState = ItemState.QUEUED
    attempts: int = 0
    next_try_s: float = 0.0
    """Clock.now() before which it is not tried again; 0 after a restart."""
    last_problem: str = ""
    """Problem code of the last answer, e.g. `clock_skew`, `no_answer`."""
    receipt: Mapping[str, object] = field(default_factory=dict)
    """The server's answer."""

    def __repr__(self) -> str:
        return f"OutboxItem({self.kind.value}, {self.state.value}, attempts={self.attempts})"


MOVES: dict[ItemState, frozenset[ItemState]] = {
    ItemState.QUEUED: frozenset({ItemState.SENDING, ItemState.REJECTED}),
    ItemState.SENDING: frozenset({ItemState.SENDING, ItemState.QUEUED, ItemState.DELIVERED, ItemState.REJECTED}),
    ItemState.DELIVERED: frozenset(),
    ItemState.REJECTED: frozenset({ItemState.QUEUED}),
}
"""QUEUED to REJECTED without sending: a rating whose case was rejected.
REJECTED to QUEUED: a technician has repaired the cause."""

OPEN = frozenset({ItemState.QUEUED, ItemState.SENDING})
ALONE = frozenset({ItemKind.CALL, ItemKind.COMPLAINT, ItemKind.PRINTED})
"""Waits for no other item of its visit, and none waits for it: what is said of a stuck case must not be stuck, too."""


class StoreError(Exception):
    """The store could not do it; nothing of the call was kept. `code` names the fault, e.g. `store.full`.

    The text never holds a key, a path's content or a person.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


class MoveError(ValueError):
    """A state may not follow another."""


class Verdict(StrEnum):
    """What one answer means for the item."""

    DELIVERED = "delivered"
    REFUSED_NOW = "refused_now"
    """The server did not take it, and what hinders can pass or be repaired: send again later."""
    UNCERTAIN = "uncertain"
    """It may have been taken: ask first."""
    REJECTED = "rejected"
    ABSENT = "absent"
    """Answer to a question: the server does not have it."""


_PERMANENT = frozenset({400, 405, 406, 409, 410, 411, 413, 414, 415, 422})
"""The other errors can pass: 401, 403 and 404 say that a key, a right or an address is wrong, which is repaired."""

NO_ANSWER = "no_answer"
MATERIALS_MISSING = "materials_missing"
"""The server has lost a file that it had: it is brought again."""
BAD_ANSWER = "bad_answer"
CASE_REJECTED = "case_rejected"


def problem_code(status: int, body: Mapping[str, object]) -> str:
    """The short code of an answer that is no success."""
    code = body.get("code")
    if isinstance(code, str) and code:
        return code
    return NO_ANSWER if status == 0 else f"http_{status}"


def acknowledges(item: OutboxItem, body: Mapping[str, object]) -> bool:
    """Whether a 2xx body is really about this item: a hotel's login page also answers 200."""
    if item.kind is ItemKind.CALL:
        return isinstance(body.get("ticket"), str)
    if item.kind is ItemKind.PRINTED:
        return body.get("document_id") == item.body.get("document_id")
    if item.kind is ItemKind.COMPLAINT:
        return isinstance(body.get("complaint_no"), str)
    if item.kind is ItemKind.SUPPLEMENT:
        return body.get("case_no") == item.body.get("case_no") and isinstance(body.get("key"), str)
    if body.get("case_no") != item.case_no:
        return False
    return item.kind in (ItemKind.RATING, ItemKind.CONSENT) or isinstance(body.get("state"), str)


def judge_send(item: OutboxItem, status: int, body: Mapping[str, object]) -> Verdict:
    """What the answer to a delivery means."""
    if 200 <= status < 300:
        return Verdict.DELIVERED if acknowledges(item, body) else Verdict.UNCERTAIN
    code = problem_code(status, body)
    if item.kind is ItemKind.RATING and code == "already_rated":
        return Verdict.DELIVERED
    if item.kind is ItemKind.RATING and status == 403 and code != "suspended":
        return Verdict.REJECTED
    if code == MATERIALS_MISSING:
        return Verdict.REFUSED_NOW
    if code == "replayed" or status == 0 or status >= 500:
        return Verdict.UNCERTAIN
    if status in _PERMANENT:
        return Verdict.REJECTED
    return Verdict.REFUSED_NOW


def judge_ask(item: OutboxItem, status: int, body: Mapping[str, object]) -> Verdict:
    """What the answer to "has it arrived?" means."""
    if item.kind is ItemKind.PAYMENT:
        return _judge_payment(item, status, body)
    if 200 <= status < 300:
        return Verdict.DELIVERED if acknowledges(item, body) else Verdict.UNCERTAIN
    return Verdict.ABSENT if status == 404 else Verdict.UNCERTAIN


_SETTLED_PAYMENTS = frozenset(("booked", "refused", "reversed"))
_SURELY_ABSENT = 2
"""Times that the office must have said before that it has no such payment: the request may have been under way."""


def _judge_payment(item: OutboxItem, status: int, body: Mapping[str, object]) -> Verdict:
    """There is nothing left to ask once the payment has ended, waits as a slip, or was never heard of."""
    payment = body.get("payment")
    if 200 <= status < 300 and body.get("case_no") == item.case_no and isinstance(payment, Mapping):
        settled = payment.get("state") in _SETTLED_PAYMENTS or bool(payment.get("slip_code"))
        return Verdict.DELIVERED if settled else Verdict.UNCERTAIN
    return Verdict.DELIVERED if status == 404 and item.attempts >= _SURELY_ABSENT else Verdict.UNCERTAIN


def backoff_s(attempts: int) -> float:
    """Seconds to wait after the `attempts`-th failure (1 = the first)."""
    return OUTBOX_BACKOFF_S[min(max(attempts, 1), len(OUTBOX_BACKOFF_S)) - 1]


def move(item: OutboxItem, state: ItemState) -> OutboxItem:
    """:raises MoveError: the table does not know this move."""
    if state not in MOVES[item.state]:
        raise MoveError(f"{item.state.value} -> {state.value}")
    return replace(item, state=state)


def settle(item: OutboxItem, verdict: Verdict, status: int, body: Mapping[str, object], now_s: float) -> OutboxItem:
    """The item after an answer. `now_s` is the clock's `now()`."""
    if verdict is Verdict.DELIVERED:
        return replace(move(item, ItemState.DELIVERED), receipt=dict(body), last_problem="")
    if verdict is Verdict.ABSENT:
        return replace(move(item, ItemState.QUEUED), next_try_s=now_s)
    problem = BAD_ANSWER if 200 <= status < 300 else problem_code(status, body)
    if verdict is Verdict.REJECTED:
        return replace(move(item, ItemState.REJECTED), last_problem=problem, receipt=dict(body))
    state = ItemState.SENDING if verdict is Verdict.UNCERTAIN else ItemState.QUEUED
    attempts = item.attempts + 1
    waits_until = now_s + backoff_s(attempts)
    return replace(move(item, state), attempts=attempts, next_try_s=waits_until, last_problem=problem)


def postponed(item: OutboxItem, problem: str, now_s: float) -> OutboxItem:
    """One of its files could not be brought: the item itself has not been sent."""
    attempts = item.attempts + 1
    return replace(item, attempts=attempts, next_try_s=now_s + backoff_s(attempts), last_problem=problem)


def reject_orphan(item: OutboxItem) -> OutboxItem:
    """A rating whose case was rejected can never be delivered."""
    return replace(move(item, ItemState.REJECTED), last_problem=CASE_REJECTED)


def tried_anew(item: OutboxItem) -> OutboxItem:
    """A technician has repaired the cause: from the beginning. What may have arrived is still asked about first.

    :raises MoveError: it has been delivered.
    """
    if item.state is ItemState.DELIVERED:
        raise MoveError("what was delivered is not sent again")
    fresh = move(item, ItemState.QUEUED) if item.state is ItemState.REJECTED else item
    return replace(fresh, attempts=0, next_try_s=0.0, last_problem="", receipt={})


def forerunners(item: OutboxItem, items: Iterable[OutboxItem]) -> list[OutboxItem]:
    """Items of the same case that must be delivered before this one and are not.

    A call for help waits for nobody and nobody waits for it: a person stands there. What a printer proved stands apart,
    too: a case and its rating are complete without it.
    """
    if item.kind in ALONE:
        return []
    return [
        other
        for other in items
        if other.case_no == item.case_no
        and other.kind not in ALONE
        and other.order < item.order
        and other.state is not ItemState.DELIVERED
    ]


def due(items: Sequence[OutboxItem], now_s: float) -> list[OutboxItem]:
    """The items to work on now: open, their time has come, no forerunner.

    Calls for help first, then what was tried least: new matters never queue behind stuck ones. What only the line kept
    back is not stuck, however often it was tried: it goes in the order in which it was stored.
    """
    ready = [item for item in items if item.state in OPEN and item.next_try_s <= now_s and not forerunners(item, items)]
    return sorted(
        ready, key=lambda item: (item.kind is not ItemKind.CALL, _refusals(item), item.created_at, item.order)
    )


def _refusals(item: OutboxItem) -> int:
    return 0 if waits_for_line(item) else item.attempts


def waits_for_line(item: OutboxItem) -> bool:
    """Nobody has answered yet; nothing is wrong with the item itself."""
    return item.state in OPEN and item.last_problem == NO_ANSWER


def oldest_waiting(items: Sequence[OutboxItem], known: Collection[str]) -> OutboxItem | None:
    """The first of those that wait for the line, without those whose keys are in `known`."""
    waiting = [
        item for item in items if waits_for_line(item) and item.key not in known and not forerunners(item, items)
    ]
    return min(waiting, key=lambda item: (item.created_at, item.order), default=None)


def next_due_s(items: Sequence[OutboxItem], now_s: float, longest_s: float) -> float:
    """Seconds until the next item may be worked on, at most `longest_s`, never negative."""
    times = [item.next_try_s - now_s for item in items if item.state in OPEN and not forerunners(item, items)]
    return max(0.0, min([longest_s, *times]))
