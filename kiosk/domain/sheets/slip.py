"""The slips of what was looked up, printed and explained: the same anatomy as every slip.

A guide's slip says where, when and what to bring in large letters, also without the network; a certificate's slip has
number and code by which any terminal prints it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from kiosk.domain.catalogue import Catalogue, ServiceItem
from kiosk.domain.sheets.guide_view import guide_facts, guide_lines, place_of
from kiosk.domain.sheets.view import age_lines, masked
from kiosk.domain.slip.blocks import (
    Block,
    NextSteps,
    Remark,
    Rule,
    Slip,
    SlipFact,
    SlipKind,
    SlipTerminal,
    Verify,
    contact_of,
    facts_of,
    line_of,
    number_of,
    opening,
    payload_of,
)
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.visit.machine import VisitState
from kiosk.domain.visit.readiness import offer_here


def slip_of_sheets(state: VisitState, catalogue: Catalogue, terminal: SlipTerminal, wall: datetime) -> Slip | None:
    """None: this visit's slip is none of these. :param wall: local time to print."""
    kind = _kind(state)
    if kind is None:
        return None
    copy_no = max(state.copies, 1)
    blocks = opening(kind, terminal, copy_no, Line(f"item.{state.item_id}.name"))
    blocks += [Rule(), number_of(kind, state), Rule()]
    item = catalogue.item(state.item_id)
    if kind is SlipKind.GUIDE:
        blocks += _guide_facts(item, catalogue, state)
    blocks += facts_of(kind, state, catalogue, terminal, wall)
    blocks.append(NextSteps(_steps(kind, item, state)))
    blocks += (Remark(line) for line in _ages(kind, state))
    blocks += [contact_of(terminal), Verify(payload_of(state), Line("slip.verify"))]
    return Slip(kind, tuple(blocks), copy_no)


def _kind(state: VisitState) -> SlipKind | None:
    if state.sheets.paper is not None:
        return SlipKind.CERTIFICATE
    if state.sheets.told is not None and state.decision is not None:
        return SlipKind.ANSWER
    return SlipKind.GUIDE if state.sheets.is_guided else None


def _guide_facts(item: ServiceItem, catalogue: Catalogue, state: VisitState) -> Iterator[Block]:
    """As on the screen, but each thing to bring on a line of its own: that is what is looked at on the way."""
    where = place_of(item, state.sheets.way)
    if where:
        yield SlipFact(Line("guide.where"), Line(where))
    for material in item.materials:
        yield SlipFact(Line("guide.material"), line_of("slip.value.text", text=Arg(ArgKind.TEXT, material)))
    for fact in guide_facts(item, catalogue, state.sheets.way):
        yield SlipFact(Line(fact.label), _value(fact.value))


def _value(value: Arg) -> Line:
    return Line(value.value) if value.kind is ArgKind.KEY else line_of("slip.value.text", text=value)


def _steps(kind: SlipKind, item: ServiceItem, state: VisitState) -> tuple[Line, ...]:
    """In the box: the way in one sentence, what registers said, or how to have it printed again."""
    sheets = state.sheets
    if kind is SlipKind.GUIDE:
        return (*_why(item, state), *guide_lines(item, sheets.way))
    if kind is SlipKind.ANSWER:
        rows = sheets.told.rows if sheets.told else ()
        return tuple(masked(row) for row in rows) or (Line("told.nothing"),)
    begin = "slip.certificate.rest" if sheets.is_partly_left else "slip.certificate.done"
    return (Line(begin), Line("slip.certificate.any"))


def _why(item: ServiceItem, state: VisitState) -> tuple[Line, ...]:
    """What kept it from being done here, where something did: whoever reads the slip elsewhere knows what she knows."""
    refusal = state.sheets.refusal
    if refusal is not None:
        return refusal.reasons or (Line(f"trouble.{refusal.trouble.value}"),)
    hindrance = offer_here(item, state.capabilities, is_identified=state.resident is not None).hindrance
    return (Line(f"offer.{hindrance.value}.why"),) if hindrance else ()


def _ages(kind: SlipKind, state: VisitState) -> tuple[Line, ...]:
    """How old what registers said is."""
    told = state.sheets.told
    if kind is not SlipKind.ANSWER or told is None:
        return ()
    return (*age_lines(told), *((told.next_step,) if told.next_step else ()))
