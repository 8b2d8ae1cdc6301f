"""The encoder's bytes, against values written by hand from the ESC/POS reference."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.api import BoxRow, FeedRow, PairRow, QrRow, RuleRow, TextRow
from drivers.codec.escpos import jobs, raster
from drivers.codec.escpos.fonts import FontBook, FontFace
from drivers.codec.escpos.layout import CLOSING, clusters, width, wrap

OPTIONS = jobs.EscposOptions()
TEXT_ONLY = jobs.EscposOptions(smooth_from_scale=4)
RASTER = b"\x1dv0"


def sent(*rows: object, options: jobs.EscposOptions = OPTIONS) -> bytes:
    return b"".join(jobs.encode(rows, options))  # type: ignore[arg-type]


def test_a_job_begins_with_initialise_and_chinese_on_and_ends_with_chinese_off() -> None:
    assert sent() == bytes.fromhex("1B40 1C26 1C2E")


def test_a_doubled_centred_line_is_place_spacing_size_weight_and_gbk() -> None:
    line = bytes.fromhex("1B6101 1B3338 1D2111 1B4501 B0ECBAC3C1CB 0A")
    assert sent(TextRow("办好了", scale=2, bold=True, align="center")) == b"\x1b@\x1c&" + line + b"\x1c."


@pytest.mark.parametrize(
    ("text", "gbk"),
    [("¥", "A3A4"), ("·", "A1A4"), ("—", "A1AA"), ("①", "A2D9"), ("〇", "A996"), ("镕", "E946"), ("～", "A1AB")],
)
def test_signs_take_their_gbk_code_points_not_those_of_gb2312(text: str, gbk: str) -> None:
    assert bytes.fromhex(gbk) + b"\n" in sent(TextRow(text))


@pytest.mark.parametrize("text", ["郑𠮷嬷", "㐂", "Tshù-pinn", "a̍h", "€5"])
def test_a_line_with_a_character_beyond_gbk_is_a_picture_and_only_that_line(text: str) -> None:
    job = sent(TextRow("姓名"), TextRow(text), TextRow("地址"))
    assert job.count(RASTER) == 1
    assert "姓名".encode("gbk") in job
    assert "地址".encode("gbk") in job
    assert text.encode("gb18030") not in job


def test_a_rare_name_in_a_pair_keeps_its_label_on_the_same_picture() -> None:
    job = sent(PairRow("姓名", "郑𠮷嬷"))
    assert job.count(RASTER) == 1
    assert "姓名".encode("gbk") not in job


def test_large_rows_are_pictures_with_smooth_edges_unless_switched_off() -> None:
    row = TextRow("3502 1304", scale=3)
    assert RASTER in sent(row)
    assert b"\x1d\x21\x22" in sent(row, options=TEXT_ONLY)


def test_without_any_font_file_text_still_goes_as_text_and_a_rare_character_shows_its_code_point() -> None:
    nowhere = FontBook((FontFace("/nowhere/font.ttf"),), (FontFace("/nowhere/font.ttf"),))
    options = jobs.EscposOptions(fonts=nowhere)
    assert "办好了".encode("gbk") in sent(TextRow("办好了", scale=3), options=options)
    one, other = sent(TextRow("\U00020bb7"), options=options), sent(TextRow("\U00020bb8"), options=options)
    assert RASTER in one
    assert one != other


def test_a_pair_puts_its_value_at_the_right_edge_as_large_as_fits() -> None:
    label, value = "证件".encode("gbk"), b"350*************21"
    assert b"\x1d!\x00\x1bE\x00" + label + b" " * 8 + b"\x1d!\x11\x1bE\x01" + value in sent(
        PairRow("证件", value.decode())
    )
    assert b"\x1d!\x11" not in sent(PairRow("证件", value.decode(), scale=1))


def test_a_pair_that_does_not_fit_is_wrapped_and_loses_nothing() -> None:
    place = "厦门市翔安区金海街道后村社区居民委员会便民服务大厅一楼东侧" * 2
    job = sent(PairRow("地点", place)).decode("gbk", errors="ignore")
    assert "".join(char for char in job if char in set(place)).replace("地点", "", 1) == place


def test_a_qr_code_is_five_functions_with_level_m() -> None:
    job = sent(QrRow("TSHP1:1", module_dots=6))
    assert (
        bytes.fromhex("1D286B0400314132 001D286B03003143061D286B03003145311D286B0A00315030")
        + b"TSHP1:1"
        + bytes.fromhex("1D286B0300315130")
        in job
    )


@pytest.mark.parametrize("data", ["", "姓名", "A\x1b@"])
def test_a_qr_code_with_anything_but_printable_ascii_is_refused(data: str) -> None:
    with pytest.raises(ValueError):
        sent(QrRow(data))


def test_an_unknown_alignment_is_refused() -> None:
    with pytest.raises(ValueError):
        sent(TextRow("x", align="middle"))


def test_feeding_more_than_a_byte_takes_several_commands() -> None:
    assert bytes.fromhex("1B4AFF 1B4A2D") in sent(FeedRow(300))


def test_closing_commands_are_those_of_the_reference() -> None:
    assert bytes.fromhex("1D5642 00") == jobs.FEED_AND_CUT
    assert bytes.fromhex("1D7201") == jobs.QUEUED_PAPER_STATUS
    assert bytes.fromhex("100502") == jobs.CLEAR_BUFFERS
    assert [jobs.status_query(n).hex() for n in (1, 2, 3, 4)] == ["100401", "100402", "100403", "100404"]


ANY_TEXT = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x1b\x1d\x10\x04\x01\x05\x02@V，。（）《》0123456789abc 办好了𠮷"),
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(ANY_TEXT, st.integers(1, 2))
def test_no_text_can_smuggle_a_command_to_the_printer(text: str, scale: int) -> None:
    job = sent(TextRow(text, scale=scale), options=TEXT_ONLY)
    for real_time in (b"\x10\x04", b"\x10\x05", b"\x10\x14"):
        assert real_time not in job
    if RASTER not in job:  # picture data may look like anything else
        assert job.count(b"\x1b@") == 1
        for command in (b"\x1dV", b"\x1dr", b"\x1d("):
            assert command not in job


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT, st.integers(8, 48))
def test_wrapping_loses_no_character_and_never_exceeds_the_paper(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert all(width(line) <= columns for line in lines)
    kept = [cluster.text for line in lines for cluster in line if cluster.text.strip()]
    meant = [cluster.text for cluster in clusters(" ".join(text.splitlines())) if cluster.text.strip()]
    assert kept == meant


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("您不用再做什么，。；：（）12"), min_size=1, max_size=60), st.integers(10, 30))
def test_no_line_begins_with_closing_punctuation(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    for at, line in enumerate(lines[1:], start=1):
        if line and line[0].text in CLOSING:
            before = [cluster for earlier in lines[:at] for cluster in earlier]
            behind = list(itertools.takewhile(lambda cluster: cluster.text in CLOSING, line))
            ahead = list(itertools.takewhile(lambda cluster: cluster.text in CLOSING, reversed(before)))
            # Only when a character and the punctuation that belongs to it are longer than a line.
            assert width([*ahead, *behind]) + 2 > columns


def test_a_sentence_breaks_where_a_reader_breathes_and_leaves_no_orphan() -> None:
    assert ["".join(c.text for c in line) for line in wrap("先收下，还没有办好", 16)] == ["先收下，", "还没有办好"]


def test_a_telephone_number_is_never_broken() -> None:
    lines = ["".join(c.text for c in line) for line in wrap("想问进度请打电话0592-000-0000问一问", 26)]
    assert any("0592-000-0000" in line for line in lines)


def test_a_figure_stays_with_its_unit() -> None:
    lines = ["".join(c.text for c in line) for line in wrap("您2027年12月25日满八十", 10)]
    assert lines == ["您2027年", "12月25日", "满八十"]


def test_combining_marks_stay_on_their_letter() -> None:
    assert [cluster.text for cluster in clusters("tsi̍t")] == ["t", "s", "i̍", "t"]
    assert unicodedata.normalize("NFC", "a\u0302") == clusters("a\u0302")[0].text


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([0x10, 0x04, 0x05, 0x14, 0x00, 0xFF]), min_size=72, max_size=72 * 4))
def test_no_picture_contains_a_real_time_command(data: list[int]) -> None:
    rows = len(data) // 72
    picture = Image.frombytes("1", (576, rows), bytes(data[: rows * 72]))
    wire = b"".join(raster.bands(picture))
    for head in (b"\x10\x04", b"\x10\x05", b"\x10\x14"):
        assert head not in wire


def test_a_box_is_a_closed_frame_as_wide_as_the_paper() -> None:
    picture = raster.box(("您不用再做什么。",), FontBook(), 576)
    middle = picture.height // 2
    assert picture.size[0] == 576
    assert all(picture.getpixel((x, 3)) for x in range(40, 536))
    assert all(picture.getpixel((x, picture.height - 4)) for x in range(40, 536))
    assert picture.getpixel((3, middle))
    assert picture.getpixel((572, middle))


def test_a_long_text_makes_the_letters_smaller_before_the_box_grows_tall() -> None:
    short = raster.box(("补齐了再来。",), FontBook(), 576)
    long = raster.box(("登记的户口不在翔安区，请带户口簿去窗口，有人帮您查。",) * 4, FontBook(), 576)
    assert short.height < 100
    assert long.height <= 350


def test_a_rule_is_dashes_over_the_whole_width() -> None:
    job = sent(RuleRow())
    assert (b"\xff\x00" * 36)[:-1] in job


def test_a_box_row_is_one_picture_in_small_bands() -> None:
    job = jobs.encode((BoxRow(("工作人员要看一看。", "过几天带这张单子来问结果。")),), OPTIONS)
    assert max(map(len, job)) <= raster.BAND_ROWS * 72 + 8
