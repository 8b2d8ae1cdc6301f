"""The pure parts of reading codes by camera: texts, what is believed, what a frame is worth, what moves."""

from __future__ import annotations

import base64
import random

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers import faults
from drivers.codec.code_text import marked_text, plain_text, shown
from drivers.codec.mjpeg_stream import JpegSplitter, NoPictures
from drivers.sim._camera import barcodes, optics
from drivers.vision.codes.believing import REPEAT_S, Believing, Sighting, without_rivals
from drivers.vision.codes.gate import MotionGate
from drivers.vision.codes.operation import CodesOp
from drivers.vision.codes.plan import BUDGET_MOST_S, BUDGET_SHARE, HEARTBEAT_FRAMES, IN_DOUBT, ROUNDS, Plan
from drivers.vision.codes.readers import Found, read_zbar, read_zxing
from drivers.vision.codes.steps import CYCLE, FIRST
from drivers.vision.frames import Frame, LatestFrame, NoPicture
from drivers.vision.ops import BadRequest, make
from drivers.vision.watch import CameraWatch, Look

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=30)


@settings(max_examples=150, deadline=None)
@given(HAN)
def test_chinese_comes_back_from_both_encodings(text: str) -> None:
    assert plain_text(text.encode("utf-8")) == text
    assert plain_text(text.encode("gb18030")) == text or _is_utf8(text.encode("gb18030"))


def _is_utf8(data: bytes) -> bool:
    """Bytes of GB18030 that are Chinese in UTF-8, too: nobody can tell those apart."""
    try:
        return any(ord(c) > 0x7FF for c in data.decode())
    except UnicodeDecodeError:
        return False


def test_gbk_that_is_valid_utf8_by_chance_is_chinese_and_latin_says_so_by_its_mark() -> None:
    trap = next(
        text
        for code in range(0x4E00, 0x9FA5)
        if (text := chr(code)) and (data := text.encode("gb18030")) and len(data) == 2 and _decodes(data)
    )
    assert plain_text(trap.encode("gb18030")) == trap
    assert marked_text(b"\\000026" + "Müller, café".encode()) == "Müller, café"


def _decodes(data: bytes) -> bool:
    try:
        return len(data.decode("utf-8")) == 1
    except UnicodeDecodeError:
        return False


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_a_text_or_none_and_never_an_error(data: bytes) -> None:
    for text in (plain_text(data), marked_text(data)):
        assert text is None or isinstance(shown(text), str)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_the_mark_in_a_code_decides(encoding: str) -> None:
    (found,) = read_zxing(barcodes.draw_qr("厦门𠮷\\1", eci=encoding))
    assert found.text == "厦门𠮷\\1"


def test_an_unknown_mark_or_text_that_does_not_fit_it_is_no_text() -> None:
    assert marked_text(b"\\000999abc") is None
    assert marked_text(b"\\000026\xff\xff") is None
    assert marked_text("a\\000026é".encode()) == "aé"


def test_zbar_is_not_believed_what_it_re_encoded() -> None:
    assert read_zbar(barcodes.draw_qr("厦门".encode("gbk"))) == []
    (found,) = read_zbar(barcodes.draw_qr(b"2007"))
    assert (found.symbology, found.text) == ("qr", "2007")


@pytest.mark.parametrize(("kind", "text"), [("ean13", "690123456789"), ("code128", "Abc-12"), ("code39", "AB-12 3.")])
def test_both_readers_agree_about_drawn_bars(kind: str, text: str) -> None:
    gray = barcodes.draw_linear(kind, text)
    assert read_zxing(gray) == read_zbar(gray) != []


def found(kind: str, text: str) -> Found:
    return Found(kind, text, text.encode())


def test_bars_with_a_weak_check_are_seen_in_two_ways_and_strong_codes_in_one() -> None:
    ean = found("ean", "6901234567892")
    rules = Believing()
    for at in range(9):
        assert rules.sighted(ean, "zxing", at / 15) is Sighting.UNSURE, "one way sees the same wrong bars each time"
    assert rules.sighted(ean, "straight", 0.7) is Sighting.NEW
    assert Believing().sighted(found("qr", "x"), "zxing", 0.0) is Sighting.NEW


def test_two_ways_confirm_each_other_and_two_texts_do_not() -> None:
    rules = Believing()
    assert rules.sighted(found("ean", "6901234567892"), "zxing", 0.0) is Sighting.UNSURE
    assert rules.sighted(found("ean", "6901234567885"), "straight", 0.0) is Sighting.UNSURE
    assert rules.sighted(found("ean", "6901234567892"), "straight", 0.0) is Sighting.NEW


def test_a_lenient_reader_never_confirms_itself_and_a_strict_one_confirms_it() -> None:
    """The same blur is misread the same way in every picture, by whatever preparation."""
    rules, wrong, right = Believing(), found("ean", "0022161000064"), found("ean", "6927616603736")
    for at, way in enumerate(("zbar", "straight zbar", "straight zbar", "zbar halved")):
        assert rules.sighted(wrong, way, at / 15, is_strict=False) is Sighting.UNSURE
    assert rules.sighted(right, "zbar", 0.4, is_strict=False) is Sighting.UNSURE
    assert rules.sighted(right, "close sharpened", 0.5) is Sighting.NEW
    assert rules.sighted(wrong, "zbar", 2.6, is_strict=False) is Sighting.UNSURE
    assert rules.sighted(right, "zbar", 2.7, is_strict=False) is Sighting.UNSURE, "what was strict is too long ago"


