"""Screens for leaving in the middle and coming back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.drafts.keeping import may_keep
from kiosk.domain.speech import Arg, ArgKind, Args, Line
from kiosk.domain.view.parts import CLOSE, Choice, Fact, Over, Screen, View, over
from kiosk.domain.visit.machine import Chosen, Ev, Event, Overlay, Printing, Step, VisitState
from kiosk.domain.visit.readiness import Capability

_LATER = Choice(Line("draft.later"), Event(Ev.LATER))


def fetch_choice(state: VisitState) -> tuple[Choice, ...]:
    """On the screen that asks whether she leaves: she only fetches something."""
    return (Choice(Line("leave.fetch"), Event(Ev.KEEP_ASK)),) if may_keep(state) else ()


def leave_kept(state: VisitState, base: View) -> View:
    """What leaving means once she wants it kept."""
    return over(
        state,
        base,
        Line("leave.question"),
        Choice(Line("leave.stay"), Event(Ev.CLOSE), likely=True),
        Choice(Line("leave.back_later"), Event(Ev.LEAVE_SURE)),
        Choice(Line("leave.forget"), Event(Ev.FORGET)),
        body=(Line("leave.kept", _until(state.drafts.until)),),
    )


def _until(moment: str) -> Args:
    if not moment:
        return {}
    until = datetime.fromisoformat(moment)
    return {
        "date": Arg(ArgKind.DATE, until.date().isoformat()),
        "time": Arg(ArgKind.TIME, until.strftime("%H:%M")),
    }


def _keep(state: VisitState, base: View) -> View:
    """Nothing outlasts a visit unasked: the answer that lies nearest is no."""
    return over(
        state,
        base,
        Line("draft.question"),
        Choice(Line("draft.no"), Event(Ev.KEEP_NO), likely=True),
        Choice(Line("draft.yes"), Event(Ev.KEEP_YES)),
        CLOSE,
        body=(Line("draft.how"),),
    )


def _slip(state: VisitState, catalogue: Catalogue) -> View:
    base = View(state.step, state.overlay, Line("draft.keeping"), picture="slip", working=True)
    if not state.drafts.is_kept:
        return base
    base = replace(base, body=(Line("draft.kept", _until(state.drafts.until)),), case_no=state.case_no)
    if state.printing is Printing.BUSY:
        return replace(base, question=Line("print.busy"))
    taken = Choice(Line("print.taken"), Event(Ev.TAKEN), likely=True, icon="tick")
    not_out = Choice(Line("print.not_out"), Event(Ev.NOT_OUT))
    still = replace(base, working=False)
    if state.printing is Printing.PROVED:
        return replace(still, question=Line("print.take"), choices=(taken, not_out))
    if state.printing is Printing.UNKNOWN:
        return replace(still, question=Line("print.unknown"), choices=(taken, not_out))
    return _without_slip(state, still)


def _without_slip(state: VisitState, base: View) -> View:
    """Her card finds it as well: no slip is no loss."""
    fault = Line(f"fault.{state.print_fault}") if state.print_fault else Line("draft.card_is_enough")
    code = Fact("slip.label.query_code", Arg(ArgKind.DIGITS, state.drafts.code))
    again = Choice(Line("print.again"), Event(Ev.PRINT), icon="print")
    more = state.printing is Printing.FAILED and state.copies < 3 and state.capabilities.has(Capability.PRINT_SLIP)
    without = Choice(Line("draft.go"), Event(Ev.WITHOUT_PAPER), likely=True)
    body = (*((Line("draft.card_is_enough"),) if state.print_fault else ()), *base.body)
    return replace(base, question=fault, body=body, facts=(code,), choices=(without, *((again,) if more else ())))


def _offer(state: VisitState, catalogue: Catalogue) -> View:
    base = View(state.step, state.overlay, Line("draft.looking"), picture="look_up")
    found = state.drafts.found
    if not state.drafts.is_sought:
        return replace(base, working=True, choices=(_LATER,))
    item = next((item for item in catalogue.items if found is not None and item.item_id == found.item_id), None)
    if found is None or item is None:
        # Over, of another card, or of a service that is no longer offered: never a bare no.
        begin = Choice(Line("draft.anew"), Event(Ev.LATER), likely=True)
        why = (Line("draft.gone.why"),)
        return replace(base, question=Line("draft.gone"), body=why, choices=(begin,), red_bar=True)
    value = Chosen(item.item_id, item.version, item.consent_version, item.transact)
    name = {"item": Arg(ArgKind.KEY, f"item.{item.item_id}.name")}
    return replace(
        base,
        question=Line("draft.offer", name),
        body=(Line("draft.until", _until(found.until)),),
        choices=(
            Choice(Line("draft.go_on"), Event(Ev.CHOSEN, value), likely=True, icon="next"),
            Choice(Line("draft.other_first"), Event(Ev.LATER)),
            Choice(Line("draft.forget"), Event(Ev.FORGET)),
        ),
    )


SCREENS: dict[Step, Screen] = {Step.DRAFT_SLIP: _slip, Step.DRAFT_OFFER: _offer}
OVERLAYS: dict[Overlay, Over] = {Overlay.KEEP: _keep}
