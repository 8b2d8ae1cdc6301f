"""What must hold for every codec that makes sense of one message: it says what, or by its own error that it cannot."""

from __future__ import annotations

import importlib
import string
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import strategies as st

from drivers.api import (
    BoxRow,
    DeviceError,
    FeedRow,
    HolderLock,
    IdCard,
    IdDocument,
    KeypadKey,
    PairRow,
    QrRow,
    RuleRow,
    TextRow,
)
from drivers.codec import apdu, code_text, ipp_reasons, keypad_keys, nut, sam_v, sam_v_text, sane, social_card
from drivers.codec.citizen_number import check_character
from drivers.codec.escpos import jobs, length, status
from drivers.codec.wire import Direction, Passage, health
from fuzz.streams import Property

# --- the chip's text block ---

TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFFFF, exclude_categories=("Cs", "Cc")))
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))


@st.composite
def residents(draw: st.DrawFn) -> IdCard:
    """A resident's card of any content that fits the chip."""
    birth = draw(DAYS)
    first = draw(st.integers(110000, 659999)).__str__() + birth.strftime("%Y%m%d") + f"{draw(st.integers(0, 999)):03d}"
    return IdCard(
        document=IdDocument.RESIDENT,
        name=draw(TEXT.map(lambda text: text.strip()[:15].strip()).map(lambda text: text or "某")),
        sex=draw(st.sampled_from("0129")),
        nation=f"{draw(st.integers(1, 98)):02d}",
        birth=birth,
        address=draw(TEXT.map(lambda text: text[:35].rstrip(" "))),
        number=first + check_character(first),
        issuer=draw(TEXT.map(lambda text: text[:15].rstrip(" "))),
        valid_from=draw(DAYS),
        valid_until=draw(st.none() | DAYS),
    )


def cards_come_back(case: tuple[IdCard, int, int]) -> None:
    """What was written is read; one changed bit is read as something or refused, never anything else."""
    card, at, bit = case
    block = sam_v_text.encode_text(card)
    assert sam_v_text.decode_text(block) == card
    spoiled = bytearray(block)
    spoiled[at] ^= 1 << bit
    _decoded_or_refused(sam_v_text.decode_text, bytes(spoiled))


def _decoded_or_refused(decode: Any, *arguments: Any) -> Any:
    try:
        return decode(*arguments)
    except DeviceError:
        return None


def chip_noise_is_refused(case: tuple[bytes, bytes]) -> None:
    block, data = case
    padded = (block + bytes(sam_v.TEXT_BYTES))[: sam_v.TEXT_BYTES]
    for marker in (" ", "J", "I", "Y"):
        marked = padded[:248] + marker.encode("utf-16-le") + padded[250:]
        _decoded_or_refused(sam_v_text.decode_text, marked)
    for decode in (sam_v_text.decode_text, sam_v_text.decode_base, sam_v_text.decode_base_fp):
        _decoded_or_refused(decode, data)
    _decoded_or_refused(sam_v_text.decode_new_address, data)
    try:
        sam_v.sam_identity(data)
    except ValueError:
        assert len(data) != 16


# --- social security cards ---

RECORDS = st.dictionaries(
    st.sampled_from((1, 2, 3, 4, 5, 6, 7, 8, 9, 0x4E, 0x0A, 0x0B, 0x0C, 0x0D)), st.binary(max_size=32)
)


def social_records_are_read_or_refused(case: tuple[Mapping[int, bytes], bytes, int]) -> None:
    records, data, tag = case
    whole = {1: b"", 7: b"", 8: b"", 9: b"", **records}
    card = _decoded_or_refused(social_card.decode_card, whole, whole, HolderLock.OPEN)
    if card is not None and card.holder.number[:-1].isdigit():
        assert check_character(card.holder.number[:-1]) == card.holder.number[-1]
    value = _decoded_or_refused(social_card.record_value, data, tag)
    assert value is None or data[0] == tag
    assert social_card.record_value(bytes((tag, len(data))) + data, tag) == data


class _Chip:
    """Answers every command with the next of its answers, over and over."""

    def __init__(self, answers: list[bytes]) -> None:
        self._answers = answers
        self.asked = 0

    def transmit(self, command: bytes) -> bytes:
        assert len(command) >= 4
        self.asked += 1
        return self._answers[self.asked % len(self._answers)]


def dialogues_end(answers: list[bytes]) -> None:
    """A card that says anything at all ends the dialogue or has it ended."""
    chip = _Chip(answers)
    reply = _decoded_or_refused(apdu.exchange, chip.transmit, apdu.Command(0, 0xB2, 1, 4, le=0))
    assert chip.asked <= apdu.MOST_ROUNDS
    assert reply is None or len(reply.data) <= apdu.LONGEST_ANSWER_BYTES


