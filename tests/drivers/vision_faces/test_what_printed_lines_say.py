"""From lines of print to fields: what fits is taken, what contradicts itself is none, and junk is never a number."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers import faults
from drivers.api import FACE_FAULT_OF_HINT, PAGE_FAULT_OF_HINT, PORTRAIT_FAULT_OF_HINT, CaptureHint
from drivers.codec.citizen_number import check_character
from drivers.vision.faces import parse, places
from drivers.vision.faces.number import is_number
from drivers.vision.faces.operation import PLACES
from drivers.vision.faces.parse import Front, Said
from drivers.vision.faces.votes import Votes

TODAY = date(2026, 11, 24)
NUMBER = "350221194403150021"
XIANGAN = "福建省厦门市翔安区"


def front(**changed: object) -> Front:
    said = {
        "name": Said("陈阿金"), "sex": Said("性别女"), "nation": Said("民族汉"), "birth": Said("1944年3月15日"),
        "address": [Said(f"住址{XIANGAN}金海"), Said("街道后村社区下厝12号")], "number": Said(NUMBER),
        "places": places.load(PLACES),
    }  # fmt: skip
    return parse.front(**{**said, **changed}, today=TODAY)  # type: ignore[arg-type]


def test_a_whole_front() -> None:
    read = front()
    assert (read.name, read.sex, read.nation, read.number) == ("陈阿金", "2", "01", NUMBER)
    assert read.address == f"{XIANGAN}金海街道后村社区下厝12号"
    assert read.birth == date(1944, 3, 15)
    assert not read.doubts and read.is_whole
    assert repr(read) == "Front(***)" and "陈" not in repr(Said("陈阿金"))


@pytest.mark.parametrize("at", range(18))
def test_any_single_wrong_digit_is_no_number(at: int) -> None:
    wrong = NUMBER[:at] + ("7" if NUMBER[at] != "7" else "3") + NUMBER[at + 1 :]
    read = front(number=Said(wrong))
    assert read.number == "" and read.number_rejected


def test_a_valid_number_that_the_printed_birth_or_sex_contradicts_is_none() -> None:
    assert front(birth=Said("1944年3月16日")).number_rejected
    assert front(sex=Said("性别男")).number_rejected
    assert front(birth=Said("~~"), sex=Said("")).number == NUMBER
    assert "number" in front(birth=Said("~~")).doubts


def test_impossible_regions_and_birth_dates_are_no_numbers() -> None:
    for first17 in ("99022119440315002", "35022119441315002", "35022120990315002", "35000019440315002"):
        assert not is_number(first17 + check_character(first17), TODAY)


@pytest.mark.parametrize(
    ("text", "code", "bent"),
    [("民族汉", "01", False), ("漢", "01", False), ("畬", "22", False), ("维吾尓", "05", True), ("鳥", "", True)],
)
def test_a_nation_is_one_of_the_closed_list(text: str, code: str, bent: bool) -> None:
    assert parse.nation_of(text) == (code, bent)


@pytest.mark.parametrize(
    ("read", "right", "changed"),
    [
        (f"{XIANGAN}香山街道霞语社区9号", f"{XIANGAN}香山街道霞浯社区9号", True),
        (f"{XIANGAN}香山街道霞浯社区9号", f"{XIANGAN}香山街道霞浯社区9号", False),
        (f"{XIANGAN}金悔街道后村社区9号", f"{XIANGAN}金海街道后村社区9号", True),
        ("福建省厦门市同安区西柯镇9号", "福建省厦门市同安区西柯镇9号", False),
        ("广东省广州市天河区9号", "广东省广州市天河区9号", False),
        ("福建省厦门市翔马巷街道9号", "福建省厦门市翔马巷街道9号", True),
    ],
)
def test_one_wrong_character_of_a_known_place_is_mended_and_asked_about(read: str, right: str, changed: bool) -> None:
    assert places.mended(read, places.load(PLACES)) == (right, changed)
    assert ("address" in front(address=[Said(read)]).doubts) is changed


@pytest.mark.parametrize(("address", "is_asked"), [("后村社区9号", False), ("后村社区9", True), ("后村社区9号3", True)])
def test_an_address_without_an_end_is_asked_about(address: str, is_asked: bool) -> None:
    assert ("address" in front(address=[Said(f"{XIANGAN}金海街道{address}")]).doubts) is is_asked


def test_no_village_behind_another_town_is_rewritten_and_each_is_asked_about() -> None:
    known = places.load(PLACES)
    pairs = [(town, village) for town, own in known.towns.items() for village in known.villages if village not in own]
    assert len(pairs) == 1161
    read = [f"{known.district}{town}{village}9号" for town, village in pairs]
    assert [places.mended(address, known) for address in read] == [(address, True) for address in read]


def test_a_back_for_ever_with_an_end_and_with_an_impossible_end() -> None:
    issuer = Said("签发机关厦门市公安局翔安分局")
    assert parse.back(issuer, Said("有效期限2012.05.08-长期"), TODAY).unlimited
    dated = parse.back(issuer, Said("2016.03.02-2036.03.02"), TODAY)
    assert (dated.issuer, dated.valid_until) == ("厦门市公安局翔安分局", date(2036, 3, 2))
    assert not parse.back(issuer, Said("2016.03.02-2037.03.02"), TODAY).is_whole
    assert not parse.back(issuer, Said("2027.03.02-长期"), TODAY).is_whole


def test_two_pictures_have_to_agree_on_number_and_name() -> None:
    votes = Votes()
    assert votes.read(front()) and votes.agreed() is None
    assert votes.seen("陈阿全", NUMBER) and votes.agreed() is None
    assert votes.seen("陈阿金", NUMBER)
    agreed = votes.agreed()
    assert agreed is not None and agreed.name == "陈阿金" and "name" in agreed.doubts


def test_two_different_valid_numbers_forget_everything() -> None:
    votes = Votes()
    votes.read(front())
    assert not votes.seen("陈阿金", "350221194703050014")
    assert votes.agreed() is None
    votes.read(front())
    votes.seen("陈阿金", NUMBER)
    assert votes.agreed() is not None


def test_every_hint_has_a_sentence_for_pages_and_cards_or_for_portraits() -> None:
    assert set(PAGE_FAULT_OF_HINT) == set(FACE_FAULT_OF_HINT)
    assert set(PAGE_FAULT_OF_HINT) | set(PORTRAIT_FAULT_OF_HINT) == set(CaptureHint)
    assert PORTRAIT_FAULT_OF_HINT[CaptureHint.SEVERAL_FACES] is faults.POR_SEVERAL
    assert PAGE_FAULT_OF_HINT[CaptureHint.NO_PAGE] is faults.PIC_NO_PAGE
    assert FACE_FAULT_OF_HINT[CaptureHint.UNREADABLE] is faults.FAC_UNREADABLE
    assert FACE_FAULT_OF_HINT[CaptureHint.NUMBER_WRONG] is faults.FAC_NUMBER_WRONG


LINES = st.builds(
    Said, st.text(alphabet="0123456789X年月日男女汉族姓名住址长期.-陈区镇村 漢A", max_size=40), st.floats(0, 1)
)


@settings(max_examples=400, deadline=None)
@given(LINES, LINES, LINES, LINES, st.lists(LINES, max_size=4), LINES)
def test_junk_never_raises_and_never_makes_a_bad_number(
    name: Said, sex: Said, nation: Said, birth: Said, address: list[Said], number: Said
) -> None:
    read = parse.front(name, sex, nation, birth, address, number, TODAY, places.load(PLACES))
    assert read.number == "" or is_number(read.number, TODAY)
    parse.back(name, number, TODAY)
