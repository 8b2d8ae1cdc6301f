"""Rows of the machine for what is looked up, printed and explained, and what somebody is due."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.sheets.state import After, Directions, Dues, PaperStage, Printout, Refusal, Sheets, Told, Trouble
from kiosk.domain.visit.plan import ActionKind
from kiosk.domain.visit.rows import Answer, Changes, Part, Row, is_transacted, item_chosen, next_index, step_for_item
from kiosk.domain.visit.state import Printing, VisitState
from kiosk.domain.visit.words import Do, Ev, Overlay, Step

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


def _answered(state: VisitState, value: object) -> Changes:
    assert isinstance(value, Told)
    return {"sheets": replace(state.sheets, told=value, refusal=None, page=0)}


def _is_of_item(state: VisitState, value: object) -> bool:
    return isinstance(value, Told | Directions) and value.item_id == state.item_id


def _refused(state: VisitState, value: object) -> Changes:
    assert isinstance(value, Refusal)
    return {"sheets": replace(state.sheets, refusal=value, paper=None), "offline": value.trouble is Trouble.OFFLINE}


def _office_silent(state: VisitState, value: object) -> Changes:
    return _refused(state, Refusal(Trouble.OFFLINE))


def _again(state: VisitState) -> Step:
    """Where the next try begins: at what failed, or at the card when nobody has laid one down."""
    if state.action is None:
        return step_for_item(state)
    return Step.PAPER if state.action.kind is ActionKind.PAPER else Step.LOOK_UP


def _tried_again(state: VisitState, value: object) -> Changes:
    makes = state.action is not None and state.action.kind is ActionKind.PAPER
    return {"sheets": replace(state.sheets, refusal=None, paper=Printout() if makes else None), "note": ""}


def _is_refused(state: VisitState, value: object) -> bool:
    return state.sheets.refusal is not None


def _is_preview(state: VisitState, value: object) -> bool:
    """A certificate is shown before it is made."""
    following = state.plan[state.index + 1 : state.index + 2]
    is_one = bool(following) and following[0].kind is ActionKind.PAPER
    return is_one and state.decision is None and not _is_refused(state, value)


def _paper_begins(state: VisitState, value: object) -> Changes:
    return {"index": next_index(state), "sheets": replace(state.sheets, paper=Printout(), copies=1), "note": ""}


def _is_shown(state: VisitState, value: object) -> bool:
    return state.decision is not None and not _is_refused(state, value)


def _slip_wanted(state: VisitState, value: object) -> Changes:
    return {"printing": Printing.BUSY, "copies": state.copies + 1, "print_fault": "", "note": ""}


def _paper_news(state: VisitState, value: object) -> Changes:
    assert isinstance(value, Printout)
    return {"sheets": state.sheets.with_paper(value), "note": ""}


def _is_over(state: VisitState, value: object) -> bool:
    paper = state.sheets.paper
    return paper is not None and not paper.stage.is_under_way


def _has_come_out(state: VisitState, value: object) -> bool:
    paper = state.sheets.paper
    return paper is not None and paper.stage in (PaperStage.PROVED, PaperStage.UNKNOWN)


def _may_try(state: VisitState, value: object) -> bool:
    return _is_over(state, value) and state.sheets.copies < MOST_COPIES


def _paper_again(state: VisitState, value: object) -> Changes:
    """What came out already is not printed twice: the screen counts on from there."""
    paper = state.sheets.paper
    assert paper is not None
    begun = replace(paper, stage=PaperStage.MAKING, fault="")
    return {"sheets": replace(state.sheets, paper=begun, copies=state.sheets.copies + 1), "note": ""}


def _not_out(state: VisitState, value: object) -> Changes:
    paper = state.sheets.paper
    assert paper is not None
    return {"sheets": state.sheets.with_paper(Printout(PaperStage.FAILED, paper.sheets))}


def _rest_left(state: VisitState, value: object) -> Changes:
    paper = state.sheets.paper
    assert paper is not None
    ended = replace(paper, stage=PaperStage.FAILED)
    return {**_slip_wanted(state, value), "sheets": replace(state.sheets, paper=ended, is_partly_left=True)}


def _is_unfinished(state: VisitState, value: object) -> bool:
    """The rest can be left for another day once the case has its number."""
    paper = state.sheets.paper
    stages = (PaperStage.HELD, PaperStage.FAILED)
    return paper is not None and paper.stage in stages and state.decision is not None


def _is_not_stored(state: VisitState, value: object) -> bool:
    return not state.stored and state.sheets.after is None


def _wants(after: After) -> Row:
    return Row(
        Step.GUIDE,
        change=lambda s, v: {"sheets": replace(s.sheets, after=after)},
        when=_is_not_stored,
        do=(Do.STORE_GUIDANCE,),
    )


def _guidance_stored(state: VisitState, value: object) -> Changes:
    return {"stored": True, "sheets": replace(state.sheets, after=None, is_guided=True)}


def _is_after(after: After) -> Row:
    wants_slip = after is After.PAPER

    def change(state: VisitState, value: object) -> Changes:
        return {**_guidance_stored(state, value), **(_slip_wanted(state, value) if wants_slip else {})}

    return Row(
        Step.PRINT if wants_slip else Step.RATE,
        change=change,
        when=lambda s, v: s.sheets.after is after,
    )


def _page_turned(state: VisitState, value: object) -> Changes:
    assert isinstance(value, int)
    return {"sheets": replace(state.sheets, page=value)}


def _way_known(state: VisitState, value: object) -> Changes:
    assert isinstance(value, Directions)
    return {"sheets": replace(state.sheets, way=value)}


def _dues_known(state: VisitState, value: object) -> Changes:
    assert isinstance(value, Dues)
    return {"sheets": replace(state.sheets, dues=value.dues)}


def _has_dues(state: VisitState, value: object) -> bool:
    return isinstance(value, Dues) and bool(value.dues)


def _is_awaited(state: VisitState, value: object) -> bool:
    """What comes when the cards are shown already changes nothing under her finger."""
    return not state.sheets.dues


_TABLE: dict[tuple[Step, Ev], tuple[Row, ...]] = {
    # before the card
    (Step.IDENTIFY, Ev.OFFICE_SILENT): (
        Row(Step.FOUND, change=_office_silent, when=lambda s, v: s.resident is None and not s.card_seen),
    ),
    # what registers say
    (Step.LOOK_UP, Ev.ANSWERED): (Row(Step.FOUND, change=_answered, when=_is_of_item),),
    (Step.LOOK_UP, Ev.DECIDED): (Row(Step.LOOK_UP, change=lambda s, v: {"decision": v}),),
    (Step.LOOK_UP, Ev.NOT_ANSWERED): (Row(Step.FOUND, change=_refused),),
    (Step.FOUND, Ev.PAGE): (Row(Step.FOUND, change=_page_turned),),
    (Step.FOUND, Ev.READ_TO_ME): (
        Row(
            Step.FOUND,
            change=lambda s, v: {"note": "told.by_headphone"},
            when=lambda s, v: s.sheets.told is not None,
            do=(Do.SAY_AGAIN,),
        ),
    ),
    (Step.FOUND, Ev.TRY_AGAIN): (Row(route=_again, change=_tried_again, when=_is_refused),),
    (Step.FOUND, Ev.SHOW_WAY): (Row(Step.GUIDE, when=_is_refused),),
    (Step.FOUND, Ev.MAKE_PAPER): (Row(Step.PAPER, change=_paper_begins, when=_is_preview),),
    (Step.FOUND, Ev.PRINT): (Row(Step.PRINT, change=_slip_wanted, when=_is_shown),),
    (Step.FOUND, Ev.WITHOUT_PAPER): (Row(Step.RATE, when=_is_shown),),
    # a certificate on paper
    (Step.PAPER, Ev.DECIDED): (Row(Step.PAPER, change=lambda s, v: {"decision": v}),),
    (Step.PAPER, Ev.NOT_ANSWERED): (Row(Step.FOUND, change=_refused, when=lambda s, v: s.decision is None),),
    (Step.PAPER, Ev.PAPER): (Row(Step.PAPER, change=_paper_news),),
    (Step.PAPER, Ev.TRY_AGAIN): (Row(Step.PAPER, change=_paper_again, when=_may_try, do=(Do.MAKE_PAPER,)),),
    (Step.PAPER, Ev.NOT_OUT): (Row(Step.PAPER, change=_not_out, when=_has_come_out, do=(Do.NOT_OUT,)),),
    (Step.PAPER, Ev.REST_LATER): (Row(Step.PRINT, change=_rest_left, when=_is_unfinished, do=(Do.STOP_PAPER,)),),
    (Step.PAPER, Ev.PRINT): (Row(Step.PRINT, change=_slip_wanted, when=_has_come_out),),
    (Step.PAPER, Ev.TAKEN): (Row(Step.RATE, when=_has_come_out),),
    (Step.PAPER, Ev.WITHOUT_PAPER): (Row(Step.RATE, when=_is_over),),
    # the way to where it is done
    (Step.GUIDE, Ev.DIRECTIONS): (Row(Step.GUIDE, change=_way_known, when=_is_of_item),),
    (Step.GUIDE, Ev.PRINT): (
        Row(Step.PRINT, change=_slip_wanted, when=lambda s, v: s.stored),
        _wants(After.PAPER),
    ),
    (Step.GUIDE, Ev.UNDERSTOOD): (Row(Step.RATE, when=lambda s, v: s.stored), _wants(After.END)),
    (Step.GUIDE, Ev.STORED): (_is_after(After.PAPER), _is_after(After.END)),
    (Step.GUIDE, Ev.STORE_FAILED): (
        Row(
            Step.GUIDE,
            change=lambda s, v: {
                "sheets": replace(s.sheets, after=None),
                "overlay": Overlay.CANNOT,
                "note": "submit.not_stored",
            },
        ),
    ),
    # The receipt of a guidance, while she looks at its slip.
    **{
        (step, Ev.DECIDED): (Row(step, change=lambda s, v: {"decision": v}, when=lambda s, v: s.decision is None),)
        for step in (Step.PRINT, Step.RATE)
    },
    # what somebody is due
    (Step.DUE, Ev.DUES): (
        Row(Step.DUE, change=_dues_known, when=_has_dues),
        Row(Step.CHOOSE, when=_is_awaited),
    ),
    (Step.DUE, Ev.CHOSEN): (
        Row(route=step_for_item, change=item_chosen, when=is_transacted),
        Row(Step.GUIDE, change=item_chosen),
    ),
    (Step.DUE, Ev.NO): (Row(Step.CHOOSE),),
}

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
