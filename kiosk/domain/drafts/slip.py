"""The slip of a draft: how to come back. Nothing of her, nothing of her matter: her card opens what was kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from kiosk.domain.slip.blocks import (
    NextSteps,
    Number,
    Remark,
    Rule,
    Slip,
    SlipFact,
    SlipKind,
    SlipTerminal,
    Verify,
    contact_of,
    line_of,
    number_rows,
    opening,
    slip_fact,
    when_and_where,
)
from kiosk.domain.slip.codes import draft_code
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.visit.machine import VisitState

KEYS: Mapping[str, tuple[str, ...]] = {
    "slip.draft.until": (),
    "slip.draft.next": (),
    "slip.draft.fetch": (),
    "slip.draft.not_sent": (),
    "slip.draft.code": (),
}
"""Text keys of this slip beside those that each kind has."""


def draft_slip(state: VisitState, terminal: SlipTerminal, wall: datetime) -> Slip:
    """:param wall: local time to print. :raises ValueError: nothing is kept, or the visit has no number."""
    drafts = state.drafts
    if not drafts.is_kept:
        raise ValueError("this visit has no draft to come back to")
    copy_no = max(state.copies, 1)
    until = datetime.fromisoformat(drafts.until)
    date, time = Arg(ArgKind.DATE, until.date().isoformat()), Arg(ArgKind.TIME, until.strftime("%H:%M"))
    blocks = opening(SlipKind.DRAFT, terminal, copy_no)
    blocks += [Rule(), Number(Line("slip.number.receipt"), number_rows(state.case_no)), Rule()]
    blocks.append(slip_fact("query_code", code=Arg(ArgKind.DIGITS, drafts.code)))
    blocks.append(SlipFact(Line("slip.draft.until"), line_of("slip.value.time", date=date, time=time)))
    blocks += when_and_where(terminal, wall)
    blocks.append(NextSteps((Line("slip.draft.next"), Line("slip.draft.fetch"))))
    blocks.append(Remark(Line("slip.draft.not_sent")))
    blocks += [
        contact_of(terminal),
        Verify(draft_code(state.case_no, drafts.code, state.lang), Line("slip.draft.code")),
    ]
    return Slip(SlipKind.DRAFT, tuple(blocks), copy_no)
