"""The slip of a draft: how to come back. Nothing of her, nothing of her matter: her card opens what was kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from kiosk.domain.slip import (
    Block,
    Contact,
    CopyMark,
    Header,
    Headline,
    NextSteps,
    Number,
    Remark,
    Rule,
    Slip,
    SlipFact,
    SlipKind,
    SlipTerminal,
    Verify,
    line_of,
    number_rows,
)
from kiosk.domain.slip_codes import draft_code
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.visit import VisitState

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
    paper = Arg(ArgKind.KEY, "slip.draft.kind")
    blocks: list[Block] = [Header(line_of("slip.header", village=Arg(ArgKind.PLACE, terminal.village), paper=paper))]
    if copy_no > 1:
        blocks.append(CopyMark(line_of("slip.copy", n=Arg(ArgKind.COUNT, str(copy_no)))))
    blocks.append(Headline(Line("slip.draft.title"), None))
    blocks += [Rule(), Number(Line("slip.number.receipt"), number_rows(state.case_no)), Rule()]
    code = line_of("slip.value.query_code", code=Arg(ArgKind.DIGITS, drafts.code))
    blocks.append(SlipFact(Line("slip.label.query_code"), code))
    blocks.append(SlipFact(Line("slip.draft.until"), _time(datetime.fromisoformat(drafts.until))))
    blocks.append(SlipFact(Line("slip.label.time"), _time(wall), minor=True))
    machine = Arg(ArgKind.TEXT, terminal.machine)
    place = line_of("slip.value.place", place=Arg(ArgKind.PLACE, terminal.place), machine=machine)
    blocks.append(SlipFact(Line("slip.label.place"), place, minor=True))
    blocks.append(NextSteps((Line("slip.draft.next"), Line("slip.draft.fetch"))))
    blocks.append(Remark(Line("slip.draft.not_sent")))
    phone = line_of("slip.phone", phone=Arg(ArgKind.PHONE, terminal.phone))
    blocks.append(Contact(Line("slip.contact"), phone))
    blocks.append(Verify(draft_code(state.case_no, drafts.code), Line("slip.draft.code")))
    return Slip(SlipKind.DRAFT, tuple(blocks), copy_no)


def _time(moment: datetime) -> Line:
    date = Arg(ArgKind.DATE, moment.date().isoformat())
    return line_of("slip.value.time", date=date, time=Arg(ArgKind.TIME, moment.strftime("%H:%M")))
