from __future__ import annotations

import pickle
import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.identity import (
    Identity,
    IdentityError,
    IdentityKind,
    IdentityProblem,
    Secret,
    Sex,
    check_character,
    credit_code_check,
    mask_name,
    mask_number,
    parse_identity,
)

TODAY = date(2026, 11, 24)
RESIDENTS = tomllib.loads((Path(__file__).parents[3] / "config/demo/residents.toml").read_text("utf-8"))
births = st.dates(date(1900, 1, 1), TODAY)
areas = st.sampled_from(["350221", "350212", "350213", "110101", "659004"])


def resident(area: str, birth: date, order: int) -> str:
    first17 = f"{area}{birth:%Y%m%d}{order:03d}"
    return first17 + check_character(first17)


def problem_of(text: str) -> IdentityProblem:
    with pytest.raises(IdentityError) as caught:
        parse_identity(text, TODAY)
    assert text not in str(caught.value)
    return caught.value.problem


@pytest.mark.parametrize(
    ("number", "kind", "birth", "sex"),
    [
        ("35022119410315002X", IdentityKind.RESIDENT, date(1941, 3, 15), Sex.FEMALE),
        ("350213200501010012", IdentityKind.RESIDENT, date(2005, 1, 1), Sex.MALE),
        ("350212196207080030", IdentityKind.RESIDENT, date(1962, 7, 8), Sex.MALE),
        ("830000199001010012", IdentityKind.HMT, date(1990, 1, 1), Sex.MALE),
        ("810000199001010019", IdentityKind.HMT, date(1990, 1, 1), Sex.MALE),
        ("932682198501010017", IdentityKind.FOREIGNER_2023, date(1985, 1, 1), Sex.MALE),
        ("911124198108030024", IdentityKind.FOREIGNER_2023, date(1981, 8, 3), Sex.FEMALE),
    ],
)
def test_published_numbers_say_who_is_meant(number: str, kind: IdentityKind, birth: date, sex: Sex) -> None:
    identity = parse_identity(number, TODAY)
    assert (identity.kind, identity.birth, identity.sex) == (kind, birth, sex)
    assert identity.number.reveal() == number


@pytest.mark.parametrize("key", sorted(RESIDENTS))
def test_every_demo_resident_has_a_valid_number_that_agrees_with_the_card(key: str) -> None:
    person = RESIDENTS[key]
    identity = parse_identity(person["number"], TODAY)
    assert identity.kind.value == person["document"]
    says = (date.fromisoformat(person["birth"]), Sex(str(person["sex"])))
    # The number of 2017 says neither surely: the card's own fields count.
    assert (identity.birth, identity.sex) == (
        (None, Sex.UNKNOWN) if identity.kind is IdentityKind.FOREIGNER_2017 else says
    )


def test_a_lower_case_x_and_spaces_are_read() -> None:
    assert parse_identity("350221 19410315 002x", TODAY).number.reveal() == "35022119410315002X"


def test_the_nationality_of_a_foreigner_is_told() -> None:
    assert parse_identity("932682198501010017", TODAY).nationality == "682"
    old = parse_identity("CAN110081080310", TODAY)
    assert (old.kind, old.nationality, old.birth, old.sex) == (
        IdentityKind.FOREIGNER_2017,
        "CAN",
        None,
        Sex.UNKNOWN,
    )


def test_an_old_number_is_written_out_and_says_so() -> None:
    identity = parse_identity("350221410315002", TODAY)
    assert identity.converted
    assert identity.number.reveal() == "35022119410315002X"
    assert not parse_identity("35022119410315002X", TODAY).converted


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", IdentityProblem.LENGTH),
        ("3502211941031500", IdentityProblem.LENGTH),
        ("350221194103150020", IdentityProblem.CHECK),
        ("35022119410315OO2X", IdentityProblem.CHARACTERS),
        ("３５０２２１１９４１０３１５００２８", IdentityProblem.CHARACTERS),
        ("X50221194103150028", IdentityProblem.CHARACTERS),
        ("350221194102300021", IdentityProblem.BIRTH),
        ("350221190002290025", IdentityProblem.BIRTH),
        ("350221178001010021", IdentityProblem.BIRTH),
        ("350221202612010021", IdentityProblem.FUTURE),
        ("000000194103150021", IdentityProblem.AREA),
        ("990000194103150021", IdentityProblem.AREA),
        ("350000194103150021", IdentityProblem.AREA),
        ("830000900101001", IdentityProblem.AREA),
        ("CAN11008108031X", IdentityProblem.CHARACTERS),
    ],
)
def test_a_bad_number_is_refused_with_its_reason_and_without_the_number(text: str, problem: IdentityProblem) -> None:
    with pytest.raises(IdentityError) as caught:
        parse_identity(text, TODAY)
    assert caught.value.problem is problem
    assert len(text) < 15 or text not in str(caught.value)


