"""Rows of the machine for leaving in the middle and coming back: what was said is kept if she wants it, for a day."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.deputy.rows import step_after_card
from kiosk.domain.deputy.state import NO_DEPUTY
from kiosk.domain.drafts.keeping import AT_WORK, content_of, may_keep, visits_of
from kiosk.domain.drafts.state import DraftKept, Drafts, DraftSought
from kiosk.domain.slip.codes import read_draft
from kiosk.domain.slip.rows import lang_of_holder
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.readiness import Capability
from kiosk.domain.visit.rows import item_chosen, slip_printed, step_of_action
from kiosk.domain.visit.state import Chosen, Printing, VisitState
from kiosk.domain.visit.transition import Answer, Part, Row, always_plain, on, together
from kiosk.domain.visit.words import Do, Outcome, Overlay, Step

MOST_COPIES = 3
_BEFORE_ANYTHING = (Step.DUE, Step.CHOOSE)
"""Where an answer of the store that comes late still counts: nothing has begun."""


# ---- leaving -------------------------------------------------------------------------------------------------


def _keep_asked(state: VisitState) -> Answer:
    """The one question before what she said may outlast the visit."""
    if state.overlay is not Overlay.LEAVE or state.drafts.is_kept or not may_keep(state):
        return state, ()
    return replace(state, overlay=Overlay.KEEP), ()


def _is_asked(state: VisitState) -> bool:
    return state.overlay is Overlay.KEEP and may_keep(state)


def _was_kept(state: VisitState, value: DraftKept) -> VisitState:
    return replace(state, drafts=replace(state.drafts, code=value.code, until=value.until))


def _kept_and_printed(state: VisitState, value: DraftKept) -> VisitState:
    return replace(_was_kept(state, value), printing=Printing.BUSY, copies=state.copies + 1, print_fault="")


def _can_print(state: VisitState) -> bool:
    return state.capabilities.has(Capability.PRINT_SLIP) and not state.drafts.is_kept


def _again(state: VisitState) -> VisitState:
    return replace(state, printing=Printing.BUSY, copies=state.copies + 1, print_fault="")


def _may_print_again(state: VisitState) -> bool:
    free = state.printing is not Printing.BUSY and state.copies < MOST_COPIES
    return free and state.drafts.is_kept and state.capabilities.has(Capability.PRINT_SLIP)


def _is_free(state: VisitState) -> bool:
    return state.drafts.is_kept and state.printing is not Printing.BUSY


def _gone_home(state: VisitState) -> VisitState:
    return replace(state, cause=Outcome.SAVED, printing=Printing.NONE)


def _slip_back(state: VisitState) -> Answer:
    """She stays after all: on where she was."""
    if state.printing is Printing.BUSY or not state.drafts.is_kept:
        return replace(state, note="back.printing"), ()
    return replace(state, step=step_of_action(state), printing=Printing.NONE, note=""), ()


def _forgotten(state: VisitState) -> VisitState:
    return replace(state, cause=Outcome.CANCELLED)


_LEAVING = together(
    *(on(step, Ev.KEEP_YES, Row(Step.DRAFT_SLIP, when=_is_asked)) for step in AT_WORK),
    *(on(step, Ev.KEEP_NO, Row(Step.WIPE, change=_forgotten, when=_is_asked)) for step in AT_WORK),
    *(
        on(step, Ev.FORGET, Row(Step.WIPE, change=_forgotten, when=lambda s: s.drafts.is_kept, do=(Do.DROP_DRAFT,)))
        for step in (*AT_WORK, Step.DRAFT_SLIP)
    ),
    on(
        Step.DRAFT_SLIP,
        Ev.DRAFT_KEPT,
        Row(Step.DRAFT_SLIP, take=_kept_and_printed, when=_can_print, do=(Do.PRINT_SLIP,)),
        Row(Step.DRAFT_SLIP, take=_was_kept, when=lambda s: not s.drafts.is_kept),
    ),
    on(
        Step.DRAFT_SLIP,
        Ev.STORE_FAILED,
        Row(
            route=step_of_action,
            change=lambda s: replace(s, note="draft.not_kept"),
            when=lambda s: not s.drafts.is_kept,
        ),
    ),
    on(Step.DRAFT_SLIP, Ev.PRINTED, Row(Step.DRAFT_SLIP, take=slip_printed)),
    on(Step.DRAFT_SLIP, Ev.PRINT, Row(Step.DRAFT_SLIP, change=_again, when=_may_print_again, do=(Do.PRINT_SLIP,))),
    on(
        Step.DRAFT_SLIP,
        Ev.NOT_OUT,
        Row(
            Step.DRAFT_SLIP,
            change=lambda s: replace(s, printing=Printing.FAILED, print_fault=""),
            when=_is_free,
        ),
    ),
    on(Step.DRAFT_SLIP, Ev.TAKEN, Row(Step.WIPE, change=_gone_home, when=_is_free)),
    on(Step.DRAFT_SLIP, Ev.WITHOUT_PAPER, Row(Step.WIPE, change=_gone_home, when=_is_free)),
)


# ---- coming back ---------------------------------------------------------------------------------------------


def _is_draft(state: VisitState, value: str) -> bool:
    return read_draft(value) is not None


def _shown(state: VisitState, value: str) -> VisitState:
    read = read_draft(value)
    assert read is not None, "read before"
    return replace(
        state, drafts=Drafts(shown=read[0]), item_id="", note="draft.card_first", lang=lang_of_holder(state, value)
    )


def _shown_anew(state: VisitState, value: str) -> VisitState:
    """Whoever was known so far, the next card says whose draft may be opened."""
    return replace(_shown(state, value), resident=None, deputy=NO_DEPUTY)


def _shown_with_card(state: VisitState, value: str) -> VisitState:
    return replace(_shown(state, value), note="")


AT_DOOR = (Row(Step.IDENTIFY, take=_shown, fits=_is_draft, do=(Do.BEGIN_VISIT,)),)
AT_CHOICE = (
    Row(
        Step.CHOOSE,
        take=_shown_with_card,
        fits=lambda s, v: _is_draft(s, v) and s.resident is not None and not s.deputy.stands,
        do=(Do.FIND_DRAFT,),
    ),
    Row(Step.IDENTIFY, take=_shown_anew, fits=_is_draft),
)
"""What a draft's slip does on the first screen and where a service is chosen."""