STATUS_WORDS = st.sampled_from((b"\x90\0", b"\x61\x10", b"\x6c\x20", b"\x6a\x82", b"\x63\xc2", b"\x69\x83"))
ANSWERS = st.lists(
    st.one_of(st.binary(max_size=260), st.builds(bytes.__add__, st.binary(max_size=260), STATUS_WORDS)),
    min_size=1,
    max_size=6,
)

# --- printers ---

ROWS = st.one_of(
    st.builds(TextRow, TEXT, st.integers(1, 2), st.booleans(), st.sampled_from(("left", "center", "right"))),
    st.builds(PairRow, TEXT.map(lambda text: text[:12]), TEXT.map(lambda text: text[:12]), st.integers(1, 2)),
    st.just(RuleRow()),
    st.builds(FeedRow, st.integers(0, 400)),
    st.builds(QrRow, st.text(string.ascii_letters + string.digits + ":", min_size=1, max_size=20)),
    st.builds(BoxRow, st.lists(TEXT.map(lambda text: text[:10]), min_size=1, max_size=2).map(tuple)),
)
MOST_BYTES_A_ROW = 200_000
OPTIONS = jobs.EscposOptions(smooth_from_scale=4)


def slips_are_encoded(rows: list[Any]) -> None:
    """Any slip becomes commands or is refused by the documented error; no real-time command hides in it."""
    try:
        commands = jobs.encode(rows, OPTIONS)
    except ValueError:
        return
    job = b"".join(commands)
    assert len(job) <= MOST_BYTES_A_ROW * (len(rows) + 1)
    assert b"\x10\x04" not in job and b"\x10\x05" not in job
    assert length.paper_dots(commands) >= 0


def printer_bytes_are_sorted(heard: bytes) -> None:
    """Each byte is exactly one kind; a decoder takes its kind and refuses the others by ValueError."""
    for byte in heard:
        kind = status.kind_of(byte)
        for decode, own in (
            (status.decode_queued, status.ByteKind.QUEUED),
            (_real_time, status.ByteKind.REAL_TIME),
        ):
            try:
                decode(byte)
                assert kind is own
            except ValueError:
                assert kind is not own
    status.text_in(heard)


def _real_time(byte: int) -> Any:
    return status.decode({1: byte})


def reasons_mean_something(reasons: list[str]) -> None:
    told = ipp_reasons.condition(reasons)
    assert told.blocking is None or told.blocking in told.holding
    assert len(set(told.holding)) == len(told.holding)


KEYWORDS = st.sampled_from(
    ("media-empty", "media-jam", "cover-open", "toner-empty", "media-low", "none", "cups-x", "odd")
)
SUFFIXES = st.sampled_from(("", "-error", "-warning", "-report"))
REASONS = st.lists(st.one_of(st.text(max_size=20), st.builds(str.__add__, KEYWORDS, SUFFIXES)), max_size=6)

# --- texts of codes, supplies, keys ---


def code_texts_are_text(payload: bytes) -> None:
    for read in (code_text.plain_text, code_text.marked_text):
        text = read(payload)
        assert text is None or isinstance(code_text.shown(text), str)
    assert code_text.plain_text("办件".encode("gb18030")) == "办件"


def supply_lines_are_read(case: tuple[str, dict[str, str]]) -> None:
    line, variables = case
    reply = nut.reply_in(line)
    if isinstance(reply, nut.Refusal):
        assert reply.fault is not None
    reading = nut.reading_of(variables)
    assert reading.charge_percent is None or reading.charge_percent >= 0


LINES = st.one_of(
    st.text(max_size=60),
    st.builds('VAR {} {} "{}"'.format, st.just("ups"), st.just("ups.status"), st.text(string.printable, max_size=20)),
    st.text(string.ascii_uppercase + "-", max_size=20).map("ERR ".__add__),
)
VARIABLES = st.dictionaries(
    st.sampled_from(("ups.status", "battery.charge", "battery.runtime")), st.text("OLBFSD 0123456789.-e", max_size=12)
)


def layouts_are_whole(changed: dict[str, KeypadKey]) -> None:
    for pad in keypad_keys.LAYOUTS:
        made = keypad_keys.layout(pad, changed)
        assert all(made[keypad_keys.CODE_OF_NAME[name]] is key for name, key in changed.items())


KEYS = st.dictionaries(st.sampled_from(sorted(keypad_keys.CODE_OF_NAME)), st.sampled_from(tuple(KeypadKey)), max_size=6)


