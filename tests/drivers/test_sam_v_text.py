"""The chip's text block: four layouts by the marker, elders' 长期 cards, and never a doubtful name."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers import faults
from drivers.api import DeviceError, IdCard, IdDocument
from drivers.codec.citizen_number import check_character
from drivers.codec.sam_v_text import (
    LAYOUT_OF,
    LAYOUTS,
    Layout,
    decode_base,
    decode_new_address,
    decode_text,
    encode_base,
    encode_text,
    join_block,
    split_block,
)

RESIDENT = IdCard(
    document=IdDocument.RESIDENT,
    name="陈阿婆",
    sex="2",
    nation="01",
    birth=date(1950, 1, 1),
    address="福建省厦门市翔安区新店镇测试村1号",
    number="350213195001012341",
    issuer="厦门市公安局翔安分局",
    valid_from=date(2020, 1, 15),
    valid_until=None,
)
HMT = replace(
    RESIDENT,
    document=IdDocument.HMT,
    name="王美玉",
    nation="",
    birth=date(1943, 6, 20),
    number="810000194306200021",
    valid_until=date(2027, 9, 1),
    extras={"pass_number": "H00000018", "issues": "01"},
)
FOREIGNER_2023 = replace(
    RESIDENT,
    document=IdDocument.FOREIGNER_2023,
    name="阿里",
    nation="",
    address="",
    issuer="",
    birth=date(1985, 1, 1),
    number="932682198501010017",
    valid_until=date(2033, 1, 15),
    extras={
        "english_name": "ALI MOHAMMED ABDULLAH AL SULAIMANI" + " BIN SALEM",
        "nationality": "SAU",
        "renewals": "01",
        "old_number_link": "123",
    },
)
FOREIGNER_2017 = replace(
    FOREIGNER_2023,
    document=IdDocument.FOREIGNER_2017,
    number="SAU350285010112",
    extras={"english_name": "ALI, MOHAMMED", "nationality": "SAU", "version": "01", "authority": "1500"},
)
CARDS = (RESIDENT, HMT, FOREIGNER_2017, FOREIGNER_2023)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.document.value)
def test_each_layout_fills_the_block_exactly_and_keeps_the_marker_at_248(layout: Layout) -> None:
    assert layout.fields[-1].offset + layout.fields[-1].size == 256
    assert [f.offset for f in layout.fields if f.name == "marker"] == [248]


def test_the_offsets_are_the_published_ones() -> None:
    offsets = {layout.document: {f.name: (f.offset, f.size) for f in layout.fields} for layout in LAYOUTS}
    assert offsets[IdDocument.RESIDENT]["number"] == (122, 36)
    assert offsets[IdDocument.RESIDENT]["valid_until"] == (204, 16)
    assert offsets[IdDocument.HMT]["pass_number"] == (220, 18)
    assert offsets[IdDocument.HMT]["issues"] == (238, 4)
    assert offsets[IdDocument.FOREIGNER_2017]["number"] == (122, 30)
    assert offsets[IdDocument.FOREIGNER_2017]["birth"] == (220, 16)
    assert offsets[IdDocument.FOREIGNER_2023]["english_name_rest"] == (220, 22)
    assert offsets[IdDocument.FOREIGNER_2023]["nationality"] == (242, 6)


def test_the_fixture_block_has_the_computed_digest() -> None:
    assert hashlib.sha256(encode_text(RESIDENT)).hexdigest().startswith("19f9eb5e2be99c58")


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.document.value)
def test_a_card_of_each_layout_is_read_as_it_was_written(card: IdCard) -> None:
    block = encode_text(card)
    assert len(block) == 256
    assert decode_text(block) == card


def test_a_card_without_end_date_is_valid_for_ever() -> None:
    _layout, fields = split_block(encode_text(RESIDENT))
    assert fields["valid_until"] == "长期" + " " * 6
    assert decode_text(encode_text(RESIDENT)).valid_until is None


def test_a_blank_nation_is_no_error_on_a_residence_permit() -> None:
    assert decode_text(encode_text(HMT)).nation == ""


def test_an_english_name_with_a_space_at_the_seam_stays_whole() -> None:
    english = FOREIGNER_2023.extras["english_name"]
    assert english[34] == " "
    assert decode_text(encode_text(FOREIGNER_2023)).extras["english_name"] == english


@pytest.mark.parametrize("number", ["SAU35028501011X", "SA1350285010112", "SAU35028501011", "ＳAU350285010112"])
def test_a_foreigners_number_of_2017_has_three_letters_and_twelve_digits(number: str) -> None:
    with pytest.raises(DeviceError) as caught:
        decode_text(encode_text(replace(FOREIGNER_2017, number=number)))
    assert caught.value.fault is faults.CRD_DATA


def test_an_unknown_marker_is_an_unknown_kind_of_card_and_nothing_is_sliced() -> None:
    block = bytearray(encode_text(RESIDENT))
    block[248] = ord("Q")
    with pytest.raises(DeviceError) as caught:
        decode_text(bytes(block))
    assert caught.value.fault is faults.CRD_INVALID


@pytest.mark.parametrize("name", ["买买提·吐尔逊", "郑𠮷嬷", "陈\ue000嬷", "A B", "王㐂"])
def test_inner_dots_spaces_rare_and_private_characters_of_a_name_stay(name: str) -> None:
    assert decode_text(encode_text(replace(RESIDENT, name=name))).name == name


def _with(card: IdCard, **raw: str) -> bytes:
    layout, fields = split_block(encode_text(card))
    return join_block(layout, {**fields, **raw})


@pytest.mark.parametrize(
    "raw",
    [
        {"number": "350213195001012342"},
        {"number": "35021319500101234X"},
        {"number": "350213195001012"},
        {"number": ""},
        {"birth": "19500102"},
        {"birth": "19501301"},
        {"birth": ""},
        {"name": ""},
        {"name": "陈\x07婆"},
        {"sex": "X"},
        {"sex": ""},
        {"nation": "A1"},
        {"valid_until": "20300230"},
        {"valid_until": ""},
        {"valid_from": "长期"},
    ],
    ids=str,
)
def test_a_field_that_does_not_parse_refuses_the_whole_card(raw: dict[str, str]) -> None:
    with pytest.raises(DeviceError) as caught:
        decode_text(_with(RESIDENT, **raw))
    assert caught.value.fault is faults.CRD_DATA
    assert "陈" not in str(caught.value) and "350213" not in str(caught.value)


@pytest.mark.parametrize(("card", "wrong"), [(HMT, "810000194306200022"), (FOREIGNER_2023, "932682198501010018")])
def test_the_check_digit_counts_for_permits_and_2023_cards_too(card: IdCard, wrong: str) -> None:
    with pytest.raises(DeviceError) as caught:
        decode_text(_with(card, number=wrong))
    assert caught.value.fault is faults.CRD_DATA


def test_half_a_surrogate_pair_is_no_text_and_the_error_quotes_nothing() -> None:
    block = bytearray(encode_text(RESIDENT))
    block[0:2] = b"\x42\xd8"
    with pytest.raises(DeviceError) as caught:
        decode_text(bytes(block))
    assert caught.value.fault is faults.CRD_DATA
    assert caught.value.__cause__ is None


def test_inner_lengths_that_do_not_add_up_are_refused() -> None:
    data = encode_base(encode_text(RESIDENT), bytes(1024))
    for wrong in (data[:-1], data + b"\0", b"\x01\x02" + data[2:]):
        with pytest.raises(DeviceError) as caught:
            decode_base(wrong)
        assert caught.value.fault is faults.CRD_DATA


@pytest.mark.parametrize("number", ["932682198501010017", "911124198108030024", "350221194403150021"])
def test_published_and_fictitious_numbers_carry_their_check_digit(number: str) -> None:
    assert check_character(number[:17]) == number[17]


names = st.text(st.sampled_from("陈阿金·林 水木𠮷\ue123㐂马"), min_size=1, max_size=7).filter(lambda n: n == n.strip())
days = st.dates(date(1901, 1, 1), date(2099, 12, 31))


@st.composite
def cards(draw: st.DrawFn) -> IdCard:
    document = draw(st.sampled_from((IdDocument.RESIDENT, IdDocument.HMT)))
    birth = draw(days)
    region = draw(st.sampled_from(("350213", "350221", "110101"))) if document is IdDocument.RESIDENT else "830000"
    first_17 = f"{region}{birth:%Y%m%d}{draw(st.integers(0, 999)):03d}"
    extras = {"pass_number": "H12345678", "issues": "02"} if document is IdDocument.HMT else {}
    return replace(
        RESIDENT,
        document=document,
        name=draw(names),
        sex=draw(st.sampled_from("0129")),
        nation=f"{draw(st.integers(1, 98)):02d}" if document is IdDocument.RESIDENT else "",
        birth=birth,
        number=first_17 + check_character(first_17),
        valid_from=draw(days),
        valid_until=draw(st.none() | days),
        extras=extras,
    )


@settings(max_examples=300, deadline=None)
@given(card=cards())
def test_reading_undoes_writing_for_any_card(card: IdCard) -> None:
    assert decode_text(encode_text(card)) == card


def test_a_card_hides_its_content_when_shown() -> None:
    assert repr(RESIDENT) == "IdCard(resident, ***)"


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.document.value)
def test_a_card_of_each_layout_padded_with_nul_says_the_same(card: IdCard) -> None:
    block = bytearray(encode_text(card))
    layout = LAYOUT_OF[card.document]
    for item in layout.fields:
        text = block[item.offset : item.offset + item.size].decode("utf-16-le")
        bare = text.rstrip(" ")
        block[item.offset : item.offset + item.size] = bare.encode("utf-16-le").ljust(item.size, b"\0")
    assert b"\0\0\0\0" in block
    assert decode_text(bytes(block)) == card


def test_a_nul_inside_a_text_is_no_padding() -> None:
    with pytest.raises(DeviceError) as caught:
        decode_text(_with(RESIDENT, address="福建省\0厦门市"))
    assert caught.value.fault is faults.CRD_DATA


def test_a_new_address_padded_with_nul_is_the_same_address() -> None:
    address = "厦门市翔安区新店镇测试村2号"
    assert decode_new_address(address.encode("utf-16-le").ljust(70, b"\0")) == address
