"""Screens for whoever comes for somebody else, and for a number that is typed before a witness; the mark on all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.deputy.rows import wanted_number, wanted_witness
from kiosk.domain.deputy.state import ASK_HERSELF, ASK_HONEST, Stage, Terms, terms_of
from kiosk.domain.identity import mask_name, mask_number
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.view.parts import Choice, Fact, Over, Screen, View
from kiosk.domain.visit.machine import Ev, Event, Overlay, Step, VisitState

MARK = "deputy.mark"
_CALL = Choice(Line("guide.call"), Event(Ev.CALL), icon="bell")
_OTHER_ITEM = Choice(Line("deputy.other_item"), Event(Ev.NO))


def marked(state: VisitState, shown: View) -> View:
    """Whose matter it is stands on every screen of a helper's visit, from the moment both are known."""
    resident = state.resident
    if not state.deputy.stands or resident is None:
        return shown
    mark = Line(MARK, {"name": Arg(ArgKind.NAME, mask_name(resident.name))})
    return replace(shown, body=(*shown.body, mark))


def no_card(state: VisitState, catalogue: Catalogue) -> View:
    """Nobody is sent away for a card that was left at home."""
    begun = "" if state.note == "" else state.typed.number
    other = (Choice(Line("identify.for_other"), Event(Ev.FOR_OTHER)),) if state.deputy.stage is Stage.NONE else ()
    return View(
        state.step,
        state.overlay,
        Line("no_card.question"),
        body=(Line("no_card.how"),),
        choices=(
            Choice(Line("no_card.write"), Event(Ev.TYPE, wanted_number(begun)), likely=True, icon="write"),
            *other,
            _CALL,
        ),
        picture="helper",
        red_bar=True,
    )


def witness(state: VisitState, catalogue: Catalogue) -> View:
    """The witness looks at what was written."""
    typed = state.typed
    base = View(state.step, state.overlay, Line("witness.question"))
    shown = vouching(base, typed.name, typed.number, checking=typed.checking)
    again = Choice(Line("witness.again"), Event(Ev.NO))
    return shown if typed.checking else replace(shown, choices=(*shown.choices, again))


def vouching(base: View, name: str, number: str, *, checking: bool) -> View:
    """Whom a staff member is to look at; she says so with her own PIN."""
    shown = replace(
        base,
        question=Line("witness.checking" if checking else "witness.question"),
        facts=(
            Fact("fact.name", Arg(ArgKind.NAME, mask_name(name)), big=True),
            Fact("fact.number", Arg(ArgKind.TEXT, mask_number(number))),
        ),
    )
    if checking:
        return replace(shown, picture="look_up", working=True)
    return replace(
        shown,
        body=(Line("witness.how"),),
        choices=(
            Choice(Line("witness.here"), Event(Ev.TYPE, wanted_witness()), likely=True, icon="tick"),
            replace(_CALL, line=Line("witness.nobody")),
        ),
        red_bar=True,
    )


def deputy(state: VisitState, catalogue: Catalogue) -> View:
    base = View(state.step, state.overlay, Line("deputy.honest"))
    screen = _STAGES.get(state.deputy.stage)
    return screen(state, catalogue, base) if screen else replace(base, choices=(_OTHER_ITEM,))


def _asked(base: View, question: str, yes: Event, no: Event, *body: str) -> View:
    return replace(
        base,
        question=Line(question),
        body=tuple(Line(key) for key in body),
        choices=(
            Choice(Line(f"{question}.yes"), yes, likely=True, icon="tick"),
            Choice(Line(f"{question}.no"), no),
        ),
    )


def _honest(state: VisitState, catalogue: Catalogue, base: View) -> View:
    return _asked(base, ASK_HONEST, Event(Ev.AGREE), Event(Ev.DECLINE), "deputy.honest.why")


def _present(state: VisitState, catalogue: Catalogue, base: View) -> View:
    return replace(_asked(base, "deputy.present", Event(Ev.YES), Event(Ev.NO)), picture="helper")


def _agree(state: VisitState, catalogue: Catalogue, base: View) -> View:
    return _asked(base, ASK_HERSELF, Event(Ev.AGREE), Event(Ev.DECLINE), "deputy.agree.why")


def _absent(state: VisitState, catalogue: Catalogue, base: View) -> View:
    """What the chosen item asks of whoever comes alone: the catalogue's word, not this terminal's."""
    terms = terms_of(catalogue.item(state.item_id)) if state.item_id else Terms.NOBODY
    if terms is Terms.NOBODY:
        return _stopped(base, "deputy.nobody")
    go_on = Choice(Line("deputy.go_on"), Event(Ev.YES), likely=True, icon="tick")
    lacking = Choice(Line("deputy.no_letter_here"), Event(Ev.LACKING))
    choices = (go_on,) if terms is Terms.ANYONE else (go_on, lacking)
    return replace(base, question=Line(f"deputy.absent.{terms.value}"), choices=choices, picture="lay_page")


def _no_letter(state: VisitState, catalogue: Catalogue, base: View) -> View:
    return _stopped(base, "deputy.no_letter")


def _stopped(base: View, key: str) -> View:
    """Why not today, who can help, and a call that is kept on paper."""
    choices = (replace(_CALL, likely=True), _OTHER_ITEM)
    return replace(base, question=Line(key), body=(Line(f"{key}.how"),), choices=choices, red_bar=True)


_STAGES: dict[Stage, Callable[[VisitState, Catalogue, View], View]] = {
    Stage.HONEST: _honest,
    Stage.PRESENT: _present,
    Stage.ABSENT: _absent,
    Stage.NO_LETTER: _no_letter,
    Stage.AGREE: _agree,
}
SCREENS: dict[Step, Screen] = {Step.DEPUTY: deputy, Step.NO_CARD: no_card, Step.WITNESS: witness}
OVERLAYS: dict[Overlay, Over] = {}
