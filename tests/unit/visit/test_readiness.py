"""What can be offered follows from what works; a promise of the beginning is only ever withdrawn, with a reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.api import Flash, LightPosition
from kiosk.app.watches.guide_light import DARK, lights_for
from kiosk.domain.catalogue import Catalogue, FieldSource, FieldType, FormField, Mode, ServiceItem, When
from kiosk.domain.screens.compose import view
from kiosk.domain.speech import Lang, Line
from kiosk.domain.visit.machine import (
    CardPlace,
    Chosen,
    Do,
    Ev,
    Event,
    LeftCard,
    Printed,
    Printing,
    Resident,
    Step,
    VisitState,
    advance,
)
from kiosk.domain.visit.readiness import (
    EVERYTHING,
    IDENTIFY,
    NOT_FITTED,
    Capabilities,
    Capability,
    Gap,
    Hindrance,
    Unusable,
    gap,
    offer,
    offer_here,
)

APPLY = ServiceItem("XA032", 1, "welfare", "高龄津贴申领", "领长寿钱", Mode.APPLY, True)
ON_SHEET = replace(APPLY, item_id="XA031", mode=Mode.PRINT)
GUIDED = replace(APPLY, item_id="XA013", mode=Mode.GUIDE, transact=False)
CATALOGUE = Catalogue(1, ("welfare",), ("XA032", "XA013"), (APPLY, ON_SHEET, GUIDED))
KIM = Resident("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", "某处")
SETS = st.frozensets(st.sampled_from(Capability)).map(Capabilities)


def only(*capabilities: Capability) -> Capabilities:
    return Capabilities(frozenset(capabilities))


@given(SETS)
def test_an_item_is_offered_when_somebody_can_be_recognised_and_its_paper_can_come(found: Capabilities) -> None:
    assert offer(APPLY, found).is_usable == bool(found.usable & IDENTIFY)
    assert offer(ON_SHEET, found).is_usable == bool(found.usable & IDENTIFY and found.has(Capability.PRINT_DOCUMENT))
    assert offer(ON_SHEET, found, is_identified=True).is_usable == found.has(Capability.PRINT_DOCUMENT)
    assert offer(GUIDED, found).is_usable, "what is only explained needs no device"


ACCOUNT = FormField("account", FieldSource.LOOK_UP, ("yes", "other", "none"), confirm=True)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"form": (ACCOUNT,)}, None),
        (
            {
                "form": (
                    ACCOUNT,
                    FormField("phone", FieldSource.ASK, type=FieldType.PHONE, check="mainland_phone", optional=True),
                )
            },
            None,
        ),
        ({"form": (FormField("applicant", FieldSource.CARD, ()),)}, None),
        ({"form": (ACCOUNT, FormField("care_kind", FieldSource.ASK, ("meals", "visits")))}, None),
        (
            {"form": (ACCOUNT, FormField("plot", FieldSource.ASK, type=FieldType.PICKS, check="of_next_year"))},
            Gap.FIELD,
        ),
        ({"form": (ACCOUNT, FormField("way", FieldSource.ASK, ("post", "slip"), when=When("account", "yes")))}, None),
        ({"transact": False}, Gap.NOT_TRANSACTED),
        ({"mode": Mode.BOOK}, None),
        ({"asks_face": True}, None),
        ({"commitment": "commitment.XA032"}, None),
    ],
)
def test_only_what_this_kiosk_has_screens_for_is_begun(changes: dict[str, Any], expected: Gap | None) -> None:
    item = replace(APPLY, **changes)
    assert gap(item) is expected
    assert offer_here(item, EVERYTHING).is_carried == (expected is None)
    assert offer_here(item, Capabilities(frozenset())).is_usable == (expected is not None), "explaining needs no device"


def test_what_is_lacking_is_named_with_its_reason() -> None:
    found = Capabilities(frozenset({Capability.PRINT_SLIP}), {Capability.READ_ID_CARD: "DEV-001"})
    refused = offer(APPLY, found)
    assert refused.hindrance is Hindrance.NO_CARD_READER
    assert set(refused.lacking) == {
        Unusable(Capability.READ_ID_CARD, "DEV-001"),
        Unusable(Capability.READ_SOCIAL_CARD, NOT_FITTED),
        Unusable(Capability.READ_ID_FACE, NOT_FITTED),
    }


@pytest.mark.parametrize(
    ("reasons", "hindrance"),
    [({}, Hindrance.NO_SHEETS), ({Capability.PRINT_DOCUMENT: "DEV-002"}, Hindrance.NO_PRINTER)],
)
def test_what_was_never_fitted_is_not_called_broken(reasons: dict[Capability, str], hindrance: Hindrance) -> None:
    there = Capabilities(frozenset((Capability.READ_ID_CARD,)), reasons)
    assert offer(replace(APPLY, mode=Mode.PRINT), there).hindrance is hindrance


def test_an_empty_tray_is_not_called_broken_either() -> None:
    broken = {Capability.PRINT_DOCUMENT: "DOC-002"}
    there = Capabilities(
        frozenset((Capability.READ_ID_CARD,)), broken, {Capability.PRINT_DOCUMENT: "document_paper_out"}
    )
    assert offer(ON_SHEET, there).hindrance is Hindrance.NO_PAPER
    assert offer(APPLY, replace(there, usable=frozenset())).hindrance is Hindrance.NO_CARD_READER


@pytest.mark.parametrize(
    ("is_there", "paper", "told"),
    [
        (True, {}, ""),
        (True, {Capability.PRINT_SLIP: "paper_low"}, "choose.paper_low"),
        (True, {Capability.PRINT_SLIP: "document_paper_low"}, "choose.paper_low"),
        (False, {Capability.PRINT_SLIP: "paper_out"}, "choose.paper_out"),
        (False, {}, "choose.no_slip"),
    ],
)
def test_before_anything_is_begun_it_is_shown_and_said_how_the_slips_are(
    is_there: bool, paper: dict[Capability, str], told: str
) -> None:
    gone = set() if is_there else {Capability.PRINT_SLIP}
    shown = view(VisitState(Step.CHOOSE, capabilities=Capabilities(frozenset(Capability) - gone, {}, paper)), CATALOGUE)
    mentioned = [line.key for line in shown.body if line.key.startswith("choose.paper") or line.key == "choose.no_slip"]
    assert mentioned == ([told] if told else [])
    assert {line.key for line in shown.body} <= {utterance.line.key for utterance in shown.say}


def test_a_service_that_ends_on_a_sheet_says_first_that_few_are_left() -> None:
    low = Capabilities(paper={Capability.PRINT_DOCUMENT: "document_paper_low"})
    warned = Line("fault.document_paper_low")
    for step in (Step.IDENTIFY, Step.FOUND):
        for item, is_warned in ((ON_SHEET, True), (APPLY, False)):
            shown = view(replace(begun(low, step), item_id=item.item_id), CATALOGUE)
            assert (warned in shown.body, warned in [one.line for one in shown.say]) == (is_warned, is_warned)


@given(SETS, st.sampled_from(Capability))
def test_a_set_only_becomes_smaller(found: Capabilities, capability: Capability) -> None:
    after = found.without(Unusable(capability, "DEV-002"))
    assert after.usable == found.usable - {capability}
    assert after.without(Unusable(capability, "DEV-004")) == after, "the first reason stays"


@given(SETS)
def test_no_card_on_the_home_screen_is_a_dead_button(found: Capabilities) -> None:
    state = VisitState(step=Step.CHOOSE, case_no="1", capabilities=found)
    for card in view(state, CATALOGUE).cards:
        after, effects = advance(state, card.event)
        assert after != state or effects, card.line.key
        shown = view(after, CATALOGUE)
        assert shown.choices or shown.cards, card.line.key


def test_an_item_without_a_reader_says_why_and_whom_to_call() -> None:
    state = VisitState(step=Step.CHOOSE, case_no="1", capabilities=only(Capability.PRINT_SLIP))
    home = view(state, CATALOGUE)
    assert Line("choose.card_hint") not in home.body, "no card is asked for that cannot be read"
    card = home.cards[0]
    assert card.hint == Line("offer.no_card_reader")
    assert isinstance(card.event.value, Chosen) and not card.event.value.transact
    explained = view(advance(state, card.event)[0], CATALOGUE)
    assert explained.question.key == "guide.not_now"
    assert Line("offer.no_card_reader.why") in explained.body
    assert explained.choices[0].event.kind is Ev.CALL and explained.choices[0].likely


def begun(capabilities: Capabilities, step: Step = Step.CHOOSE) -> VisitState:
    return VisitState(step=step, case_no="1", capabilities=capabilities, item_id="XA032")


def withdraw(state: VisitState, capability: Capability) -> VisitState:
    return advance(state, Event(Ev.WITHDRAWN, Unusable(capability, "DEV-002")))[0]


def test_what_breaks_is_said_where_it_still_matters_and_kept_quiet_elsewhere() -> None:
    every = Capabilities()
    early = withdraw(begun(every, Step.ASK), Capability.PRINT_SLIP)
    assert early.note == "withdrawn.print_slip"
    assert Line("withdrawn.print_slip") in view(replace(early, step=Step.REVIEW), CATALOGUE).body
    late = withdraw(begun(every, Step.RATE), Capability.PRINT_SLIP)
    assert late.note == "" and not late.capabilities.has(Capability.PRINT_SLIP)
    known = withdraw(replace(begun(every), resident=KIM), Capability.READ_ID_CARD)
    assert known.note == "", "she has been read already"
    assert withdraw(begun(every), Capability.READ_ID_CARD).note == "withdrawn.read_id_card"
    assert withdraw(begun(every), Capability.GUIDE_LIGHT).note == ""


def test_before_a_visit_nothing_was_promised_and_nothing_is_withdrawn() -> None:
    assert withdraw(VisitState(), Capability.PRINT_SLIP) == VisitState()


def test_a_result_without_a_printer_asks_to_remember_the_number() -> None:
    shown = view(begun(only(Capability.READ_ID_CARD), Step.RESULT), CATALOGUE)
    assert Line("result.no_slip") in shown.body
    assert [choice.line.key for choice in shown.choices if choice.likely] == ["result.no_paper"]
    assert Line("result.no_slip") not in view(begun(Capabilities(), Step.RESULT), CATALOGUE).body


# ---- the printed card, read by eye ---------------------------------------------------------------------------


def failed(state: VisitState, times: int = 1, fault: str = "card_place_again") -> tuple[VisitState, list[Do]]:
    effects: list[Do] = []
    for _ in range(times):
        state, done = advance(state, Event(Ev.CARD_FAILED, fault))
        effects += done
    return state, effects


def test_after_one_failure_the_printed_side_is_offered_and_after_two_it_is_read() -> None:
    once, effects = failed(begun(Capabilities(), Step.IDENTIFY))
    assert effects == [] and Event(Ev.READ_FACE) in [choice.event for choice in view(once, CATALOGUE).choices]
    twice, effects = failed(once)
    assert effects == [Do.WATCH_FACE] and twice.reads_face
    shown = view(twice, CATALOGUE)
    assert shown.question.key == "identify.face.lay" and shown.body[0].key == "identify.face.begins"
    assert failed(twice, 3)[1] == [], "it has begun already"


@pytest.mark.parametrize("fault", ["card_lifted_early", "chip_locked", "device_lost", ""])
def test_a_hand_that_was_too_quick_is_no_dead_chip(fault: str) -> None:
    assert failed(begun(Capabilities(), Step.IDENTIFY), 5, fault)[1] == []


def test_without_a_camera_nothing_is_offered() -> None:
    state, effects = failed(begun(only(Capability.READ_ID_CARD), Step.IDENTIFY), 5)
    assert effects == [] and not state.reads_face
    assert Event(Ev.READ_FACE) not in [choice.event for choice in view(state, CATALOGUE).choices]


def test_what_was_read_by_eye_is_shown_to_be_confirmed_with_the_birthday() -> None:
    seen = replace(KIM, source="ocr", uncertain=("name",))
    state, _ = advance(failed(begun(Capabilities(), Step.IDENTIFY), 2)[0], Event(Ev.CARD_READ, seen))
    shown = view(state, CATALOGUE)
    assert [line.key for line in shown.body] == ["confirm.by_eye", "confirm.name_unsure"]
    assert [fact.label for fact in shown.facts] == ["fact.name", "fact.number", "fact.birth"]
    by_chip = view(replace(state, resident=KIM), CATALOGUE)
    assert [line.key for line in by_chip.body] == ["confirm.look"]


@pytest.mark.parametrize(
    ("capabilities", "question"),
    [
        (only(Capability.READ_ID_CARD), "identify.lay_card"),
        (only(Capability.READ_SOCIAL_CARD), "identify.insert_social"),
        (only(Capability.READ_ID_CARD, Capability.READ_SOCIAL_CARD), "identify.lay_card"),
    ],
)
def test_she_is_asked_for_a_card_that_can_be_read(capabilities: Capabilities, question: str) -> None:
    shown = view(begun(capabilities, Step.IDENTIFY), CATALOGUE)
    assert shown.question.key == question
    both = len(capabilities.usable) == 2
    assert (Line("identify.or_social") in shown.body) == both


# ---- what was forgotten --------------------------------------------------------------------------------------


def test_a_forgotten_card_is_spoken_of_and_the_clerk_is_told_once() -> None:
    farewell = VisitState(step=Step.WIPE, lang=Lang.NAN, case_no="1")
    first, effects = advance(farewell, Event(Ev.CARD_LEFT, LeftCard(CardPlace.ID_CARD)))
    assert effects == () and view(first, CATALOGUE).question.key == "forgotten.id_card"
    again, effects = advance(first, Event(Ev.CARD_LEFT, LeftCard(CardPlace.ID_CARD, 2)))
    assert effects == (Do.SAY_AGAIN,)
    late = LeftCard(CardPlace.ID_CARD, 3, is_overdue=True)
    assert advance(again, Event(Ev.CARD_LEFT, late))[1] == (Do.REPORT_CARD, Do.SAY_AGAIN)
    taken, effects = advance(again, Event(Ev.CARD_REMOVED))
    assert (taken, effects) == (farewell, ())


def test_who_comes_next_is_told_that_it_is_somebody_elses() -> None:
    waiting, _ = advance(VisitState(), Event(Ev.CARD_LEFT, LeftCard(CardPlace.CHIP_CARD)))
    assert waiting.step is Step.WELCOME and view(waiting, CATALOGUE).question.key == "forgotten.chip_card"
    state, _ = advance(waiting, Event(Ev.START, Lang.CMN))
    assert Line("forgotten.other.chip_card") in view(state, CATALOGUE).body


@pytest.mark.parametrize("printing", [Printing.PROVED, Printing.UNKNOWN, Printing.FAILED, Printing.BUSY])
def test_a_slip_that_she_did_not_say_she_took_is_spoken_of(printing: Printing) -> None:
    state = VisitState(step=Step.PRINT, case_no="1", printing=printing, stored=True)
    left, _ = advance(state, Event(Ev.IDLE_END))
    out = printing in (Printing.PROVED, Printing.UNKNOWN)
    assert left.slip_left is out
    assert (view(left, CATALOGUE).question.key == "forgotten.slip") is out
    if out:
        taken, _ = advance(advance(state, Event(Ev.TAKEN))[0], Event(Ev.IDLE_END))
        assert taken.slip_left is False


# ---- the guide light -----------------------------------------------------------------------------------------

STATES = st.builds(
    VisitState,
    step=st.sampled_from(Step),
    card_seen=st.booleans(),
    reads_face=st.booleans(),
    printing=st.sampled_from(Printing),
    on_sheet=st.booleans(),
    slip_left=st.booleans(),
    resident=st.sampled_from([None, KIM, replace(KIM, source="social_card"), replace(KIM, source="ocr")]),
    capabilities=SETS,
    left=st.sampled_from([None, *(LeftCard(place) for place in CardPlace)]),
    note=st.sampled_from(["", "welcome.out_of_service"]),
)
SLOTS = frozenset(LightPosition) - {LightPosition.STATUS_GOOD, LightPosition.STATUS_BAD}


@given(STATES)
def test_lights_never_flash_fast_and_one_status_is_lit(state: VisitState) -> None:
    shine = lights_for(state)
    assert shine.keys() == DARK.keys()
    assert Flash.QUICK not in shine.values()
    status = [shine[LightPosition.STATUS_GOOD], shine[LightPosition.STATUS_BAD]]
    assert sorted(status) == [Flash.CONTINUOUS, Flash.OFF]
    lit = [at for at in SLOTS if shine[at] is not Flash.OFF]
    assert len(lit) <= 1 or (state.step is Step.IDENTIFY and len(lit) == 2)


def lit(state: VisitState) -> dict[LightPosition, Flash]:
    return {at: flash for at, flash in lights_for(state).items() if at in SLOTS and flash is not Flash.OFF}


def test_the_light_is_at_the_slot_to_use_now() -> None:
    both = only(Capability.READ_ID_CARD, Capability.READ_SOCIAL_CARD)
    identify = VisitState(step=Step.IDENTIFY, capabilities=both)
    assert lit(identify) == {LightPosition.CARD_READER: Flash.MEDIUM, LightPosition.CHIP_CARD: Flash.MEDIUM}
    assert lit(replace(identify, reads_face=True)) == {LightPosition.SCANNER: Flash.MEDIUM}
    take = VisitState(step=Step.TAKE_CARD, resident=replace(KIM, source="social_card"))
    assert lit(take) == {LightPosition.CHIP_CARD: Flash.SLOW}
    busy = VisitState(step=Step.PRINT, printing=Printing.BUSY)
    assert lit(busy) == {LightPosition.RECEIPT_PRINTER: Flash.CONTINUOUS}
    out, _ = advance(busy, Event(Ev.PRINTED, Printed(Printing.PROVED, on_sheet=True)))
    assert lit(out) == {LightPosition.DOCUMENT_PRINTER: Flash.MEDIUM}
    assert lit(advance(out, Event(Ev.TAKEN))[0]) == {}
    assert lit(VisitState()) == {} and lit(VisitState(step=Step.ASK)) == {}
