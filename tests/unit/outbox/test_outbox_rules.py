from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.outbox import (
    MOVES,
    NO_ANSWER,
    OPEN,
    ItemKind,
    ItemState,
    MoveError,
    OutboxItem,
    Verdict,
    backoff_s,
    due,
    forerunners,
    judge_ask,
    judge_send,
    move,
    next_due_s,
    oldest_waiting,
    reject_orphan,
    settle,
    tried_anew,
)
from kiosk.domain.timing import OUTBOX_BACKOFF_S

CASE_NO = "3502130078261124000426"


def item(kind: ItemKind = ItemKind.CASE, case_no: str = CASE_NO, **changes: object) -> OutboxItem:
    key = case_no if kind is ItemKind.CASE else f"{case_no}/{kind.value}"
    order = {ItemKind.CASE: 0, ItemKind.CALL: 1, ItemKind.RATING: 2}[kind]
    made = OutboxItem(key, kind, case_no, order, {"secret": "陈阿金"}, "2026-11-24T09:00:00+08:00")
    return replace(made, **changes)  # type: ignore[arg-type]  # replace() checks the names at run time


ACCEPTED = {"case_no": CASE_NO, "state": "accepted"}


@pytest.mark.parametrize(
    ("kind", "status", "body", "verdict"),
    [
        (ItemKind.CASE, 201, ACCEPTED, Verdict.DELIVERED),
        (ItemKind.CASE, 200, ACCEPTED, Verdict.DELIVERED),
        (ItemKind.CASE, 200, {"case_no": "other", "state": "accepted"}, Verdict.UNCERTAIN),
        (ItemKind.CASE, 200, {}, Verdict.UNCERTAIN),
        (ItemKind.CASE, 0, {"code": "no_answer"}, Verdict.UNCERTAIN),
        (ItemKind.CASE, 500, {}, Verdict.UNCERTAIN),
        (ItemKind.CASE, 502, {}, Verdict.UNCERTAIN),
        (ItemKind.CASE, 409, {"code": "replayed"}, Verdict.UNCERTAIN),
        (ItemKind.CASE, 401, {"code": "clock_skew"}, Verdict.REFUSED_NOW),
        (ItemKind.CASE, 403, {}, Verdict.REFUSED_NOW),
        (ItemKind.CASE, 404, {}, Verdict.REFUSED_NOW),
        (ItemKind.CASE, 429, {}, Verdict.REFUSED_NOW),
        (ItemKind.CASE, 302, {}, Verdict.REFUSED_NOW),
        (ItemKind.CASE, 400, {}, Verdict.REJECTED),
        (ItemKind.CASE, 422, {"code": "idempotency_mismatch"}, Verdict.REJECTED),
        (ItemKind.RATING, 201, {"case_no": CASE_NO}, Verdict.DELIVERED),
        (ItemKind.RATING, 200, {}, Verdict.UNCERTAIN),
        (ItemKind.RATING, 409, {"code": "already_rated"}, Verdict.DELIVERED),
        (ItemKind.RATING, 403, {}, Verdict.REJECTED),
        (ItemKind.RATING, 403, {"code": "suspended"}, Verdict.REFUSED_NOW),
        (ItemKind.CASE, 409, {"code": "already_rated"}, Verdict.REJECTED),
        (ItemKind.CALL, 201, {"ticket": "017"}, Verdict.DELIVERED),
        (ItemKind.CALL, 200, {"login": "hotel"}, Verdict.UNCERTAIN),
    ],
)
def test_an_answer_to_a_delivery_means(
    kind: ItemKind, status: int, body: Mapping[str, object], verdict: Verdict
) -> None:
    assert judge_send(item(kind), status, body) is verdict


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (200, ACCEPTED, Verdict.DELIVERED),
        (200, {"case_no": "other", "state": "accepted"}, Verdict.UNCERTAIN),
        (404, {}, Verdict.ABSENT),
        (0, {}, Verdict.UNCERTAIN),
        (401, {}, Verdict.UNCERTAIN),
        (503, {}, Verdict.UNCERTAIN),
    ],
)
def test_an_answer_to_the_question_means(status: int, body: Mapping[str, object], verdict: Verdict) -> None:
    assert judge_ask(item(), status, body) is verdict


@given(st.integers(0, 599), st.dictionaries(st.sampled_from(["code", "case_no", "state"]), st.text(max_size=5)))
def test_no_answer_about_something_else_ever_counts_as_delivered(status: int, body: dict[str, object]) -> None:
    assert judge_send(item(), status, body) is not Verdict.DELIVERED
    assert judge_ask(item(), status, body) is not Verdict.DELIVERED


@given(st.integers(0, 599), st.booleans())
def test_every_answer_leads_to_a_state_that_is_worked_on_or_visible(status: int, asked: bool) -> None:
    sending = item(state=ItemState.SENDING)
    verdict = (judge_ask if asked else judge_send)(sending, status, {})
    after = settle(sending, verdict, status, {}, 100.0)
    assert after.state in OPEN or after.state is ItemState.REJECTED
    assert after.body == sending.body
    if verdict is not Verdict.ABSENT:
        assert after.last_problem


