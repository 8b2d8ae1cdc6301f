"""SAM_V frames: published vectors, and a parser that loses no good frame and believes no bad one."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from drivers.api import IdCard, IdDocument
from drivers.codec import sam_v
from drivers.codec.sam_v import COMMANDS, MAX_FRAME_BYTES, PREAMBLE, FrameParser, Reply, encode_reply
from drivers.codec.sam_v_text import encode_base, encode_new_address, encode_text

A_PO = IdCard(
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
PHOTO = bytes(range(256)) * 4
BASE = encode_reply(Reply(0, 0, 0x90, encode_base(encode_text(A_PO), PHOTO)))

REQUESTS = {
    "reset": "AAAAAA9669000310FFEC",
    "status": "AAAAAA9669000311FFED",
    "sam_id": "AAAAAA9669000312FFEE",
    "find": "AAAAAA96690003200122",
    "select": "AAAAAA96690003200221",
    "read": "AAAAAA96690003300132",
    "read_address": "AAAAAA96690003300330",
    "read_fp": "AAAAAA96690003301023",
}
SHORT_REPLIES = {
    0x80: 0x84, 0x81: 0x85, 0x41: 0x45, 0x31: 0x35, 0x32: 0x36, 0x33: 0x37, 0x34: 0x30, 0x40: 0x44, 0x47: 0x43,
    0x10: 0x14, 0x11: 0x15, 0x21: 0x25, 0x23: 0x27, 0x24: 0x20, 0x60: 0x64, 0x66: 0x62, 0x90: 0x94, 0x91: 0x95,
}  # fmt: skip


def test_every_request_has_the_published_bytes() -> None:
    assert {c.name: sam_v.encode_request(c).hex().upper() for c in COMMANDS} == REQUESTS


@pytest.mark.parametrize(("sw3", "last"), SHORT_REPLIES.items())
def test_a_reply_without_data_ends_in_the_published_checksum(sw3: int, last: int) -> None:
    frame = encode_reply(Reply(0, 0, sw3))
    assert frame == PREAMBLE + bytes([0, 4, 0, 0, sw3, last])
    assert [sam_v.decode_reply(body) for body in FrameParser().feed(frame)] == [Reply(0, 0, sw3)]


@pytest.mark.parametrize(
    ("data", "length", "head", "last"),
    [
        (encode_base(encode_text(A_PO), PHOTO), 1295, "0508000090 0100 0400", 0x96),
        (encode_base(encode_text(A_PO), PHOTO, bytes(1024)), 2321, "090A000090 0100 0400 0400", 0x9C),
        (encode_base(encode_text(A_PO), PHOTO, b""), 1297, "050A000090 0100 0400 0000", 0x94),
        (encode_base(encode_text(A_PO), PHOTO, bytes(512)), 1809, "070A000090 0100 0400 0200", 0x94),
        (encode_new_address("福建省厦门市翔安区马巷街道2号"), 81, "004A000090", 0xEC),
        (bytes(8), 19, "000C000090", 0x9C),
        (bytes.fromhex("05000300FB02330187D61200B168DE3A"), 27, "0014000090", 0x37),
    ],
)
def test_a_reply_with_data_has_the_computed_length_head_and_checksum(
    data: bytes, length: int, head: str, last: int
) -> None:
    frame = encode_reply(Reply(0, 0, 0x90, data))
    assert len(frame) == length
    assert frame.startswith(PREAMBLE + bytes.fromhex(head))
    assert frame[-1] == last


def test_find_is_answered_with_its_own_status() -> None:
    assert encode_reply(Reply(0, 0, 0x9F, bytes(4))).hex().upper() == "AAAAAA9669000800009F0000000097"


GOOD = (
    encode_reply(Reply(0, 0, 0x80)),
    encode_reply(Reply(0, 0, 0x9F, bytes(4))),
    encode_reply(Reply(0, 0, 0x90, bytes.fromhex("AAAAAA96690000AA"))),
    encode_reply(Reply(0x6A, 0x82, 0x41)),
    encode_reply(Reply(0, 0, 0x90, encode_new_address("马巷街道2号"))),
    BASE,
)
SPOILED = tuple(
    frame[:at] + bytes([frame[at] ^ 0x10]) + frame[at + 1 :] for frame in GOOD for at in (7, len(frame) - 1)
)
NEAR_MISSES = (
    b"\xaa", b"\xaa\xaa\xaa\xaa", b"\xaa\xaa\xaa\x96", b"\xaa\xaa\xaa\x96\xaa", PREAMBLE + b"\x00\x03",
    PREAMBLE + b"\x09\x0b", PREAMBLE + b"\xff\xff", bytes.fromhex(REQUESTS["find"]),
)  # fmt: skip

POOL = [(True, frame) for frame in (*GOOD, *GOOD[:-1])] + [(False, junk) for junk in (*NEAR_MISSES, *SPOILED[:-1])]
NOISE_BYTES = 24
STREAMS_AN_EXAMPLE = 5
RECIPE_BYTES = 48
recipes = st.binary(min_size=STREAMS_AN_EXAMPLE * RECIPE_BYTES, max_size=STREAMS_AN_EXAMPLE * RECIPE_BYTES)
"""Five streams a draw keep 5,000 of them quick. A byte picks a piece of the pool, or begins a run of noise."""
chunkings = st.binary(min_size=1, max_size=4).map(lambda raw: [1 + byte % 64 for byte in raw])


def _pieces(recipe: bytes) -> list[tuple[bool, bytes]]:
    stream, at = [], 0
    while at < len(recipe) and len(stream) < 8:
        pick = recipe[at]
        at += 1
        if pick < 160:
            stream.append(POOL[pick % len(POOL)])
        else:
            run = pick % NOISE_BYTES
            stream.append((False, recipe[at : at + run].replace(PREAMBLE, b"")))
            at += run
    return stream


def _chunks(stream: bytes, sizes: list[int]) -> list[bytes]:
    cut, at, turn = [], 0, 0
    while at < len(stream):
        size = sizes[turn % len(sizes)]
        cut.append(stream[at : at + size])
        at, turn = at + size, turn + 1
    return cut


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(recipe=recipes)
def test_every_good_frame_comes_through_any_junk_in_any_chunking_in_5000_streams(recipe: bytes) -> None:
    for at in range(0, len(recipe), RECIPE_BYTES):
        sizes = [1 + byte % 64 for byte in recipe[at : at + 3]]
        _check_stream(_pieces(recipe[at + 3 : at + RECIPE_BYTES]), sizes)


def _check_stream(stream: list[tuple[bool, bytes]], sizes: list[int]) -> None:
    whole = b"".join(piece for _, piece in stream)
    # Two pieces of junk must not make a header between them: what follows would be its body by right.
    assume(whole.count(PREAMBLE) == sum(piece.count(PREAMBLE) for _, piece in stream))
    parser = FrameParser()
    bodies: list[bytes] = []
    for chunk in _chunks(whole, sizes):
        bodies += parser.feed(chunk)
        assert parser.held_bytes < MAX_FRAME_BYTES
    bodies += parser.silence()
    assert bodies == [piece[7:-1] for good, piece in stream if good]
    assert not parser.mid_frame


@settings(max_examples=1000, deadline=None)
@given(data=st.binary(max_size=400), sizes=chunkings)
def test_random_bytes_never_raise_and_never_pile_up(data: bytes, sizes: list[int]) -> None:
    parser = FrameParser()
    for chunk in _chunks(data, sizes):
        parser.feed(chunk)
        assert parser.held_bytes < MAX_FRAME_BYTES
    parser.silence()
    assert not parser.mid_frame


def test_a_frame_hidden_behind_a_cut_off_long_header_appears_when_the_line_falls_silent() -> None:
    parser = FrameParser()
    answer = encode_reply(Reply(0, 0, 0x80))
    assert parser.feed(BASE[:40] + answer) == []
    assert parser.silence() == [answer[7:-1]]
    assert parser.feed(answer) == [answer[7:-1]]


def test_a_header_that_claims_the_frames_behind_it_costs_none_of_them() -> None:
    checked = 0
    for claimed in range(4, 300):
        for frame in GOOD:
            header = PREAMBLE + claimed.to_bytes(2, "big")
            swallowed = (header + frame * 3)[5 : 7 + claimed]
            if len(swallowed) == 2 + claimed and sam_v.checksum(swallowed) == 0:
                continue  # by chance a valid frame: nobody could tell
            parser = FrameParser()
            assert parser.feed(header + frame * 3) + parser.silence() == [frame[7:-1]] * 3
            checked += 1
    assert checked > 1700


def test_no_single_flipped_bit_of_a_card_reply_gives_a_frame() -> None:
    for at in range(len(BASE)):
        for bit in range(8):
            parser = FrameParser()
            spoiled = BASE[:at] + bytes([BASE[at] ^ (1 << bit)]) + BASE[at + 1 :]
            assert parser.feed(spoiled) + parser.silence() == [], (at, bit)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
def test_a_late_answer_to_another_command_is_not_taken(command: sam_v.Command) -> None:
    successes = {
        "find": Reply(0, 0, 0x9F, bytes(4)),
        "select": Reply(0, 0, 0x90, bytes(8)),
        "sam_id": Reply(0, 0, 0x90, bytes(16)),
        "read": Reply(0, 0, 0x90, encode_base(encode_text(A_PO), PHOTO)),
        "read_address": Reply(0, 0, 0x90, encode_new_address("马巷")),
    }
    for name, reply in successes.items():
        assert sam_v.answers(command, reply) == (name == command.name)
    assert sam_v.answers(command, Reply(0, 0, 0x80)) == (command.name == "find")
    assert sam_v.answers(command, Reply(0, 0, 0x81)) == (command.name == "select")
    assert sam_v.answers(command, Reply(0, 0, 0x41)) == command.name.startswith("read")
    assert sam_v.answers(command, Reply(0, 0, 0x10))


def test_a_reply_hides_its_data_when_shown() -> None:
    assert repr(Reply(0, 0, 0x90, encode_text(A_PO))) == "Reply(00 00 90, 256 bytes)"
