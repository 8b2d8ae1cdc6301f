"""The simulated printer's interpreter, against byte streams written by hand."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import drivers.sim._receipt.render as renderer
from drivers.sim._receipt.glyphs import Rom
from drivers.sim._receipt.paper import Paper
from drivers.sim._receipt.realtime import Clear, Question, RealTime
from drivers.sim._receipt.render import AskPaper, Cut, Interpreter, Op, Strip

ROM = Rom({}, cutter_distance_dots=96)
QR = bytes.fromhex("1D286B040031413200 1D286B0300314306 1D286B0300314531 1D286B0D00315030") + b"TSHP1:1234"
QR += bytes.fromhex("1D286B0300315130")
CUT = bytes.fromhex("1D564200")


def run(data: bytes) -> tuple[list[Op], Interpreter]:
    brain = Interpreter(576, ROM)
    brain.feed(data)
    return drain(brain), brain


def drain(brain: Interpreter) -> list[Op]:
    ops = []
    while (op := brain.step()) is not None:
        ops.append(op)
    return ops


def strips(data: bytes) -> list[Image.Image]:
    return [op.picture for op in run(data)[0] if isinstance(op, Strip)]


def page(data: bytes, folder: Path) -> Image.Image:
    paper = Paper(576, 96)
    for op in run(data + CUT)[0]:
        if isinstance(op, Strip):
            paper.print_rows(op.picture)
    made = paper.cut(folder)
    assert made is not None
    return Image.open(made.path)


def test_the_interpreter_shares_no_code_with_the_encoder() -> None:
    for name in ("render", "glyphs", "realtime", "paper"):
        source = Path(renderer.__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
        imported = [node.module for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
        assert not [module for module in imported if module and module.startswith("drivers.codec")]


def test_a_line_feeds_by_the_spacing_or_the_letters_whichever_is_more() -> None:
    assert strips(b"\x1b@A\n")[0].size == (576, 30)
    assert strips(b"\x1b3\x22A\n")[0].height == 34
    assert strips(b"\x1d!\x11A\n")[0].height == 48


def test_sizes_repeat_dots() -> None:
    small = strips(b"\x1c&\xb0\xec\n")[0].crop((0, 0, 24, 24))
    large = strips(b"\x1c&\x1d!\x22\xb0\xec\n")[0].crop((0, 0, 72, 72))
    assert small.getbbox() is not None
    assert large.tobytes() == small.resize((72, 72), Image.Resampling.NEAREST).tobytes()


@pytest.mark.parametrize(("mode", "left"), [(0, 0), (1, 276), (2, 552)])
def test_alignment_places_the_line(mode: int, left: int) -> None:
    box = strips(bytes((0x1B, 0x61, mode)) + b"\x1c&\xb9\xfa\n")[0].getbbox()
    assert box is not None
    assert left <= box[0] < left + 6


def test_bold_has_more_ink_than_normal_print() -> None:
    normal, bold = strips(b"\x1c&\xb0\xec\n\x1bE\x01\xb0\xec\n")
    assert bold.histogram()[255] > normal.histogram()[255]


def test_a_full_line_goes_on_in_the_next() -> None:
    assert len(strips(b"A" * 49 + b"\n")) == 2


def test_chinese_needs_its_mode() -> None:
    brain = run(b"\xb0\xec\n\x1c&\xb0\xec\n\x1c.\xb0\xec\n")[1]
    assert brain.text == ["░∞", "办", "░∞"]


def test_a_four_byte_character_is_an_error_as_on_a_real_printer() -> None:
    brain = run(b"\x1c&" + "𠮷".encode("gb18030") + b"\n")[1]
    assert brain.errors


def test_unknown_commands_are_recorded_with_their_place() -> None:
    brain = run(b"\x1b@\x1b\x99A\n\x1d\x99\n\x1c\x99\n\x02")[1]
    assert brain.errors == ["byte 2: ESC 0x99", "byte 6: GS 0x99", "byte 9: FS 0x99", "byte 12: control byte 0x02"]


def test_a_picture_is_printed_dot_by_dot() -> None:
    picture = strips(bytes.fromhex("1D763000 0200 0300") + bytes((0x80, 0x01, 0x40, 0x02, 0xFF, 0xFF)))[0]
    assert picture.size == (576, 3)
    assert picture.crop((0, 0, 16, 3)).tobytes() == bytes((0x80, 0x01, 0x40, 0x02, 0xFF, 0xFF))


def test_a_native_qr_code_decodes_from_the_paper(tmp_path: Path) -> None:
    codes = zxingcpp.read_barcodes(page(b"\x1ba\x01" + QR, tmp_path).convert("L"))
    assert [code.text for code in codes] == ["TSHP1:1234"]


def test_cut_and_paper_question_come_in_their_turn() -> None:
    ops = run(b"A\n" + CUT + b"\x1dr\x01")[0]
    assert [type(op) for op in ops] == [Strip, Strip, Cut, AskPaper]
    assert ops[1].picture.height == 96


STREAM = (
    b"\x1b@\x1c&\x1ba\x01\x1d!\x11\xb0\xec\xba\xc3\n\x1d!\x00ABC\n" + QR + b"\x1dv0\x00\x01\x00\x02\x00\xf0\x0f" + CUT
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=60))
def test_any_chunking_gives_the_same_paper(sizes: list[int]) -> None:
    whole = [op.picture.tobytes() if isinstance(op, Strip) else op for op in run(STREAM)[0]]
    brain, at, parts = Interpreter(576, ROM), 0, []
    for size in [*sizes, len(STREAM)]:
        brain.feed(STREAM[at : at + size])
        at += size
        parts += drain(brain)
    assert [op.picture.tobytes() if isinstance(op, Strip) else op for op in parts] == whole
    assert not brain.errors


FRAGMENTS = st.one_of(
    st.binary(max_size=6),
    st.builds(
        lambda head, rest: head + rest,
        st.sampled_from(
            (b"\x1d(k\x03\x001", b"\x1d(k\x04\x001", b"\x1dv0", b"\x1dV", b"\x1b", b"\x1d", b"\x1c", b"\x10")
        ),
        st.binary(max_size=5),
    ),
    st.sampled_from((b"\x1d(k\x03\x001Q0", b"\x1d(k\xdc\x051P0" + b"x" * 1497, b"\x1d(k\x03\x001E3", b"\x1c&")),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(FRAGMENTS, max_size=30).map(b"".join))
def test_no_bytes_break_the_interpreter(data: bytes) -> None:
    ops, brain = run(data)
    assert all(op.picture.width == 576 for op in ops if isinstance(op, Strip))
    assert brain.waiting_bytes <= len(data)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 4), max_size=12))
def test_real_time_commands_are_found_in_any_chunks_even_inside_a_picture(sizes: list[int]) -> None:
    stream = b"\x1dv0\x00\x04\x00\x01\x00\x10\x04\x01\xff" + b"\x10\x10\x04\x04" + b"A\x10\x04\x09" + b"\x10\x05\x02B"
    receiver, at, parts = RealTime(), 0, []
    for size in [*sizes, len(stream)]:
        parts += list(receiver.split(stream[at : at + size]))
        at += size
    assert [part for part in parts if not isinstance(part, bytes)] == [Question(1), Question(4), Clear(forget=True)]
    assert b"".join(part for part in parts if isinstance(part, bytes)) == stream


def test_paper_ends_at_its_row_and_the_piece_is_not_complete(tmp_path: Path) -> None:
    paper = Paper(576, 96)
    paper.left_rows = 10
    black = Image.new("1", (576, 24), 1)
    assert not paper.print_rows(black)
    torn = paper.tear(tmp_path)
    assert torn is not None
    assert (torn.height_dots, torn.cut, torn.complete) == (106, False, False)


def test_blank_paper_is_no_page(tmp_path: Path) -> None:
    paper = Paper(576, 96)
    paper.print_rows(Image.new("1", (576, 200), 0))
    assert paper.cut(tmp_path) is None
    assert not paper.pages
