"""The search finds the shortest honest path, knows why each touch is there, and says so when there is none."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from effort_support import driver
from effort_support.driver import NoEnd, Walk, shortest
from effort_support.figures import effort_of
from effort_support.whys import Unclassified, Why, why_of
from effort_support.world import Visit, World, served_catalogue

from kiosk.domain.catalogue import Catalogue, FieldSource, FieldType, FormField, Mode, ServiceItem, When
from kiosk.domain.event import Event, EventKind
from kiosk.domain.speech import Lang, Line
from kiosk.domain.view.parts import Choice
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.words import Outcome, Step

CATALOGUE = served_catalogue()
ITEM = CATALOGUE.item("XA032")
ASKED = CATALOGUE.item("XA008")
QUESTION = FormField("purpose", FieldSource.ASK, ("own", "other"))


def with_item(item: ServiceItem) -> Catalogue:
    return replace(CATALOGUE, items=tuple(item if one.item_id == item.item_id else one for one in CATALOGUE.items))


def walked(item: ServiceItem, world: World = World.ANSWERING, lang: Lang = Lang.NAN) -> Walk:
    return shortest(Visit(item, world, with_item(item)), lang)


def whys(walk: Walk) -> Counter[Why]:
    return Counter(press.why for press in walk.presses)


def with_fields(item: ServiceItem, *fields: FormField) -> ServiceItem:
    return replace(item, form=(*item.form, *fields))


def test_a_question_more_is_one_touch_more_to_answer() -> None:
    more = whys(walked(with_fields(ITEM, QUESTION)))
    more.subtract(whys(walked(ITEM)))
    assert {why: count for why, count in more.items() if count} == {Why.ANSWER: 1}


def test_an_optional_question_is_passed_over_or_answered() -> None:
    text = FormField("remark", FieldSource.ASK, type=FieldType.TEXT, check="plain_text", optional=True, most=60)
    before, after = walked(ITEM), walked(with_fields(ITEM, text))
    assert [press.event.kind for press in after.presses if press.why is Why.ANSWER] == [Ev.SKIP]
    assert len(after.presses) == len(before.presses) + 1
    silent = walked(with_fields(ITEM, text), World.SILENT)
    kinds = Counter(press.event.kind for press in silent.presses)
    assert kinds[Ev.SKIP] == 1, "the rating alone"
    assert kinds[Ev.DRAWN] == kinds[Ev.TYPE_TAKE] == 4


def test_a_question_that_an_answer_opens_is_asked_in_the_silent_world_alone() -> None:
    leading = replace(QUESTION, options=("own", "other"))
    opened = FormField("case_kind", FieldSource.ASK, ("one", "two"), when=When("purpose", "other"))
    item = with_fields(ITEM, leading, opened)
    alone = with_fields(ITEM, leading)
    assert len(walked(item).presses) == len(walked(alone).presses)
    assert len(walked(item, World.SILENT).presses) == len(walked(alone, World.SILENT).presses) + 1


def test_what_a_register_knows_is_confirmed_and_what_it_does_not_is_answered() -> None:
    known = replace(QUESTION, source=FieldSource.LOOK_UP, confirm=True)
    for world, why in ((World.ANSWERING, Why.CONFIRM), (World.SILENT, Why.ANSWER)):
        more = whys(walked(with_fields(ITEM, known), world))
        more.subtract(whys(walked(ITEM, world)))
        assert {one: count for one, count in more.items() if count} == {why: 1}


def test_signs_that_are_typed_are_touches_and_are_counted() -> None:
    digits = FormField("phone", FieldSource.ASK, type=FieldType.PHONE, check="mainland_phone")
    before, after = effort_of(walked(ITEM)), effort_of(walked(with_fields(ITEM, digits)))
    assert (after.typed, after.touches) == (11, before.touches + 12)
    assert after.by_ear_s > before.by_ear_s + 11


def test_her_item_is_found_by_the_shorter_way() -> None:
    """On the home screen it is one touch, in a category it is more."""
    at_home, elsewhere = walked(ITEM), walked(CATALOGUE.item("XA106"))
    assert ITEM.item_id in CATALOGUE.home
    assert [press.event.kind for press in at_home.presses if press.why is Why.FIND] == [Ev.START, Ev.CHOSEN]
    assert whys(elsewhere)[Why.FIND] > 2


@pytest.mark.parametrize("lang", Lang)
def test_the_visit_is_in_the_language_that_she_touched_first(lang: Lang) -> None:
    walk = walked(ITEM, lang=lang)
    assert walk.presses[0].event.value is lang
    assert {state.lang for state in walk.states[1:]} == {lang}


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.GUIDE])
def test_each_mode_ends_well_with_its_paper_taken(mode: Mode) -> None:
    item = next(one for one in CATALOGUE.items if one.mode is mode and one.transact)
    walk = walked(item)
    assert walk.states[-1].step is Step.WIPE
    assert walk.states[-1].outcome in (Outcome.FINISHED, Outcome.SAVED)
    assert Ev.TAKEN in {press.event.kind for press in walk.presses}


def test_an_end_that_cannot_be_reached_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The office takes the case in and never says so: no figure comes of that, and least of all a small one."""
    real = Visit.answered
    monkeypatch.setattr(Visit, "answered", lambda visit, effect, state: _unless_stored(real(visit, effect, state)))
    with pytest.raises(NoEnd, match=r"XA032 answering nan: no honest path to an end; reached: .*submit"):
        walked(ITEM)


def _unless_stored(events: tuple[Event, ...]) -> tuple[Event, ...]:
    return tuple(event for event in events if event.kind is not Ev.STORED)


def test_a_question_that_has_no_right_answer_on_its_screen_is_an_error() -> None:
    wrong = FormField("phone", FieldSource.ASK, type=FieldType.PHONE, check="bank_card")
    with pytest.raises(NoEnd, match="XA032"):
        walked(with_fields(ITEM, wrong))


def test_a_search_that_goes_in_a_circle_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "MOST_SCREENS", 3)
    with pytest.raises(NoEnd):
        walked(ITEM)


def test_a_touch_without_a_reason_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen on the way offers a new kind of touch, though nobody need take it."""
    kind = EventKind[None]()
    kind.name = "something_new"
    real = driver.sheet

    def shown(state: VisitState, catalogue: Catalogue) -> object:
        made = real(state, catalogue)
        more = Choice(Line("overlay.close"), Event(kind))
        return replace(made, choices=(*made.choices, more)) if state.step is Step.REVIEW else made

    monkeypatch.setattr(driver, "sheet", shown)
    with pytest.raises(Unclassified, match="step review: a touch of kind something_new has no reason"):
        walked(ITEM)


def test_what_leads_aside_has_no_reason_and_is_no_error() -> None:
    for kind in (Ev.HELP, Ev.LEAVE, Ev.WITHOUT_PAPER):
        assert why_of(VisitState(step=Step.RESULT), Event(kind)) is None
