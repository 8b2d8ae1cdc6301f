"""Kiosk, drivers, office and made-up district reckon check characters apart; one oracle holds them to the standards.

The oracle reckons in another way than they do.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.domain.items.answer_checks import id_check_digit, uscc_check_digit
from backoffice.simulators.numbers import Numbers
from drivers.codec import citizen_number
from kiosk.domain import identity

CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PERSON: dict[str, Callable[[str], str]] = {
    "kiosk": identity.check_character,
    "drivers": citizen_number.check_character,
    "office": id_check_digit,
}


def is_citizens(number: str) -> bool:
    """ISO 7064 5.3, the recursive method of MOD 11-2: doubling and adding from the left must end at 1."""
    rest = 0
    for sign in number:
        rest = (rest * 2 + (10 if sign == "X" else int(sign))) % 11
    return rest == 1


def is_credit(code: str) -> bool:
    """GB 32100 B.2: the sum of value times weight over all 18 places is a multiple of 31, by a table of weights."""
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1)
    return sum(CREDIT.index(sign) * weight for sign, weight in zip(code, weights, strict=True)) % 31 == 0


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_the_oracle_knows_the_standards_own_examples(number: str) -> None:
    """GB 11643-1999, annex A."""
    assert is_citizens(number)
    assert not is_citizens(number[:16] + str((int(number[16]) + 1) % 10) + number[17])


@pytest.mark.parametrize("side", PERSON)
@given(first17=st.text("0123456789", min_size=17, max_size=17))
def test_each_side_gives_the_one_check_character_that_the_oracle_takes(side: str, first17: str) -> None:
    given_one = PERSON[side](first17)
    assert [sign for sign in "0123456789X" if is_citizens(first17 + sign)] == [given_one]


@given(first17=st.text(CREDIT, min_size=17, max_size=17))
def test_kiosk_and_office_give_a_credit_code_the_same_check_character(first17: str) -> None:
    right = [sign for sign in CREDIT if is_credit(first17 + sign)]
    assert right == [uscc_check_digit(first17)] == [identity.credit_code_check(first17)]


@given(seed=st.integers(), birth=st.dates(date(1900, 1, 1), date(2026, 1, 1)), sex=st.sampled_from((1, 2)))
def test_the_made_up_district_hands_out_right_numbers(seed: int, birth: date, sex: int) -> None:
    numbers = Numbers(Random(seed))
    assert is_citizens(numbers.citizen("350213", birth, sex))
    assert is_credit(numbers.shop())
