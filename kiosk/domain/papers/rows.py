"""Rows of the machine for pictures of papers, commitments and signatures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kiosk.domain.deputy.rows import LETTER_LATER, pin_typed, witness_named
from kiosk.domain.deputy.state import NOT_TYPED
from kiosk.domain.papers.state import (
    ASK_BY_KEY,
    ASK_FACE,
    ASK_PAPERS,
    FACE_SUBJECT,
    MOST_POINTS,
    MOST_STROKES,
    MOST_TRIES,
    PROMISED_POINTS,
    TOLD_POINTS,
    KeptPage,
    Phase,
    Signed,
)
from kiosk.domain.sheets.state import Refusal, Trouble
from kiosk.domain.speech import Line
from kiosk.domain.visit.readiness import Capability
from kiosk.domain.visit.rows import Answer, Changes, Part, Row, step_of_action
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.words import Do, Ev, Step

LAST_POINT = len(TOLD_POINTS) + len(PROMISED_POINTS) - 1
_BEFORE_THE_CAMERA = frozenset((Phase.CONSENT, Phase.CHANGE, Phase.LOOKING, Phase.FAILED))


def subject_of(state: VisitState) -> str:
    return state.action.subject if state.action else ""


def is_face(state: VisitState) -> bool:
    return subject_of(state) == FACE_SUBJECT


def purpose_of(state: VisitState) -> str:
    """Text key of what must be agreed to before this picture may be taken."""
    return ASK_FACE if is_face(state) else ASK_PAPERS


def camera_of(state: VisitState) -> Capability:
    return Capability.CAPTURE_FACE if is_face(state) else Capability.CAPTURE_PAGE


def phase_of(state: VisitState) -> Phase:
    """Where the taking of the present picture stands; another subject than the last begins anew."""
    papers = state.papers
    phase = papers.phase if papers.at == subject_of(state) else _first_phase(state)
    if phase in _BEFORE_THE_CAMERA and is_face(state) and state.papers.face_tries >= MOST_TRIES:
        return Phase.PERSON
    if phase in _BEFORE_THE_CAMERA and not state.capabilities.has(camera_of(state)):
        # A face needs no camera where a person may say who she is.
        may_vouch = is_face(state) and not (state.action and state.action.alone)
        return Phase.PERSON if may_vouch else Phase.NO_CAMERA
    return phase


def _first_phase(state: VisitState) -> Phase:
    papers, purpose = state.papers, purpose_of(state)
    if purpose in papers.refused:
        return Phase.LACKING
    if purpose not in papers.consents:
        return Phase.CONSENT
    return Phase.MORE if papers.of(subject_of(state)) else _next_look(state)


def _next_look(state: VisitState) -> Phase:
    """A sheet that was taken may still lie there: nothing is taken twice unasked. A face changes by itself."""
    return Phase.CHANGE if state.papers.pages and not is_face(state) else Phase.LOOKING


def papers_with(state: VisitState, **changes: Any) -> Changes:
    """Changes of the visit that change these fields of its papers."""
    # Rows name fields of Papers; that they fit is what every test of the table shows.
    return {"papers": replace(state.papers, **changes), "note": ""}


def _to(state: VisitState, phase: Phase, **changes: Any) -> Changes:
    fresh = {} if state.papers.at == subject_of(state) else {"tries": 0, "hint": "", "shot": None}
    return papers_with(state, at=subject_of(state), phase=phase, **{**fresh, **changes})


def _done(state: VisitState, **changes: Any) -> Changes:
    """On to the next action."""
    ended = papers_with(state, at="", phase=Phase.LOOKING, shot=None, hint="", tries=0, **changes)
    return {**ended, "index": state.index + 1}


def _agreed(state: VisitState, value: object) -> Changes:
    return _to(state, Phase.LOOKING, consents=(*state.papers.consents, purpose_of(state)))


def _refused(state: VisitState, value: object) -> Changes:
    return _to(state, Phase.LACKING, refused=(*state.papers.refused, purpose_of(state)))


def _again(state: VisitState, value: object) -> Changes:
    """Who did not want it to be taken is asked anew."""
    purpose = purpose_of(state)
    refused = tuple(one for one in state.papers.refused if one != purpose)
    seen = phase_of(state) is Phase.SEEN
    look = Phase.CHANGE if seen and not is_face(state) else Phase.LOOKING
    phase = look if purpose in state.papers.consents else Phase.CONSENT
    looks = state.papers.face_tries + (seen and is_face(state))
    return _to(state, phase, shot=None, hint="", refused=refused, face_tries=looks)


def _failed(state: VisitState, value: object) -> Changes:
    if is_face(state):
        return _to(state, Phase.FAILED, face_tries=state.papers.face_tries + 1, hint=value, shot=None)
    tries = (state.papers.tries if state.papers.at == subject_of(state) else 0) + 1
    return _to(state, Phase.PERSON if tries >= MOST_TRIES else Phase.FAILED, tries=tries, hint=value, shot=None)


def _kept(state: VisitState, value: object) -> Changes:
    assert isinstance(value, KeptPage)
    action, pages = state.action, (*state.papers.pages, value)
    taken = sum(page.subject == value.subject for page in pages)
    if action is None or taken >= action.most:
        return _done(state, pages=pages)
    return _to(state, Phase.CHANGE if taken < action.least else Phase.MORE, pages=pages, shot=None, hint="", tries=0)


def _removed(state: VisitState, value: object) -> Changes:
    own = state.papers.of(subject_of(state))
    left = tuple(page for page in state.papers.pages if page not in own[-1:])
    return _to(state, Phase.MORE if len(own) > 1 else Phase.CHANGE, pages=left)


def _enough(state: VisitState, value: object) -> Changes:
    return _done(state, missing=_other_missing(state))


def _later(state: VisitState, value: object) -> Changes:
    return _done(state, missing=(*_other_missing(state), subject_of(state)))


def _awaits_witness(state: VisitState, value: object) -> bool:
    waits = is_face(state) and phase_of(state) is Phase.PERSON and not state.typed.checking
    return waits and not (state.action and state.action.alone)


def _is_vouching(state: VisitState, value: object) -> bool:
    return is_face(state) and phase_of(state) is Phase.PERSON and state.typed.checking


def _is_alone(state: VisitState, value: object) -> bool:
    here = phase_of(state) in (Phase.PERSON, Phase.NO_CAMERA, Phase.LACKING)
    return here and state.action is not None and state.action.alone


def _by_register_alone(state: VisitState, value: object) -> Changes:
    return {"sheets": replace(state.sheets, refusal=NOT_KNOWN), "note": ""}


def _vouched(state: VisitState, value: object) -> Changes:
    return {**_done(state, missing=_other_missing(state), face_witness=value), "typed": NOT_TYPED}


def _not_vouched(state: VisitState, value: object) -> Changes:
    return {"typed": NOT_TYPED, "note": value}


def _other_missing(state: VisitState) -> tuple[str, ...]:
    return tuple(one for one in state.papers.missing if one != subject_of(state))


NOT_KNOWN = Refusal(Trouble.REFUSED, (Line("reason.face_missing"),), Line("next.police"))
Change = Callable[[VisitState, object], Changes]


def _phase(phase: Phase, **changes: Any) -> Change:
    return lambda state, value: _to(state, phase, **changes)


def _row(change: Change, *phases: Phase, do: tuple[Do, ...] = ()) -> tuple[Row, ...]:
    """Only in these phases; stays on the step, or goes on where the plan leads."""
    return (Row(route=step_of_action, change=change, when=lambda s, v: phase_of(s) in phases, do=do),)


_CAPTURE_ROWS: dict[tuple[Step, Ev], tuple[Row, ...]] = {
    (Step.CAPTURE, Ev.YES): _row(_agreed, Phase.CONSENT),
    (Step.CAPTURE, Ev.NO): _row(_refused, Phase.CONSENT),
    (Step.CAPTURE, Ev.CAPTURE_HINT): _row(lambda s, v: _to(s, Phase.LOOKING, hint=v), Phase.LOOKING),
    (Step.CAPTURE, Ev.CAPTURED): _row(lambda s, v: _to(s, Phase.SEEN, shot=v, hint=""), Phase.LOOKING),
    (Step.CAPTURE, Ev.CAPTURE_FAILED): _row(_failed, Phase.LOOKING),
    (Step.CAPTURE, Ev.TAKE_AGAIN): _row(_again, Phase.FAILED, Phase.SEEN, Phase.LACKING, Phase.PERSON),
    (Step.CAPTURE, Ev.KEEP): _row(_phase(Phase.KEEPING), Phase.SEEN, do=(Do.KEEP_PAGE,)),
    (Step.CAPTURE, Ev.PAGE_KEPT): _row(_kept, Phase.KEEPING),
    (Step.CAPTURE, Ev.STORE_FAILED): _row(
        lambda s, v: {**_to(s, Phase.SEEN), "note": "capture.not_kept"}, Phase.KEEPING
    ),
    (Step.CAPTURE, Ev.ONE_MORE): _row(_phase(Phase.CHANGE), Phase.MORE),
    (Step.CAPTURE, Ev.LAID): _row(_phase(Phase.LOOKING, hint=""), Phase.CHANGE),
    (Step.CAPTURE, Ev.ENOUGH): _row(_enough, Phase.MORE),
    (Step.CAPTURE, Ev.REMOVE): _row(_removed, Phase.MORE, do=(Do.DROP_PAGE,)),
    (Step.CAPTURE, Ev.LACKING): _row(
        _phase(Phase.LACKING), Phase.CHANGE, Phase.LOOKING, Phase.FAILED, Phase.PERSON, Phase.NO_CAMERA
    ),
    (Step.CAPTURE, Ev.LATER): (
        LETTER_LATER,
        *_row(_later, Phase.LACKING, Phase.PERSON, Phase.NO_CAMERA),
    ),
    # Nobody here may say who she is: the way to where somebody may, with its slip, before she has answered anything.
    (Step.CAPTURE, Ev.SHOW_WAY): (Row(Step.GUIDE, change=_by_register_alone, when=_is_alone),),
    (Step.CAPTURE, Ev.WITNESS_NUMBER): (Row(Step.CAPTURE, change=witness_named, when=_awaits_witness),),
    (Step.CAPTURE, Ev.WITNESS_PIN): (
        Row(Step.CAPTURE, change=pin_typed, when=_awaits_witness, do=(Do.CHECK_WITNESS,)),
    ),
    (Step.CAPTURE, Ev.VOUCHED): (Row(route=step_of_action, change=_vouched, when=_is_vouching),),
    (Step.CAPTURE, Ev.NOT_WITNESSED): (Row(Step.CAPTURE, change=_not_vouched, when=_is_vouching),),
}


def _capture_back(state: VisitState) -> Answer | None:
    if is_face(state) and phase_of(state) is Phase.PERSON:
        return (state, ()) if state.typed.checking else None
    if phase_of(state) in (Phase.SEEN, Phase.LACKING, Phase.PERSON) and purpose_of(state) in state.papers.consents:
        return replace(state, papers=replace(state.papers, phase=Phase.LOOKING, shot=None, hint="")), ()
    if phase_of(state) is Phase.KEEPING:
        return state, ()
    return None


# ---- the commitment and its signature ----------------------------------------------------------------------


def _at_last_point(state: VisitState, value: object) -> bool:
    return state.papers.point >= LAST_POINT and state.papers.signed is not Signed.DECLINED


def _is_declined(state: VisitState, value: object) -> bool:
    return state.papers.signed is Signed.DECLINED


def _promised(state: VisitState, value: object) -> Changes:
    return {**papers_with(state, signed=Signed.NO), "index": state.index + 1}


def _ordinary_way(state: VisitState, value: object) -> Changes:
    """Past the signature, too: nothing is promised."""
    return {**papers_with(state, ink=()), "index": state.index + 2}


def inked(state: VisitState, value: object) -> Changes:
    assert isinstance(value, tuple)
    return papers_with(state, ink=(*state.papers.ink, value[:MOST_POINTS])[:MOST_STROKES])


def _signature_kept(state: VisitState, value: object) -> Changes:
    others = tuple(page for page in state.papers.pages if page.subject != subject_of(state))
    return {**papers_with(state, pages=(*others, value), ink=()), "index": state.index + 1}


def _signed_by_key(state: VisitState, value: object) -> Changes:
    consents = tuple(one for one in state.papers.consents if one != ASK_BY_KEY)
    changed = papers_with(state, signed=Signed.BY_KEY, ink=(), consents=(*consents, ASK_BY_KEY))
    return {**changed, "index": state.index + 1}


_SIGN_ROWS: dict[tuple[Step, Ev], tuple[Row, ...]] = {
    (Step.COMMIT, Ev.NEXT_POINT): (
        Row(
            Step.COMMIT,
            change=lambda s, v: papers_with(s, point=s.papers.point + 1),
            when=lambda s, v: s.papers.point < LAST_POINT and not _is_declined(s, v),
        ),
    ),
    (Step.COMMIT, Ev.AGREE): (Row(route=step_of_action, change=_promised, when=_at_last_point),),
    (Step.COMMIT, Ev.DECLINE): (Row(Step.COMMIT, change=lambda s, v: papers_with(s, signed=Signed.DECLINED)),),
    (Step.COMMIT, Ev.LATER): (Row(route=step_of_action, change=_ordinary_way, when=_is_declined),),
    (Step.COMMIT, Ev.TAKE_AGAIN): (
        Row(Step.COMMIT, change=lambda s, v: papers_with(s, signed=Signed.NO, point=0), when=_is_declined),
    ),
    (Step.SIGN, Ev.INK): (Row(Step.SIGN, change=inked, when=lambda s, v: s.papers.signed is Signed.NO),),
    (Step.SIGN, Ev.CLEAR_INK): (Row(Step.SIGN, change=lambda s, v: papers_with(s, ink=(), signed=Signed.NO)),),
    (Step.SIGN, Ev.AGREE): (
        Row(
            Step.SIGN,
            change=lambda s, v: papers_with(s, signed=Signed.BY_HAND),
            when=lambda s, v: s.papers.has_signature and s.papers.signed is not Signed.BY_HAND,
            do=(Do.KEEP_SIGNATURE,),
        ),
    ),
    (Step.SIGN, Ev.PAGE_KEPT): (
        Row(route=step_of_action, change=_signature_kept, when=lambda s, v: s.papers.signed is Signed.BY_HAND),
    ),
    (Step.SIGN, Ev.STORE_FAILED): (
        Row(Step.SIGN, change=lambda s, v: {**papers_with(s, signed=Signed.NO), "note": "capture.not_kept"}),
    ),
    (Step.SIGN, Ev.SIGN_BY_KEY): (Row(route=step_of_action, change=_signed_by_key),),
    (Step.SIGN, Ev.DECLINE): (
        Row(
            Step.COMMIT,
            change=lambda s, v: {**papers_with(s, signed=Signed.DECLINED, ink=()), "index": s.index - 1},
        ),
    ),
}


def _commit_back(state: VisitState) -> Answer | None:
    """One point back; from where she declined, to the point she declined at."""
    papers = state.papers
    if papers.signed is Signed.DECLINED:
        return replace(state, papers=replace(papers, signed=Signed.NO), note=""), ()
    if papers.point > 0:
        return replace(state, papers=replace(papers, point=papers.point - 1), note=""), ()
    return None


PART = Part(
    back={Step.CAPTURE: Step.CHOOSE, Step.COMMIT: Step.REVIEW, Step.SIGN: Step.COMMIT},
    table={**_CAPTURE_ROWS, **_SIGN_ROWS},
    within={Step.CAPTURE: _capture_back, Step.COMMIT: _commit_back},
)
