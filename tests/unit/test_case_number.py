from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.case_number import (
    KIOSK_CHANNEL,
    CaseNumber,
    CaseNumberError,
    CaseNumberProblem,
    check_digit,
    day_of,
    from_shown,
    is_valid,
    mint,
    parse,
    shown,
)

DAYS = st.dates(date(2020, 1, 1), date(2069, 12, 31)).map(day_of)
NUMBERS = st.builds(
    mint, st.sampled_from(["350213", "350212"]), st.integers(0, 999), st.integers(0, 9), DAYS, st.integers(1, 99_999)
)


def test_the_standards_example_has_its_check_digit() -> None:
    # ISO 7064:2003, MOD 11,10: 0794 -> 5
    assert check_digit("0794") == "5"


def test_a_number_is_put_together_in_its_order() -> None:
    number = mint("350213", 7, KIOSK_CHANNEL, day_of(date(2026, 11, 24)), 42)
    assert number[:-1] == "350213" + "007" + "8" + "261124" + "00042"
    assert len(number) == 22


@given(NUMBERS)
def test_every_number_is_read_back(number: str) -> None:
    assert str(parse(number)) == number


@given(NUMBERS)
def test_the_shown_groups_lead_back_to_the_number(number: str) -> None:
    groups = shown(number)
    assert [len(group) for group in groups.split(" ")] == [4, 4, 4, 4]
    assert str(from_shown(groups, number[:6])) == number


@given(NUMBERS, st.integers(0, 21), st.integers(1, 9))
def test_every_single_wrong_digit_is_noticed(number: str, place: int, shift: int) -> None:
    wrong = str((int(number[place]) + shift) % 10)
    assert not is_valid(number[:place] + wrong + number[place + 1 :])


def test_the_share_of_noticed_swaps_is_what_the_system_promises() -> None:
    """MOD 11,10 misses a swap of neighbours in exactly 2 of 90 pairs, in whatever state it meets them."""
    missed = []
    for state in range(1, 11):
        for a in range(10):
            for b in range(10):
                if a != b and _after(_after(state, a), b) == _after(_after(state, b), a):
                    missed.append((state, a, b))
    assert len(missed) == 20
    per_state = {state: sum(s == state for s, _, _ in missed) for state in range(1, 11)}
    assert set(per_state.values()) == {2}


def _after(product: int, digit: int) -> int:
    return ((product + digit) % 10 or 10) * 2 % 11


def test_swaps_of_neighbours_among_the_shown_digits_are_nearly_always_noticed() -> None:
    """What a clerk types are the 16 shown digits; the division before them is the terminal's own."""
    noticed = total = 0
    for serial in range(1, 4000, 7):
        number = mint("350213", serial % 129, KIOSK_CHANNEL, f"26{serial % 12 + 1:02d}{serial % 28 + 1:02d}", serial)
        for place in range(6, 21):
            if number[place] != number[place + 1]:
                total += 1
                noticed += not is_valid(number[:place] + number[place + 1] + number[place] + number[place + 2 :])
    assert total > 5000
    assert noticed / total > 0.96


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", CaseNumberProblem.DIGITS),
        ("35021300782611240004", CaseNumberProblem.LENGTH),
        ("350213007826112400042٣", CaseNumberProblem.DIGITS),
        ("3502130078261124000425", CaseNumberProblem.CHECK),
    ],
)
def test_a_bad_number_is_refused_with_its_reason(text: str, problem: CaseNumberProblem) -> None:
    with pytest.raises(CaseNumberError) as caught:
        parse(text)
    assert caught.value.problem is problem


def test_a_day_that_does_not_exist_is_no_case_number() -> None:
    body = "350213" + "007" + "8" + "260231" + "00001"
    with pytest.raises(CaseNumberError) as caught:
        parse(body + check_digit(body))
    assert caught.value.problem is CaseNumberProblem.DAY


def test_serial_zero_is_no_case_number() -> None:
    body = "350213" + "007" + "8" + "261124" + "00000"
    assert not is_valid(body + check_digit(body))


@pytest.mark.parametrize(
    "parts",
    [
        ("35021", 7, 8, "261124", 1),
        ("350213", 1000, 8, "261124", 1),
        ("350213", 7, 10, "261124", 1),
        ("350213", 7, 8, "2026-11-24", 1),
        ("350213", 7, 8, "261124", 0),
        ("350213", 7, 8, "261124", 100_000),
    ],
)
def test_parts_that_do_not_fit_are_refused(parts: tuple[str, int, int, str, int]) -> None:
    with pytest.raises(CaseNumberError):
        mint(*parts)


def test_the_parts_are_told() -> None:
    assert parse("350213 0078 2611 2400 0426") == CaseNumber("350213", 7, 8, "261124", 42)
