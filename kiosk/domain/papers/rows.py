"""Rows of the machine for pictures of papers, commitments and signatures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

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
    Papers,
    Phase,
    Shot,
    Signed,
    Stroke,
    Witness,
)
from kiosk.domain.sheets.state import Refusal, Trouble
from kiosk.domain.speech import Line
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.readiness import Capability
from kiosk.domain.visit.rows import step_of_action
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.transition import Answer, Part, Row, on, together
from kiosk.domain.visit.words import Do, Step

LAST_POINT = len(TOLD_POINTS) + len(PROMISED_POINTS) - 1
Change = Callable[[VisitState], VisitState]
V = TypeVar("V")

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


def with_papers(state: VisitState, papers: Papers) -> VisitState:
    """No reason is kept from before."""
    return replace(state, papers=papers, note="")


def _at_this(state: VisitState) -> Papers:
    """Her papers, about the present picture: what was said of another one is over."""
    papers, subject = state.papers, subject_of(state)
    return papers if papers.at == subject else replace(papers, at=subject, tries=0, hint="", shot=None)


def _in_phase(phase: Phase) -> Change:
    return lambda state: with_papers(state, replace(_at_this(state), phase=phase))


def _done(state: VisitState, papers: Papers) -> VisitState:
    """On to the next action."""
    ended = replace(papers, at="", phase=Phase.LOOKING, shot=None, hint="", tries=0)
    return replace(with_papers(state, ended), index=state.index + 1)


def _agreed(state: VisitState) -> VisitState:
    consents = (*state.papers.consents, purpose_of(state))
    return with_papers(state, replace(_at_this(state), phase=Phase.LOOKING, consents=consents))


def _refused(state: VisitState) -> VisitState:
    refused = (*state.papers.refused, purpose_of(state))
    return with_papers(state, replace(_at_this(state), phase=Phase.LACKING, refused=refused))


def _again(state: VisitState) -> VisitState:
    """Who did not want it to be taken is asked anew."""
    purpose = purpose_of(state)
    refused = tuple(one for one in state.papers.refused if one != purpose)
    seen = phase_of(state) is Phase.SEEN
    look = Phase.CHANGE if seen and not is_face(state) else Phase.LOOKING
    phase = look if purpose in state.papers.consents else Phase.CONSENT
    looks = state.papers.face_tries + (seen and is_face(state))
    papers = replace(_at_this(state), phase=phase, shot=None, hint="", refused=refused, face_tries=looks)
    return with_papers(state, papers)


def _hinted(state: VisitState, value: str) -> VisitState:
    return with_papers(state, replace(_at_this(state), phase=Phase.LOOKING, hint=value))


def _captured(state: VisitState, value: Shot) -> VisitState:
    return with_papers(state, replace(_at_this(state), phase=Phase.SEEN, shot=value, hint=""))


def _laid(state: VisitState) -> VisitState:
    return with_papers(state, replace(_at_this(state), phase=Phase.LOOKING, hint=""))


def _not_kept(state: VisitState) -> VisitState:
    return replace(_in_phase(Phase.SEEN)(state), note="capture.not_kept")


def _failed(state: VisitState, value: str) -> VisitState:
    papers = replace(_at_this(state), phase=Phase.FAILED, hint=value, shot=None)
    if is_face(state):
        return with_papers(state, replace(papers, face_tries=papers.face_tries + 1))
    tries = papers.tries + 1
    phase = Phase.PERSON if tries >= MOST_TRIES else Phase.FAILED
    return with_papers(state, replace(papers, phase=phase, tries=tries))


def _kept(state: VisitState, value: KeptPage) -> VisitState:
    action, pages = state.action, (*state.papers.pages, value)
    taken = sum(page.subject == value.subject for page in pages)
    if action is None or taken >= action.most:
        return _done(state, replace(state.papers, pages=pages))
    phase = Phase.CHANGE if taken < action.least else Phase.MORE
    return with_papers(state, replace(_at_this(state), phase=phase, pages=pages, shot=None, hint="", tries=0))


def _removed(state: VisitState) -> VisitState:
    own = state.papers.of(subject_of(state))
    left = tuple(page for page in state.papers.pages if page not in own[-1:])
    phase = Phase.MORE if len(own) > 1 else Phase.CHANGE
    return with_papers(state, replace(_at_this(state), phase=phase, pages=left))


def _enough(state: VisitState) -> VisitState:
    return _done(state, replace(state.papers, missing=_other_missing(state)))


def _later(state: VisitState) -> VisitState:
    missing = (*_other_missing(state), subject_of(state))
    return _done(state, replace(state.papers, missing=missing))


def _awaits_witness(state: VisitState) -> bool:
    waits = is_face(state) and phase_of(state) is Phase.PERSON and not state.typed.checking
    return waits and not (state.action and state.action.alone)


def _is_vouching(state: VisitState) -> bool:
    return is_face(state) and phase_of(state) is Phase.PERSON and state.typed.checking


def _is_alone(state: VisitState) -> bool:
    here = phase_of(state) in (Phase.PERSON, Phase.NO_CAMERA, Phase.LACKING)
    return here and state.action is not None and state.action.alone


def _by_register_alone(state: VisitState) -> VisitState:
    return replace(state, sheets=replace(state.sheets, refusal=NOT_KNOWN), note="")


def _vouched(state: VisitState, value: Witness) -> VisitState:
    papers = replace(state.papers, missing=_other_missing(state), face_witness=value)
    return replace(_done(state, papers), typed=NOT_TYPED)


def _not_vouched(state: VisitState, value: str) -> VisitState:
    return replace(state, typed=NOT_TYPED, note=value)


def _other_missing(state: VisitState) -> tuple[str, ...]:
    return tuple(one for one in state.papers.missing if one != subject_of(state))


NOT_KNOWN = Refusal(Trouble.REFUSED, (Line("reason.face_missing"),), Line("next.police"))


def _is_in(*phases: Phase) -> Callable[[VisitState], bool]:
    return lambda state: phase_of(state) in phases


def _row(change: Change, *phases: Phase, do: tuple[Do, ...] = ()) -> Row[object]:
    """Only in these phases; stays on the step, or goes on where the plan leads."""
    return Row(route=step_of_action, change=change, when=_is_in(*phases), do=do)


def _while_looking(take: Callable[[VisitState, V], VisitState]) -> Row[V]:
    """What the camera says counts while it is looked for."""
    return Row(route=step_of_action, take=take, when=_is_in(Phase.LOOKING))


_CAPTURE_ROWS = together(
    on(Step.CAPTURE, Ev.YES, _row(_agreed, Phase.CONSENT)),
    on(Step.CAPTURE, Ev.NO, _row(_refused, Phase.CONSENT)),
    on(Step.CAPTURE, Ev.CAPTURE_HINT, _while_looking(_hinted)),
    on(Step.CAPTURE, Ev.CAPTURED, _while_looking(_captured)),
    on(Step.CAPTURE, Ev.CAPTURE_FAILED, _while_looking(_failed)),
    on(Step.CAPTURE, Ev.TAKE_AGAIN, _row(_again, Phase.FAILED, Phase.SEEN, Phase.LACKING, Phase.PERSON)),
    on(Step.CAPTURE, Ev.KEEP, _row(_in_phase(Phase.KEEPING), Phase.SEEN, do=(Do.KEEP_PAGE,))),
    on(Step.CAPTURE, Ev.PAGE_KEPT, Row(route=step_of_action, take=_kept, when=_is_in(Phase.KEEPING))),
    on(
        Step.CAPTURE,
        Ev.STORE_FAILED,
        _row(_not_kept, Phase.KEEPING),
    ),
    on(Step.CAPTURE, Ev.ONE_MORE, _row(_in_phase(Phase.CHANGE), Phase.MORE)),
    on(Step.CAPTURE, Ev.LAID, _row(_laid, Phase.CHANGE)),
    on(Step.CAPTURE, Ev.ENOUGH, _row(_enough, Phase.MORE)),
    on(Step.CAPTURE, Ev.REMOVE, _row(_removed, Phase.MORE, do=(Do.DROP_PAGE,))),
    on(
        Step.CAPTURE,
        Ev.LACKING,
        _row(_in_phase(Phase.LACKING), Phase.CHANGE, Phase.LOOKING, Phase.FAILED, Phase.PERSON, Phase.NO_CAMERA),
    ),
    on(Step.CAPTURE, Ev.LATER, LETTER_LATER, _row(_later, Phase.LACKING, Phase.PERSON, Phase.NO_CAMERA)),
    # Nobody here may say who she is: the way to where somebody may, with its slip, before she has answered anything.
    on(Step.CAPTURE, Ev.SHOW_WAY, Row(Step.GUIDE, change=_by_register_alone, when=_is_alone)),
    on(Step.CAPTURE, Ev.WITNESS_NUMBER, Row(Step.CAPTURE, take=witness_named, when=_awaits_witness)),
    on(Step.CAPTURE, Ev.WITNESS_PIN, Row(Step.CAPTURE, change=pin_typed, when=_awaits_witness, do=(Do.CHECK_WITNESS,))),
    on(Step.CAPTURE, Ev.VOUCHED, Row(route=step_of_action, take=_vouched, when=_is_vouching)),
    on(Step.CAPTURE, Ev.NOT_WITNESSED, Row(Step.CAPTURE, take=_not_vouched, when=_is_vouching)),
)


def _capture_back(state: VisitState) -> Answer | None:
    if is_face(state) and phase_of(state) is Phase.PERSON:
        return (state, ()) if state.typed.checking else None
    if phase_of(state) in (Phase.SEEN, Phase.LACKING, Phase.PERSON) and purpose_of(state) in state.papers.consents:
        return replace(state, papers=replace(state.papers, phase=Phase.LOOKING, shot=None, hint="")), ()
    if phase_of(state) is Phase.KEEPING:
        return state, ()
    return None


# ---- the commitment and its signature ----------------------------------------------------------------------


def _at_last_point(state: VisitState) -> bool:
    return state.papers.point >= LAST_POINT and state.papers.signed is not Signed.DECLINED


def _is_declined(state: VisitState) -> bool:
    return state.papers.signed is Signed.DECLINED


def _promised(state: VisitState) -> VisitState:
    return replace(with_papers(state, replace(state.papers, signed=Signed.NO)), index=state.index + 1)


def _ordinary_way(state: VisitState) -> VisitState:
    """Past the signature, too: nothing is promised."""
    return replace(with_papers(state, replace(state.papers, ink=())), index=state.index + 2)


def inked(state: VisitState, value: Stroke) -> VisitState:
    ink = (*state.papers.ink, value[:MOST_POINTS])[:MOST_STROKES]
    return with_papers(state, replace(state.papers, ink=ink))


def _signature_kept(state: VisitState, value: KeptPage) -> VisitState:
    others = tuple(page for page in state.papers.pages if page.subject != subject_of(state))
    papers = replace(state.papers, pages=(*others, value), ink=())
    return replace(with_papers(state, papers), index=state.index + 1)


def _signed_by_key(state: VisitState) -> VisitState:
    consents = tuple(one for one in state.papers.consents if one != ASK_BY_KEY)
    papers = replace(state.papers, signed=Signed.BY_KEY, ink=(), consents=(*consents, ASK_BY_KEY))
    return replace(with_papers(state, papers), index=state.index + 1)


def _read_again(state: VisitState) -> VisitState:
    return with_papers(state, replace(state.papers, signed=Signed.NO, point=0))


def _ink_cleared(state: VisitState) -> VisitState:
    return with_papers(state, replace(state.papers, ink=(), signed=Signed.NO))


def _signature_not_kept(state: VisitState) -> VisitState:
    return replace(_signing(Signed.NO)(state), note="capture.not_kept")


def _signature_declined(state: VisitState) -> VisitState:
    papers = replace(state.papers, signed=Signed.DECLINED, ink=())
    return replace(with_papers(state, papers), index=state.index - 1)


def _signing(signed: Signed) -> Change:
    return lambda state: with_papers(state, replace(state.papers, signed=signed))


_SIGN_ROWS = together(
    on(
        Step.COMMIT,
        Ev.NEXT_POINT,
        Row(
            Step.COMMIT,
            change=lambda s: with_papers(s, replace(s.papers, point=s.papers.point + 1)),
            when=lambda s: s.papers.point < LAST_POINT and not _is_declined(s),
        ),
    ),
    on(Step.COMMIT, Ev.AGREE, Row(route=step_of_action, change=_promised, when=_at_last_point)),
    on(Step.COMMIT, Ev.DECLINE, Row(Step.COMMIT, change=_signing(Signed.DECLINED))),
    on(Step.COMMIT, Ev.LATER, Row(route=step_of_action, change=_ordinary_way, when=_is_declined)),
    on(
        Step.COMMIT,
        Ev.TAKE_AGAIN,
        Row(
            Step.COMMIT,
            change=_read_again,
            when=_is_declined,
        ),
    ),
    on(Step.SIGN, Ev.INK, Row(Step.SIGN, take=inked, when=lambda s: s.papers.signed is Signed.NO)),
    on(
        Step.SIGN,
        Ev.CLEAR_INK,
        Row(Step.SIGN, change=_ink_cleared),
    ),
    on(
        Step.SIGN,
        Ev.AGREE,
        Row(
            Step.SIGN,
            change=_signing(Signed.BY_HAND),
            when=lambda s: s.papers.has_signature and s.papers.signed is not Signed.BY_HAND,
            do=(Do.KEEP_SIGNATURE,),
        ),
    ),
    on(
        Step.SIGN,
        Ev.PAGE_KEPT,
        Row(route=step_of_action, take=_signature_kept, when=lambda s: s.papers.signed is Signed.BY_HAND),
    ),
    on(
        Step.SIGN,
        Ev.STORE_FAILED,
        Row(Step.SIGN, change=_signature_not_kept),
    ),
    on(Step.SIGN, Ev.SIGN_BY_KEY, Row(route=step_of_action, change=_signed_by_key)),
    on(
        Step.SIGN,
        Ev.DECLINE,
        Row(
            Step.COMMIT,
            change=_signature_declined,
        ),
    ),
)


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
    table=together(_CAPTURE_ROWS, _SIGN_ROWS),
    within={Step.CAPTURE: _capture_back, Step.COMMIT: _commit_back},
)
