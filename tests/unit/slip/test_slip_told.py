"""Whoever cannot read her slip hears every figure of it, from the slip itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from kiosk.app.keys.generate import read_catalogue
from kiosk.domain.ear.state import Ear
from kiosk.domain.screens.compose import view
from kiosk.domain.slip.blocks import Contact, Slip, SlipFact, SlipTerminal, slip_for
from kiosk.domain.slip.told import PHONE, figures_of
from kiosk.domain.speech import ArgKind, Privacy
from kiosk.domain.visit.machine import (
    Decision,
    DecisionKind,
    Ev,
    Event,
    Printed,
    Printing,
    Resident,
    Step,
    VisitState,
    advance,
)

CATALOGUE = read_catalogue(Path(__file__).parents[3] / "config" / "catalogue")
KIM = Resident("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", "某处", source="chip")
GRANTED = Decision(
    DecisionKind.APPROVED,
    facts={"starts_on": "2026-12-15", "amount_fen": "15000", "bank": "农商银行", "last4": "6821"},
    query_code="4821",
)
STATE = VisitState(
    step=Step.PRINT,
    item_id="XA032",
    case_no="3502130178261124000013",
    resident=KIM,
    decision=GRANTED,
    ear=Ear(headphone=True),
)
SLIP = slip_for(
    STATE, CATALOGUE, SlipTerminal("后村社区", "服务站", "XA-017-1", "000-0000-0096"), datetime(2026, 11, 24, 9, 42)
)
CLERKS = ("XA-017-1", CATALOGUE.item("XA032").official)
"""What the paper says to a clerk: the terminal's name, the item's official name."""


def figures_on(slip: Slip) -> set[str]:
    """Every value with a digit in it, but for the large number."""
    facts = [arg for block in slip.blocks if isinstance(block, SlipFact) for arg in block.value.args.values()]
    phones = [arg for block in slip.blocks if isinstance(block, Contact) for arg in block.where.args.values()]
    return {arg.value for arg in (*facts, *phones) if any(map(str.isdigit, arg.value)) and arg.value not in CLERKS}


def test_every_figure_of_the_paper_is_told_with_a_name() -> None:
    told = figures_of(SLIP)
    assert {arg.value for _, arg in told} == figures_on(SLIP)
    assert {"4821", "6821", "15000", "2026-11-24", "09:42", "000-0000-0096"} <= {arg.value for _, arg in told}
    assert told[-1][0] == PHONE


def test_they_are_said_into_a_headphone_and_to_nobody_else() -> None:
    out = Event(Ev.PRINTED, Printed(Printing.PROVED, figures=figures_of(SLIP)))
    heard = view(advance(STATE, out)[0], CATALOGUE)
    said = [arg.value for one in heard.say if one.privacy is Privacy.PRIVATE for arg in one.line.args.values()]
    assert {arg.value for _, arg in figures_of(SLIP) if arg.kind is not ArgKind.TEXT} <= set(said)
    assert STATE.case_no[-16:] in said
    aloud = view(advance(replace(STATE, ear=Ear()), out)[0], CATALOGUE)
    assert not aloud.facts and not [one for one in aloud.say if one.privacy is Privacy.PRIVATE]
