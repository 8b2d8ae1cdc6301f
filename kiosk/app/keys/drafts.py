"""States of the screens for drafts and for what a slip's code can do, for the list of text keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kiosk.app.slip import effects as slip_effects
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.drafts.state import NO_DRAFT, FoundDraft
from kiosk.domain.slip.state import Asked, Back, Letter, LetterStage, SlipShown
from kiosk.domain.speech import Line
from kiosk.domain.visit.machine import Overlay, Printing, Step, VisitState

KEYS = (*slip_effects.KEYS, "draft.not_kept", "draft.card_first")
_UNTIL = "2026-11-25T09:30+08:00"


def states(base: VisitState, catalogue: Catalogue) -> Iterator[VisitState]:
    kept = replace(NO_DRAFT, code="0412", until=_UNTIL)
    yield from _slips(replace(base, step=Step.WELCOME))
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


def _slips(base: VisitState) -> Iterator[VisitState]:
    slip = SlipShown(base.case_no, "4821")
    yield replace(base, overlay=Overlay.PROGRESS, progress=Line("progress.approved"), slip=slip)
    offered = replace(slip, letter=Letter(LetterStage.OFFERED))
    yield replace(base, overlay=Overlay.PROGRESS, progress=Line("progress.approved"), slip=offered)
    for stage in LetterStage:
        yield replace(base, overlay=Overlay.LETTER, slip=replace(slip, letter=Letter(stage)))
    yield replace(base, overlay=Overlay.TAKE_BACK, slip=slip)
    for back in Back:
        for asked in Asked:
            yield replace(base, overlay=Overlay.TAKE_BACK, slip=replace(slip, back=back, asked=asked))
