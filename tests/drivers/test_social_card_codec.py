"""APDUs and the records of a social security card: every detour followed, no doubtful value returned."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers import faults
from drivers.api import DeviceError, HolderLock
from drivers.chip_card import pcsc_social
from drivers.codec import apdu, social_card
from drivers.codec.apdu import Command, Reply, exchange
from drivers.codec.apdu_wire import describe
from drivers.codec.citizen_number import check_character
from drivers.codec.social_card import decode_card, decode_holder, record_value
from drivers.codec.wire import Direction, Passage, Sign
from drivers.sim.virtual_social_card import VirtualSocialCard, make_image

PUBLIC = {0x01: bytes.fromhex("350200") + bytes(13), 0x07: b"D12608821", 0x05: bytes.fromhex("20120601")}
HOLDER = {0x08: b"350221194403150021", 0x09: "陈阿金".encode("gb18030").ljust(30, b"\x00")}


def _scripted(*answers: str) -> tuple[list[str], apdu.Transmit]:
    asked: list[str] = []
    left = iter(answers)

    def transmit(command: bytes) -> bytes:
        asked.append(command.hex().upper())
        return bytes.fromhex(next(left))

    return asked, transmit


def test_commands_have_the_published_bytes() -> None:
    assert social_card.select_application().encode().hex().upper() == "00A404000F7378312E73682EC9E7BBE1B1A3D5CF00"
    assert social_card.select_file(0xEF05, True).encode().hex().upper() == "00A4020002EF0500"
    field = social_card.EF05.fields[6]
    assert social_card.read_record(field, by_tag=False, le=11).encode().hex().upper() == "00B207040B"
    assert social_card.read_record(field, by_tag=True).encode().hex().upper() == "00B2070000"


def test_kept_back_data_is_fetched_in_pieces() -> None:
    asked, transmit = _scripted("6103", "AABBCC6102", "DDEE9000")
    assert exchange(transmit, Command(0, 0xA4, 4, 0)).data.hex() == "aabbccddee"
    assert asked == ["00A40400", "00C0000003", "00C0000002"]


def test_a_named_length_is_asked_for_once() -> None:
    asked, transmit = _scripted("6C0B", "00" * 11 + "9000")
    assert len(exchange(transmit, Command(0, 0xB2, 7, 4, le=0)).data) == 11
    assert asked == ["00B2070400", "00B207040B"]
    _, transmit = _scripted("6C0B", "6C0B")
    assert exchange(transmit, Command(0, 0xB2, 7, 4, le=0)).sw == 0x6C0B


@pytest.mark.parametrize("answers", [[""], ["90"], ["6110"] * apdu.MOST_ROUNDS, ["6C01", "6C02"] * 16])
def test_an_answer_without_a_status_or_an_end_is_bad_data(answers: list[str]) -> None:
    with pytest.raises(DeviceError) as caught:
        exchange(_scripted(*answers)[1], Command(0, 0xB2, 1, 4, le=0))
    assert caught.value.fault is faults.CHP_DATA


@pytest.mark.parametrize(
    ("word", "locked", "blocked", "tries"),
    [
        (0x6982, True, False, None),
        (0x6985, True, False, None),
        (0x6983, True, True, None),
        (0x63C2, True, False, 2),
        (0x63C0, True, True, 0),
        (0x6A83, False, False, None),
        (0x9000, False, False, None),
    ],
)
def test_pin_states_are_told_apart(word: int, locked: bool, blocked: bool, tries: int | None) -> None:
    reply = Reply(b"", word)
    assert (reply.locked, reply.blocked, reply.tries_left) == (locked, blocked, tries)


def test_a_record_is_parsed_by_its_own_length() -> None:
    assert record_value(bytes.fromhex("0703414243FFFF"), 7) == b"ABC"
    assert record_value(bytes.fromhex("0803414243"), 7) is None
    for cut in ("07", "0704414243"):
        with pytest.raises(DeviceError):
            record_value(bytes.fromhex(cut), 7)


def test_a_card_without_optional_records_is_still_a_card() -> None:
    card = decode_card(PUBLIC, HOLDER, HolderLock.OPEN)
    assert (card.card_number, card.region, card.issued_on, card.valid_until) == (
        "D12608821",
        "350200",
        date(2012, 6, 1),
        None,
    )
    assert card.holder is not None and (card.holder.name, card.holder.birth) == ("陈阿金", None)
    assert decode_card(PUBLIC, None, HolderLock.NEEDS_PIN_OR_MODULE).holder is None


@pytest.mark.parametrize(
    ("tag", "value", "shown"),
    [(0x0A, b"2", "2"), (0x0A, b"\x02", "2"), (0x0A, b"x", ""), (0x0A, b"", "")],
)
def test_one_digit_is_read_as_a_character_or_a_number(tag: int, value: bytes, shown: str) -> None:
    assert decode_holder({**HOLDER, tag: value}).sex == shown


@pytest.mark.parametrize(
    "changed",
    [
        {0x08: b"350221194403150022"},
        {0x08: b"35022119440315002"},
        {0x08: b"\xff" * 18},
        {0x09: b"\xb3\xc2\xff\x81" + bytes(26)},
        {0x09: bytes(30)},
        {0x09: b"A\x07B".ljust(30, b"\x00")},
        {0x0D: bytes.fromhex("19440231")},
        {0x0D: bytes.fromhex("1944031F")},
        {0x0C: bytes.fromhex("3502A1")},
    ],
)
def test_a_doubtful_value_is_refused_and_not_told(changed: dict[int, bytes]) -> None:
    with pytest.raises(DeviceError) as caught:
        decode_holder({**HOLDER, **changed})
    assert caught.value.fault is faults.CHP_DATA
    assert "350221" not in str(caught.value) and caught.value.__cause__ is None


def test_a_foreigners_number_has_no_check_digit() -> None:
    assert decode_holder({**HOLDER, 0x08: b"SAU350285010112100"}).number == "SAU350285010112100"


names = st.text(st.characters(codec="gb18030", exclude_categories=("C", "Z")), min_size=1, max_size=12)


@settings(max_examples=300, deadline=None)
@given(names, st.integers(0, 10**17 - 1), st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_whatever_a_card_can_hold_comes_back_as_it_was(name: str, digits: int, birth: date) -> None:
    encoded = name.encode("gb18030")
    if len(encoded) > 50:
        return
    first = f"{digits:017d}"
    records = {
        0x08: (first + check_character(first)).encode(),
        0x09: encoded[:30].ljust(30, b"\x20"),
        0x4E: encoded[30:].ljust(20, b"\x00"),
        0x0D: bytes.fromhex(birth.strftime("%Y%m%d")),
    }
    holder = decode_holder(records)
    assert (holder.name, holder.birth) == (name, birth)


@settings(max_examples=500, deadline=None)
@given(st.dictionaries(st.sampled_from([1, 2, 3, 4, 5, 6, 7]), st.binary(max_size=40)), st.binary(max_size=60))
def test_any_bytes_end_in_a_card_or_in_bad_data(public: dict[int, bytes], noise: bytes) -> None:
    try:
        decode_card({0x01: b"", 0x07: b"", **public}, {0x08: noise[:18], 0x09: noise[18:]}, HolderLock.OPEN)
    except DeviceError as error:
        assert error.fault is faults.CHP_DATA


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(Direction), st.binary(max_size=40)), max_size=12))
def test_a_trace_of_any_bytes_has_a_line_for_each_and_shows_no_more_than_head_and_status(
    parts: list[tuple[Direction, bytes]],
) -> None:
    lines = describe([Passage(0.0, way, data) for way, data in parts])
    assert [line.length for line in lines] == [len(data) for _, data in parts]
    for line in lines:
        assert len(line.shown.split("<")[0].split()) <= 4


def test_a_card_that_refuses_is_trouble_and_a_card_that_is_asked_in_another_way_is_not() -> None:
    words = {"6F00": Sign.TROUBLE, "6A83": Sign.ANSWER, "6C0B": Sign.ANSWER, "6982": Sign.ANSWER, "9000": Sign.ANSWER}
    for word, sign in words.items():
        assert describe([Passage(0.0, Direction.FROM_DEVICE, bytes.fromhex(word))])[0].sign is sign


RESIDENT = {
    "name": "陈阿金", "number": "350221194403150021", "sex": "2", "nation": "01", "birth": "1944-03-15",
    "social_card": "D12608821", "social_issued": "2012-06-01",
}  # fmt: skip


class _Slot:
    """A simulated card that answers at once, in the place of a reader's slot."""

    def __init__(self, card: VirtualSocialCard) -> None:
        self._card = card

    def transmit(self, command: bytes, timeout_s: float) -> bytes:
        return self._card.answer(command)


