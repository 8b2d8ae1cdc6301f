"""Every screen of what is looked up, printed, explained and due that differs in its words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kiosk.domain.catalogue import Catalogue, Mode
from kiosk.domain.sheets.state import (
    NO_SHEETS,
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
from kiosk.domain.visit.plan import plan
from kiosk.domain.visit.readiness import Capabilities

PLACES = (
    *("village_desk", "town_desk", "district_hall", "department_window", "police_station"),
    *("bank_branch", "hospital", "special_machine", "home_visit"),
)
"""Kinds of place of the contract (schema `Where`, `place`)."""
_ROWS = (
    Line("row.pension.monthly", {"amount": Arg(ArgKind.MONEY, "18650")}),
    Line("row.pension.state", {"state": Arg(ArgKind.KEY, "row.pension.state.drawing")}),
    Line("row.pension.certify", {"date": Arg(ArgKind.DATE, "2026-12-24")}),
    Line("row.medical.pool", {"pool": Arg(ArgKind.DIGITS, "350200")}),
    Line("row.home", {"area": Arg(ArgKind.COUNT, "90")}),
    Line("row.relief.since", {"year": Arg(ArgKind.DIGITS, "2026"), "month": Arg(ArgKind.COUNT, "3")}),
)
"""One of each kind of value that a headphone hears."""
_POINT = Point("a point", "a street", "0592-000-0000")

KEYS = (
    *(f"place.{place}" for place in PLACES),
    "guide.when.ask",
    "guide.where",
    "guide.material",
    "guide.fee",
    "guide.fee.free",
    "guide.deputy",
    "guide.limit",
)


def states(base: VisitState, catalogue: Catalogue) -> Iterator[VisitState]:
    yield from _answers(base, catalogue)
    yield from _papers(base)
    yield from _ways(base, catalogue)
    due = Due(base.item_id, Line("due.XA049"))
    for dues in ((), (due,)):
        yield replace(base, step=Step.DUE, sheets=Sheets(dues=dues))


def _first(catalogue: Catalogue, mode: Mode) -> str:
    return next(item.item_id for item in catalogue.items if item.mode is mode)


def _answers(base: VisitState, catalogue: Catalogue) -> Iterator[VisitState]:
    asked = {"date": Arg(ArgKind.DATE, "2026-11-24"), "time": Arg(ArgKind.TIME, "09:30")}
    registers = (Register("L14", True, Line("query.as_of", asked)),)
    for mode in (Mode.QUERY, Mode.PRINT):
        item_id = _first(catalogue, mode)
        here = replace(base, item_id=item_id, plan=plan(catalogue.item(item_id), {}), index=0)
        for step in (Step.LOOK_UP, Step.FOUND):
            yield replace(here, step=step, sheets=Sheets(told=Told(item_id)))
        rows = Told(item_id, (*_ROWS, *_ROWS), registers)
        for page in (0, 1):
            shown = replace(here, step=Step.FOUND, sheets=Sheets(told=rows, page=page))
            yield shown
            yield replace(shown, decision=Decision(DecisionKind.DONE), note="told.by_headphone")
        for trouble in Trouble:
            yield replace(here, step=Step.FOUND, sheets=Sheets(refusal=Refusal(trouble)))


def _papers(base: VisitState) -> Iterator[VisitState]:
    for stage in PaperStage:
        for sheets, done in ((0, 0), (3, 0), (3, 1)):
            for fault in ("", "document_paper_out"):
                for copies in (1, 9):
                    paper = Printout(stage, sheets, done, fault)
                    yield replace(base, step=Step.PAPER, sheets=Sheets(paper=paper, copies=copies))


def _ways(base: VisitState, catalogue: Catalogue) -> Iterator[VisitState]:
    for item in catalogue.items:
        here = replace(base, step=Step.GUIDE, item_id=item.item_id, sheets=NO_SHEETS, plan=())
        yield here
    for is_open in (True, False):
        for opens_at in ("", "2026-11-25T08:00:00+08:00"):
            way = Directions(base.item_id, "town_desk", _POINT, "a desk", is_open, opens_at)
            told = replace(base, step=Step.GUIDE, sheets=Sheets(way=way))
            yield told
            yield replace(told, capabilities=Capabilities(frozenset()))
            yield replace(told, sheets=Sheets(way=way, refusal=Refusal(Trouble.OFFLINE)))
