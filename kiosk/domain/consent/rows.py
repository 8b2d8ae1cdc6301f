"""Rows of the machine for registers that only her own word opens: asked once, before any work of hers has begun."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.papers.state import ASK_REGISTERS
from kiosk.domain.sheets.state import Refusal, Trouble
from kiosk.domain.speech import Line
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.plan import ActionKind
from kiosk.domain.visit.rows import next_index, step_of_action
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.transition import Part, Row, on, together
from kiosk.domain.visit.words import Step

NOT_ASKED = Refusal(Trouble.REFUSED, (Line("reason.no_consent"),), Line("next.no_consent"))
"""What is said where nothing but that register could answer: the way goes on with paper."""


def registers_of(state: VisitState) -> tuple[str, ...]:
    """Codes of what this visit's plan asks her about."""
    asked = (action.subject for action in state.plan if action.kind is ActionKind.CONSENT)
    return tuple(code for subject in asked for code in subject.split())


def _sends(state: VisitState) -> bool:
    """A case goes to people when a register may not be asked; an answer or a certificate rests on nothing else."""
    return any(action.kind is ActionKind.SUBMIT for action in state.plan)


def _agreed(state: VisitState) -> VisitState:
    refused = tuple(one for one in state.papers.refused if one != ASK_REGISTERS)
    consents = tuple(dict.fromkeys((*state.papers.consents, ASK_REGISTERS)))
    papers = replace(state.papers, consents=consents, refused=refused)
    return replace(state, papers=papers, index=next_index(state), note="")


def _said_no(state: VisitState) -> VisitState:
    consents = tuple(one for one in state.papers.consents if one != ASK_REGISTERS)
    refused = tuple(dict.fromkeys((*state.papers.refused, ASK_REGISTERS)))
    return replace(state, papers=replace(state.papers, consents=consents, refused=refused))


def _without(state: VisitState) -> VisitState:
    return replace(_said_no(state), index=next_index(state), note="consent.refused")


def _by_paper(state: VisitState) -> VisitState:
    return replace(_said_no(state), sheets=replace(state.sheets, refusal=NOT_ASKED), note="")


PART = Part(
    back={Step.CONSENT: Step.CHOOSE},
    table=together(
        on(Step.CONSENT, Ev.YES, Row(route=step_of_action, change=_agreed)),
        on(
            Step.CONSENT,
            Ev.NO,
            Row(route=step_of_action, change=_without, when=_sends),
            Row(Step.FOUND, change=_by_paper),
        ),
    ),
)
