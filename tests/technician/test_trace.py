"""`kiosk trace`: bytes with their meaning in both directions, and not one byte of a resident."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.codec import input_event_wire, sam_v, sam_v_wire
from drivers.codec.escpos import wire as escpos_wire
from drivers.codec.sam_v import Reply, encode_frame, encode_reply, encode_request
from drivers.codec.scanner import newland
from drivers.codec.scanner import wire as scanner_wire
from drivers.codec.wire import Direction, Passage, Sign, WireLine, health

pytestmark = pytest.mark.proof

ROOT = Path(__file__).resolve().parents[2]
RESIDENT = tomllib.loads((ROOT / "config" / "demo" / "residents.toml").read_text(encoding="utf-8"))["a_kim"]
OUT, IN = Direction.TO_DEVICE, Direction.FROM_DEVICE


def every_disguise(text: str) -> list[str]:
    """The text itself and its bytes in every encoding and way of writing bytes that a log could hold."""
    found = [text]
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030", "gbk"):
        data = text.encode(encoding)
        found += [data.hex(), data.hex(" "), data.hex(":"), repr(data)[2:-1]]
    return found


def personal(texts: Sequence[str]) -> set[str]:
    """Short pieces, so that half a name would be found, too; digits in clear are long enough to be no date or time."""
    found: set[str] = set()
    for text in texts:
        for size, clear in ((2, False), (6, True)):
            pieces = {text[at : at + size] for at in range(len(text) - size + 1)}
            found |= {d.lower() for piece in pieces if piece.isascii() is clear for d in every_disguise(piece)}
    return found


SECRETS = personal([str(RESIDENT[key]) for key in ("name", "number", "address", "issuer")])


def leaks(text: str, secrets: set[str] = SECRETS) -> set[str]:
    lowered = text.lower()
    spaceless = re.sub(r"\s", "", lowered)
    return {secret for secret in secrets if secret in lowered or secret in spaceless}


def shown(lines: Sequence[WireLine]) -> str:
    return "\n".join(f"{line.shown} {line.meaning}" for line in lines)


def test_the_search_for_leaks_finds_one() -> None:
    assert leaks(f"it said {str(RESIDENT['name']).encode('utf-16-le').hex(' ').upper()}")
    assert leaks(str(RESIDENT["number"])[4:11]) and leaks(str(RESIDENT["address"]).encode("gbk").hex())


def test_a_card_that_is_read_leaves_no_byte_of_the_resident_in_the_trace(terminal) -> None:
    with terminal.twin("id_card") as hands:
        hands("present", resident="a_kim", new_address=RESIDENT["address"])
    ran = terminal.kiosk("trace", "id_card", "--seconds", "8")
    assert ran.code == 0, ran.err
    assert not leaks(ran.out + ran.err)
    assert "-> AA AA AA 96 69 00 03 11 FF ED" in ran.out
    assert "sam_id: ok (SW3 90)" in ran.out and "B1 68 DE 3A" in ran.out, "the reader's own number is nobody's secret"
    assert "read: ok (SW3 90)" in ran.out and "AA AA AA 96 69 05 08 00 00 90 <1285 bytes hidden>" in ran.out
    assert "<71 bytes hidden>" in ran.out, "the added address"
    times = [float(found) for found in re.findall(r"^ *([0-9.]+) s ", ran.out, re.MULTILINE)]
    assert len(times) >= 14 and times == sorted(times)


IN_THE_NUMBER = {"at": 160}
TO_THE_NEXT_QUESTION = {"delay_s": 2.3}
SPOILED: Mapping[str, Mapping[str, object]] = {
    "garble": IN_THE_NUMBER,
    "drop": IN_THE_NUMBER,
    "half": {"at": 900},
    "junk": {},
    "duplicate": {},
    "late": TO_THE_NEXT_QUESTION,
    "wrong_baud": {},
    "echo": {},
}


@pytest.mark.parametrize("fault", SPOILED)
def test_a_spoiled_reading_leaks_nothing_either(terminal, fault: str) -> None:
    with terminal.twin("id_card") as hands:
        hands("present", resident="a_kim", new_address=RESIDENT["address"])
        hands("fault", name=fault, on="read", count=-1, **SPOILED[fault])
    ran = terminal.kiosk("trace", "id_card", "--seconds", "8")
    assert not leaks(ran.out + ran.err)
    assert "(!)" in ran.out


def test_a_code_is_told_by_its_length_never_by_its_text(terminal) -> None:
    text = f"{RESIDENT['name']}{RESIDENT['number']}"

    def show() -> None:
        with terminal.twin("code_scanner") as hands:
            for encoding in ("utf-8", "gb18030"):
                hands("show", text=text, encoding=encoding)

    ran = terminal.kiosk_and_hands("for a code", show, "trace", "code_scanner", "--seconds", "8")
    assert ran.code == 0 and not leaks(ran.out + ran.err)
    assert f"a code of {len(text.encode())} bytes" in ran.out and "line end CR" in ran.out


def test_a_trace_says_from_when_on_a_hand_is_waited_for(terminal) -> None:
    told = terminal.kiosk_and_hands(
        "waiting up to 8 s for a plug", lambda: plugged(terminal), "trace", "headphone", "--seconds", "8"
    )
    assert told.code == 0 and "headphone plugged" in told.out
    assert "waiting" not in terminal.kiosk("trace", "receipt_printer").out, "it is there for nothing that a hand does"


def plugged(terminal) -> None:
    with terminal.twin("headphone") as hands:
        hands("insert")


def test_printer_and_headphone_are_told_with_meaning(terminal) -> None:
    with terminal.twin("receipt_printer") as hands:
        hands("cover", open=True)
    printer = terminal.kiosk("trace", "receipt_printer").out
    assert "-> 10 04 02" in printer and "DLE EOT 2: cover open" in printer
    assert "headphone unplugged" in terminal.kiosk("trace", "headphone", "--seconds", "0.5").out


def test_a_silent_device_is_traced_too_and_named(terminal) -> None:
    with terminal.twin("id_card") as hands:
        hands("fault", name="mute", count=-1)
    ran = terminal.kiosk("trace", "id_card")
    assert ran.code == 1
    assert "-> AA AA AA 96 69 00 03 11 FF ED" in ran.out and "<-" not in ran.out
    assert "DEV-002" in ran.out and "Switch the device off and on" in ran.out


# ---- the descriptions themselves ---------------------------------------------------------------------------


def told(data: bytes, sizes: Sequence[int]) -> list[Passage]:
    """`data` from the device in pieces of these sizes, the rest in one."""
    passages, at = [], 0
    for size in sizes:
        if data[at : at + size]:
            passages.append(Passage(0.1 + at / 1e4, IN, data[at : at + size]))
        at += size
    return [*passages, *([Passage(9.0, IN, data[at:])] if data[at:] else [])]


@given(st.binary(min_size=0, max_size=300), st.lists(st.integers(1, 40), max_size=20), st.sampled_from(sam_v.COMMANDS))
def test_no_bytes_from_a_reader_are_shown_but_heads_and_its_own_number(
    data: bytes, sizes: list[int], command: sam_v.Command
) -> None:
    frame = encode_reply(Reply(0, 0, command.success, data))
    lines = sam_v_wire.describe([Passage(0.0, OUT, encode_request(command)), *told(frame, sizes)])
    from_device = [line for line in lines if line.direction is IN]
    assert sum(line.length for line in from_device) == len(frame), "every byte is accounted for"
    if not (command is sam_v.SAM_ID and len(data) == 16):
        heads = [line.shown.split("<")[0].strip() for line in from_device]
        assert all(len(bytes.fromhex(head)) <= 11 for head in heads)
        assert data.hex(" ").upper() not in shown(from_device) or len(data) < 4


@given(st.binary(max_size=400), st.lists(st.integers(1, 40), max_size=20))
def test_any_bytes_are_told_without_an_error_and_counted(data: bytes, sizes: list[int]) -> None:
    for describe in (sam_v_wire.describe, escpos_wire.describe, scanner_wire.describe, input_event_wire.describe):
        lines = describe(told(data, sizes))
        assert all(line.shown and line.meaning for line in lines)
        assert sum(line.length for line in lines) >= (len(data) if describe is not scanner_wire.describe else 0) - 24


def test_an_answer_that_comes_too_late_is_hidden_whatever_was_asked_meanwhile() -> None:
    late = encode_reply(Reply(0, 0, 0x90, b"\x04\x00" * 8))
    lines = sam_v_wire.describe([Passage(0.0, OUT, encode_request(sam_v.STATUS)), Passage(0.1, IN, late)])
    assert lines[1].sign is Sign.STRAY and "04" not in lines[1].shown


def test_a_slip_is_counted_and_its_echo_is_not_shown() -> None:
    slip = "220123456789".encode("gbk")
    lines = escpos_wire.describe([Passage(0.0, OUT, slip), Passage(0.1, IN, slip)])
    assert "32" not in shown(lines) and "<12 bytes hidden>" in lines[0].shown
    assert health(lines).stray_bytes == len(slip)


def test_a_scanner_that_obeys_is_told_by_its_answers_and_a_code_between_them_stays_hidden() -> None:
    family = newland.FAMILY
    ask = family.trigger(True).data
    answer = newland.REPLY_PREFIX + b"#SCNTRG1\x06" + newland.END
    refusal = answer.replace(b"\x06", b"\x15")
    code = f"{RESIDENT['name']}{RESIDENT['number']}\r".encode()
    lines = scanner_wire.describe(
        [
            Passage(0.00, OUT, ask),
            Passage(0.02, IN, answer + code[:9]),
            Passage(0.04, IN, code[9:]),
            Passage(0.50, OUT, ask),
            Passage(0.52, IN, refusal),
        ]
    )
    assert [line.sign for line in lines] == [Sign.QUESTION, Sign.ANSWER, Sign.EVENT, Sign.QUESTION, Sign.TROUBLE]
    assert f"a code of {len(code) - 1} bytes" in lines[2].meaning and not leaks(shown(lines))
    assert health(lines).unanswered == health(lines).surplus == health(lines).stray_bytes == 0


@pytest.mark.parametrize(("rest_at_s", "is_whole"), [(0.40, True), (0.60, False)])
def test_an_answer_in_pieces_is_whole_for_as_long_as_an_answer_has_time(rest_at_s: float, is_whole: bool) -> None:
    answer = newland.REPLY_PREFIX + b"#SCNTRG1\x06" + newland.END
    lines = scanner_wire.describe(
        [
            Passage(0.00, OUT, newland.FAMILY.trigger(True).data),
            Passage(0.02, IN, answer[:9]),
            Passage(rest_at_s, IN, answer[9:]),
        ]
    )
    report = health(lines)
    assert (report.unanswered == 0, report.stray_bytes == 0) == (is_whole, is_whole)


def test_a_refusal_is_trouble_and_an_empty_reader_is_none() -> None:
    def answered(command: sam_v.Command, sw3: int) -> list[WireLine]:
        reply = encode_reply(Reply(0, 0, sw3))
        return sam_v_wire.describe([Passage(0.0, OUT, encode_request(command)), Passage(0.1, IN, reply)])

    assert health(answered(sam_v.FIND, 0x80)).troubles == ()
    (trouble,) = health(answered(sam_v.STATUS, 0x60)).troubles
    assert "CRD-005" in trouble
    assert health(sam_v_wire.describe([Passage(0.0, OUT, encode_frame(b"\x11\xff"))])).unanswered == 1