def test_a_lost_reply_leaves_the_item_to_be_asked_for() -> None:
    after = settle(item(state=ItemState.SENDING), Verdict.UNCERTAIN, 0, {}, 100.0)
    assert (after.state, after.attempts, after.last_problem) == (ItemState.SENDING, 1, "no_answer")
    assert after.next_try_s == 100.0 + OUTBOX_BACKOFF_S[0]


def test_an_absent_item_is_sent_again_at_once() -> None:
    after = settle(item(state=ItemState.SENDING, attempts=3), Verdict.ABSENT, 404, {}, 100.0)
    assert (after.state, after.next_try_s) == (ItemState.QUEUED, 100.0)


def test_the_receipt_is_kept_with_a_delivered_item() -> None:
    after = settle(item(state=ItemState.SENDING), Verdict.DELIVERED, 201, ACCEPTED, 1.0)
    assert (after.state, dict(after.receipt)) == (ItemState.DELIVERED, ACCEPTED)


def test_waiting_grows_to_its_longest_and_stays_there() -> None:
    waits = [backoff_s(attempts) for attempts in range(1, 9)]
    assert waits == sorted(waits)
    assert waits[0] == OUTBOX_BACKOFF_S[0]
    assert waits[-1] == OUTBOX_BACKOFF_S[-1] == backoff_s(10_000)


@pytest.mark.parametrize("before", ItemState)
@pytest.mark.parametrize("after", ItemState)
def test_only_the_tables_moves_are_possible(before: ItemState, after: ItemState) -> None:
    if after in MOVES[before]:
        assert move(item(state=before), after).state is after
    else:
        with pytest.raises(MoveError):
            move(item(state=before), after)


def test_a_rating_waits_for_its_case_and_nobody_elses() -> None:
    case, rating = item(), item(ItemKind.RATING)
    other = item(case_no="3502130078261124000434", attempts=5, next_try_s=1e9)
    assert due([case, rating, other], 0.0) == [case]
    assert due([replace(case, state=ItemState.DELIVERED), rating], 0.0) == [rating]
    assert due([rating], 0.0) == [rating]


def test_a_call_for_help_waits_for_nobody_and_goes_first() -> None:
    case, call, rating = item(next_try_s=50.0), item(ItemKind.CALL), item(ItemKind.RATING)
    assert due([case, rating, call], 0.0) == [call]
    assert forerunners(rating, [case, call, rating]) == [case]


def test_a_new_item_goes_before_stuck_ones() -> None:
    stuck = [item(case_no=f"stuck{n}", attempts=4) for n in range(3)]
    fresh = item(case_no="fresh", created_at="2026-11-25T09:00:00+08:00")
    assert due([*stuck, fresh], 0.0)[0] is fresh


def test_what_only_the_line_kept_back_goes_in_the_order_in_which_it_was_stored() -> None:
    days = [f"2026-11-24T09:0{n}:00+08:00" for n in range(5)]
    kept = [
        item(case_no=f"kept{n}", created_at=day, attempts=5 - n, last_problem=NO_ANSWER) for n, day in enumerate(days)
    ]
    assert due([*kept[2:], *kept[:2]], 0.0) == kept
    refused = item(case_no="refused", attempts=1, last_problem="http_503", created_at=days[0])
    assert due([refused, kept[-1]], 0.0) == [kept[-1], refused]


def test_who_has_waited_longest_for_the_line_is_found_whenever_she_is_due() -> None:
    old = item(case_no="old", attempts=5, next_try_s=1e9, last_problem=NO_ANSWER)
    young = item(case_no="young", created_at="2026-11-25T09:00:00+08:00", attempts=1, last_problem=NO_ANSWER)
    assert oldest_waiting([young, old], ()) is old
    assert oldest_waiting([young, old], {old.key}) is young
    assert oldest_waiting([replace(old, last_problem="http_503")], ()) is None
    assert oldest_waiting([replace(old, state=ItemState.REJECTED)], ()) is None


def test_the_next_look_is_when_the_first_item_is_due() -> None:
    items = [item(next_try_s=7.0), item(case_no="b", next_try_s=5.0), item(ItemKind.RATING)]
    assert next_due_s(items, 2.0, 30.0) == 3.0
    assert next_due_s([], 2.0, 30.0) == 30.0
    assert next_due_s(items, 9.0, 30.0) == 0.0
    assert next_due_s([item(state=ItemState.REJECTED)], 2.0, 30.0) == 30.0


def test_a_rejected_item_stays_and_can_be_tried_again() -> None:
    orphan = reject_orphan(item(ItemKind.RATING))
    assert (orphan.state, orphan.last_problem) == (ItemState.REJECTED, "case_rejected")
    again = tried_anew(replace(orphan, attempts=4, next_try_s=99.0))
    assert (again.state, again.attempts, again.next_try_s, again.last_problem) == (ItemState.QUEUED, 0, 0.0, "")


def test_an_items_repr_tells_nothing_personal() -> None:
    assert "陈" not in repr(item())
    assert CASE_NO not in repr(item())