@pytest.mark.parametrize("word", ["6A86", "6982", "6985"])
def test_a_card_that_knows_files_by_their_name_alone_is_read_whatever_it_calls_the_other_way(word: str) -> None:
    def quirk(name: str, _tag: str) -> Mapping[str, object] | None:
        return {"word": word} if name == "select_p1_00" else None

    card = VirtualSocialCard(make_image(RESIDENT), quirk)
    slot: Any = _Slot(card)
    read = pcsc_social._Dialogue(slot, time.monotonic() + 5).read()
    assert read.holder is not None and (read.holder.name, read.lock) == ("陈阿金", HolderLock.OPEN)
    assert card.verifications == 0


def test_a_file_that_is_closed_either_way_is_closed() -> None:
    def answer(command: bytes) -> bytes:
        return bytes.fromhex("9000") if command[2] == 0x04 else bytes.fromhex("6982" if command[2] == 0x02 else "6A86")

    class Closed(VirtualSocialCard):
        def answer(self, apdu: bytes) -> bytes:
            return answer(apdu)

    slot: Any = _Slot(Closed(make_image(RESIDENT), lambda _name, _tag: None))
    with pytest.raises(DeviceError) as caught:
        pcsc_social._Dialogue(slot, time.monotonic() + 5).read()
    assert caught.value.fault is faults.CHP_LOCKED
