"""Checks of a receipt printer."""

from __future__ import annotations

from typing import cast

from drivers.api import Device, PaperSupply, PrintProof, QrRow, ReceiptPrinter, TextRow
from drivers.faults import PRN_PAPER_LOW, PRN_PAPER_OUT, PRN_UNKNOWN
from kiosk.app.selftest.checks import ASKED, IDENTITY, Check, Failed, Guide, Measured, timed
from kiosk.app.selftest.texts import TEST_CODE
from kiosk.app.technician.diagnostics import Task

SLIP_S = 20.0


def _paper(device: Device, _guide: Guide) -> Measured:
    paper = device.status().paper
    if paper is PaperSupply.FULL:
        return Measured(1.0, "roll", paper.value)
    fault = {PaperSupply.LOW: PRN_PAPER_LOW, PaperSupply.OUT: PRN_PAPER_OUT}.get(paper, PRN_UNKNOWN)
    raise Failed(fault, f"paper {paper.value}", 0.0, "roll")


def _slip(device: Device, guide: Guide) -> Measured:
    """Print the test slip, have the device prove it, and have an eye look at it."""
    printer = cast(ReceiptPrinter, device)
    guide.done(Task.ALLOW_SLIP)
    rows = (TextRow("TEST", scale=2, align="center"), TextRow("0123456789"), QrRow(TEST_CODE))
    proof, took_ms = timed(SLIP_S, device, lambda: printer.print_receipt(rows))
    if proof.proof is not PrintProof.PROVED:
        raise Failed(proof.fault or PRN_UNKNOWN, f"the slip is {proof.proof.value}", took_ms, "ms")
    if guide.is_no(Task.JUDGE_SLIP):
        raise Failed(PRN_UNKNOWN, "the printer proved the slip, the technician did not find it good", took_ms, "ms")
    return Measured(took_ms, "ms")


CHECKS = (
    *ASKED,
    IDENTITY,
    Check("paper", _paper, "Rolls of paper that the sensors see: 1 when neither the end nor the near end is told."),
    Check(
        "slip",
        _slip,
        "The time from sending the test slip to the printer's own proof, in ms; then you judge it.",
        guided=True,
    ),
)