def scans_are_judged(case: tuple[bytes, int, str]) -> None:
    """Any bytes have a size or none; a run that failed always has a fault."""
    data, code, words = case
    for picture in (data, b"\xff\xd8" + data + b"\xff\xd9"):
        size = sane.jpeg_size(picture)
        assert size is None or len(size) == 2
    assert code == 0 or sane.fault_of(code, words) is not None


# --- telling a technician ---

DESCRIBERS = (
    "apdu_wire",
    "escpos.wire",
    "input_event_wire",
    "keypad_wire",
    "modbus_wire",
    "nut_wire",
    "sam_v_wire",
    "sane",
    "scanner.wire",
    "vision_wire",
)
MESSAGES = (
    sam_v.encode_request(sam_v.FIND),
    b"\x10\x04\x01",
    b"\x12",
    b"\x1dr\x01",
    b"{}",
    b'{"do": 1}',
    b"[]",
    b"\0\xa4\4\0",
    b"~\x010000#SCNTRG1;\x03",
    b"TRGMOD3\x06.",
    b'VAR a b "c"\n',
    b"\x01\x03\0\0\0\4\x44\x09",
)
PASSAGES = st.lists(
    st.tuples(st.sampled_from(tuple(Direction)), st.binary(max_size=60) | st.sampled_from(MESSAGES)), max_size=8
)
SECRET = bytes(range(0xE0, 0xF0))


def traffic_is_told(passages: list[tuple[Direction, bytes]]) -> None:
    """Anything that passed can be told: no error, no length below zero, and no stray byte shown."""
    said = [
        Passage(float(at), way, data) for at, (way, data) in enumerate([*passages, (Direction.FROM_DEVICE, SECRET)])
    ]
    for name in DESCRIBERS:
        lines = importlib.import_module(f"drivers.codec.{name}").describe(said)
        assert all(line.length >= 0 for line in lines)
        assert SECRET.hex(" ").upper() not in " ".join(line.shown for line in lines)
        told = health(lines)
        assert told.unanswered >= 0 and told.surplus >= 0


DIGITS = "0123456789"


def check_characters_find_a_slip(case: tuple[str, int, str, str]) -> None:
    """One wrong digit, two that have changed places, and what is no number at all."""
    first, at, digit, text = case
    right = check_character(first)
    for other in (first[:at] + digit + first[at + 1 :], first[:at] + first[at : at + 2][::-1] + first[at + 2 :]):
        assert (check_character(other) == right) == (other == first)
    if len(text) != 17 or set(text) - set(DIGITS):
        with pytest.raises(ValueError):
            check_character(text)


PROPERTIES: Mapping[str, Property] = {
    "check characters find a slip": Property(
        ("citizen_number",),
        st.tuples(
            st.text(DIGITS, min_size=17, max_size=17),
            st.integers(0, 16),
            st.sampled_from(DIGITS),
            st.text(max_size=20) | st.text("0123456789X\u0663", min_size=16, max_size=18),
        ),
        check_characters_find_a_slip,
    ),
    "identity cards come back from the chip": Property(
        ("sam_v_text",), st.tuples(residents(), st.integers(0, 255), st.integers(0, 7)), cards_come_back, 3
    ),
    "chip noise is refused": Property(
        ("sam_v_text", "sam_v"), st.tuples(st.binary(max_size=256), st.binary(max_size=80)), chip_noise_is_refused, 2
    ),
    "social records are read or refused": Property(
        ("social_card",),
        st.tuples(RECORDS, st.binary(max_size=40), st.integers(0, 255)),
        social_records_are_read_or_refused,
        2,
    ),
    "chip dialogues end": Property(("apdu",), ANSWERS, dialogues_end, 2),
    "slips are encoded": Property(
        ("escpos.jobs", "escpos.fonts", "escpos.layout", "escpos.raster", "escpos.qr", "escpos.length"),
        st.lists(ROWS, max_size=4),
        slips_are_encoded,
    ),
    "printer bytes are sorted": Property(("escpos.status",), st.binary(max_size=60), printer_bytes_are_sorted),
    "printer reasons mean something": Property(("ipp_reasons",), REASONS, reasons_mean_something),
    "code texts are text": Property(("code_text",), st.binary(max_size=60), code_texts_are_text),
    "supply lines are read": Property(("nut",), st.tuples(LINES, VARIABLES), supply_lines_are_read),
    "key layouts are whole": Property(("keypad_keys",), KEYS, layouts_are_whole),
    "scans are judged": Property(
        ("sane",), st.tuples(st.binary(max_size=40), st.integers(0, 255), st.text(max_size=30)), scans_are_judged
    ),
    "traffic is told": Property((*DESCRIBERS, "wire"), PASSAGES, traffic_is_told, 2),
}
