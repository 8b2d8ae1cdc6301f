"""Every state of the screens for drafts and for what a slip can do that differs to the eye."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.drafts_state import NO_DRAFT, FoundDraft
from kiosk.domain.plan import plan
from kiosk.domain.slip_state import Asked, Back, SlipShown
from kiosk.domain.speech import Line
from kiosk.domain.visit import Overlay, Printing, Step, VisitState

UNTIL = "2026-11-25T09:30+08:00"


def scenes(visit: Callable[..., VisitState], catalogue: Catalogue) -> dict[str, VisitState]:
    item = catalogue.item("XA027")
    ask = visit(Step.ASK, item_id="XA032", plan=plan(catalogue.item("XA032"), {}), index=0)
    kept = replace(NO_DRAFT, code="0412", until=UNTIL)
    slip = visit(Step.DRAFT_SLIP)
    offer = visit(Step.DRAFT_OFFER)
    found = FoundDraft(slip.case_no, "0412", item.item_id, UNTIL)
    shown = SlipShown(slip.case_no, "4821")
    back = visit(Step.WELCOME, resident=None, overlay=Overlay.TAKE_BACK, slip=shown)
    return {
        "slip_progress": replace(back, overlay=Overlay.PROGRESS, progress=Line("progress.approved")),
        "slip_back_which": back,
        **{
            f"slip_back_{one.value}_{asked.value}": replace(back, slip=replace(shown, back=one, asked=asked))
            for one in Back
            for asked in Asked
        },
        "leave_fetch": replace(ask, overlay=Overlay.LEAVE),
        "leave_kept": replace(ask, overlay=Overlay.LEAVE, drafts=kept),
        "draft_keep": replace(ask, overlay=Overlay.KEEP),
        "draft_keeping": slip,
        "draft_printed": replace(slip, drafts=kept, printing=Printing.PROVED),
        "draft_no_slip": replace(slip, drafts=kept, printing=Printing.FAILED, print_fault="paper_out"),
        "draft_looking": offer,
        "draft_offer": replace(offer, drafts=replace(NO_DRAFT, is_sought=True, found=found)),
        "draft_gone": replace(offer, drafts=replace(NO_DRAFT, is_sought=True, shown=slip.case_no)),
    }
