"""The case number, and who may move a case where."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.domain.cases.case import FINAL, TABLE, CaseState, Move, NotAllowed, Role, move
from backoffice.domain.cases.case_number import CaseNoInvalid, check_digit, parse_case_number

SERIALS = st.integers(0, 99_999)


@pytest.mark.parametrize(("digits", "check"), [("0794", "5"), ("00200667308", "5")])
def test_published_check_digits_of_mod_11_10(digits: str, check: str) -> None:
    """ISO 7064 MOD 11,10: the standard's own example 0794-5, and a German tax-number style string."""
    assert check_digit(digits) == check


def number(serial: int, day: str = "261124") -> str:
    digits = f"3502130078{day}{serial:05d}"
    return digits + check_digit(digits)


@given(SERIALS)
def test_a_number_comes_apart_into_its_parts(serial: int) -> None:
    parsed = parse_case_number(number(serial))
    assert (parsed.site_no, parsed.channel, parsed.day, parsed.serial) == ("007", "8", "261124", f"{serial:05d}")
    assert parsed.shown == number(serial)[-16:]


@given(SERIALS, st.integers(6, 21), st.integers(1, 9))
def test_every_single_wrong_digit_is_noticed(serial: int, place: int, shift: int) -> None:
    text = number(serial)
    wrong = text[:place] + str((int(text[place]) + shift) % 10) + text[place + 1 :]
    with pytest.raises(CaseNoInvalid):
        parse_case_number(wrong)


@given(SERIALS)
def test_a_day_that_does_not_exist_is_noticed(serial: int) -> None:
    with pytest.raises(CaseNoInvalid, match="case_no_day"):
        parse_case_number(number(serial, "260230"))


@pytest.mark.parametrize("text", ["", "1" * 21, "1" * 23, "３" * 22, "350213007826112400001X"])
def test_only_22_plain_digits_are_a_number(text: str) -> None:
    with pytest.raises(CaseNoInvalid, match="case_no_form"):
        parse_case_number(text)


def test_the_rule_engine_can_approve_or_hand_over_but_never_refuse() -> None:
    reachable = {TABLE[key].to for key in TABLE if Role.RULE_ENGINE in TABLE[key].roles}
    decided = {CaseState.APPROVED, CaseState.NOTICED, CaseState.HANDED_OVER}
    reopened = {CaseState.UNDER_REVIEW}
    told = {CaseState.WAITING, CaseState.COMPLETED, CaseState.REPEATED}
    assert reachable == decided | reopened | told


def test_only_a_superior_refuses_or_gives_a_second_notice() -> None:
    for (_, wanted), row in TABLE.items():
        if wanted in (Move.REFUSE, Move.NOTICE_AGAIN):
            assert row.roles == {Role.SUPERIOR}


def test_a_decided_case_does_not_move_by_itself() -> None:
    for state, wanted, role in product(FINAL, Move, Role):
        with pytest.raises(NotAllowed):
            move(state, wanted, role)
    assert {wanted for state, wanted in TABLE if state is CaseState.APPROVED} == {Move.ISSUE, Move.REOPEN}


def test_every_pair_outside_the_table_is_refused_for_every_role() -> None:
    for state, wanted, role in product(CaseState, Move, Role):
        row = TABLE.get((state, wanted))
        if row is not None and role in row.roles:
            assert move(state, wanted, role) is row.to
        else:
            with pytest.raises(NotAllowed):
                move(state, wanted, role)
