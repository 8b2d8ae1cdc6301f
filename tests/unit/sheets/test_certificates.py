"""A certificate from the back office to the printer's proof: what was counted is not printed again, nor told twice."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from drivers.api import DocumentResult, PrintProof
from drivers.faults import DOC_JAM, DOC_PAPER_OUT
from kiosk.adapters.pdf_sheets import PdfSheets
from kiosk.app.sheets.certificates import Certificates
from kiosk.app.sheets.printer import Following
from kiosk.app.visit.effect_tools import EffectTools
from kiosk.domain.outbox import ItemKind, OutboxItem
from kiosk.domain.ports import BadDocument, FileReply, Reply
from kiosk.domain.sheets.state import PaperStage, Printout, Sheets
from kiosk.domain.visit.machine import Decision, DecisionKind, Ev, Event, Step, VisitState

CASE = "3502130178261124000013"
WIDTHS_PT = (595.0, 596.0, 597.0)
"""Three sheets that can be told apart."""


def pdf(*widths_pt: float) -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    for width in widths_pt:
        writer.add_blank_page(width, 842)
    writer.write(out)
    return out.getvalue()


def widths(document: bytes) -> list[float]:
    return [float(page.mediabox.width) for page in PdfReader(io.BytesIO(document)).pages]


@dataclass
class Office:
    """Answers what it is told to; remembers what it was asked."""

    content: bytes = field(default_factory=lambda: pdf(*WIDTHS_PT))
    file_status: int = 200
    status: int = 201
    asked: list[str] = field(default_factory=list)

    def post(self, target: str, body: Mapping[str, object], key: str = "") -> Reply:
        self.asked.append(target)
        if self.status != 201:
            return Reply(self.status, {"code": "register_silent"})
        copy = sum(each == target for each in self.asked) + target.endswith("reprints")
        made = {"document_id": "D1", "digest": "d", "copy": copy}
        if target.endswith("reprints"):
            return Reply(201, made)
        return Reply(201, {"document": made, "case": {"outcome": "done", "query_code": "4821", "state": "decided"}})

    def file(self, target: str, digest: str = "") -> FileReply:
        self.asked.append(target)
        return FileReply(self.file_status, self.content if self.file_status == 200 else b"")


@dataclass
class Printer:
    printed: list[bytes] = field(default_factory=list)
    stops: int = 0
    follow: Following | None = None

    def print_pdf(self, document: bytes, case_no: str, follow: Following) -> None:
        self.printed.append(document)
        self.follow = follow

    def stop(self) -> None:
        self.stops += 1

    def end(self, proof: PrintProof, pages: int, fault: Any = None) -> None:
        assert self.follow is not None
        self.follow.on_end(DocumentResult(proof, pages, fault))


class Bench:
    """The performer with everything around it, in one thread."""

    def __init__(self, printer: Printer | None = None) -> None:
        self.office, self.printer = Office(), printer or Printer()
        self.items: list[OutboxItem] = []
        self.events: list[Event] = []
        outbox = SimpleNamespace(submit=self.items.append, opened=lambda case_no, case: None)
        tools = SimpleNamespace(
            back_office=self.office,
            outbox=outbox,
            ask=self._run,
            store=self._run,
            item=lambda case_no, kind, suffix, order, body: OutboxItem(
                f"{case_no}/{suffix}", kind, case_no, order, body, datetime(2026, 11, 24, tzinfo=UTC).isoformat()
            ),
        )
        self.service = Certificates(cast(EffectTools, tools), lambda state: {}, PdfSheets(), self.printer)

    @staticmethod
    def _run(work: Callable[[], None], otherwise: Callable[[], None] = lambda: None) -> None:
        work()

    def make(self, paper: Printout | None = None) -> None:
        sheets = Sheets(paper=replace(paper or Printout(), stage=PaperStage.MAKING))
        decided = Decision(DecisionKind.DONE, query_code="4821")
        state = VisitState(step=Step.PAPER, case_no=CASE, sheets=sheets, decision=decided)
        self.service.make(state, Event(Ev.TRY_AGAIN), self.events.append)

    def drop(self) -> None:
        self.service.drop(VisitState(case_no=CASE), Event(Ev.LEAVE), self.events.append)

    @property
    def last(self) -> Printout:
        return next(event.value for event in reversed(self.events) if isinstance(event.value, Printout))

    @property
    def told(self) -> list[object]:
        assert all(item.kind is ItemKind.PRINTED for item in self.items)
        return [item.body["outcome"] for item in self.items]


def test_only_the_printers_proof_is_called_printed_and_it_is_told_once() -> None:
    bench = Bench()
    bench.make()
    assert bench.last == Printout(PaperStage.PRINTING, 3, 0)
    assert bench.printer.follow is not None
    bench.printer.follow.on_page(2)
    assert bench.last == Printout(PaperStage.PRINTING, 3, 2) and bench.told == []
    bench.printer.end(PrintProof.PROVED, 3)
    assert bench.last.stage is PaperStage.PROVED
    bench.drop()
    assert bench.told == ["printed"]


def test_a_document_that_waits_for_paper_is_held_and_says_how_far_it_came() -> None:
    bench = Bench()
    bench.make()
    assert bench.printer.follow is not None
    bench.printer.follow.on_page(1)
    bench.printer.follow.on_held(DOC_PAPER_OUT)
    assert bench.last == Printout(PaperStage.HELD, 3, 1, DOC_PAPER_OUT.name)
    assert bench.told == []


def test_after_a_jam_only_the_sheets_that_are_missing_are_printed() -> None:
    bench = Bench()
    bench.make()
    bench.printer.end(PrintProof.NOT_PRINTED, 1, DOC_JAM)
    assert bench.last == Printout(PaperStage.FAILED, 3, 1, DOC_JAM.name)
    bench.make(bench.last)
    assert [widths(document) for document in bench.printer.printed] == [list(WIDTHS_PT), list(WIDTHS_PT[1:])]
    bench.printer.end(PrintProof.PROVED, 2)
    assert bench.last == Printout(PaperStage.PROVED, 3, 3)
    assert bench.told == ["printed"] and bench.office.asked.count("/v1/prints") == 1


def test_she_saw_no_paper_the_next_one_is_a_counted_copy() -> None:
    bench = Bench()
    bench.make()
    bench.printer.end(PrintProof.UNKNOWN, 3)
    bench.service.not_out(VisitState(case_no=CASE), Event(Ev.NOT_OUT), bench.events.append)
    bench.make()
    assert "/v1/documents/reprints" in bench.office.asked
    assert widths(bench.printer.printed[-1]) == list(WIDTHS_PT)
    assert bench.told == ["unknown"]


def test_of_sheets_that_came_out_in_part_nobody_says_that_they_were_none() -> None:
    for pages, outcome in ((0, "failed"), (1, "unknown")):
        bench = Bench()
        bench.make()
        bench.printer.end(PrintProof.NOT_PRINTED, pages, DOC_JAM)
        bench.service.stop(VisitState(case_no=CASE), Event(Ev.REST_LATER), bench.events.append)
        bench.drop()
        assert bench.printer.stops == 1 and bench.told == [outcome]


def test_what_is_no_document_is_not_sent_to_the_printer() -> None:
    bench = Bench()
    bench.office.content = b"%PDF-1.7 and then nothing"
    bench.make()
    assert bench.last == Printout(PaperStage.FAILED, 0, 0, "document_format") and bench.printer.printed == []
    bench = Bench()
    bench.office.file_status = 0
    bench.make()
    assert bench.last.stage is PaperStage.FAILED and bench.printer.printed == []


def test_a_register_that_is_silent_makes_no_paper() -> None:
    bench = Bench()
    bench.office.status = 503
    bench.make()
    assert [event.kind for event in bench.events] == [Ev.NOT_ANSWERED] and bench.printer.printed == []


def test_sheets_are_counted_and_cut() -> None:
    cutter, document = PdfSheets(), pdf(*WIDTHS_PT)
    assert cutter.count(document) == 3
    assert cutter.without_first(document, 0) is document
    assert widths(cutter.without_first(document, 2)) == [WIDTHS_PT[2]]
    with pytest.raises(BadDocument):
        cutter.without_first(document, 3)
    with pytest.raises(BadDocument):
        cutter.count(pdf())


_WHOLE = pdf(*WIDTHS_PT)


@given(at=st.integers(0, len(_WHOLE) - 1), byte=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_document_is_named_or_read_and_never_anything_else(at: int, byte: int, cut: bool) -> None:
    damaged = _WHOLE[:at] if cut else _WHOLE[:at] + bytes((byte,)) + _WHOLE[at + 1 :]
    for read in (PdfSheets().count, lambda document: PdfSheets().without_first(document, 1)):
        try:
            read(damaged)
        except BadDocument as named:
            assert str(named)
