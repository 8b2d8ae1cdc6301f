"""What the visit's own rows ask and change: small pure functions with names."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.bring.state import NO_BRINGING
from kiosk.domain.deputy.state import NO_DEPUTY, NOT_TYPED, Stage
from kiosk.domain.drafts.keeping import taken_up, without_draft
from kiosk.domain.money.state import Money
from kiosk.domain.papers.state import Papers
from kiosk.domain.questions.state import Asking
from kiosk.domain.slip.state import NO_SLIP
from kiosk.domain.speech import Lang
from kiosk.domain.visit.plan import ActionKind, after, kept
from kiosk.domain.visit.readiness import Capability
from kiosk.domain.visit.state import (
    PLACE_OF_SOURCE,
    CardPlace,
    Chosen,
    LeftCard,
    Prepared,
    Printed,
    Resident,
    VisitState,
)
from kiosk.domain.visit.words import Overlay, Step

STEP_OF_ACTION: dict[ActionKind, Step] = {
    ActionKind.CONSENT: Step.CONSENT,
    ActionKind.ASK: Step.ASK,
    ActionKind.SHOW: Step.REVIEW,
    ActionKind.CAPTURE: Step.CAPTURE,
    ActionKind.COMMIT: Step.COMMIT,
    ActionKind.SIGN: Step.SIGN,
    ActionKind.SUBMIT: Step.SUBMIT,
    ActionKind.PRINT: Step.RESULT,
    ActionKind.PAY: Step.BILL,
    ActionKind.BOOK: Step.BOOK_DAY,
    ActionKind.LOOK: Step.LOOK_UP,
    ActionKind.PAPER: Step.PAPER,
    ActionKind.BRING: Step.BRING_SEND,
}


def step_of_action(state: VisitState) -> Step:
    action = state.action
    return Step.RATE if action is None else STEP_OF_ACTION[action.kind]


def action_done(state: VisitState) -> VisitState:
    return replace(state, index=next_index(state), note="")


def next_index(state: VisitState) -> int:
    """Of the next action that applies."""
    return after(state.plan, state.index, state.answers)


def question_answered(state: VisitState, value: str) -> VisitState:
    action = state.action
    key = action.subject if action else ""
    answers = kept(state.plan, {**state.answers, key: value})
    return replace(
        state, answers=answers, index=after(state.plan, state.index, answers), note="", money=state.money.anew()
    )


def item_chosen(state: VisitState, value: Chosen) -> VisitState:
    return replace(
        state,
        item_id=value.item_id,
        item_version=value.version,
        consent_version=value.consent_version,
        plan=(),
        index=0,
        answers={},
        papers=Papers(),
        nearest=None,
        money=Money(),
        asking=Asking(),
        sheets=state.sheets.anew(),
        bring=NO_BRINGING,
        deputy=state.deputy.for_another_item(),
        typed=NOT_TYPED,
        note="",
    )


def plan_made(state: VisitState, value: Prepared) -> VisitState:
    made = replace(state, plan=value.plan, known=value.known, offline=value.offline, index=0, today=value.today)
    return taken_up(made)


def step_after_slip(state: VisitState) -> Step:
    """A number in a queue opens no case: there is nothing to rate yet."""
    return Step.RATE if state.stored or state.decision is not None else Step.WIPE


def slip_printed(state: VisitState, value: Printed) -> VisitState:
    return replace(
        state,
        printing=value.printing,
        print_fault=value.fault,
        on_sheet=value.on_sheet,
        slip_figures=value.figures,
    )


def is_transacted(state: VisitState, value: Chosen) -> bool:
    return value.transact


def step_for_item(state: VisitState) -> Step:
    if state.deputy.stage is Stage.ABSENT:
        return Step.DEPUTY
    return Step.PREPARE if state.resident else Step.IDENTIFY


def started(state: VisitState, value: Lang) -> VisitState:
    """A slip that was asked about before belongs to nobody's visit."""
    return replace(state, slip=NO_SLIP, lang=value)


def card_read(state: VisitState, value: Resident) -> VisitState:
    """A card that was not asked for by a helper's way in is somebody's who comes for herself."""
    asked = state.deputy.stage in (Stage.HELPER, Stage.RESIDENT)
    return replace(
        state,
        resident=value,
        card_fault="",
        card_seen=True,
        note="",
        reads_face=False,
        left=None,
        deputy=state.deputy if asked else NO_DEPUTY,
        drafts=without_draft(state.drafts),
    )


CHIP_FAULTS = frozenset(("card_place_again", "card_unknown_kind", "card_data_bad", "card_not_accepted"))
"""Names of the faults that a dead chip shows itself by."""
FACE_AFTER = 2
"""So many failures are no clumsy hand any more: the terminal begins by itself to read by eye."""


def card_failed(state: VisitState, value: str) -> VisitState:
    failures = state.chip_failures + (value in CHIP_FAULTS)
    return replace(state, card_fault=value, card_seen=False, chip_failures=failures)


def is_chip_dead(state: VisitState, value: str) -> bool:
    """True when this failure is the one after which the printed card is read."""
    enough = value in CHIP_FAULTS and state.chip_failures + 1 >= FACE_AFTER
    return enough and can_read_face(state)


def can_read_face(state: VisitState) -> bool:
    return state.capabilities.has(Capability.READ_ID_FACE) and not state.reads_face


def face_begins(state: VisitState, value: str) -> VisitState:
    return replace(card_failed(state, value), card_fault="", reads_face=True, note="identify.face.begins")


def face_wanted(state: VisitState) -> VisitState:
    return replace(state, card_fault="", card_seen=False, reads_face=True, note="")


def card_left(state: VisitState, value: LeftCard) -> VisitState:
    return replace(woken(state), left=value)


def card_seen(state: VisitState) -> VisitState:
    return replace(woken(state), card_seen=True, card_fault="")


def card_failed_at_door(state: VisitState, value: str) -> VisitState:
    """Nobody's yet: what fails here is not counted for whoever touches next."""
    news = woken(state) if value != state.card_fault else state
    return replace(news, card_fault=value, card_seen=False)


def woken(state: VisitState) -> VisitState:
    """Laying a card on the screen that waits ends the waiting, as a touch does."""
    return replace(state, overlay=Overlay.NONE) if state.overlay is Overlay.ATTRACT else state


def is_overdue(state: VisitState, value: LeftCard) -> bool:
    return value.is_overdue


def is_told_again(state: VisitState, value: LeftCard) -> bool:
    """Where the same words are on the screen already they must be said anew."""
    return state.left is not None and state.left.place is value.place


def place_of(resident: Resident | None) -> CardPlace:
    """Where the card lies that was read."""
    return PLACE_OF_SOURCE.get(resident.source, CardPlace.ID_CARD) if resident else CardPlace.ID_CARD