def _is_hers(state: VisitState, value: DraftSought) -> bool:
    """An answer about somebody whose card lay here before is nobody's."""
    return state.resident is not None and value.number == state.resident.number


def _sought(state: VisitState, value: DraftSought) -> VisitState:
    return replace(state, drafts=replace(state.drafts, found=value.found, is_sought=True))


def _is_to_be_asked(state: VisitState, value: DraftSought) -> bool:
    """Only of herself: what she began is no helper's business, whatever slip the helper holds."""
    open_one = not state.drafts.is_answered and (value.found is not None or bool(state.drafts.shown))
    return _is_hers(state, value) and open_one and not state.deputy.stands


def _is_the_found_one(state: VisitState, value: Chosen) -> bool:
    found = state.drafts.found
    return found is not None and found.item_id == value.item_id


def _goes_on(state: VisitState, value: Chosen) -> VisitState:
    found = state.drafts.found
    assert found is not None, "asked before"
    drafts = replace(
        state.drafts,
        is_answered=True,
        is_taken_up=True,
        code=found.code,
        until=found.until,
        earlier=visits_of(found.content) + 1,
    )
    return replace(item_chosen(state, value), case_no=found.case_no, drafts=drafts)


def _answered(state: VisitState) -> VisitState:
    return replace(state, drafts=replace(state.drafts, is_answered=True, shown=""), note="")


def _has_found(state: VisitState) -> bool:
    return state.drafts.found is not None


_COMING_BACK = together(
    on(Step.TAKE_CARD, Ev.DRAFT_SOUGHT, Row(Step.TAKE_CARD, take=_sought, fits=_is_hers)),
    *(
        on(step, Ev.DRAFT_SOUGHT, Row(Step.DRAFT_OFFER, take=_sought, fits=_is_to_be_asked))
        for step in _BEFORE_ANYTHING
    ),
    on(Step.DRAFT_OFFER, Ev.DRAFT_SOUGHT, Row(Step.DRAFT_OFFER, take=_sought, fits=_is_hers)),
    on(Step.DRAFT_OFFER, Ev.CHOSEN, Row(Step.PREPARE, take=_goes_on, fits=_is_the_found_one)),
    on(Step.DRAFT_OFFER, Ev.LATER, Row(route=step_after_card, change=_answered)),
    on(Step.DRAFT_OFFER, Ev.FORGET, Row(route=step_after_card, change=_answered, when=_has_found, do=(Do.DROP_DRAFT,))),
)


def followed(before: VisitState, after: VisitState) -> tuple[Do, ...]:
    """What a change means for the draft: once it is sent there is none; what she adds to a kept one is kept, too."""
    drafts = after.drafts
    if after.stored and not before.stored and drafts.is_kept:
        return (Do.DROP_DRAFT,)
    goes_on = drafts.is_kept and before.drafts.is_kept and may_keep(after) and before.step in AT_WORK
    return (Do.KEEP_DRAFT,) if goes_on and content_of(after) != content_of(before) else ()


PART = Part(
    back={Step.DRAFT_SLIP: Step.REVIEW, Step.DRAFT_OFFER: Step.CHOOSE},
    enter={Step.DRAFT_SLIP: (Do.STOP_CARD, Do.KEEP_DRAFT), Step.DRAFT_OFFER: (Do.STOP_CARD,)},
    table=together(_LEAVING, _COMING_BACK),
    everywhere=always_plain(Ev.KEEP_ASK, _keep_asked),
    within={Step.DRAFT_SLIP: _slip_back},
)
