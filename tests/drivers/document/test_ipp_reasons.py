"""Reasons are read by their keyword, whatever severity they arrive with; pages are counted, not believed."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import faults
from drivers.api import PaperSupply
from drivers.codec.ipp_reasons import condition
from drivers.faults import Fault
from drivers.sim._a4.ipp_engine import leaf_pages
from drivers.transport.pdf_file import BadPdf, media_sheet_count


@pytest.mark.parametrize("severity", ["", "-error", "-warning", "-report"])
@pytest.mark.parametrize(
    ("reason", "fault", "paper"),
    [
        ("media-empty", faults.DOC_PAPER_OUT, PaperSupply.OUT),
        ("media-needed", faults.DOC_PAPER_OUT, PaperSupply.OUT),
        ("media-jam", faults.DOC_JAM, PaperSupply.JAMMED),
        ("cover-open", faults.DOC_OPEN, PaperSupply.FULL),
        ("door-open", faults.DOC_OPEN, PaperSupply.FULL),
        ("toner-empty", faults.DOC_TONER, PaperSupply.FULL),
        ("output-area-full", faults.DOC_ERROR, PaperSupply.FULL),
    ],
)
def test_a_reason_means_the_same_with_every_severity(
    reason: str, severity: str, fault: Fault, paper: PaperSupply
) -> None:
    read = condition([reason + severity])
    assert (read.blocking, read.holding, read.paper) == (fault, (fault,), paper)


def test_nothing_holds_a_printer_that_names_none_or_a_spooler_remark() -> None:
    assert condition(["none"]).holding == ()
    assert condition(["cups-waiting-for-job-completed", "toner-low-report", "moon-rising-warning"]).holding == ()
    assert condition(["moon-rising-error"]).blocking is faults.DOC_ERROR


def test_low_paper_blocks_nothing_and_what_must_be_mended_first_stands_first() -> None:
    assert condition(["media-low-warning"]).blocking is None
    read = condition(["media-low-report", "media-empty-error", "media-jam-error"])
    assert read.holding == (faults.DOC_JAM, faults.DOC_PAPER_OUT, faults.DOC_PAPER_LOW)


@given(st.lists(st.text(max_size=40) | st.sampled_from(["media-empty-error", "none", "-error", "cups-x", ""])))
def test_no_reason_breaks_the_reading_and_an_empty_tray_is_never_overlooked(reasons: list[str]) -> None:
    read = condition(reasons)
    assert (faults.DOC_PAPER_OUT in read.holding) >= ("media-empty-error" in reasons)
    assert read.paper is not PaperSupply.UNKNOWN


@pytest.mark.parametrize("pages", [1, 2, 17])
def test_pages_are_counted_by_the_driver_and_by_the_simulated_printer_alike(
    pdf: Callable[[int], bytes], pages: int
) -> None:
    assert media_sheet_count(pdf(pages)) == leaf_pages(pdf(pages)) == pages


def test_a_pdf_without_pages_or_cut_off_is_named(pdf: Callable[[int], bytes]) -> None:
    with pytest.raises(BadPdf, match="pages"):
        media_sheet_count(pdf(0))
    with pytest.raises(BadPdf):
        media_sheet_count(pdf(3)[:60])


def test_pages_inside_a_compressed_object_stream_are_seen_by_the_simulated_printer() -> None:
    inner = zlib.compress(b"<< /Type /Pages /Count 1 >> << /Type /Page /Parent 2 0 R >>")
    document = b"%PDF-1.5\n9 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n" + inner + b"\nendstream\n"
    assert leaf_pages(document) == 1
