"""The table of a payment, and what an answer of the payment side means: pure, no database."""

from __future__ import annotations

import itertools
from datetime import date

import pytest

from backoffice.domain.bill import Standing, WrongMeter, contributions, fine, utility
from backoffice.domain.facts.base import Lookup, LookupState
from backoffice.domain.payment import (
    FINAL,
    Debit,
    NoSuchMove,
    Order,
    OrderState,
    Payment,
    PayMove,
    PayState,
    Way,
    after,
    judge,
)

AT = "2026-11-24T10:00:00+08:00"
TODAY = date(2026, 11, 24)
NUMBER, NAME = "350221194403150021", "陈阿金"


def order(state: OrderState, *amounts: int, given_back: tuple[int, ...] = ()) -> Order:
    debits = [Debit(f"T{n}", amount, AT, reversed=False) for n, amount in enumerate(amounts)]
    debits += [Debit(f"R{n}", amount, AT, reversed=True) for n, amount in enumerate(given_back)]
    return Order("ref", state, tuple(debits))


def ends(state: PayState, path: tuple[PayState, ...] = ()) -> list[tuple[PayState, ...]]:
    """Every way that a payment can go from here, without a circle, up to where no move is left."""
    path = (*path, state)
    onward = [(move, to) for move in PayMove if (to := _moved(state, move)) is not None and to not in path]
    return [way for _, to in onward for way in ends(to, path)] or [path]


def _moved(state: PayState, move: PayMove) -> PayState | None:
    try:
        return after(state, move)
    except NoSuchMove:
        return None


def test_every_way_ends_for_good_and_none_ends_where_money_or_a_question_is_left_open() -> None:
    """Walked by the moves themselves: whatever row is added or lost, a payment must neither stick nor come back."""
    ways = ends(PayState.CREATED)
    assert {way[-1] for way in ways} == set(FINAL), "it ended where something is left to be done, or never ends so"
    assert {state for way in ways for state in way} == set(PayState), "a state that no payment can reach"
    for state in FINAL:
        for move in PayMove:
            with pytest.raises(NoSuchMove, match=state.value):
                after(state, move)


def test_money_that_was_taken_is_booked_or_given_back_and_never_both_nor_forgotten() -> None:
    for way in ends(PayState.CREATED):
        if PayState.PAID in way:
            assert way[-1] in (PayState.BOOKED, PayState.REVERSED), way
            assert PayState.REFUSED not in way, "money was taken, and the payment says none was"
        if PayState.REVERSING in way:
            assert PayState.BOOKED not in way, "given back and booked"
        assert PayState.CREATED not in way[1:], "it would be sent as a new payment"


def every_order() -> list[Order]:
    amounts: list[tuple[int, ...]] = [(), (100,), (90,), (100, 100), (90, 100)]
    taken = [order(state, *a) for a in amounts[1:] for state in (OrderState.DEBITED, OrderState.BOOKED)]
    empty = [OrderState.NONE, OrderState.WAITING, OrderState.REFUSED, OrderState.VOIDED]
    return [*taken, *(order(state) for state in empty), order(OrderState.VOIDED, given_back=(100,))]


@pytest.mark.parametrize("way", list(Way))
def test_every_answer_in_every_state_has_moves_that_the_table_knows_and_keeps_at_most_one_debit(way: Way) -> None:
    for state, answer, overdue in itertools.product(PayState, every_order(), (False, True)):
        verdict = judge(Payment(state, 100, way, overdue), answer)
        for move in verdict.moves:
            state = after(state, move)
        kept = [debit for debit in answer.standing if debit.txn not in verdict.reverse]
        assert len(kept) <= 1
        if state is PayState.BOOKED and not verdict.difference:
            assert [debit.amount_fen for debit in kept] == [100]
        if state in (PayState.REFUSED, PayState.REVERSED, PayState.REVERSING):
            assert kept == []


def test_nothing_taken_and_nothing_promised_is_closed_at_the_other_side_before_it_counts_as_refused() -> None:
    verdict = judge(Payment(PayState.UNKNOWN, 100, Way.CODE), order(OrderState.NONE))
    assert verdict.void and verdict.moves == ()
    assert judge(Payment(PayState.UNKNOWN, 100, Way.CODE), order(OrderState.VOIDED)).moves == (PayMove.REFUSE,)