def test_only_zbar_is_lenient() -> None:
    assert {step.name for step in (FIRST, *CYCLE) if not step.is_strict} == {"zbar halved", "straight zbar", "zbar"}


def test_sightings_far_apart_do_not_confirm_each_other() -> None:
    rules = Believing()
    rules.sighted(found("itf", "123456"), "zxing", 0.0)
    assert rules.sighted(found("itf", "123456"), "straight", 60.0) is Sighting.UNSURE


@pytest.mark.parametrize(
    "code", [found("ean", "123456"), found("code39", "A"), found("itf", "12345"), found("code128", "7")]
)
def test_a_length_that_its_kind_does_not_have_is_texture(code: Found) -> None:
    rules = Believing()
    assert [rules.sighted(code, "zxing", at / 15) for at in range(3)] == [Sighting.NOTHING] * 3


def test_a_held_code_is_one_event_until_it_was_away_for_three_seconds() -> None:
    rules, code = Believing(), found("qr", "x")
    assert rules.sighted(code, "zxing", 0.0) is Sighting.NEW
    assert all(rules.sighted(code, "zxing", at * 1.0) is Sighting.STILL_THERE for at in range(1, 20))
    assert rules.sighted(code, "zxing", 19.0 + REPEAT_S + 0.1) is Sighting.NEW


def test_an_empty_box_costs_a_heartbeat_and_motion_brings_everything_in_turn() -> None:
    plan = Plan()
    calm = [plan.steps(False, at / 15) for at in range(50)]
    assert sum(map(len, calm)) == 50 // HEARTBEAT_FRAMES and {step for steps in calm for step in steps} == {FIRST}
    seen = [plan.steps(at == 0, 4 + at / 15) for at in range(len(CYCLE) * ROUNDS)]
    assert all(steps[0] is FIRST and len(steps) == 2 for steps in seen)
    assert [steps[1] for steps in seen[: len(CYCLE)]] == list(CYCLE)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.001, 0.3), st.lists(st.booleans(), min_size=150, max_size=150))
def test_reading_keeps_within_its_share_of_the_machine(cost_s: float, moves: list[bool]) -> None:
    plan, used_s = Plan(), 0.0
    for at, moved in enumerate(moves):
        if steps := plan.steps(moved, at / 15):
            cost = cost_s if len(steps) > 1 else cost_s / 10
            used_s += cost
            plan.spent(cost, Sighting.NOTHING)
    heartbeats_s = len(moves) / HEARTBEAT_FRAMES * cost_s / 10
    assert used_s <= BUDGET_MOST_S + BUDGET_SHARE * len(moves) / 15 + cost_s + heartbeats_s


def test_a_code_in_doubt_is_looked_at_in_several_other_ways_at_once() -> None:
    plan = Plan()
    assert plan.steps(True, 0.0) == (FIRST, CYCLE[0])
    plan.spent(0.01, Sighting.UNSURE)
    assert plan.steps(False, 0.07) == (FIRST, *CYCLE[1 : 1 + IN_DOUBT])
    plan.spent(0.01, Sighting.NEW)
    assert plan.steps(False, 0.14) == (), "it has what it needs"


def test_noise_and_flicker_are_no_motion_and_a_thing_is() -> None:
    rng = np.random.default_rng(11)
    still = optics.desk((160, 90), rng)
    gate = MotionGate()
    assert gate.moved(still)
    for step in range(30):
        frame = optics.sensor_noise(optics.light(still, 1.0 + 0.1 * (step % 2), 0, 0, 0), rng, 1.0)
        assert not gate.moved(frame)
    thing = still.copy()
    thing[30:40, 60:72] = 230
    assert gate.moved(thing)


def test_only_the_newest_frame_is_kept_and_the_others_are_counted() -> None:
    slot = LatestFrame()
    for number in range(5):
        slot.put(Frame(np.zeros((8, 8), np.uint8), 0.0, number))
    frame = slot.take(0.0)
    assert frame is not None and frame.seq == 4 and slot.dropped == 4
    assert slot.take(0.0) is None
    slot.close()
    assert slot.take(5.0) is None


def test_a_spoiled_picture_is_named_and_nothing_else() -> None:
    for data in (b"", b"\xff\xd8\xff\xd9", random.Random(1).randbytes(500)):
        with pytest.raises(NoPicture):
            _ = Frame(data, 0.0, 1).thumb


def jpegs() -> list[bytes]:
    rng = np.random.default_rng(3)
    return [cv2.imencode(".jpg", rng.integers(0, 255, (24, 32 + at), dtype=np.uint8))[1].tobytes() for at in range(3)]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 700), st.booleans(), st.binary(max_size=40).filter(lambda b: b"\xff" not in b))
