"""What must hold for every codec that finds messages in a stream: every good one is found, nothing piles up.

A stream is made of good messages with junk between them and is fed in pieces of any size. A bound on what a
parser remembers is stated beside each property and checked after every piece.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from drivers.api import DeviceError
from drivers.codec import modbus, sam_v
from drivers.codec.input_event import LAYOUT, EventParser, InputEvent, encode_event
from drivers.codec.mjpeg_stream import EOI, MAX_PICTURE_BYTES, SOI, JpegSplitter
from drivers.codec.scanner import honeywell, newland, register_engine
from drivers.codec.scanner.line import MAX_CODE_BYTES, LineAssembler, decode_code
from drivers.codec.scanner.replies import EchoFilter, Family, Reply, StreamSplitter


@dataclass(frozen=True)
class Property:
    """One property of one or more modules of `drivers.codec`; `check` raises when it does not hold."""

    modules: tuple[str, ...]
    cases: st.SearchStrategy[Any]
    check: Callable[[Any], None]
    share: int = 1
    """How many parts of all examples it gets."""


SIZES = st.lists(st.integers(1, 64), min_size=1, max_size=8)


def pieces(stream: bytes, sizes: list[int]) -> Iterator[bytes]:
    """The stream in pieces of these sizes, over and over."""
    at = turn = 0
    while at < len(stream):
        size = sizes[turn % len(sizes)]
        yield stream[at : at + size]
        at, turn = at + size, turn + 1


# --- identity-card frames ---

BODIES = st.binary(min_size=3, max_size=40)
SAM_JUNK = st.one_of(
    # None of these has a whole header with a possible length: such junk may hold up what follows until a silence.
    st.binary(max_size=30).filter(lambda junk: b"\x69" not in junk),
    st.integers(1, 4).map(lambda count: sam_v.PREAMBLE[:count]),
    st.sampled_from((b"\0\0", b"\0\3", b"\xff\xff", b"\x09\x0b")).map(lambda length: sam_v.PREAMBLE + length),
    st.integers(1, 5).map(lambda count: b"\xaa" * count),
)


@st.composite
def spoiled_frames(draw: st.DrawFn) -> bytes:
    """One bit behind the length is wrong: the checksum never fits."""
    frame = bytearray(sam_v.encode_frame(draw(BODIES)))
    frame[draw(st.integers(7, len(frame) - 1))] ^= 1 << draw(st.integers(0, 7))
    return bytes(frame)


SAM_STREAMS = st.tuples(
    st.lists(st.one_of(BODIES.map(lambda body: (body,)), SAM_JUNK, spoiled_frames()), max_size=8), SIZES
)


def sam_frames_are_found(case: tuple[list[Any], list[int]]) -> None:
    parts, sizes = case
    good = [part[0] for part in parts if isinstance(part, tuple)]
    stream = b"".join(sam_v.encode_frame(part[0]) if isinstance(part, tuple) else part for part in parts)
    parser, found = sam_v.FrameParser(), []
    for piece in pieces(stream, sizes):
        found += parser.feed(piece)
        assert parser.held_bytes <= sam_v.MAX_FRAME_BYTES
    found += parser.silence()
    assert parser.held_bytes == 0
    assert [body for body in found if body in good] == good


def sam_noise_is_survived(case: tuple[list[bytes], list[int]]) -> None:
    chunks, sizes = case
    parser = sam_v.FrameParser()
    for chunk in chunks:
        for piece in pieces(chunk, sizes):
            for body in parser.feed(piece):
                reply = sam_v.decode_reply(body)
                assert all(sam_v.answers(command, reply) in (True, False) for command in sam_v.COMMANDS)
            assert parser.held_bytes <= sam_v.MAX_FRAME_BYTES
    parser.silence()
    good = sam_v.encode_frame(b"\0\0\x90")
    assert parser.feed(good) == [b"\0\0\x90"]


SAM_NOISE = st.tuples(
    st.lists(st.one_of(st.binary(max_size=80), st.just(sam_v.PREAMBLE), st.just(b"\x09\x0a")), max_size=8), SIZES
)

# --- scanners ---

CODES = st.text("0123456789ABCDEFGHJKLMNP-", min_size=4, max_size=24).map(str.encode)


def _newland(tag: str, data: bytes, verdict: bytes) -> bytes:
    return newland.REPLY_PREFIX + b"#" + tag.encode() + data + verdict + newland.END


def _register(kind: int, value: bytes) -> bytes:
    counted = bytes((kind, len(value))) + value
    return register_engine.REPLY_PREFIX + counted + register_engine.crc(counted)


REPLIES: Mapping[str, tuple[Family, st.SearchStrategy[bytes]]] = {
    "scanner.newland": (
        newland.FAMILY,
        st.builds(_newland, st.sampled_from(("QRYPDN", "SCNTRG")), CODES, st.sampled_from((b"\x06", b"\x15", b"\x05"))),
    ),
    "scanner.register_engine": (
        register_engine.FAMILY,
        st.builds(_register, st.sampled_from((0, 1, 3)), st.binary(min_size=1, max_size=16)),
    ),
    "scanner.honeywell": (
        honeywell.FAMILY,
        st.sampled_from((b"0", b"3")).map(lambda mode: b"TRGMOD" + mode + b"\x06."),
    ),
}


def splitting(name: str) -> Property:
    """Codes and replies of one family, mixed, in any pieces: all come out, in order, each as what it is."""
    family, replies = REPLIES[name]

    def check(case: tuple[list[tuple[bool, bytes]], list[int]]) -> None:
        parts, sizes = case
        splitter, lines = StreamSplitter(family), LineAssembler()
        codes: list[bytes] = []
        answers = 0
        stream = b"".join(data if is_reply else data + b"\r" for is_reply, data in parts)
        for piece in pieces(stream, sizes):
            for told in splitter.feed(piece):
                if isinstance(told, bytes):
                    codes += lines.feed(told)
                answers += isinstance(told, Reply)
            assert len(splitter._held) <= LONGEST_REPLY_BYTES
        assert splitter.spoiled == 0
        assert codes == [data for is_reply, data in parts if not is_reply]
        assert answers == sum(is_reply for is_reply, _ in parts)

    parts = st.lists(
        st.one_of(replies.map(lambda data: (True, data)), CODES.map(lambda data: (False, data))), max_size=8
    )
    return Property((name, "scanner.replies", "scanner.line"), st.tuples(parts, SIZES), check, 2)


LONGEST_REPLY_BYTES = 2048


def scanner_noise_is_survived(case: tuple[list[bytes], list[int]]) -> None:
    chunks, sizes = case
    for family, _replies in REPLIES.values():
        splitter, lines, echo = StreamSplitter(family), LineAssembler(), EchoFilter()
        echo.sent(family.query.data)
        for chunk in chunks:
            for piece in pieces(chunk, sizes):
                for told in splitter.feed(echo.feed(piece)):
                    if isinstance(told, bytes):
                        _read_lines(lines, told)
                assert len(splitter._held) <= LONGEST_REPLY_BYTES
        splitter.silence()
        lines.silence()
        assert not splitter.pending and not lines.pending


def _read_lines(lines: LineAssembler, data: bytes) -> None:
    try:
        for line in lines.feed(data):
            decode_code(line)
    except DeviceError:
        pass  # unreadable, and told so
    assert len(lines._pending) <= MAX_CODE_BYTES


SCANNER_NOISE = st.tuples(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from(
                (b"\x02\x010000#SCN", b"\x02\0\0", b"TRGMOD", b"REVINF", b"\x06.", b";\x03", b"\r", b"]Q1")
            ),
        ),
        max_size=8,
    ),
    SIZES,
)

# --- input events ---

EVENTS = st.builds(
    InputEvent,
    st.integers(0, 2**31 - 1),
    st.integers(0, 999_999),
    st.integers(0, 0x1F),
    st.integers(0, 0x2FF),
    st.integers(-(2**31), 2**31 - 1),
)

GOOD = InputEvent(1, 2, 5, 2, 1)


def events_are_found(case: tuple[list[InputEvent], bytes, list[int]]) -> None:
    """All come back in any pieces; noise does not pile up, and after a silence all is well again."""
    sent, noise, sizes = case
    parser, found = EventParser(), []
    for piece in pieces(b"".join(encode_event(event) for event in sent), sizes):
        found += parser.feed(piece)
        assert parser.held_bytes < LAYOUT.size
    assert found == sent
    for piece in pieces(noise, sizes):
        parser.feed(piece)
        assert parser.held_bytes < LAYOUT.size
    parser.silence()
    assert parser.feed(encode_event(GOOD)) == [GOOD]


# --- Modbus RTU ---

READS = st.builds(
    modbus.read, st.integers(1, 247), st.sampled_from(tuple(modbus.Table)), st.integers(0, 500), st.integers(1, 16)
)


def modbus_answers_are_found(case: tuple[modbus.Question, list[int], bytes]) -> None:
    question, values, noise = case
    # Noise in which the question's own first two bytes stand could be the beginning of an answer.
    lead = noise.replace(bytes((question.unit,)), b"")
    if question.function in (modbus.Table.COIL, modbus.Table.DISCRETE_INPUT):
        bits = [value & 1 for value in (values * 16)[: question.count]]
        body = _packed(bits)
        expected = tuple(bits)
    else:
        expected = tuple((values * 16)[: question.count])
        body = b"".join(value.to_bytes(2, "big") for value in expected)
    frame = bytes((question.unit, question.function, len(body))) + body
    answer = modbus.answer_in(question, lead + frame + _crc(frame))
    assert answer is not None and answer.values == expected
    modbus.answer_in(question, noise)
    modbus.question_in(noise)
    modbus.without_echo(question, noise)
    assert modbus.without_echo(question, question.frame + frame) == frame
    if noise:
        modbus.what_was_heard(question, noise)


def _packed(bits: list[int]) -> bytes:
    return bytes(sum(bit << n for n, bit in enumerate(bits[at : at + 8])) for at in range(0, len(bits), 8))


def _crc(frame: bytes) -> bytes:
    """Modbus over serial line V1.02, 6.2.2, bit by bit; independent of the library that the codec uses."""
    register = 0xFFFF
    for byte in frame:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0xA001 if register & 1 else 0)
    return register.to_bytes(2, "little")


# --- pictures of a stream ---

SCANS = st.binary(min_size=4, max_size=60).map(lambda data: SOI + b"\xda\0\2" + data.replace(b"\xff", b"\0") + EOI)
BETWEEN = st.one_of(
    st.binary(max_size=40).map(lambda junk: junk.replace(b"\xff", b"\0")),
    st.just(b"\r\n--b\r\nContent-Type: image/jpeg\r\n\r\n"),
)


def pictures_are_found(case: tuple[list[tuple[bytes, bytes]], list[int]]) -> None:
    parts, sizes = case
    splitter, found = JpegSplitter(), []
    for piece in pieces(b"".join(junk + picture for junk, picture in parts), sizes):
        found += splitter.feed(piece)
        assert len(splitter._held) <= MAX_PICTURE_BYTES
    assert found == [picture for _junk, picture in parts]


PROPERTIES: Mapping[str, Property] = {
    "identity-card frames are found in junk": Property(("sam_v",), SAM_STREAMS, sam_frames_are_found, 4),
    "identity-card noise is survived": Property(("sam_v",), SAM_NOISE, sam_noise_is_survived, 2),
    "Newland codes and replies come apart": splitting("scanner.newland"),
    "register codes and replies come apart": splitting("scanner.register_engine"),
    "Honeywell codes and replies come apart": splitting("scanner.honeywell"),
    "scanner noise is survived": Property(
        ("scanner.replies", "scanner.line"), SCANNER_NOISE, scanner_noise_is_survived, 2
    ),
    "input events are found": Property(
        ("input_event",), st.tuples(st.lists(EVENTS, max_size=5), st.binary(max_size=60), SIZES), events_are_found, 2
    ),
    "Modbus answers are found in noise": Property(
        ("modbus",),
        st.tuples(READS, st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=8), st.binary(max_size=40)),
        modbus_answers_are_found,
    ),
    "pictures are found in a stream": Property(
        ("mjpeg_stream",), st.tuples(st.lists(st.tuples(BETWEEN, SCANS), max_size=5), SIZES), pictures_are_found
    ),
}
