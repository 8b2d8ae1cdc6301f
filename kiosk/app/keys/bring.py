"""States of the screens for bringing what was missing, for the list of text keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kiosk.domain.bring.state import ANY_PAPER, Bringing, Brought, Kept, Lacking, Notice
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.slip.state import SlipShown
from kiosk.domain.speech import Line
from kiosk.domain.visit.machine import Overlay, Step, VisitState

KEYS = (ANY_PAPER, "bring.nothing", "bring.not_kept", "bring.typed.code", "bring.typed.wrong", "bring.typed.number")


def states(base: VisitState, catalogue: Catalogue) -> Iterator[VisitState]:
    slip = SlipShown(base.case_no, "4821")
    asked = replace(base, slip=slip, overlay=Overlay.PROGRESS, progress=Line("progress.noticed"))
    yield asked
    point = Lacking("a paper", "", "why", "how")
    again = replace(point, field=next((one.subject for one in base.plan if one.field is not None), ""))
    for notice in (
        None,
        Notice(base.case_no, base.item_id, (point, again, point, again, point), "2026-12-20"),
        Notice(base.case_no),
        Notice(base.case_no, is_unseen=True),
    ):
        for page in (0, 1):
            begun = Bringing(is_begun=True, notice=notice)
            yield replace(base, step=Step.BRING, slip=slip, bring=begun, page=page)
    for kept in Kept:
        done = Bringing(is_begun=True, brought=Brought(kept))
        papers = replace(base.papers, missing=(ANY_PAPER,))
        yield replace(base, step=Step.BRING_DONE, slip=slip, bring=done, papers=papers)
