"""Does a printer's driver prove what came out, and only that? Judged by the paper of the simulated printer."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import cast

from PIL import Image

from drivers.api import (
    BoxRow,
    Device,
    DeviceError,
    DocumentPrinter,
    DocumentResult,
    PrintProof,
    PrintResult,
    ReceiptPrinter,
    RuleRow,
    TextRow,
)
from drivers.conformance.calls import Breach, Call
from drivers.sim.client import Control

PRINTED_S = 30.0
"""A short slip or one page, with its proof."""
EDGE = 0.04
"""What a drawn box may leave free at either side of the paper, as a share of its width."""
FEW_ROWS = 40
"""Less paper than the slip needs."""
QUICK_PAGE_S, SLOW_PAGE_S = 0.2, 30.0
SLIP = (TextRow("CONFORMANCE"), RuleRow(), BoxRow(("0123456789", "0123456789")))
"""A rule and a box reach from one edge of the paper to the other."""
Sheet = Mapping[str, object]


def fresh_paper(hands: Control) -> None:
    """What an earlier check left in the printer's buffer and on its paper must not come out with the next slip."""
    hands("power", on=False)
    hands("power", on=True)
    hands("paper", state="out")
    hands("paper", state="ok")


def receipt_is_proved(hands: Control, device: Device) -> str:
    """:raises Breach: PROVED is never said, or said of a slip that is not whole; or another paper's width."""
    printer = cast(ReceiptPrinter, device)
    before, complaints = _sheets(hands), len(_complaints(hands))
    result = _result(lambda: printer.print_receipt(SLIP), "a slip")
    _demand_proof(result)
    _demand_one_whole(_sheets(hands)[len(before) :])
    if misread := _complaints(hands)[complaints:]:
        raise Breach(f"the printer did not understand the slip: {misread[0]}")
    width = _demand_width(str(_sheets(hands)[-1]["png"]))
    hands("paper_after", rows=FEW_ROWS)
    try:
        _demand_no_proof(lambda: printer.print_receipt(SLIP), "a slip whose paper ended")
    finally:
        hands("paper", state="ok")
    return f"proved, {width} dots wide"


def document_is_proved(hands: Control, device: Device, pdf: bytes) -> str:
    """:raises Breach: PROVED is never said, or said of a document that is not whole; or another paper's size."""
    printer = cast(DocumentPrinter, device)
    with _quick(hands):
        before = _sheets(hands)
        result = _result(lambda: printer.print_document(pdf, "conformance-proof"), "a document")
        _demand_proof(result)
        sheets = _sheets(hands)[len(before) :]
        _demand_one_whole(sheets)
        if (media := str(sheets[0].get("media"))) != "iso_a4_210x297mm":
            raise Breach(f"a document for A4 was sent as {media}")
        hands("fault", name="abort")
        _demand_no_proof(lambda: printer.print_document(pdf, "conformance-abort"), "a document that was given up")
    return f"proved, {media}"


@contextlib.contextmanager
def _quick(hands: Control) -> Iterator[None]:
    """The simulated printer is slow on purpose, so that a command can be cancelled."""
    hands("slow", page_s=QUICK_PAGE_S)
    try:
        yield
    finally:
        hands("slow", page_s=SLOW_PAGE_S)


def _sheets(hands: Control) -> list[Sheet]:
    return cast(list[Sheet], hands("pages")["pages"])


def _complaints(hands: Control) -> list[object]:
    return cast(list[object], hands("status")["errors"])


def _result(action: Callable[[], object], what: str) -> PrintResult | DocumentResult:
    call = Call(action)
    if not call.ended_within(PRINTED_S):
        raise Breach(f"{what} did not end within {PRINTED_S:g} s")
    if isinstance(call.result, PrintResult | DocumentResult):
        return call.result
    raise Breach(f"{what} gave no result: {call.error or call.result!r}")


def _demand_proof(result: PrintResult | DocumentResult) -> None:
    if result.proof is not PrintProof.PROVED:
        why = f" {result.fault.code}" if result.fault else ""
        raise Breach(f"the printer is well and prints, and the driver says {result.proof}{why}: it can prove nothing")


def _demand_one_whole(sheets: list[Sheet]) -> None:
    whole = [sheet for sheet in sheets if sheet["complete"]]
    if len(sheets) != 1 or len(whole) != 1:
        raise Breach(f"the driver says PROVED, and {len(whole)} whole of {len(sheets)} pieces came out")


def _demand_no_proof(action: Callable[[], object], what: str) -> None:
    """A refusal or a result that claims nothing; the first without a whole piece on the paper."""
    call = Call(action)
    if not call.ended_within(PRINTED_S):
        raise Breach(f"{what} did not end within {PRINTED_S:g} s")
    if isinstance(call.error, DeviceError):
        return
    if not isinstance(call.result, PrintResult | DocumentResult):
        raise Breach(f"{what} gave no result: {call.error or call.result!r}")
    if call.result.proof is PrintProof.PROVED:
        raise Breach(f"{what} is said to be PROVED")


def _demand_width(png: str) -> int:
    """How wide the ink is. :raises Breach: it does not reach from one edge of the paper to the other."""
    with Image.open(png) as page:
        ink = page.convert("L").point(lambda dot: 255 if dot < 128 else 0)
        paper = page.width
    left, _, right, _ = ink.getbbox() or (0, 0, 0, 0)
    if left > paper * EDGE or right < paper * (1 - EDGE):
        raise Breach(f"a box over the whole width is drawn from dot {left} to {right}, and the paper has {paper}")
    return right - left
