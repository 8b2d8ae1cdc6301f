"""Pictures of papers, the walk through a commitment, and its signature: nobody is stuck, nothing is taken unasked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kiosk.app import contract
from kiosk.domain.catalogue import NEVER, WITH_AUTHORITY, Catalogue, Mode, Paper, ServiceItem
from kiosk.domain.event import EventKind
from kiosk.domain.papers.rows import LAST_POINT, phase_of
from kiosk.domain.papers.state import (
    ASK_BY_KEY,
    ASK_FACE,
    ASK_PAPERS,
    FACE_SUBJECT,
    MOST_TRIES,
    KeptPage,
    Papers,
    Phase,
    Shot,
    Signed,
    Witness,
    captures,
    may_promise,
    signing,
)
from kiosk.domain.screens.compose import View, view
from kiosk.domain.timing import FACE_TRY_S
from kiosk.domain.visit.machine import Do, Ev, Event, Resident, Step, VisitState, advance
from kiosk.domain.visit.plan import ActionKind, plan
from kiosk.domain.visit.readiness import Capabilities, Capability, Unusable

HISTORY, LETTER = Paper("paper.XA027.3", "history", pages=0), Paper("paper.XA027.2", "letter")
REGISTERED = Paper("paper.XA027.4", "licence", replaced_by=("L20",))
ITEM = ServiceItem(
    *("XA027", 1, "medical", "official", "village", Mode.APPLY, True),
    commitment="commitment.XA015",
    papers=(LETTER, HISTORY, REGISTERED),
    promised="reason",
)
CATALOGUE = Catalogue(1, ("medical",), ("XA027",), (ITEM,))
SHOT = Event(Ev.CAPTURED, Shot(b"jpeg"))
FACED = replace(ITEM, item_id="XA002", commitment="", papers=(), asks_face=True)
KIM = Resident("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", "某处", source="chip")
CROSS = ((10.0, 10.0), (30.0, 30.0)), ((30.0, 10.0), (10.0, 30.0))
WITNESS = Witness("7", "2026-11-24T10:00:00+08:00")


def begun(item: ServiceItem = ITEM) -> VisitState:
    return VisitState(step=Step.CAPTURE, item_id=item.item_id, plan=plan(item, {}), case_no="1")


def walk(state: VisitState, *events: Event | EventKind[Any]) -> tuple[VisitState, list[Do]]:
    effects: list[Do] = []
    for event in events:
        state, done = advance(state, event if isinstance(event, Event) else Event(event))
        effects += done
    return state, effects


def kept(subject: str, digest: str = "00") -> Event:
    return Event(Ev.PAGE_KEPT, KeptPage(subject, "name", digest))


def one_page(subject: str, digest: str = "00") -> tuple[Event | EventKind[Any], ...]:
    return (Ev.LAID, SHOT, Ev.KEEP, kept(subject, digest))


def at_commitment() -> VisitState:
    index = next(at for at, action in enumerate(begun().plan) if action.kind is ActionKind.COMMIT)
    return replace(begun(), step=Step.COMMIT, index=index)


def at_signature() -> VisitState:
    return walk(at_commitment(), *[Ev.NEXT_POINT] * LAST_POINT, Ev.AGREE)[0]


def test_only_what_nothing_stands_for_is_photographed() -> None:
    assert [action.subject for action in captures(ITEM, {})] == [LETTER.key, HISTORY.key]
    face = captures(replace(ITEM, papers=(), asks_face=True), {})
    assert [action.subject for action in face] == [FACE_SUBJECT]


def test_she_is_asked_once_before_anything_is_taken() -> None:
    state, _ = walk(begun(), SHOT)
    assert (phase_of(state), state.papers.shot) == (Phase.CONSENT, None)
    state, _ = walk(state, Ev.YES, *one_page(LETTER.key))
    assert (state.action and state.action.subject, phase_of(state)) == (HISTORY.key, Phase.CHANGE)


def test_refusing_ends_only_what_needs_it() -> None:
    state, _ = walk(begun(), Ev.NO, Ev.LATER)
    assert (state.step, phase_of(state)) == (Step.CAPTURE, Phase.LACKING), "the next paper is not asked for again"
    state, _ = walk(state, Ev.LATER)
    assert (state.step, state.papers.missing) == (Step.REVIEW, (LETTER.key, HISTORY.key))


def test_who_refused_is_asked_anew_and_not_photographed() -> None:
    state, _ = walk(begun(), Ev.NO, Ev.TAKE_AGAIN, SHOT)
    assert (phase_of(state), state.papers.shot) == (Phase.CONSENT, None)


def test_a_paper_of_many_pages_ends_when_she_says_so_and_the_last_page_can_go() -> None:
    state, _ = walk(begun(), Ev.YES, *one_page(LETTER.key), *one_page(HISTORY.key, "01"))
    assert phase_of(state) is Phase.MORE
    state, _ = walk(state, Ev.ONE_MORE, *one_page(HISTORY.key, "02"))
    state, effects = walk(state, Ev.REMOVE)
    assert ([page.digest for page in state.papers.pages], effects) == (["00", "01"], [Do.DROP_PAGE])
    assert walk(state, Ev.ENOUGH)[0].step is Step.REVIEW


def test_a_paper_with_two_sides_is_whole_with_both() -> None:
    card = replace(ITEM, papers=(Paper("paper.XA027.2", "card", sides=2),))
    state, _ = walk(begun(card), Ev.YES, *one_page("paper.XA027.2"))
    catalogue = replace(CATALOGUE, items=(card,))
    assert view(state, catalogue).question.key == "capture.turn_over"
    assert walk(state, *one_page("paper.XA027.2"))[0].step is Step.REVIEW


def test_after_three_failures_a_person_looks_and_the_visit_goes_on() -> None:
    state, _ = walk(begun(), Ev.YES)
    for n in range(MOST_TRIES):
        state, _ = walk(state, Event(Ev.CAPTURE_HINT, "picture_glare"), Event(Ev.CAPTURE_FAILED, "picture_blurred"))
        assert phase_of(state) is (Phase.PERSON if n == MOST_TRIES - 1 else Phase.FAILED)
        state, _ = walk(state, *([Ev.TAKE_AGAIN] if n < MOST_TRIES - 1 else []))
    shown = view(state, CATALOGUE)
    assert shown.red_bar and {choice.event.kind for choice in shown.choices} >= {Ev.CALL, Ev.LATER}
    assert walk(state, Ev.LATER)[0].papers.missing == (LETTER.key,)


def test_where_the_camera_breaks_the_visit_goes_on_without_it() -> None:
    state = replace(begun(), capabilities=Capabilities())
    gone = Event(Ev.WITHDRAWN, Unusable(Capability.CAPTURE_PAGE, "DEV-002"))
    state, _ = walk(state, Ev.YES, gone)
    assert phase_of(state) is Phase.NO_CAMERA
    assert walk(state, Ev.LATER, Ev.LATER)[0].step is Step.REVIEW


def test_what_could_not_be_stored_is_no_page() -> None:
    state, _ = walk(begun(), Ev.YES, SHOT, Ev.KEEP, Ev.STORE_FAILED)
    assert (phase_of(state), state.note, state.papers.pages) == (Phase.SEEN, "capture.not_kept", ())


def test_what_comes_twice_or_late_is_no_second_page() -> None:
    state, _ = walk(begun(), Ev.YES, *one_page(LETTER.key), kept(LETTER.key))
    assert len(state.papers.pages) == 1


def test_back_from_a_picture_takes_it_anew_and_from_the_next_paper_leads_to_this_one() -> None:
    seen, _ = walk(begun(), Ev.YES, SHOT)
    again, _ = walk(seen, Ev.BACK)
    assert (phase_of(again), again.papers.shot) == (Phase.LOOKING, None)
    assert phase_of(walk(seen, Ev.TAKE_AGAIN, SHOT)[0]) is Phase.CHANGE, "the same sheet is not taken at once"
    second, _ = walk(again, *one_page(LETTER.key))
    first, _ = walk(second, Ev.BACK)
    assert (first.index, phase_of(first)) == (0, Phase.MORE)
    assert walk(first, Ev.ENOUGH)[0].index == 1


def test_every_point_is_heard_before_she_can_promise_and_back_keeps_the_place() -> None:
    state = at_commitment()
    for _ in range(LAST_POINT):
        assert walk(state, Ev.AGREE)[0] == state
        state, _ = walk(state, Ev.NEXT_POINT)
    assert walk(state, Ev.NEXT_POINT)[0] == state
    assert walk(state, Ev.BACK)[0].papers.point == LAST_POINT - 1
    assert walk(state, Ev.AGREE)[0].step is Step.SIGN


@pytest.mark.parametrize("point", [0, 3, LAST_POINT])
def test_declining_at_any_point_leads_on_by_the_ordinary_way(point: int) -> None:
    state, _ = walk(at_commitment(), *[Ev.NEXT_POINT] * point, Ev.DECLINE)
    assert {choice.event.kind for choice in view(state, CATALOGUE).choices} == {Ev.LATER, Ev.TAKE_AGAIN}
    assert walk(state, Ev.AGREE)[0] == state, "what was declined is not promised by a second touch"
    assert walk(state, Ev.BACK)[0].papers.point == point
    gone, _ = walk(state, Ev.LATER)
    assert (gone.step, gone.papers.signed) == (Step.SUBMIT, Signed.DECLINED)


def test_a_dot_is_no_signature_and_a_cross_is_one() -> None:
    state, _ = walk(at_signature(), Event(Ev.INK, ((5.0, 5.0), (5.5, 5.0))))
    assert walk(state, Ev.AGREE)[0] == state
    state, _ = walk(state, Ev.CLEAR_INK, *(Event(Ev.INK, stroke) for stroke in CROSS))
    state, effects = walk(state, Ev.AGREE)
    assert (state.papers.signed, effects) == (Signed.BY_HAND, [Do.KEEP_SIGNATURE])
    signed, effects = walk(state, kept("commitment.XA015"))
    assert (signed.step, effects, len(signed.papers.of("commitment.XA015"))) == (Step.SUBMIT, [Do.STORE], 1)
    assert signed.papers.ink == (), "the lines themselves are not kept"


def test_who_cannot_write_promises_by_a_key() -> None:
    state, _ = walk(at_signature(), Ev.SIGN_BY_KEY)
    assert (state.step, state.papers.signed, state.papers.consents) == (Step.SUBMIT, Signed.BY_KEY, (ASK_BY_KEY,))


def test_at_the_pad_she_can_still_decline() -> None:
    state, _ = walk(at_signature(), Ev.DECLINE, Ev.LATER)
    assert (state.step, state.papers.signed) == (Step.SUBMIT, Signed.DECLINED)


def test_nobody_promises_for_another_without_authority() -> None:
    with_authority = replace(ITEM, deputy_promise=WITH_AUTHORITY)
    assert may_promise(ITEM, "") and may_promise(with_authority, "0" * 64)
    assert not may_promise(with_authority, "none")
    assert not may_promise(replace(ITEM, deputy_promise=NEVER), "0" * 64)


def test_another_service_begins_with_nothing() -> None:
    assert VisitState().papers == Papers() and ASK_PAPERS not in Papers().consents
    assert signing(replace(ITEM, commitment="")) == ()


def test_what_was_taken_is_in_no_text() -> None:
    assert "jpeg" not in repr(replace(begun(), papers=Papers(shot=Shot(b"jpeg"))))


# ---- her face: three tries, then a person ------------------------------------------------------------------


def before_the_camera() -> VisitState:
    return walk(replace(begun(FACED), resident=KIM), Ev.YES)[0]


def after_three_tries() -> VisitState:
    state = before_the_camera()
    for _ in range(MOST_TRIES):
        state, _ = walk(state, Event(Ev.CAPTURE_FAILED, "portrait_absent"), Ev.TAKE_AGAIN)
    return state


def face_view(state: VisitState) -> View:
    return view(state, replace(CATALOGUE, items=(FACED,)))


def test_where_no_camera_takes_faces_a_person_may_say_who_she_is() -> None:
    state = replace(before_the_camera(), capabilities=Capabilities(frozenset()))
    assert phase_of(state) is Phase.PERSON
    shown = face_view(state)
    assert "face.no_camera" in {line.key for line in shown.body}
    assert {Ev.LATER} <= {choice.event.kind for choice in shown.choices}
    assert Ev.TAKE_AGAIN not in {choice.event.kind for choice in shown.choices}


def test_there_is_no_fourth_try_by_any_way() -> None:
    state = after_three_tries()
    assert phase_of(state) is Phase.PERSON
    for event in (Ev.TAKE_AGAIN, SHOT, Event(Ev.CAPTURE_HINT, "portrait_far"), Ev.YES, Ev.LACKING):
        state, _ = walk(state, event)
        assert (phase_of(state), state.papers.shot) in ((Phase.PERSON, None), (Phase.LACKING, None))
    again, _ = walk(after_three_tries(), Ev.LATER, Ev.BACK)
    assert again.step is not Step.CAPTURE or phase_of(again) is Phase.PERSON
    assert not [one for one in face_view(after_three_tries()).choices if one.event.kind is Ev.TAKE_AGAIN]


def test_a_picture_that_she_does_not_want_is_a_try_too() -> None:
    state = before_the_camera()
    for _ in range(MOST_TRIES):
        state, _ = walk(state, SHOT, Ev.TAKE_AGAIN)
    assert (phase_of(state), state.papers.shot) == (Phase.PERSON, None)


def test_all_looks_at_a_face_stay_below_a_minute(record_property: Callable[[str, object], None]) -> None:
    record_property("figure", f"{MOST_TRIES * FACE_TRY_S:g} s of looking at most")
    assert MOST_TRIES * FACE_TRY_S <= 60


def test_a_staff_member_vouches_and_the_case_says_who() -> None:
    asked, effects = walk(after_three_tries(), Event(Ev.WITNESS_NUMBER, "7"), Event(Ev.WITNESS_PIN, "402913"))
    assert (asked.step, effects[-1]) == (Step.CAPTURE, Do.CHECK_WITNESS)
    assert face_view(asked).working and "402913" not in repr(asked)
    refused, _ = walk(asked, Event(Ev.NOT_WITNESSED, "witness.wrong"))
    assert (phase_of(refused), refused.note, refused.typed.staff) == (Phase.PERSON, "witness.wrong", "")
    done, _ = walk(asked, Event(Ev.VOUCHED, WITNESS))
    assert (done.step, done.papers.face_witness, done.papers.missing) == (Step.REVIEW, WITNESS, ())
    body = contract.case_body(done, "s", "now", "boot", 1.0, lambda lang, key: "v1")
    applicant, form = body["applicant"], body["form"]
    assert isinstance(applicant, dict) and (applicant["vouched_by"], applicant["vouched_at"]) == ("7", WITNESS.at)
    assert isinstance(form, dict) and "photo" not in form


def test_where_only_the_register_may_say_who_she_is_that_comes_first_and_nobody_vouches() -> None:
    """And whom it does not know is shown the way before she has answered anything."""
    strict = replace(FACED, by_witness=False)
    made = plan(strict, {})
    assert (made[0].subject, made[0].alone) == (FACE_SUBJECT, True)
    assert [action.subject for action in made].count(FACE_SUBJECT) == 1
    state = replace(after_three_tries(), plan=made, index=0, answers={})
    assert walk(state, Event(Ev.WITNESS_NUMBER, "7"))[0] == state
    shown = view(state, replace(CATALOGUE, items=(strict,)))
    assert (shown.question.key, shown.choices[0].event.kind) == ("face.alone", Ev.SHOW_WAY)
    assert not [one for one in shown.choices if one.event.kind in (Ev.TYPE, Ev.LATER)]
    led, _ = walk(state, Ev.SHOW_WAY)
    refusal = led.sheets.refusal
    assert led.step is Step.GUIDE and refusal is not None and refusal.reasons[0].key == "reason.face_missing"


def test_nobody_vouches_before_the_tries_are_over() -> None:
    state = before_the_camera()
    assert walk(state, Event(Ev.WITNESS_NUMBER, "7"), Event(Ev.VOUCHED, WITNESS))[0] == state


def test_a_face_is_asked_for_apart_from_papers() -> None:
    assert before_the_camera().papers.consents == (ASK_FACE,)
