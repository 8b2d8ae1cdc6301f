"""Rows of the machine for what is looked up, printed and explained, and what somebody is due."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.sheets.state import After, Directions, Dues, PaperStage, Printout, Refusal, Sheets, Told, Trouble
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.plan import ActionKind
from kiosk.domain.visit.rows import is_transacted, item_chosen, next_index, step_for_item
from kiosk.domain.visit.state import Printing, VisitState
from kiosk.domain.visit.transition import Answer, Part, Row, on, together
from kiosk.domain.visit.words import Do, Overlay, Step

MOST_COPIES = 3
"""Two more than the first: whoever needs further ones asks a person."""


def _back_inside(state: VisitState) -> Answer | None:
    """Where back leads when that depends on what has been done: what has its number is not undone."""
    sheets = state.sheets
    if state.step in (Step.FOUND, Step.GUIDE):
        is_final = state.decision is not None or sheets.is_guided
        return (replace(state, note="back.sent" if state.stored else "back.over"), ()) if is_final else None
    if state.step is Step.PRINT and state.printing is Printing.BUSY:
        return None
    earlier = _earlier(sheets)
    return (replace(state, step=earlier, note=""), ()) if earlier is not None else None


def _earlier(sheets: Sheets) -> Step | None:
    """The screen before the slip; None where it is none of these."""
    if sheets.paper is not None:
        return Step.PAPER
    if sheets.told is not None:
        return Step.FOUND
    return Step.GUIDE if sheets.is_guided else None


def _answered(state: VisitState, value: Told) -> VisitState:
    return replace(state, sheets=replace(state.sheets, told=value, refusal=None, page=0))


def _is_of_item(state: VisitState, value: Directions | Told) -> bool:
    return value.item_id == state.item_id


def _refused(state: VisitState, value: Refusal) -> VisitState:
    return replace(
        state, sheets=replace(state.sheets, refusal=value, paper=None), offline=value.trouble is Trouble.OFFLINE
    )


def _office_silent(state: VisitState) -> VisitState:
    return _refused(state, Refusal(Trouble.OFFLINE))


def _again(state: VisitState) -> Step:
    """Where the next try begins: at what failed, or at the card when nobody has laid one down."""
    if state.action is None:
        return step_for_item(state)
    return Step.PAPER if state.action.kind is ActionKind.PAPER else Step.LOOK_UP


def _tried_again(state: VisitState) -> VisitState:
    makes = state.action is not None and state.action.kind is ActionKind.PAPER
    return replace(state, sheets=replace(state.sheets, refusal=None, paper=Printout() if makes else None), note="")


def _is_refused(state: VisitState) -> bool:
    return state.sheets.refusal is not None


def _is_preview(state: VisitState) -> bool:
    """A certificate is shown before it is made."""
    following = state.plan[state.index + 1 : state.index + 2]
    is_one = bool(following) and following[0].kind is ActionKind.PAPER
    return is_one and state.decision is None and not _is_refused(state)


def _paper_begins(state: VisitState) -> VisitState:
    return replace(state, index=next_index(state), sheets=replace(state.sheets, paper=Printout(), copies=1), note="")


def _is_shown(state: VisitState) -> bool:
    return state.decision is not None and not _is_refused(state)


def _slip_wanted(state: VisitState) -> VisitState:
    return replace(state, printing=Printing.BUSY, copies=state.copies + 1, print_fault="", note="")


def _paper_news(state: VisitState, value: Printout) -> VisitState:
    return replace(state, sheets=state.sheets.with_paper(value), note="")


def _is_over(state: VisitState) -> bool:
    paper = state.sheets.paper
    return paper is not None and not paper.stage.is_under_way


def _has_come_out(state: VisitState) -> bool:
    paper = state.sheets.paper
    return paper is not None and paper.stage in (PaperStage.PROVED, PaperStage.UNKNOWN)


def _may_try(state: VisitState) -> bool:
    return _is_over(state) and state.sheets.copies < MOST_COPIES


def _paper_again(state: VisitState) -> VisitState:
    """What came out already is not printed twice: the screen counts on from there."""
    paper = state.sheets.paper
    assert paper is not None
    begun = replace(paper, stage=PaperStage.MAKING, fault="")
    return replace(state, sheets=replace(state.sheets, paper=begun, copies=state.sheets.copies + 1), note="")


def _not_out(state: VisitState) -> VisitState:
    paper = state.sheets.paper
    assert paper is not None
    return replace(state, sheets=state.sheets.with_paper(Printout(PaperStage.FAILED, paper.sheets)))


def _rest_left(state: VisitState) -> VisitState:
    paper = state.sheets.paper
    assert paper is not None
    ended = replace(paper, stage=PaperStage.FAILED)
    return replace(_slip_wanted(state), sheets=replace(state.sheets, paper=ended, is_partly_left=True))


def _is_unfinished(state: VisitState) -> bool:
    """The rest can be left for another day once the case has its number."""
    paper = state.sheets.paper
    stages = (PaperStage.HELD, PaperStage.FAILED)
    return paper is not None and paper.stage in stages and state.decision is not None


def _is_not_stored(state: VisitState) -> bool:
    return not state.stored and state.sheets.after is None


def _wants(after: After) -> Row[object]:
    return Row(
        Step.GUIDE,
        change=lambda s: replace(s, sheets=replace(s.sheets, after=after)),
        when=_is_not_stored,
        do=(Do.STORE_GUIDANCE,),
    )


def _guidance_stored(state: VisitState) -> VisitState:
    return replace(state, stored=True, sheets=replace(state.sheets, after=None, is_guided=True))


def _is_after(after: After) -> Row[object]:
    wants_slip = after is After.PAPER

    def change(state: VisitState) -> VisitState:
        stored = _guidance_stored(state)
        return _slip_wanted(stored) if wants_slip else stored

    return Row(
        Step.PRINT if wants_slip else Step.RATE,
        change=change,
        when=lambda s: s.sheets.after is after,
    )


def _page_turned(state: VisitState, value: int) -> VisitState:
    return replace(state, sheets=replace(state.sheets, page=value))


def _way_known(state: VisitState, value: Directions) -> VisitState:
    return replace(state, sheets=replace(state.sheets, way=value))


def _dues_known(state: VisitState, value: Dues) -> VisitState:
    return replace(state, sheets=replace(state.sheets, dues=value.dues))


def _has_dues(state: VisitState, value: Dues) -> bool:
    return bool(value.dues)


def _is_awaited(state: VisitState) -> bool:
    """What comes when the cards are shown already changes nothing under her finger."""
    return not state.sheets.dues


_TABLE = together(
    # before the card
    on(
        Step.IDENTIFY,
        Ev.OFFICE_SILENT,
        Row(Step.FOUND, change=_office_silent, when=lambda s: s.resident is None and not s.card_seen),
    ),
    # what registers say
    on(Step.LOOK_UP, Ev.ANSWERED, Row(Step.FOUND, take=_answered, fits=_is_of_item)),
    on(Step.LOOK_UP, Ev.DECIDED, Row(Step.LOOK_UP, take=lambda s, v: replace(s, decision=v))),
    on(Step.LOOK_UP, Ev.NOT_ANSWERED, Row(Step.FOUND, take=_refused)),
    on(Step.FOUND, Ev.PAGE, Row(Step.FOUND, take=_page_turned)),
    on(
        Step.FOUND,
        Ev.READ_TO_ME,
        Row(
            Step.FOUND,
            change=lambda s: replace(s, note="told.by_headphone"),
            when=lambda s: s.sheets.told is not None,
            do=(Do.SAY_AGAIN,),
        ),
    ),
    on(Step.FOUND, Ev.TRY_AGAIN, Row(route=_again, change=_tried_again, when=_is_refused)),
    on(Step.FOUND, Ev.SHOW_WAY, Row(Step.GUIDE, when=_is_refused)),
    on(Step.FOUND, Ev.MAKE_PAPER, Row(Step.PAPER, change=_paper_begins, when=_is_preview)),
    on(Step.FOUND, Ev.PRINT, Row(Step.PRINT, change=_slip_wanted, when=_is_shown)),
    on(Step.FOUND, Ev.WITHOUT_PAPER, Row(Step.RATE, when=_is_shown)),
    # a certificate on paper
    on(Step.PAPER, Ev.DECIDED, Row(Step.PAPER, take=lambda s, v: replace(s, decision=v))),
    on(Step.PAPER, Ev.NOT_ANSWERED, Row(Step.FOUND, take=_refused, when=lambda s: s.decision is None)),
    on(Step.PAPER, Ev.PAPER, Row(Step.PAPER, take=_paper_news)),
    on(Step.PAPER, Ev.TRY_AGAIN, Row(Step.PAPER, change=_paper_again, when=_may_try, do=(Do.MAKE_PAPER,))),
    on(Step.PAPER, Ev.NOT_OUT, Row(Step.PAPER, change=_not_out, when=_has_come_out, do=(Do.NOT_OUT,))),
    on(Step.PAPER, Ev.REST_LATER, Row(Step.PRINT, change=_rest_left, when=_is_unfinished, do=(Do.STOP_PAPER,))),
    on(Step.PAPER, Ev.PRINT, Row(Step.PRINT, change=_slip_wanted, when=_has_come_out)),
    on(Step.PAPER, Ev.TAKEN, Row(Step.RATE, when=_has_come_out)),
    on(Step.PAPER, Ev.WITHOUT_PAPER, Row(Step.RATE, when=_is_over)),
    # the way to where it is done
    on(Step.GUIDE, Ev.DIRECTIONS, Row(Step.GUIDE, take=_way_known, fits=_is_of_item)),
    on(Step.GUIDE, Ev.PRINT, Row(Step.PRINT, change=_slip_wanted, when=lambda s: s.stored), _wants(After.PAPER)),
    on(Step.GUIDE, Ev.UNDERSTOOD, Row(Step.RATE, when=lambda s: s.stored), _wants(After.END)),
    on(Step.GUIDE, Ev.STORED, _is_after(After.PAPER), _is_after(After.END)),
    on(
        Step.GUIDE,
        Ev.STORE_FAILED,
        Row(
            Step.GUIDE,
            change=lambda s: replace(
                s, sheets=replace(s.sheets, after=None), overlay=Overlay.CANNOT, note="submit.not_stored"
            ),
        ),
    ),
    # The receipt of a guidance, while she looks at its slip.
    *(
        on(step, Ev.DECIDED, Row(step, take=lambda s, v: replace(s, decision=v), when=lambda s: s.decision is None))
        for step in (Step.PRINT, Step.RATE)
    ),
    # what somebody is due
    on(Step.DUE, Ev.DUES, Row(Step.DUE, take=_dues_known, fits=_has_dues), Row(Step.CHOOSE, when=_is_awaited)),
    on(
        Step.DUE,
        Ev.CHOSEN,
        Row(route=step_for_item, take=item_chosen, fits=is_transacted),
        Row(Step.GUIDE, take=item_chosen),
    ),
    on(Step.DUE, Ev.NO, Row(Step.CHOOSE)),
)

PART = Part(
    back={
        Step.LOOK_UP: Step.LOOK_UP,
        Step.FOUND: Step.CHOOSE,
        Step.PAPER: Step.PAPER,
        Step.DUE: Step.CHOOSE,
    },
    enter={
        Step.LOOK_UP: (Do.LOOK_UP,),
        Step.FOUND: (Do.STOP_CARD,),
        Step.PAPER: (Do.MAKE_PAPER,),
        Step.DUE: (Do.ASK_DUES,),
    },
    table=_TABLE,
    within=dict.fromkeys((Step.FOUND, Step.GUIDE, Step.PRINT, Step.RATE), _back_inside),
)
