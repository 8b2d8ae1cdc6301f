"""Screens of what is looked up, printed, explained and due, the longer variants too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.sheets.state import (
    Directions,
    Due,
    PaperStage,
    Point,
    Printout,
    Refusal,
    Register,
    Sheets,
    Told,
    Trouble,
)
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.visit.machine import Decision, DecisionKind, Step, VisitState
from kiosk.domain.visit.readiness import Capabilities

_ASKED = {"date": Arg(ArgKind.DATE, "2026-11-24"), "time": Arg(ArgKind.TIME, "09:30")}
_FRESH = Register("L14", True, Line("query.as_of", _ASKED))
_SILENT = Register("L16", False, Line("query.silent", {"register": Arg(ArgKind.KEY, "register.L16")}))
_ROWS = (
    Line("row.pension.state", {"state": Arg(ArgKind.KEY, "row.pension.state.drawing")}),
    Line("row.pension.monthly", {"amount": Arg(ArgKind.MONEY, "23450")}),
    Line("row.pension.certify", {"date": Arg(ArgKind.DATE, "2027-03-31")}),
    Line("row.account", {"bank": Arg(ArgKind.TEXT, "农商银行"), "last4": Arg(ArgKind.DIGITS, "2846")}),
    Line("row.account.matches", {"answer": Arg(ArgKind.KEY, "word.yes")}),
)
_TOLD = Told("XA009", _ROWS, (_FRESH,))
_PARTLY = Told("XA009", _ROWS[:3], (_FRESH, _SILENT), Line("next.query.later"))
_POINT = Point("金海街道便民服务中心", "演示地址:金海街道便民服务中心一楼", "0592-000-0007")
_OPEN = Directions("XA009", "department_window", _POINT, "医保局", is_open=True)
_SHUT = replace(_OPEN, is_open=False, opens_at="2026-11-25T08:00:00+08:00")
_BY = {"date": Arg(ArgKind.DATE, "2026-12-24")}
_DUE = (Due("XA032", Line("due.XA032", _BY)), Due("XA002", Line("due.XA002", _BY)), Due("XA035", Line("due.XA035")))
_REASONS = (Line("reason.print.not_found", {"register": Arg(ArgKind.KEY, "register.L14")}),)


def scenes(visit: Callable[..., VisitState], catalogue: Catalogue) -> dict[str, VisitState]:
    def at(step: Step, sheets: Sheets, **more: object) -> VisitState:
        return visit(step, sheets=sheets, **{"item_id": "XA009", "plan": (), **more})

    def found(told: Told, page: int = 0, **more: object) -> VisitState:
        done = {"decision": Decision(DecisionKind.DONE, query_code="4821"), **more}
        return at(Step.FOUND, Sheets(told=told, page=page), **done)

    def refused(trouble: Trouble, *reasons: Line) -> VisitState:
        return at(Step.FOUND, Sheets(refusal=Refusal(trouble, reasons, Line("next.print.window") if reasons else None)))

    def paper(stage: PaperStage, done: int = 0, fault: str = "", copies: int = 1) -> VisitState:
        return at(Step.PAPER, Sheets(paper=Printout(stage, 3, done, fault), copies=copies))

    def guide(way: Directions | None, **more: object) -> VisitState:
        return at(Step.GUIDE, Sheets(way=way), resident=None, **more)

    return {
        "look_up": at(Step.LOOK_UP, Sheets()),
        "found": found(_TOLD),
        "found_by_headphone": found(_TOLD, note="told.by_headphone"),
        "found_partly": found(_PARTLY),
        "found_page2": found(replace(_TOLD, rows=_ROWS * 2), page=1),
        "found_nothing": found(Told("XA009", (), (_FRESH,))),
        **{f"found_{trouble.value}": refused(trouble) for trouble in Trouble},
        "found_refused_why": refused(Trouble.REFUSED, *_REASONS),
        "paper_making": at(Step.PAPER, Sheets(paper=Printout())),
        "paper_printing": paper(PaperStage.PRINTING, 1),
        "paper_held": paper(PaperStage.HELD, 1, "document_paper_out"),
        "paper_cover": paper(PaperStage.HELD, 0, "document_printer_open"),
        "paper_jam": paper(PaperStage.FAILED, 1, "document_jam"),
        "paper_failed": paper(PaperStage.FAILED, 0, "", copies=3),
        "paper_proved": paper(PaperStage.PROVED, 3),
        "paper_unknown": paper(PaperStage.UNKNOWN, 2),
        "due_looking": at(Step.DUE, Sheets()),
        "due": at(Step.DUE, Sheets(dues=_DUE)),
        "due_one": at(Step.DUE, Sheets(dues=_DUE[:1])),
        "guide_open": guide(_OPEN),
        "guide_shut": guide(_SHUT),
        "guide_no_paper": guide(_OPEN, capabilities=Capabilities(frozenset())),
        "guide_refused": at(Step.GUIDE, Sheets(way=_SHUT, refusal=Refusal(Trouble.OFFLINE))),
        "guide_kept": guide(_OPEN, stored=True),
    }
