"""Checks of an A4 printer."""

from __future__ import annotations

from typing import cast

from drivers.api import Device, DeviceError, DocumentPrinter, DocumentResult, PaperSupply, PrintProof
from drivers.faults import DOC_ABORTED, DOC_JAM, DOC_PAPER_LOW, DOC_PAPER_OUT, DOC_UNPROVED, Fault
from kiosk.app.selftest.checks import ASKED, IDENTITY, Check, Failed, Guide, Measured, timed
from kiosk.app.selftest.texts import test_page
from kiosk.app.technician.diagnostics import Task

PAGE_S = 90.0
"""A printer that slept heats up first; one that holds the page waits for a hand that does not come here."""
JOB_NAME = "selftest"


def _paper(device: Device, _guide: Guide) -> Measured:
    """A printer that does not count its sheets says no more than that there are some."""
    paper = device.status().paper
    if paper in (PaperSupply.FULL, PaperSupply.UNKNOWN):
        return Measured(1.0, "tray", paper.value)
    fault = {PaperSupply.LOW: DOC_PAPER_LOW, PaperSupply.JAMMED: DOC_JAM}.get(paper, DOC_PAPER_OUT)
    raise Failed(fault, f"paper {paper.value}", 0.0, "tray")


def _page(device: Device, guide: Guide) -> Measured:
    """Print the test page, have the printer count it, and have an eye look at it."""
    guide.done(Task.ALLOW_PAGE)
    result, took_ms = timed(PAGE_S, device, lambda: _printed(cast(DocumentPrinter, device)))
    if result.proof is not PrintProof.PROVED:
        raise Failed(result.fault or DOC_ABORTED, f"the page is {result.proof.value}", took_ms, "ms")
    if guide.is_no(Task.JUDGE_PAGE):
        raise Failed(DOC_UNPROVED, "the printer counted the page, the technician did not find it good", took_ms, "ms")
    return Measured(took_ms, "ms")


def _printed(printer: DocumentPrinter) -> DocumentResult:
    """A printer that waits for a hand is a finding at once: the page is taken back. :raises Failed, DeviceError:"""
    held = list[Fault]()

    def give_up(fault: Fault) -> None:
        held.append(fault)
        printer.cancel()

    try:
        return printer.print_document(test_page(), JOB_NAME, on_held=give_up)
    except DeviceError as error:
        if held:
            printer.reset()
            raise Failed(held[0], "the printer holds the page until somebody comes") from error
        raise


CHECKS = (
    *ASKED,
    IDENTITY,
    Check("paper", _paper, "Trays with paper: 1 unless the printer tells that it is low, out or jammed."),
    Check(
        "page", _page, "The time from sending the test page until the printer has counted it, in ms. You judge it.",
        guided=True,
    ),
)  # fmt: skip
