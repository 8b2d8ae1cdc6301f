"""The 58 mm printer: another dialect, another proof, and what one without any proof may claim."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from drivers import faults
from drivers.api import DeviceError, PaperSupply, PrintProof, PrintResult, QrRow, ReceiptRow, TextRow
from drivers.receipt_printer import _escpos_printer, escpos_58mm
from drivers.receipt_printer._escpos_printer import EscposPrinter
from drivers.sim._receipt.makes import BUILDS

Rows = Sequence[ReceiptRow]
PROVED = PrintResult(PrintProof.PROVED, None, PaperSupply.FULL)


@pytest.fixture
def small(printer_with: Callable[..., object]) -> Iterator[object]:
    """A 58 mm printer as from the factory, opened."""
    bench = printer_with(make="escpos_58mm")
    driver = escpos_58mm.DRIVER({"port": str(bench.port)})
    driver.open()
    yield replace(bench, driver=driver)
    driver.close()


def test_a_slip_is_proved_by_the_answer_that_waited_behind_the_cut_and_every_command_was_known(
    small, short_rows: Rows
) -> None:
    assert small.driver.print_receipt(short_rows) == PROVED
    (page,) = small.pages()
    assert (page["cut"], page["complete"]) == (True, True)
    picture = Image.open(str(page["png"])).convert("L")
    assert picture.width == 384
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == ["TSHP1:1"]
    assert small.hands("status")["errors"] == []


LONG_ROWS = [TextRow(f"第{row}行 先收下，过几天再来", bold=True) for row in range(30)]
"""Twice what a buffer of half a kilobyte holds."""
WHOLE_DOTS = 30 * 34 + escpos_58mm.CUTTER_WAY_DOTS


@pytest.mark.parametrize(("believed_bytes", "lost"), [(512, False), pytest.param(0, True, marks=pytest.mark.proof)])
def test_a_slip_larger_than_the_receive_buffer_is_sent_in_answered_pieces_or_would_be_lost(
    printer_with: Callable[..., object], believed_bytes: int, lost: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if lost:  # nobody need wait long for a proof that cannot come
        monkeypatch.setattr(_escpos_printer, "COMPLETION_GRACE_S", 2.0)
    bench = printer_with(make="escpos_58mm", buffer_bytes=512)
    assert BUILDS["escpos_58mm"].buffer_bytes == escpos_58mm.MAKE.buffer_bytes
    driver = EscposPrinter({"port": str(bench.port)}, replace(escpos_58mm.MAKE, buffer_bytes=believed_bytes))
    driver.open()
    result = driver.print_receipt(LONG_ROWS)
    driver.close()
    status = bench.hands("status")
    came = [page["height_dots"] for page in bench.pages()], status["errors"]
    if lost:
        assert status["overrun_bytes"] > 0, "the driver's care is not for nothing"
        assert came != ([WHOLE_DOTS], []), "and the question behind the cut may still be answered"
    else:
        assert (result, status["overrun_bytes"]) == (PROVED, 0)
        assert came == ([WHOLE_DOTS], [])


def test_no_paper_cover_and_cutter_are_named_as_on_the_large_one(small, short_rows: Rows) -> None:
    small.hands("cover", open=True)
    with pytest.raises(DeviceError) as refused:
        small.driver.print_receipt(short_rows)
    assert refused.value.fault is faults.PRN_COVER
    small.hands("cover", open=False)
    small.hands("fault", name="cutter")
    result = small.driver.print_receipt(short_rows)
    assert (result.proof, result.fault) == (PrintProof.UNKNOWN, faults.PRN_CUTTER)
    small.hands("clear")
    small.hands("paper_after", rows=120)
    result = small.driver.print_receipt(short_rows)
    assert (result.proof, result.fault) == (PrintProof.NOT_PRINTED, faults.PRN_PAPER_OUT)
    small.hands("paper", state="ok")
    small.hands("wait", key="idle", equals=True)
    assert small.driver.print_receipt(short_rows) == PROVED
    assert [page["complete"] for page in small.pages()][-1] is True


@pytest.mark.usefixtures("hasty")
def test_a_printer_that_leaves_its_question_unanswered_prints_and_is_never_proved(
    printer_with: Callable[..., object], short_rows: Rows
) -> None:
    bench = printer_with(make="escpos_58mm", answers_in_turn=False)
    driver = escpos_58mm.DRIVER({"port": str(bench.port), "queued_status": False})
    driver.open()
    for _ in range(2):
        result = driver.print_receipt(short_rows)
        assert (result.proof, result.fault) == (PrintProof.UNKNOWN, faults.PRN_UNKNOWN)
    driver.close()
    assert [page["complete"] for page in bench.pages()] == [True, True], "nothing was cut short or fed in vain"


@pytest.mark.proof
@pytest.mark.usefixtures("hasty")
def test_one_that_was_not_told_so_is_not_proved_either(
    printer_with: Callable[..., object], short_rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_escpos_printer, "BARRIER_S", 0.3)
    bench = printer_with(make="escpos_58mm", answers_in_turn=False)
    driver = escpos_58mm.DRIVER({"port": str(bench.port)})
    driver.open()
    assert driver.print_receipt(short_rows).proof is PrintProof.UNKNOWN
    driver.close()


def test_a_printer_that_knows_no_gs_i_is_never_asked_and_says_nothing_of_itself(small) -> None:
    before = small.hands("status")["bytes_in"]
    identity = small.driver.identity()
    assert (identity.product, identity.firmware, identity.serial) == ("", "", "")
    assert small.hands("status")["bytes_in"] == before


def test_a_rare_name_and_a_copy_fit_the_narrow_paper(small, tmp_path: Path) -> None:
    assert small.driver.print_receipt([TextRow("郑𠮷嬷", scale=2, align="center")], copy_no=2) == PROVED
    (page,) = small.pages()
    picture = Image.open(str(page["png"])).convert("L").point(lambda grey: 255 - grey)
    left, _top, right, _bottom = picture.getbbox() or (0, 0, 0, 0)
    assert left > 0 and 340 < right <= 384
    assert small.hands("status")["errors"] == []


def test_a_qr_code_that_holds_too_much_is_refused_before_any_byte(small) -> None:
    before = small.hands("status")["bytes_in"]
    with pytest.raises(DeviceError):
        small.driver.print_receipt([QrRow("A" * 4000)])
    assert small.hands("status")["bytes_in"] == before
