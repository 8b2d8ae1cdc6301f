"""A printer's driver conforms only when what it calls printed lies on the paper of its simulated printer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import pytest

from drivers import registry
from drivers.api import PrintProof, PrintResult, ReceiptPrinter, ReceiptRow
from drivers.conformance.checks import CHECKS
from drivers.conformance.report import Result, run
from drivers.conformance.stage import Subject, with_twin

SETTINGS: Mapping[str, Mapping[str, object]] = {
    "never proves": {"queued_status": False},
    "too narrow": {"width_dots": 384},
    "too wide": {"width_dots": 640},
}


class _PrintsBadly:
    """A printer's driver with one thing made wrong."""

    def __init__(self, table: Mapping[str, object], wrong: str) -> None:
        self._real = cast(
            ReceiptPrinter, registry.create("receipt_printer", "escpos_80mm", {**table, **SETTINGS.get(wrong, {})})
        )
        self._wrong = wrong

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def print_receipt(self, rows: Sequence[ReceiptRow], *, copy_no: int = 1) -> PrintResult:
        if self._wrong == "prints nothing":
            return PrintResult(PrintProof.PROVED)
        result = self._real.print_receipt(rows, copy_no=copy_no)
        return PrintResult(PrintProof.PROVED) if self._wrong == "believes" else result


CHECK = "a print is proved by the paper"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("nothing", ""),
        pytest.param("never proves", "can prove nothing", marks=pytest.mark.proof),
        ("too narrow", "from dot 0 to 383, and the paper has 576"),
        pytest.param("too wide", "wider than the paper", marks=pytest.mark.proof),
        pytest.param("believes", "a slip whose paper ended is said to be PROVED", marks=pytest.mark.proof),
        ("prints nothing", "says PROVED, and 0 whole of 0 pieces came out"),
    ],
)
def test_a_printer_must_prove_what_lies_on_the_paper_over_its_whole_width(wrong: str, says: str) -> None:
    subject = Subject("receipt_printer", "bad", lambda table: _PrintsBadly(table, wrong))  # type: ignore[arg-type,return-value]
    with with_twin(subject, "escpos_80mm") as stage:
        (outcome,) = run(stage, {CHECK: CHECKS[CHECK]}).outcomes
    assert (outcome.result is Result.PASS) is (wrong == "nothing"), outcome
    assert says in outcome.detail


@pytest.mark.proof
@pytest.mark.parametrize(
    ("device_class", "model"),
    [
        ("receipt_printer", "escpos_58mm"),
        ("document_printer", "ipp_everywhere"),
        ("document_printer", "cups_queue"),
    ],
)
def test_the_printers_that_are_installed_prove_what_lies_on_the_paper(device_class: str, model: str) -> None:
    subject = Subject(device_class, model, lambda table: registry.create(device_class, model, table))
    with with_twin(subject) as stage:
        (outcome,) = run(stage, {CHECK: CHECKS[CHECK]}).outcomes
    assert outcome.result is Result.PASS, outcome
