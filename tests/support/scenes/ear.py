"""Screens of choosing by ear: the pages of the settings, the lit choice, the questions about the headphone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.ear.state import WORDS, Ear
from kiosk.domain.speech import Arg, ArgKind
from kiosk.domain.visit.machine import Access, Overlay, Printing, Step, VisitState

_FIGURES = (
    ("fact.number", Arg(ArgKind.TEXT, "350*************21")),
    ("fact.slip_amount", Arg(ArgKind.MONEY, "15000")),
    ("fact.account", Arg(ArgKind.DIGITS, "6821")),
    ("fact.query_code", Arg(ArgKind.DIGITS, "4821")),
    ("fact.slip_time", Arg(ArgKind.DATE, "2026-11-24")),
    ("fact.slip_time", Arg(ArgKind.TIME, "09:42")),
    ("fact.desk_phone", Arg(ArgKind.PHONE, "0592-000-0000")),
)


def scenes(visit: Callable[..., VisitState], catalogue: Catalogue) -> dict[str, VisitState]:
    panel = visit(Step.ASK, overlay=Overlay.ACCESS)
    pages = {f"panel_{page}": replace(panel, ear=Ear(panel=page)) for page in range(4)}
    return {
        **pages,
        "panel_reset": replace(panel, access=Access(slow=True)),
        "ear_begins": visit(Step.ASK, ear=Ear(on=True, at=WORDS)),
        "ear_lit": visit(Step.ASK, ear=Ear(on=True, at=1)),
        "ear_lit_card": VisitState(step=Step.CHOOSE, case_no="1", ear=Ear(on=True, at=3)),
        "slip_heard": visit(
            Step.PRINT, printing=Printing.PROVED, slip_figures=_FIGURES, ear=Ear(headphone=True), resident=None
        ),
        "ear_waits": visit(Step.ASK, ear=Ear(on=True, waits=True)),
    }
