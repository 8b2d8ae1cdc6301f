"""Rows of the machine for whoever comes for somebody else, and for a number that is typed before a witness."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.deputy.state import (
    ASK_HERSELF,
    ASK_HONEST,
    LETTERS,
    NAME_MOST,
    NO_DEPUTY,
    NOT_TYPED,
    NUMBER_DIGITS,
    Deputy,
    Helper,
    Stage,
    Typed,
    number_fits,
    written_out,
)
from kiosk.domain.speech import Line
from kiosk.domain.technician.mode import NUMBER_MOST, PIN_MOST
from kiosk.domain.typing.rows import open_typing, typing_over
from kiosk.domain.typing.state import TextKind, Wanted
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.state import Resident, VisitState
from kiosk.domain.visit.transition import Answer, Part, Row, on, together
from kiosk.domain.visit.words import Do, Step


def _with(state: VisitState, deputy: Deputy) -> VisitState:
    """No reason is kept from before."""
    return replace(state, deputy=deputy, note="")


def _stage(state: VisitState, stage: Stage) -> VisitState:
    return _with(state, replace(state.deputy, stage=stage))


def _is_alone(state: VisitState) -> bool:
    return state.deputy.stage is Stage.NONE


def _for_other(state: VisitState) -> VisitState:
    return replace(_stage(state, Stage.HELPER), card_fault="")


def wanted_number(text: str = "") -> Wanted:
    return Wanted(Line("no_card.number"), Ev.TYPED_NUMBER, TextKind.NUMBER, NUMBER_DIGITS, text)


def wanted_witness() -> Wanted:
    return Wanted(Line("witness.number"), Ev.WITNESS_NUMBER, TextKind.DIGITS, NUMBER_MOST)


def is_helpers_card(state: VisitState, value: Resident) -> bool:
    """Nobody comes for herself: the second card must be another one."""
    helper = state.deputy.helper
    waits = state.deputy.stage is Stage.RESIDENT
    return waits and helper is not None and value.number == helper.number


def _helpers_again(state: VisitState) -> VisitState:
    return replace(state, card_seen=False, note="deputy.same_card")


def card_taken(state: VisitState) -> VisitState:
    """The card is back in a hand: whose it was decides what comes next."""
    return replace(_known(state), card_seen=False)


def _known(state: VisitState) -> VisitState:
    """Somebody is known now: the helper, the resident whom she helps, or who comes for herself."""
    deputy, resident = state.deputy, state.resident
    if resident is not None and deputy.stage is Stage.HELPER:
        helper = Helper(resident.document, resident.name, resident.number)
        return replace(state, resident=None, deputy=Deputy(Stage.HONEST, helper), note="")
    if deputy.stage is Stage.RESIDENT:
        return _stage(state, Stage.AGREE if deputy.is_present else Stage.STANDS)
    return state


def step_after_card(state: VisitState) -> Step:
    """A helper hears nothing of what the resident is due."""
    if state.deputy.stage in (Stage.HONEST, Stage.AGREE):
        return Step.DEPUTY
    if state.drafts.is_asked and not state.deputy.stands:
        return Step.DRAFT_OFFER
    if state.item_id:
        return Step.PREPARE
    return Step.CHOOSE if state.deputy.stands else Step.DUE


def _to_known(state: VisitState) -> Step:
    return Step.PREPARE if state.resident is not None else Step.IDENTIFY


def _may_go_on(state: VisitState) -> VisitState:
    return _stage(state, Stage.STANDS if state.resident is not None else Stage.RESIDENT)


def _no_deputy(state: VisitState) -> VisitState:
    return replace(state, deputy=NO_DEPUTY, resident=None, note="deputy.refused")


def _another_item(state: VisitState) -> VisitState:
    return replace(state, item_id="", deputy=state.deputy.for_another_item(), note="")


def is_letter(state: VisitState) -> bool:
    return state.action is not None and state.action.subject in LETTERS


def letter_lacking(state: VisitState) -> VisitState:
    """Nothing of hers is opened without it."""
    return replace(_stage(state, Stage.NO_LETTER), plan=(), index=0, known={})


# ---- a number that is typed ---------------------------------------------------------------------------------


def _opened(state: VisitState, wanted: Wanted, typed: Typed) -> VisitState:
    return replace(open_typing(state, wanted), typed=typed, note="")


def _number_typed(state: VisitState, value: str) -> VisitState:
    number = written_out(value)
    if not number_fits(number):
        return replace(typing_over(state), typed=Typed(number=value), note="no_card.number_wrong")
    name = Wanted(Line("no_card.name"), Ev.TYPED_NAME, TextKind.NAME, NAME_MOST)
    return _opened(state, name, Typed(number=number, is_written_out=number != value))


def _name_typed(state: VisitState, value: str) -> VisitState:
    return replace(typing_over(state), typed=replace(state.typed, name=value), note=_said_of_number(state))


def _said_of_number(state: VisitState) -> str:
    """An old number is taken; that it looks longer now is explained."""
    return "no_card.written_out" if state.typed.is_written_out else ""


def _is_new_here(state: VisitState, value: str) -> bool:
    helper = state.deputy.helper
    return bool(value) and number_fits(state.typed.number) and (helper is None or helper.number != state.typed.number)


def witness_named(state: VisitState, value: str) -> VisitState:
    pin = Wanted(Line("witness.pin"), Ev.WITNESS_PIN, TextKind.DIGITS, PIN_MOST, is_secret=True)
    return _opened(state, pin, replace(state.typed, staff=value))


def pin_typed(state: VisitState) -> VisitState:
    """The PIN itself goes to the gate with the event and is kept nowhere."""
    return replace(typing_over(state), typed=replace(state.typed, checking=True), note="")


def _witnessed(state: VisitState, value: Resident) -> VisitState:
    return _known(replace(state, resident=value, typed=NOT_TYPED, note=""))


def _is_checking(state: VisitState) -> bool:
    return state.typed.checking


_TABLE = together(
    on(Step.IDENTIFY, Ev.FOR_OTHER, Row(Step.IDENTIFY, change=_for_other, when=_is_alone)),
    on(Step.IDENTIFY, Ev.NO_CARD, Row(Step.NO_CARD, change=lambda s: replace(s, note="", card_fault=""))),
    on(Step.NO_CARD, Ev.FOR_OTHER, Row(Step.IDENTIFY, change=_for_other, when=_is_alone)),
    on(Step.NO_CARD, Ev.TYPED_NUMBER, Row(Step.NO_CARD, take=_number_typed)),
    on(
        Step.NO_CARD,
        Ev.TYPED_NAME,
        Row(Step.WITNESS, take=_name_typed, fits=_is_new_here),
        Row(Step.NO_CARD, change=lambda s: replace(typing_over(s), note="no_card.number_wrong")),
    ),
    on(Step.WITNESS, Ev.NO, Row(Step.NO_CARD, change=lambda s: replace(s, typed=NOT_TYPED, note=""))),
    on(Step.WITNESS, Ev.WITNESS_NUMBER, Row(Step.WITNESS, take=witness_named)),
    on(Step.WITNESS, Ev.WITNESS_PIN, Row(Step.WITNESS, change=pin_typed, do=(Do.CHECK_WITNESS,))),
    on(Step.WITNESS, Ev.WITNESSED, Row(route=step_after_card, take=_witnessed, when=_is_checking)),
    on(
        Step.WITNESS,
        Ev.NOT_WITNESSED,
        Row(
            Step.WITNESS,
            take=lambda s, v: replace(s, typed=replace(s.typed, checking=False, staff=""), note=v),
            when=_is_checking,
        ),
    ),
    on(
        Step.DEPUTY,
        Ev.AGREE,
        Row(
            Step.DEPUTY,
            change=lambda s: replace(s, deputy=s.deputy.with_consent(ASK_HONEST, Stage.PRESENT), note=""),
            when=lambda s: s.deputy.stage is Stage.HONEST,
        ),
        Row(
            Step.PREPARE,
            change=lambda s: replace(s, deputy=s.deputy.with_consent(ASK_HERSELF, Stage.STANDS), note=""),
            when=lambda s: s.deputy.stage is Stage.AGREE,
        ),
    ),
    on(
        Step.DEPUTY,
        Ev.DECLINE,
        Row(Step.IDENTIFY, change=_no_deputy, when=lambda s: s.deputy.stage in (Stage.HONEST, Stage.AGREE)),
    ),
    on(
        Step.DEPUTY,
        Ev.YES,
        Row(
            Step.IDENTIFY,
            change=lambda s: _with(s, replace(s.deputy, stage=Stage.RESIDENT, is_present=True)),
            when=lambda s: s.deputy.stage is Stage.PRESENT,
        ),
        Row(route=_to_known, change=_may_go_on, when=lambda s: s.deputy.stage is Stage.ABSENT),
    ),
    on(
        Step.DEPUTY,
        Ev.NO,
        Row(
            Step.DEPUTY,
            change=lambda s: _with(s, replace(s.deputy, stage=Stage.ABSENT, is_present=False)),
            when=lambda s: s.deputy.stage is Stage.PRESENT,
        ),
        Row(Step.CHOOSE, change=_another_item, when=lambda s: s.deputy.stage in (Stage.ABSENT, Stage.NO_LETTER)),
    ),
    on(
        Step.DEPUTY,
        Ev.LACKING,
        Row(
            Step.DEPUTY,
            change=lambda s: _stage(s, Stage.NO_LETTER),
            when=lambda s: s.deputy.stage is Stage.ABSENT,
        ),
    ),
)


# ---- one back -----------------------------------------------------------------------------------------------


def _identify_back(state: VisitState) -> Answer | None:
    stage = state.deputy.stage
    if stage is Stage.HELPER:
        return replace(state, deputy=NO_DEPUTY, note="", card_fault=""), ()
    if stage is Stage.RESIDENT:
        back = replace(state.deputy, stage=Stage.PRESENT)
        return replace(state, step=Step.DEPUTY, deputy=back, note="", card_fault="", card_seen=False), (Do.STOP_CARD,)
    return None


def _deputy_back(state: VisitState) -> Answer | None:
    deputy = state.deputy
    if deputy.stage is Stage.PRESENT:
        return replace(state, deputy=replace(deputy, stage=Stage.HONEST), note=""), ()
    if deputy.stage is Stage.NO_LETTER or (deputy.stage is Stage.ABSENT and state.resident is None):
        back = Stage.ABSENT if deputy.stage is Stage.NO_LETTER else Stage.PRESENT
        return replace(state, deputy=replace(deputy, stage=back), note=""), ()
    watch = (Do.WATCH_CARD,)
    if deputy.stage is Stage.HONEST:
        return replace(state, step=Step.IDENTIFY, deputy=Deputy(Stage.HELPER), note=""), watch
    if deputy.stage is Stage.AGREE:
        back_to = replace(deputy, stage=Stage.RESIDENT)
        return replace(state, step=Step.IDENTIFY, resident=None, deputy=back_to, note=""), watch
    return replace(state, step=Step.CHOOSE, item_id="", note=""), watch


PART = Part(
    back={Step.NO_CARD: Step.IDENTIFY, Step.WITNESS: Step.NO_CARD, Step.DEPUTY: Step.CHOOSE},
    enter={Step.NO_CARD: (Do.STOP_CARD,), Step.DEPUTY: (Do.STOP_CARD,)},
    table=_TABLE,
    within={Step.IDENTIFY: _identify_back, Step.DEPUTY: _deputy_back},
)
HELPERS_AGAIN = Row(Step.IDENTIFY, change=_helpers_again, fits=is_helpers_card, do=(Do.WATCH_CARD,))
LETTER_LATER: Row[None] = Row(Step.DEPUTY, change=letter_lacking, when=is_letter)
