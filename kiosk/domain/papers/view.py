"""Screens for pictures of papers, commitments and signatures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.bring.view import item_of
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.deputy.view import vouching
from kiosk.domain.event import Event
from kiosk.domain.papers.rows import LAST_POINT, camera_of, is_face, phase_of, purpose_of, subject_of
from kiosk.domain.papers.state import ASK_BY_KEY, PROMISED_POINTS, TOLD_POINTS, Phase, Signed, paper_of
from kiosk.domain.speech import Arg, ArgKind, Args, Line
from kiosk.domain.view.parts import Choice, Over, Screen, View, progress_of
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.words import Overlay, Step

_AGAIN = Choice(Line("capture.again"), Event(Ev.TAKE_AGAIN), likely=True)
_LACKING = Choice(Line("capture.none_here"), Event(Ev.LACKING))
_LATER = Choice(Line("capture.later"), Event(Ev.LATER))
_CALL = Choice(Line("guide.call"), Event(Ev.CALL))


def _capture(state: VisitState, catalogue: Catalogue) -> View:
    base = View(state.step, state.overlay, Line("capture.keeping"), progress=progress_of(state))
    return _PHASES[phase_of(state)](state, catalogue, base)


def _named(state: VisitState) -> Args:
    return {"paper": Arg(ArgKind.KEY, subject_of(state))}


def _consent(state: VisitState, catalogue: Catalogue, base: View) -> View:
    purpose = purpose_of(state)
    return replace(
        base,
        question=Line(purpose),
        body=(Line(f"{purpose}.why"),),
        choices=(
            Choice(Line("capture.may.yes"), Event(Ev.YES), likely=True, icon="tick"),
            Choice(Line("capture.may.no"), Event(Ev.NO)),
        ),
        picture=picture_of(state, catalogue),
    )


def picture_of(state: VisitState, catalogue: Catalogue) -> str:
    """How to hold it, by what it is."""
    if is_face(state):
        return "look_here"
    paper = paper_of(item_of(state, catalogue), subject_of(state))
    return f"lay_{paper.quality}" if paper else "lay_page"


def _looking(state: VisitState, catalogue: Catalogue, base: View) -> View:
    """What hinders now stands where it cannot be missed; how to lay it stays below."""
    hint = state.papers.hint
    asked = _asked(state, catalogue)
    return replace(
        base,
        question=Line(f"fault.{hint}") if hint else asked,
        body=(*((asked,) if hint else ()), Line("face.how" if is_face(state) else "capture.how")),
        choices=(_LACKING,) if not is_face(state) else (_LATER,),
        picture=picture_of(state, catalogue),
        working=True,
    )


def _change(state: VisitState, catalogue: Catalogue, base: View) -> View:
    return replace(
        base,
        question=_asked(state, catalogue),
        body=(Line("capture.change"),),
        choices=(Choice(Line("capture.laid"), Event(Ev.LAID), likely=True, icon="tick"), _LACKING),
        picture=picture_of(state, catalogue),
    )


def _asked(state: VisitState, catalogue: Catalogue) -> Line:
    if is_face(state):
        return Line("face.look")
    paper = paper_of(item_of(state, catalogue), subject_of(state))
    taken = len(state.papers.of(subject_of(state)))
    if paper is not None and taken % paper.sides:
        return Line("capture.turn_over")
    return Line("capture.next_page") if taken else Line("capture.lay", _named(state))


def _failed(state: VisitState, catalogue: Catalogue, base: View) -> View:
    return replace(
        base,
        question=Line(f"fault.{state.papers.hint}"),
        body=(Line("face.how" if is_face(state) else "capture.how"),),
        choices=(_AGAIN, _LATER if is_face(state) else _LACKING),
        picture=picture_of(state, catalogue),
    )


def _seen(state: VisitState, catalogue: Catalogue, base: View) -> View:
    return replace(
        base,
        question=Line("face.seen" if is_face(state) else "capture.seen"),
        choices=(
            Choice(Line("capture.keep"), Event(Ev.KEEP), likely=True, icon="tick"),
            replace(_AGAIN, likely=False),
        ),
    )


def _keeping(state: VisitState, catalogue: Catalogue, base: View) -> View:
    return replace(base, working=True)


def _more(state: VisitState, catalogue: Catalogue, base: View) -> View:
    taken = len(state.papers.of(subject_of(state)))
    most = state.action.most if state.action else 1
    one_more = Choice(Line("capture.one_more"), Event(Ev.ONE_MORE))
    return replace(
        base,
        question=Line("capture.more", {**_named(state), "count": Arg(ArgKind.COUNT, str(taken))}),
        choices=(
            Choice(Line("capture.enough"), Event(Ev.ENOUGH), likely=True, icon="tick"),
            *((one_more,) if taken < most else ()),
            Choice(Line("capture.remove"), Event(Ev.REMOVE)),
        ),
    )


def _lacking(state: VisitState, catalogue: Catalogue, base: View) -> View:
    if state.action is not None and state.action.alone:
        return _alone(state, base)
    return replace(
        base,
        question=Line("capture.lacking"),
        body=(Line("capture.on_the_slip"),),
        choices=(
            replace(_LATER, likely=True),
            Choice(Line("capture.have_it"), Event(Ev.TAKE_AGAIN)),
        ),
        picture="slip",
    )


def _person(state: VisitState, catalogue: Catalogue, base: View) -> View:
    resident = state.resident
    if state.action is not None and state.action.alone:
        return _alone(state, base)
    if is_face(state) and resident is not None:
        shown = vouching(base, resident.name, resident.number, checking=state.typed.checking)
        why = Line("face.person" if state.capabilities.has(camera_of(state)) else "face.no_camera")
        return shown if shown.working else replace(shown, body=(why, *shown.body), choices=(*shown.choices, _LATER))
    return replace(
        base,
        question=Line("capture.person"),
        body=(Line("capture.on_the_slip"),),
        choices=(replace(_CALL, likely=True), _LATER, replace(_AGAIN, likely=False)),
        red_bar=True,
    )


def _alone(state: VisitState, base: View) -> View:
    """Only the register may say who she is, and it did not: where it is done instead."""
    way = Choice(Line("told.where_else"), Event(Ev.SHOW_WAY), likely=True)
    again = (replace(_AGAIN, likely=False),) if phase_of(state) is Phase.LACKING else ()
    return replace(
        base,
        question=Line("face.alone"),
        body=(Line("next.police"),),
        choices=(way, *again, _CALL),
        red_bar=True,
    )


def _no_camera(state: VisitState, catalogue: Catalogue, base: View) -> View:
    if state.action is not None and state.action.alone:
        return _alone(state, base)
    return replace(
        base,
        question=Line("capture.no_camera"),
        body=(Line("capture.on_the_slip"),),
        choices=(replace(_LATER, likely=True), _CALL),
        red_bar=True,
    )


_PHASES: dict[Phase, Callable[[VisitState, Catalogue, View], View]] = {
    Phase.NO_CAMERA: _no_camera,
    Phase.CONSENT: _consent,
    Phase.CHANGE: _change,
    Phase.LOOKING: _looking,
    Phase.FAILED: _failed,
    Phase.SEEN: _seen,
    Phase.KEEPING: _keeping,
    Phase.MORE: _more,
    Phase.LACKING: _lacking,
    Phase.PERSON: _person,
}


def _commit(state: VisitState, catalogue: Catalogue) -> View:
    base = View(state.step, state.overlay, Line("commit.question"), progress=progress_of(state))
    if state.papers.signed is Signed.DECLINED:
        return _declined(base)
    at = min(state.papers.point, LAST_POINT)
    count = {"n": Arg(ArgKind.COUNT, str(at + 1)), "total": Arg(ArgKind.COUNT, str(LAST_POINT + 1))}
    last = at == LAST_POINT
    agree = Choice(Line("commit.agree"), Event(Ev.AGREE), likely=True, icon="tick")
    understood = Choice(Line("commit.next"), Event(Ev.NEXT_POINT), likely=True, icon="next")
    return replace(
        base,
        question=_point(state, catalogue, at),
        body=(*((Line("commit.question"),) if at == 0 else ()), Line("commit.point", count)),
        choices=(agree if last else understood, Choice(Line("commit.decline"), Event(Ev.DECLINE))),
    )


def _point(state: VisitState, catalogue: Catalogue, at: int) -> Line:
    commitment = catalogue.item(state.item_id).commitment
    if not commitment:
        return Line("commit.question")
    if at < len(TOLD_POINTS):
        return Line(f"{commitment}.{TOLD_POINTS[at]}")
    return Line(f"commitment.promise.{PROMISED_POINTS[at - len(TOLD_POINTS)]}")


def _declined(base: View) -> View:
    return replace(
        base,
        question=Line("commit.declined"),
        body=(Line("commit.declined.how"),),
        choices=(
            Choice(Line("commit.ordinary"), Event(Ev.LATER), likely=True),
            Choice(Line("commit.hear_again"), Event(Ev.TAKE_AGAIN)),
        ),
    )


def _in_short(state: VisitState, catalogue: Catalogue) -> tuple[Line, ...]:
    """What is signed, in one plain sentence."""
    commitment = catalogue.item(state.item_id).commitment
    return (Line(commitment),) if commitment else ()


def _sign(state: VisitState, catalogue: Catalogue) -> View:
    papers = state.papers
    base = View(state.step, state.overlay, Line("sign.question"), progress=progress_of(state))
    if papers.signed is Signed.BY_HAND:
        return replace(base, question=Line("capture.keeping"), working=True)
    signed = Choice(Line("sign.done"), Event(Ev.AGREE), likely=True, icon="tick")
    clear = Choice(Line("sign.clear"), Event(Ev.CLEAR_INK))
    by_key = Choice(Line(ASK_BY_KEY), Event(Ev.SIGN_BY_KEY))
    return replace(
        base,
        body=(*_in_short(state, catalogue), Line("sign.mark_counts")),
        choices=(
            *((signed,) if papers.has_signature else ()),
            clear if papers.ink else by_key,
            Choice(Line("commit.decline"), Event(Ev.DECLINE)),
        ),
    )


SCREENS: dict[Step, Screen] = {Step.CAPTURE: _capture, Step.COMMIT: _commit, Step.SIGN: _sign}
OVERLAYS: dict[Overlay, Over] = {}