@given(areas, births, st.integers(0, 999))
def test_every_well_made_number_is_read_back(area: str, birth: date, order: int) -> None:
    identity = parse_identity(resident(area, birth, order), TODAY)
    assert identity.birth == birth
    assert identity.sex is (Sex.MALE if order % 2 else Sex.FEMALE)


@given(areas, births, st.integers(0, 999), st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(area: str, birth: date, order: int, place: int, shift: int) -> None:
    number = resident(area, birth, order)
    digit = 10 if number[place] == "X" else int(number[place])
    wrong = str((digit + shift) % 10)
    if wrong == number[place]:
        return
    with pytest.raises(IdentityError):
        parse_identity(number[:place] + wrong + number[place + 1 :], TODAY)


@given(areas, births, st.integers(0, 999), st.integers(0, 16))
def test_two_swapped_neighbours_are_always_noticed(area: str, birth: date, order: int, place: int) -> None:
    number = resident(area, birth, order)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        with pytest.raises(IdentityError):
            parse_identity(swapped, TODAY)


@given(st.text(max_size=20))
def test_any_text_is_either_a_number_or_a_named_problem(text: str) -> None:
    try:
        assert isinstance(parse_identity(text, TODAY), Identity)
    except IdentityError as error:
        assert error.problem in IdentityProblem


def test_a_birth_today_counts_and_one_tomorrow_does_not() -> None:
    assert parse_identity(resident("350213", TODAY, 1), TODAY).birth == TODAY
    assert problem_of(resident("350213", TODAY + timedelta(days=1), 1)) is IdentityProblem.FUTURE


def test_published_credit_codes_have_the_check_character_that_is_computed() -> None:
    for code in ("91110000802100433B", "11330105002500287C", "11430000006122244L"):
        assert credit_code_check(code[:17]) == code[17]


def test_a_remainder_of_31_is_written_as_0() -> None:
    bodies = [f"91350200{n:09d}" for n in range(400)]
    zero = [
        b for b in bodies if sum("0123456789ABCDEFGHJKLMNPQRTUWXY".index(c) * 3**i for i, c in enumerate(b)) % 31 == 0
    ]
    assert zero
    assert {credit_code_check(body) for body in zero} == {"0"}


@pytest.mark.parametrize("letter", "IOZSV")
def test_letters_that_look_like_digits_are_in_no_credit_code(letter: str) -> None:
    with pytest.raises(ValueError, match="substring not found"):
        credit_code_check("9111000080210043" + letter)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("", ""),
        ("陈", "*"),
        ("陈婆", "陈*"),
        ("陈阿金", "陈*金"),
        ("欧阳阿金", "欧**金"),
        ("郑𠮷嬷", "郑*嬷"),
        ("𠮷嬷", "𠮷*"),
        ("买买提·吐尔逊", "买**·**逊"),
        ("陈葛󠄀金", "陈*金"),
        ("葛󠄀阿金", "葛󠄀*金"),
        ("LEE ANN", "L** **N"),
        ("陈阿金  ", "陈*金"),
    ],
)
def test_a_name_is_masked_by_whole_characters(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=8))
def test_a_masked_name_keeps_its_length_and_hides_the_middle(name: str) -> None:
    masked = mask_name(name)
    assert len(masked) == len(name)
    assert set(masked[1:-1]) <= {"*"}


@pytest.mark.parametrize(
    ("number", "masked"),
    [("35022119410315002X", "350*************2X"), ("1234567", "*******"), ("CAN110081080310", "CAN**********10")],
)
def test_a_number_is_masked(number: str, masked: str) -> None:
    assert mask_number(number) == masked


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret("35022119410315002X")
    identity = parse_identity("35022119410315002X", TODAY)
    for text in (
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret:>20}",
        f"{secret:s}",
        repr([secret]),
        repr(identity),
    ):
        assert "0315" not in text
        assert "***" in text
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    assert secret == Secret("35022119410315002X")
    assert secret != Secret("other")