def test_pictures_come_out_of_a_stream_in_any_chunking_with_or_without_length(
    size: int, with_length: bool, junk: bytes
) -> None:
    stream = junk
    for picture in jpegs():
        length = f"Content-Length: {len(picture)}\r\n".encode() if with_length else b""
        stream += b"--x\r\nContent-Type: image/jpeg\r\n" + length + b"\r\n" + picture + b"\r\n"
    splitter = JpegSplitter()
    out = [picture for at in range(0, len(stream), size) for picture in splitter.feed(stream[at : at + size])]
    assert out == jpegs()


def test_a_flood_without_a_picture_is_refused_and_holds_no_memory() -> None:
    splitter = JpegSplitter()
    for _ in range(100):
        assert splitter.feed(b"\x00" * 65536) == []
    with pytest.raises(NoPictures):
        for _ in range(200):
            splitter.feed(b"\xff\xd8\xff" + b"\x01" * 65536)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=3000))
def test_no_bytes_break_the_splitter(data: bytes) -> None:
    for picture in JpegSplitter().feed(data):
        assert picture.startswith(b"\xff\xd8\xff") and picture.endswith(b"\xff\xd9")


def test_the_operation_reads_pixels_as_a_camera_without_jpeg_gives_them() -> None:
    desk = optics.desk((640, 480), np.random.default_rng(1))
    pixels = optics.place(barcodes.draw_qr(b"2007"), desk, optics.Pose(width_px=200))
    op = make("codes")
    op.start({})
    (reply,) = op.on_frame(Frame(pixels, 0.0, 1))
    assert reply["text"] == "2007" and base64.b64decode(str(reply["raw"])) == b"2007"


@pytest.mark.parametrize("box", [[0, 0, 0, 1], "x", None, [0, 0, 1, 2]])
def test_a_request_with_a_bad_box_is_refused(box: object) -> None:
    with pytest.raises(BadRequest, match="box"):
        CodesOp().start({"box": box})
    with pytest.raises(BadRequest, match="known"):
        make("no_such_operation")


@pytest.mark.parametrize("condition", ["inverted", "curl"])
def test_what_no_reader_reads_alone_is_read_after_preparation(condition: str) -> None:
    kind = "qr" if condition == "curl" else "code128"
    rng = np.random.default_rng(7)
    factor = 0.6 if kind == "qr" else 1.7
    shot = optics.shoot(barcodes.draw(kind, b"2007026112400019"), optics.CONDITIONS[condition], rng, factor)
    op = CodesOp()
    op.start({})
    told = [reply["text"] for at in range(13) for reply in op.on_frame(Frame(shot.compressed(rng), at / 15, at))]
    assert told == ["2007026112400019"]


def test_a_machine_that_had_no_time_does_not_call_its_camera_silent() -> None:
    watch = CameraWatch(None, 0.0)
    watch.saw(Look(1.0, b"a", 100.0, (160, 90)))
    watch.stalled(5.0)
    assert watch.verdict(7.0) is None
    assert watch.verdict(9.0) is faults.DEV_SILENT


@pytest.mark.parametrize(
    ("mean", "fault"), [(3.0, faults.CAM_COVERED), (250.0, faults.CAM_WASHED_OUT), (100.0, faults.CAM_FROZEN)]
)
def test_a_picture_that_shows_nothing_is_told_after_a_while_and_one_good_picture_ends_it(
    mean: float, fault: faults.Fault
) -> None:
    watch = CameraWatch((160, 90), 0.0)
    watch.saw(Look(0.1, b"same", mean, (160, 90)))
    assert watch.verdict(0.1) is None
    for at in range(1, 60):
        watch.saw(Look(at / 10, b"same", mean, (160, 90)))
    assert watch.verdict(6.0) is fault
    watch.saw(Look(6.0, b"other", 100.0, (160, 90)))
    assert watch.verdict(6.0) is None
    watch.saw(Look(6.1, b"third", 100.0, (80, 60)))
    assert watch.verdict(6.1) is faults.CAM_SIZE


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 255), st.binary(max_size=2), st.floats(0, 3)), max_size=40))
def test_the_watch_never_calls_a_camera_broken_that_sends_new_bright_pictures(
    looks: list[tuple[float, bytes, float]],
) -> None:
    watch, now_s = CameraWatch(None, 0.0), 0.0
    for mean, digest, pause_s in looks:
        now_s += pause_s
        watch.saw(Look(now_s, digest, mean, (1, 1)))
    for at in range(2):
        now_s += 0.1
        watch.saw(Look(now_s, b"new" + bytes([at]), 128.0, (1, 1)))
    assert watch.verdict(now_s) is None


def test_two_readings_of_the_same_bars_confirm_neither() -> None:
    right, wrong = Found("ean", "6944265710554", b"1"), Found("ean", "7947261110112", b"2")
    slip = Found("qr", "3502130018", b"3")
    assert without_rivals([right, slip, wrong]) == [slip]
    assert without_rivals([right, right, slip]) == [right, right, slip]
    assert without_rivals([slip, Found("qr", "other", b"4")]) == [slip, Found("qr", "other", b"4")]