def test_a_slip_waits_until_its_last_day() -> None:
    waiting = order(OrderState.WAITING)
    assert not judge(Payment(PayState.SENT, 100, Way.SLIP), waiting).void
    assert judge(Payment(PayState.SENT, 100, Way.SLIP, expired=True), waiting).void


def test_paid_and_not_entered_for_a_day_is_given_back() -> None:
    debited = order(OrderState.DEBITED, 100)
    assert judge(Payment(PayState.PAID, 100, Way.CODE), debited).reverse == ()
    late = judge(Payment(PayState.PAID, 100, Way.CODE, overdue=True), debited)
    assert (late.moves, late.reverse) == ((PayMove.TURN_BACK,), ("T0",))


def answer(code: str, **values: object) -> Lookup:
    state = LookupState.ANSWERED if values else LookupState.NOT_FOUND
    return Lookup(code, state, values, "e", AT)


def silent(code: str) -> Lookup:
    return Lookup(code, LookupState.TIMEOUT, {}, "e", AT)


def medical(**others: Lookup) -> list[tuple[Standing, int]]:
    bills = (
        {"kind": "medical", "year": 2026, "due_fen": 43000, "paid_fen": 0},
        {"kind": "pension", "year": 2026, "due_fen": 20000, "paid_fen": 0},
        {"kind": "medical", "year": 2025, "due_fen": 40000, "paid_fen": 40000},
    )
    lookups = {"L11": answer("L11"), "L13": answer("L13"), "L19": answer("L19", cleared=True, bills=bills), **others}
    lines = contributions("XA023", NAME, NUMBER, lookups, TODAY)
    return [(line.standing, line.amount_fen) for line in lines]


RELIEF = {"since": "2020-01", "valid_until": "2027-01-01"}


@pytest.mark.parametrize(
    ("others", "standing", "amount"),
    [
        ({}, Standing.DUE, 43000),
        ({"L11": answer("L11", category="low_income", **RELIEF)}, Standing.EXEMPT, 0),
        ({"L11": answer("L11", category="destitute", **RELIEF)}, Standing.EXEMPT, 0),
        ({"L11": answer("L11", category="near_low", **RELIEF)}, Standing.DUE, 43000),
        ({"L11": answer("L11", category="low_income", valid_until="2026-11-23")}, Standing.DUE, 43000),
        ({"L13": answer("L13", level=2, valid_until="2030-01-01")}, Standing.EXEMPT, 0),
        ({"L13": answer("L13", level=3, valid_until="2030-01-01")}, Standing.DUE, 43000),
        ({"L11": silent("L11")}, Standing.EXEMPTION_UNCLEAR, 0),
        ({"L13": silent("L13")}, Standing.EXEMPTION_UNCLEAR, 0),
        ({"L19": silent("L19")}, Standing.REGISTER_SILENT, 0),
    ],
)
def test_whom_the_state_pays_for_owes_nothing_and_nobody_is_charged_in_doubt(
    others: dict[str, Lookup], standing: Standing, amount: int
) -> None:
    assert medical(**others) == [(standing, amount)]


def test_a_meter_of_another_supplier_is_no_bill_of_this_item() -> None:
    assert utility("XA101", "W00000001", answer("L30", kind="water", owed_fen=1230))[0].amount_fen == 1230
    assert utility("XA101", "W00000001", answer("L30", kind="water", owed_fen=0)) == ()
    for wrong in (answer("L30", kind="power", owed_fen=5), answer("L30")):
        with pytest.raises(WrongMeter):
            utility("XA101", "W00000001", wrong)


def test_a_fine_whose_payment_is_unclear_is_frozen() -> None:
    (line,) = fine("JT0001", answer("L31", due_fen=20000, state="unclear"))
    assert (line.standing, line.amount_fen) == (Standing.UNDER_WAY, 0)
    assert fine("JT0001", answer("L31", due_fen=0, state="paid")) == ()
    assert fine("JT0001", answer("L31", due_fen=20000, state="open"))[0].amount_fen == 20000
