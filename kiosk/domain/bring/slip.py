"""The slip of what was brought: each thing by its name, what is still missing, and by when somebody says how it goes
on. It bears number and code of the case, so it opens the case as the first slip does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from kiosk.domain.bring.state import Kept
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.slip.blocks import (
    Block,
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
    contact_of,
    line_of,
    number_rows,
)
from kiosk.domain.slip.codes import slip_code
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.visit.plan_words import ActionKind
from kiosk.domain.visit.state import VisitState

KEYS: Mapping[str, tuple[str, ...]] = {
    "slip.brought.things": (),
    "slip.brought.still": (),
    "slip.brought.kept": (),
    "slip.brought.refused": (),
    "slip.brought.ask": (),
}
"""Text keys of this slip beside those that each kind has."""
_NEXT = {Kept.HERE: "slip.brought.kept", Kept.REFUSED: "slip.brought.refused", Kept.THERE: "supplement.received"}


def brought_slip(state: VisitState, catalogue: Catalogue, terminal: SlipTerminal, wall: datetime) -> Slip:
    """:param wall: local time to print. :raises ValueError: nothing was brought, or the case has no number."""
    if not state.bring.is_done:
        raise ValueError("nothing was brought in this visit")
    kind, copy_no, slip = SlipKind.BROUGHT, max(state.copies, 1), state.slip
    paper = Arg(ArgKind.KEY, f"slip.{kind.value}.kind")
    blocks: list[Block] = [Header(line_of("slip.header", village=Arg(ArgKind.PLACE, terminal.village), paper=paper))]
    if copy_no > 1:
        blocks.append(CopyMark(line_of("slip.copy", n=Arg(ArgKind.COUNT, str(copy_no)))))
    known = any(item.item_id == state.item_id for item in catalogue.items)
    subject = Line(f"item.{state.item_id}.name") if known else None
    blocks.append(Headline(Line(f"slip.{kind.value}.title"), subject))
    blocks += [Rule(), Number(Line("slip.number.case"), number_rows(slip.number)), Rule()]
    code = line_of("slip.value.query_code", code=Arg(ArgKind.DIGITS, slip.code))
    blocks.append(SlipFact(Line("slip.label.query_code"), code))
    if known:
        official = Arg(ArgKind.TEXT, catalogue.item(state.item_id).official)
        blocks.append(SlipFact(Line("slip.label.item"), line_of("slip.value.item", item=official), minor=True))
    date, time = Arg(ArgKind.DATE, wall.date().isoformat()), Arg(ArgKind.TIME, wall.strftime("%H:%M"))
    blocks.append(SlipFact(Line("slip.label.time"), line_of("slip.value.time", date=date, time=time), minor=True))
    machine = Arg(ArgKind.TEXT, terminal.machine)
    place = line_of("slip.value.place", place=Arg(ArgKind.PLACE, terminal.place), machine=machine)
    blocks.append(SlipFact(Line("slip.label.place"), place, minor=True))
    blocks.append(NextSteps((*_things(state), *_next(state))))
    if state.bring.brought.kept is Kept.HERE:
        blocks.append(Remark(Line("slip.not_accepted")))
    blocks.append(contact_of(terminal))
    blocks.append(Verify(slip_code(slip.number, slip.code, state.lang), Line("slip.verify")))
    return Slip(kind, tuple(blocks), copy_no)


def _things(state: VisitState) -> tuple[Line, ...]:
    """What came, each once, however many pages it has; then what did not."""
    papers = [Line(subject) for subject in dict.fromkeys(page.subject for page in state.papers.pages)]
    asked = [one.subject for one in state.plan if one.kind is ActionKind.ASK and state.answers.get(one.subject)]
    missing = tuple(Line(subject) for subject in state.papers.missing)
    still = (Line("slip.brought.still"), *missing) if missing else ()
    return (Line("slip.brought.things"), *papers, *(Line(f"fact.{key}") for key in asked), *still)


def _next(state: VisitState) -> tuple[Line, ...]:
    brought = state.bring.brought
    return (brought.line or Line(_NEXT[brought.kept]), Line("slip.brought.ask"))
