"""States of the screens for drafts, for the list of text keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.drafts_state import NO_DRAFT, FoundDraft
from kiosk.domain.visit import Overlay, Printing, Step, VisitState

KEYS = ("draft.not_kept", "draft.card_first")
_UNTIL = "2026-11-25T09:30+08:00"


def states(base: VisitState, catalogue: Catalogue) -> Iterator[VisitState]:
    kept = replace(NO_DRAFT, code="0412", until=_UNTIL)
    ask = replace(base, step=Step.ASK)
    yield replace(ask, overlay=Overlay.LEAVE)
    yield replace(ask, overlay=Overlay.LEAVE, drafts=kept)
    yield replace(ask, overlay=Overlay.KEEP)
    slip = replace(base, step=Step.DRAFT_SLIP)
    yield slip
    for printing in Printing:
        for fault in ("", "paper_out"):
            yield replace(slip, drafts=kept, printing=printing, print_fault=fault)
    offer = replace(base, step=Step.DRAFT_OFFER)
    yield offer
    found = FoundDraft(base.case_no, "0412", base.item_id, _UNTIL)
    for one in (found, None):
        yield replace(offer, drafts=replace(NO_DRAFT, is_sought=True, found=one))
