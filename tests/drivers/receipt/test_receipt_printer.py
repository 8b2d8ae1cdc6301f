"""The driver and the simulated printer over a real pty at the real pace: one case a fault."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from drivers import faults
from drivers.api import (
    CompletionCode,
    DeviceError,
    DeviceState,
    PaperSupply,
    PrintProof,
    PrintResult,
    QrRow,
    ReceiptPrinter,
    ReceiptRow,
    TextRow,
)
from drivers.receipt_printer import _escpos_printer
from drivers.receipt_printer.escpos_80mm import DRIVER

Rows = Sequence[ReceiptRow]
PROVED = PrintResult(PrintProof.PROVED, None, PaperSupply.FULL)


def test_the_driver_is_a_receipt_printer_and_refuses_settings_it_does_not_know() -> None:
    printer: ReceiptPrinter = DRIVER({"port": "/dev/kiosk/receipt_printer", "baud": 115200, "width_dots": 576})
    assert callable(printer.print_receipt)
    for table in ({"port": "/dev/x", "speed": 9600}, {"port": "/dev/x", "baud": "fast"}, {"port": "COM3"}):
        with pytest.raises(ValueError):
            DRIVER(table)


def test_a_slip_is_proved_cut_and_complete(bench, short_rows: Rows) -> None:
    assert bench.driver.print_receipt(short_rows) == PROVED
    (page,) = bench.pages()
    assert (page["cut"], page["complete"]) == (True, True)
    picture = Image.open(str(page["png"])).convert("L")
    assert picture.width == 576
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == ["TSHP1:1"]
    assert bench.hands("status")["errors"] == []


def test_printing_takes_the_line_and_the_head_their_time(bench, long_rows: Rows, quickest: Any) -> None:
    def seconds_of_a_print() -> float:
        began = time.monotonic()
        assert bench.driver.print_receipt(long_rows).proof is PrintProof.PROVED
        took_s = time.monotonic() - began
        # 20 lines of 34 dots and the way to the cutter at 150 mm/s, and the cut.
        assert took_s > 20 * 34 / 1200
        return took_s

    assert quickest(seconds_of_a_print, 3.0) < 3.0


def test_a_healthy_printer_is_online_with_paper_and_closed(bench) -> None:
    status = bench.driver.status()
    assert (status.state, status.paper, status.cover_open) == (DeviceState.ONLINE, PaperSupply.FULL, False)
    assert status.faults == frozenset()


def test_a_drawer_pin_that_is_high_is_no_fault(printer_with: Callable[..., object], short_rows: Rows) -> None:
    bench = printer_with(drawer_high=True)
    bench.driver.open()
    assert bench.driver.status().faults == frozenset()
    assert bench.driver.print_receipt(short_rows).proof is PrintProof.PROVED


@pytest.mark.parametrize("mask", [0x0C, 0x04, 0x08])
def test_low_paper_is_seen_on_one_bit_too_and_still_prints(
    printer_with: Callable[..., object], short_rows: Rows, mask: int
) -> None:
    bench = printer_with(near_end_mask=mask)
    bench.driver.open()
    bench.hands("paper", state="low")
    status = bench.driver.status()
    assert (status.state, status.paper) == (DeviceState.ONLINE, PaperSupply.LOW)
    assert status.faults == {faults.PRN_PAPER_LOW.code}
    assert bench.driver.print_receipt(short_rows) == PrintResult(PrintProof.PROVED, None, PaperSupply.LOW)


def no_byte_of_a_slip(bench, rows: Rows) -> DeviceError:
    """Printing is refused with a fault, and nothing comes out, not even when the printer is well again."""
    before = bench.hands("status")["bytes_in"]
    with pytest.raises(DeviceError) as refused:
        bench.driver.print_receipt(rows)
    assert bench.hands("status")["bytes_in"] - before <= 2 * 4 * 3, "only status questions went out"
    assert bench.pages() == []
    return refused.value


@pytest.mark.parametrize("mask", [0x60, 0x20])
def test_no_paper_is_found_before_a_byte_is_sent(
    printer_with: Callable[..., object], short_rows: Rows, mask: int
) -> None:
    bench = printer_with(paper_out_mask=mask)
    bench.driver.open()
    bench.hands("paper", state="out")
    error = no_byte_of_a_slip(bench, short_rows)
    assert (error.fault, error.completion) == (faults.PRN_PAPER_OUT, CompletionCode.DEVICE_NOT_READY)
    status = bench.driver.status()
    assert (status.state, status.paper) == (DeviceState.USER_ERROR, PaperSupply.OUT)
    bench.hands("paper", state="ok")
    assert bench.driver.print_receipt(short_rows) == PROVED


def test_an_open_cover_is_found_before_a_byte_is_sent(bench, short_rows: Rows) -> None:
    bench.hands("cover", open=True)
    assert no_byte_of_a_slip(bench, short_rows).fault is faults.PRN_COVER
    status = bench.driver.status()
    assert (status.state, status.cover_open) == (DeviceState.USER_ERROR, True)
    bench.hands("cover", open=False)
    assert bench.driver.print_receipt(short_rows) == PROVED


def test_paper_that_ends_in_the_middle_is_told_torn_and_never_printed_on_later(bench, long_rows: Rows) -> None:
    bench.hands("paper_after", rows=200)
    result = bench.driver.print_receipt(long_rows)
    assert result == PrintResult(PrintProof.NOT_PRINTED, faults.PRN_PAPER_OUT, PaperSupply.OUT)
    (torn,) = bench.pages()
    assert (torn["cut"], torn["complete"], torn["height_dots"]) == (False, False, 296)
    bench.hands("paper", state="ok")
    bench.hands("wait", key="idle", equals=True)
    assert len(bench.pages()) == 1, "the rest of the job came out after the paper was changed"
    assert bench.driver.print_receipt(long_rows) == PROVED
    assert [page["complete"] for page in bench.pages()] == [False, True]


def test_a_cover_opened_in_the_middle_stops_and_the_piece_is_cut_off_before_the_next_slip(
    bench, long_rows: Rows, short_rows: Rows
) -> None:
    opener = bench.in_the_middle(lambda: bench.hands("cover", open=True))
    result = bench.driver.print_receipt(long_rows)
    opener.join()
    assert (result.proof, result.fault) == (PrintProof.NOT_PRINTED, faults.PRN_COVER)
    bench.hands("cover", open=False)
    assert bench.driver.print_receipt(short_rows) == PROVED
    piece, slip = bench.pages()
    assert (piece["cut"], piece["complete"]) == (True, False)
    assert slip["complete"]


def test_a_jammed_cutter_leaves_it_open_whether_the_slip_is_out(bench, short_rows: Rows) -> None:
    bench.hands("fault", name="cutter")
    result = bench.driver.print_receipt(short_rows)
    assert (result.proof, result.fault) == (PrintProof.UNKNOWN, faults.PRN_CUTTER)
    status = bench.driver.status()
    assert (status.state, status.faults) == (DeviceState.HARDWARE_ERROR, {faults.PRN_CUTTER.code})
    with pytest.raises(DeviceError) as refused:
        bench.driver.print_receipt(short_rows)
    assert refused.value.fault is faults.PRN_CUTTER
    bench.hands("clear")
    assert bench.driver.print_receipt(short_rows) == PROVED


def test_a_head_that_cools_down_in_time_is_waited_for(bench, long_rows: Rows) -> None:
    bench.hands("fault", name="hot", for_s=1.2)
    began = time.monotonic()
    assert bench.driver.print_receipt(long_rows) == PROVED
    assert time.monotonic() - began > 1.2


@pytest.mark.usefixtures("hasty")
def test_a_hot_head_refuses_the_next_slip_by_name(bench, short_rows: Rows) -> None:
    bench.hands("fault", name="hot", for_s=60)
    result = bench.driver.print_receipt(short_rows)
    assert (result.proof, result.fault) == (PrintProof.UNKNOWN, faults.PRN_HEAD_HOT)
    assert bench.driver.status().state is DeviceState.DEVICE_BUSY
    with pytest.raises(DeviceError) as refused:
        bench.driver.print_receipt(short_rows)
    assert refused.value.fault is faults.PRN_HEAD_HOT


def test_broken_electronics_are_named(bench, short_rows: Rows) -> None:
    bench.hands("fault", name="unrecoverable")
    result = bench.driver.print_receipt(short_rows)
    assert (result.proof, result.fault) == (PrintProof.UNKNOWN, faults.PRN_ERROR)
    assert bench.driver.status().state is DeviceState.HARDWARE_ERROR


def test_a_mute_printer_is_offline_with_unknown_paper_never_fine(bench, short_rows: Rows) -> None:
    bench.hands("mute", on=True)
    status = bench.driver.status()
    assert (status.state, status.paper, status.cover_open) == (DeviceState.OFFLINE, PaperSupply.UNKNOWN, None)
    assert status.faults == {faults.DEV_SILENT.code}
    assert no_byte_of_a_slip(bench, short_rows).fault is faults.DEV_SILENT


def test_a_printer_that_falls_silent_in_the_middle_has_not_proved_anything(bench, short_rows: Rows) -> None:
    bench.hands("fault", name="mute", on="queued", skip=1)
    result = bench.driver.print_receipt(short_rows)
    assert (result.proof, result.fault) == (PrintProof.UNKNOWN, faults.PRN_UNKNOWN)


@pytest.mark.usefixtures("hasty")
def test_a_late_proof_of_one_slip_never_proves_the_next(bench, short_rows: Rows, long_rows: Rows) -> None:
    bench.hands("fault", name="late", on="queued", skip=1, delay_s=2.0)
    assert bench.driver.print_receipt(short_rows).proof is PrintProof.UNKNOWN
    # The old answer arrives while the next slip is being printed, and that one is then cut short.
    bench.hands("paper_after", rows=400)
    assert bench.driver.print_receipt(long_rows).proof is not PrintProof.PROVED


def test_a_silent_printer_does_not_open(printer_with: Callable[..., object]) -> None:
    bench = printer_with()
    bench.hands("power", on=False)
    with pytest.raises(DeviceError) as refused:
        bench.driver.open()
    assert refused.value.fault is faults.DEV_SILENT
    bench.hands("power", on=True)
    bench.driver.open()


def test_no_printer_is_a_named_fault(tmp_path: Path) -> None:
    with pytest.raises(DeviceError) as refused:
        DRIVER({"port": str(tmp_path / "nothing")}).open()
    assert refused.value.fault is faults.DEV_NOT_FOUND


@pytest.mark.parametrize("name", ["junk", "garble", "drop", "duplicate", "xoff", "wrong_baud"])
def test_one_spoiled_answer_is_asked_again(bench, name: str) -> None:
    bench.hands("fault", name=name, bit=7)
    status = bench.driver.status()
    assert (status.state, status.paper) == (DeviceState.ONLINE, PaperSupply.FULL)


def test_nothing_but_noise_is_offline_and_named(bench) -> None:
    bench.hands("fault", name="garble", bit=7, count=-1)
    status = bench.driver.status()
    assert (status.state, status.paper) == (DeviceState.OFFLINE, PaperSupply.UNKNOWN)
    assert status.faults == {faults.DEV_GARBLED.code}


def test_a_pulled_cable_while_printing_is_unknown_and_then_no_device(bench, long_rows: Rows) -> None:
    puller = bench.in_the_middle(lambda: bench.hands("unplug"))
    result = bench.driver.print_receipt(long_rows)
    puller.join()
    assert (result.proof, result.fault) == (PrintProof.UNKNOWN, faults.DEV_LOST)
    assert bench.driver.status().state is DeviceState.NO_DEVICE
    bench.hands("replug")
    bench.driver.open()
    assert bench.driver.print_receipt(long_rows) == PROVED


def test_cancel_ends_a_print_within_a_tenth_of_a_second_and_forgets_the_rest(
    bench, long_rows: Rows, quickest: Any
) -> None:
    def seconds_to_end() -> float:
        cancelled_at: list[float] = []

        def cancel() -> None:
            cancelled_at.append(time.monotonic())
            bench.driver.cancel()

        canceller = bench.in_the_middle(cancel)
        with pytest.raises(DeviceError) as ended:
            bench.driver.print_receipt(long_rows)
        late_s = time.monotonic() - cancelled_at[0]
        canceller.join()
        assert ended.value.completion is CompletionCode.CANCELED
        bench.hands("wait", key="idle", equals=True)
        assert bench.pages() == [], "the rest was printed and cut after the cancel"
        return late_s

    assert quickest(seconds_to_end, 0.1) < 0.1


def test_a_copy_is_marked_at_its_foot(bench) -> None:
    rows = [TextRow("办好了")]
    assert bench.driver.print_receipt(rows) == PROVED
    assert bench.driver.print_receipt(rows, copy_no=2) == PROVED
    first, copy = (Image.open(str(page["png"])).convert("L") for page in bench.pages())
    assert copy.height > first.height
    foot = copy.crop((520, first.height - 10, 576, copy.height)).point(lambda grey: 255 - grey)
    assert foot.getbbox() is not None


def test_a_row_that_cannot_be_printed_is_refused_before_any_byte(bench) -> None:
    error = no_byte_of_a_slip(bench, [QrRow("姓名")])
    assert error.completion is CompletionCode.INVALID_DATA


@pytest.mark.usefixtures("hasty")
def test_an_answer_that_was_sent_unasked_is_not_taken_for_a_proof(bench, short_rows: Rows) -> None:
    bench.hands("fault", name="duplicate", on="queued")
    bench.hands("fault", name="mute", on="queued", skip=1)
    assert bench.driver.print_receipt(short_rows).proof is PrintProof.UNKNOWN


# --- who it is, and what a hand has freed ---


def test_the_printer_says_model_firmware_and_serial_number(bench) -> None:
    identity = bench.driver.identity()
    assert (identity.product, identity.firmware, identity.serial) == ("TWIN-80", "2.31", "K80-000123")
    assert bench.driver.print_receipt([TextRow("1")]) == PROVED


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("mute", ("", "", "")),
        ("half", ("", "", "")),
        ("drop", ("", "", "")),
        ("junk", ("TWIN-80", "2.31", "K80-000123")),
    ],
)
def test_an_answer_that_is_missing_or_spoiled_is_empty_and_no_fault(
    bench, fault: str, told: tuple[str, str, str], short_rows: Rows
) -> None:
    bench.hands("fault", name=fault, on="identity")
    identity = bench.driver.identity()
    assert (identity.product, identity.firmware, identity.serial) == told
    assert bench.driver.status().faults == frozenset()
    assert bench.driver.print_receipt(short_rows) == PROVED


def test_a_late_answer_to_who_are_you_proves_no_slip(bench, short_rows: Rows) -> None:
    bench.hands("fault", name="late", on="identity", delay_s=0.6)
    assert bench.driver.identity().product == ""
    bench.hands("fault", name="mute", on="queued", skip=1)
    bench.hands("paper_after", rows=150)
    assert bench.driver.print_receipt(short_rows).proof is not PrintProof.PROVED


def test_a_printer_that_stands_still_is_not_asked_who_it_is(bench) -> None:
    bench.hands("paper", state="out")
    assert bench.driver.identity().product == ""
    bench.hands("paper", state="ok")
    assert bench.driver.identity().product == "TWIN-80"


def test_a_silent_printer_cannot_be_asked_who_it_is(bench) -> None:
    bench.hands("mute", on=True)
    with pytest.raises(DeviceError) as silent:
        bench.driver.identity()
    assert silent.value.fault is faults.DEV_SILENT


def test_a_cutter_that_a_hand_has_freed_is_told_to_move_again(
    bench, short_rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_escpos_printer, "RECOVER_EVERY_S", 0.0)
    bench.hands("fault", name="cutter")
    assert bench.driver.print_receipt(short_rows).fault is faults.PRN_CUTTER
    assert bench.driver.status().faults == {faults.PRN_CUTTER.code}, "still blocked: telling it does not help"
    bench.hands("free_cutter")
    assert bench.driver.status().faults == frozenset()
    assert bench.driver.print_receipt(short_rows) == PROVED
    assert [page["complete"] for page in bench.pages()] == [False, True]


def test_a_blocked_cutter_is_not_made_to_grind_at_every_look(bench, short_rows: Rows) -> None:
    bench.hands("fault", name="cutter")
    bench.driver.print_receipt(short_rows)
    bench.driver.status()
    before = bench.hands("status")["bytes_in"]
    for _ in range(3):
        bench.driver.status()
    assert bench.hands("status")["bytes_in"] - before == 3 * 4 * 3, "twelve questions and no DLE ENQ"


def test_a_proof_from_a_printer_that_answers_no_more_is_none(bench, short_rows: Rows) -> None:
    """One byte of noise looks like the answer once in four times; a dead printer answers no next question."""
    bench.hands("fault", name="mute", on="real_time", skip=4, count=-1)
    result = bench.driver.print_receipt(short_rows)
    assert (result.proof, result.fault) == (PrintProof.UNKNOWN, faults.DEV_SILENT)


@pytest.mark.parametrize("report", ["14000000", "10000300"])
def test_an_automatic_status_in_the_place_of_the_answer_proves_nothing(
    printer_with: Callable[..., Any], short_rows: Rows, hasty: None, report: str
) -> None:
    bench = printer_with(auto_status=0xFF, obeys_gs_a=False, answers_in_turn=False)
    bench.driver.open()
    reports = bench.in_the_middle(lambda: bench.hands("report", bytes=report), rows=60)
    result = bench.driver.print_receipt(short_rows)
    reports.join()
    assert result.proof is PrintProof.UNKNOWN and result.fault is faults.PRN_UNKNOWN


@pytest.mark.parametrize("obeys", [True, False])
def test_a_slip_is_proved_by_its_own_answer_where_the_switches_turn_automatic_status_on(
    printer_with: Callable[..., Any], short_rows: Rows, obeys: bool
) -> None:
    bench = printer_with(auto_status=0xFF, obeys_gs_a=obeys)
    bench.driver.open()
    bench.hands("wait", key="auto_mask", equals=0 if obeys else 0xFF)
    assert bench.hands("report")["sent"] is not obeys, "opening asks for silence"
    assert bench.driver.print_receipt(short_rows) == PROVED
    bench.hands("power", on=False)
    bench.hands("power", on=True)
    assert bench.hands("report")["sent"], "switched on again it reports again"
    assert bench.driver.print_receipt(short_rows) == PROVED
    bench.hands("wait", key="auto_mask", equals=0 if obeys else 0xFF)
    assert bench.hands("report")["sent"] is not obeys, "printing asks for silence"
    assert len(bench.pages()) == 2 and bench.hands("status")["errors"] == []
