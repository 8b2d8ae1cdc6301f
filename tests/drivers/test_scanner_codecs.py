"""Scanner commands and replies as bytes: the manuals' own examples, and replies parted from codes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.codec.scanner import honeywell, newland, register_engine
from drivers.codec.scanner.replies import Family, Reply, Request, StreamSplitter, Verdict

NEWLAND, REGISTER, HONEYWELL = newland.FAMILY, register_engine.FAMILY, honeywell.FAMILY
REPLIES = {
    NEWLAND: (b"\x02\x010000#SCNTRG1\x06;\x03", Reply(Verdict.ACK, "SCNTRG", b"1")),
    REGISTER: (bytes.fromhex("02000001003331"), Reply(Verdict.ACK, value=b"\0")),
    HONEYWELL: (b"TRGMOD3\x06!", Reply(Verdict.ACK, "TRGMOD", b"3")),
}
by_family = pytest.mark.parametrize("family", REPLIES, ids=lambda family: family.name)


@pytest.mark.parametrize(
    ("request_bytes", "expected"),
    [
        (NEWLAND.trigger(True), "7E 01 30 30 30 30 23 53 43 4E 54 52 47 31 3B 03"),
        (NEWLAND.trigger(False), "7E 01 30 30 30 30 23 53 43 4E 54 52 47 30 3B 03"),
        (REGISTER.trigger(True), "7E 00 08 01 00 02 01 02 DA"),
        (Request(register_engine.encode_command(register_engine.READ, 0x000A, 1)), "7E 00 07 01 00 0A 01 EE 8A"),
        (Request(register_engine.encode_command(register_engine.WRITE, 0, 0xF5)), "7E 00 08 01 00 00 F5 CB 23"),
        (HONEYWELL.trigger(True), "16 54 0D"),
        (HONEYWELL.trigger(False), "16 55 0D"),
        (HONEYWELL.query, "16 4D 0D 54 52 47 4D 4F 44 3F 2E"),
    ],
)
def test_commands_are_the_bytes_of_the_manuals(request_bytes: Request, expected: str) -> None:
    assert request_bytes.data == bytes.fromhex(expected)


def test_a_permanent_setting_is_marked_as_such() -> None:
    assert newland.encode_command("SCNMOD2", permanent=True) == b"~\x010000@SCNMOD2;\x03"


@pytest.mark.parametrize(
    ("frame", "verdict", "value"),
    [("02000001003331", "ack", b"\0"), ("02000101000401", "nak", b"\0"), ("02000301006A61", "enq", b"\0"),
     ("020000013EE4AC", "ack", b"\x3e")],
)  # fmt: skip
def test_register_replies_of_the_manuals_are_understood(frame: str, verdict: str, value: bytes) -> None:
    pieces = StreamSplitter(REGISTER).feed(bytes.fromhex(frame))
    assert pieces == [Reply(Verdict(verdict), value=value)]


def test_setting_the_mode_of_a_register_engine_leaves_lamp_aim_and_sound_alone() -> None:
    answer = Reply(Verdict.ACK, value=b"\xd6")
    by_command, by_sight = REGISTER.mode(answer, True), REGISTER.mode(answer, False)
    assert by_command is not None and by_sight is not None
    assert (by_command.data[6], by_sight.data[6]) == (0xD5, 0xD7)
    assert REGISTER.mode(Reply(Verdict.ACK, value=b"\xd5"), True) is None


@pytest.mark.parametrize(
    ("family", "reply", "verdict"),
    [(NEWLAND, b"\x02\x010000#SCNMOD7\x15;\x03", "nak"), (NEWLAND, b"\x02\x010000@NONONO\x05;\x03", "enq"),
     (HONEYWELL, b"TRGMOD9\x15.", "nak"), (HONEYWELL, b"REVINF\x05.", "enq")],
)  # fmt: skip
def test_refusals_are_told_apart_from_unknown_commands(family: Family, reply: bytes, verdict: str) -> None:
    (piece,) = StreamSplitter(family).feed(reply)
    assert isinstance(piece, Reply) and piece.verdict == verdict


def test_a_product_name_over_several_lines_is_one_reply() -> None:
    (piece,) = StreamSplitter(HONEYWELL).feed(b"REVINF: Product Name: X1\r\nBoot Revision: 2\r\n\x06.")
    assert isinstance(piece, Reply) and b"Product Name: X1" in piece.value


@by_family
@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(st.just(None), st.text("0123456789ABZ厦门", min_size=1, max_size=30)), max_size=8),
    st.integers(1, 40),
)
def test_replies_and_codes_come_apart_in_any_order_and_chunking(
    family: Family, items: list[str | None], size: int
) -> None:
    reply_bytes, reply = REPLIES[family]
    stream = b"".join(reply_bytes if item is None else item.encode() + b"\r" for item in items)
    splitter = StreamSplitter(family)
    pieces = [piece for at in range(0, len(stream), size) for piece in splitter.feed(stream[at : at + size])]
    pieces += splitter.silence()
    assert [piece for piece in pieces if isinstance(piece, Reply)] == [reply] * items.count(None)
    codes = b"".join(piece for piece in pieces if isinstance(piece, bytes))
    assert codes == b"".join(item.encode() + b"\r" for item in items if item is not None)
    assert splitter.spoiled == 0


@by_family
@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=700), max_size=6))
def test_no_bytes_upset_the_splitter_or_make_it_grow(family: Family, chunks: list[bytes]) -> None:
    splitter = StreamSplitter(family)
    for chunk in chunks:
        splitter.feed(chunk)
        assert len(splitter._held) <= 1100
    splitter.silence()
    assert not splitter.pending


def _code_of(family: Family, stream: bytes) -> bytes:
    splitter = StreamSplitter(family)
    pieces = splitter.feed(stream) + splitter.silence()
    text = b"".join(b"\r" if piece is None else piece for piece in pieces if not isinstance(piece, Reply))
    return b"|".join(line for line in text.split(b"\r") if line and not family.is_debris(line))


@by_family
def test_no_reply_with_one_spoiled_or_missing_byte_leaves_text_for_a_code(family: Family) -> None:
    reply = REPLIES[family][0]
    for at in range(len(reply)):
        assert _code_of(family, reply[:at] + reply[at + 1 :]) == b"", f"byte {at} missing"
        assert _code_of(family, reply[:at]) == b"", f"cut at {at}"
        for bit in range(8):
            flipped = reply[:at] + bytes([reply[at] ^ 1 << bit]) + reply[at + 1 :]
            assert _code_of(family, flipped) == b"", f"bit {bit} of byte {at}"


@by_family
def test_a_spoiled_reply_glued_to_a_code_loses_the_code_and_never_changes_it(family: Family) -> None:
    reply = REPLIES[family][0]
    for at in range(len(reply)):
        for spoiled in (reply[:at] + reply[at + 1 :], reply[:at] + bytes([reply[at] ^ 1]) + reply[at + 1 :]):
            assert _code_of(family, spoiled + b"20070261\r445566\r") in (b"445566", b"20070261|445566")
