"""Rows of the machine for bringing what was missing: seen with the slip's code, photographed and answered, sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.bring.state import NO_BRINGING, Bringing, Brought, Kept, Notice
from kiosk.domain.case_number import CaseNumberError, from_shown
from kiosk.domain.papers.state import Papers
from kiosk.domain.questions.state import Asking
from kiosk.domain.slip.state import SlipShown
from kiosk.domain.speech import Line
from kiosk.domain.typing.rows import open_typing, typing_over
from kiosk.domain.typing.state import TextKind, Wanted
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.rows import step_of_action
from kiosk.domain.visit.state import Printing, VisitState
from kiosk.domain.visit.transition import Part, Row, on, together
from kiosk.domain.visit.words import Do, Outcome, Overlay, Step

AWAITED = frozenset(("progress.notice", "progress.noticed", "progress.expired", "progress.unreachable"))
"""Answers after which something may be brought. What nobody could be asked about may be one of them: it is kept."""
SHOWN_DIGITS, CODE_DIGITS = 16, 4
MOST_COPIES = 3
_FROM = (Step.WELCOME, Step.CHOOSE, Step.BROWSE)


def may_bring(state: VisitState) -> bool:
    return state.slip.opens and state.progress is not None and state.progress.key in AWAITED


def _may(state: VisitState) -> bool:
    return state.overlay is Overlay.PROGRESS and may_bring(state)


def _begun(state: VisitState) -> VisitState:
    return replace(
        state,
        bring=Bringing(is_begun=True),
        item_id="",
        plan=(),
        index=0,
        answers={},
        papers=Papers(),
        asking=Asking(),
        page=0,
        note="",
    )


def _is_of_slip(state: VisitState, value: Notice) -> bool:
    return value.number == state.slip.number and state.bring.notice is None


def _notice_found(state: VisitState, value: Notice) -> VisitState:
    return replace(
        state,
        bring=replace(state.bring, notice=value),
        item_id=value.item_id,
        plan=value.plan,
        index=0,
        known={},
        today=value.today,
    )


def _is_told(state: VisitState) -> bool:
    return state.bring.notice is not None


def _brought(state: VisitState, value: Brought) -> VisitState:
    cause = Outcome.FINISHED if value.kept is Kept.THERE else Outcome.SAVED
    return replace(state, bring=replace(state.bring, brought=value), cause=cause, note="")


def _is_news(state: VisitState, value: Brought) -> bool:
    """The office's own word outranks that it is kept here, whichever comes first."""
    before = state.bring.brought.kept
    return value.kept is not Kept.NOTHING and before in (Kept.NOTHING, Kept.HERE) and before is not value.kept


def _with_note(note: str) -> Callable[[VisitState], VisitState]:
    return lambda state: replace(state, note=note, index=0, papers=_anew(state))


def _anew(state: VisitState) -> Papers:
    """Nothing of it was sent: what was taken stays, what was passed over is asked for again."""
    return replace(state.papers, missing=(), at="")


def _prints(state: VisitState) -> VisitState:
    return replace(state, printing=Printing.BUSY, copies=state.copies + 1, print_fault="")


def _may_print(state: VisitState) -> bool:
    return state.copies < MOST_COPIES


# ---- a slip whose code cannot be read ------------------------------------------------------------------------


def wanted_number() -> Wanted:
    return Wanted(Line("bring.typed.number"), Ev.SLIP_NUMBER, TextKind.DIGITS, SHOWN_DIGITS)


def _whole(state: VisitState, value: str) -> str:
    """The number as it stands in the office; empty when it is none. All of a district begin alike."""
    try:
        return str(from_shown(value, state.case_no[:6]))
    except CaseNumberError:
        return ""


def _number_typed(state: VisitState, value: str) -> VisitState:
    wanted = Wanted(Line("bring.typed.code"), Ev.SLIP_CODE, TextKind.DIGITS, CODE_DIGITS)
    return replace(open_typing(state, wanted), slip=SlipShown(_whole(state, value)), note="")


def _wrong(state: VisitState) -> VisitState:
    return replace(typing_over(state), note="bring.typed.wrong")


def _code_typed(state: VisitState, value: str) -> VisitState:
    slip = SlipShown(state.slip.number, value)
    return replace(typing_over(state), overlay=Overlay.PROGRESS, progress=None, slip=slip, note="")


def _is_code(state: VisitState, value: str) -> bool:
    return bool(state.slip.number) and len(value) == CODE_DIGITS


def back_to(state: VisitState) -> Step | None:
    """Where back leads in a visit that brings something, when not where the table says."""
    return Step.BRING_DONE if state.step is Step.PRINT and state.bring.is_done else None


def _off(state: VisitState) -> VisitState:
    return replace(state, bring=NO_BRINGING, cause=Outcome.CANCELLED)


_BEGIN: tuple[Row[None], ...] = (
    Row(Step.BRING, change=_begun, when=lambda s: _may(s) and not s.case_no, do=(Do.BEGIN_VISIT, Do.ASK_NOTICE)),
    Row(Step.BRING, change=_begun, when=_may, do=(Do.ASK_NOTICE,)),
)

PART = Part(
    back={Step.BRING: Step.CHOOSE, Step.BRING_SEND: Step.BRING_SEND, Step.BRING_DONE: Step.BRING_DONE},
    enter={Step.BRING: (Do.STOP_CARD,), Step.BRING_SEND: (Do.BRING,)},
    table=together(
        *(on(step, Ev.BRING, *_BEGIN) for step in _FROM),
        on(Step.BRING, Ev.NOTICE, Row(Step.BRING, take=_notice_found, fits=_is_of_slip)),
        on(Step.BRING, Ev.PAGE, Row(Step.BRING, take=lambda s, v: replace(s, page=v))),
        on(Step.BRING, Ev.YES, Row(route=step_of_action, change=lambda s: replace(s, index=0, note=""), when=_is_told)),
        on(Step.BRING, Ev.LATER, Row(Step.WIPE, change=_off)),
        on(
            Step.BRING_SEND,
            Ev.BROUGHT,
            Row(Step.BRING, change=_with_note("bring.nothing"), fits=lambda s, v: v.kept is Kept.NOTHING),
            Row(Step.BRING_DONE, take=_brought, fits=_is_news),
        ),
        on(Step.BRING_SEND, Ev.STORE_FAILED, Row(Step.BRING, change=_with_note("bring.not_kept"))),
        on(Step.BRING_DONE, Ev.BROUGHT, Row(Step.BRING_DONE, take=_brought, fits=_is_news)),
        on(Step.BRING_DONE, Ev.PRINT, Row(Step.PRINT, change=_prints, when=_may_print)),
        on(Step.BRING_DONE, Ev.WITHOUT_PAPER, Row(Step.WIPE)),
        on(
            Step.BROWSE,
            Ev.SLIP_NUMBER,
            Row(Step.BROWSE, take=_number_typed, fits=lambda s, v: bool(_whole(s, v))),
            Row(Step.BROWSE, change=_wrong),
        ),
        on(
            Step.BROWSE,
            Ev.SLIP_CODE,
            Row(Step.BROWSE, take=_code_typed, fits=_is_code, do=(Do.ASK_PROGRESS,)),
            Row(Step.BROWSE, change=_wrong),
        ),
    ),
)
