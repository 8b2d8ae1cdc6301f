"""Coming for somebody else, and a typed number with a witness: asked apart, marked everywhere, never a way around."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk.app import contract
from kiosk.app.keys.generate import read_catalogue
from kiosk.app.papers import contract as papers_contract
from kiosk.domain.catalogue import NEVER, WITH_AUTHORITY, Catalogue, Mode, ServiceItem
from kiosk.domain.deputy.state import (
    ASK_HERSELF,
    ASK_HONEST,
    AUTHORITY,
    KINSHIP,
    NO_DEPUTY,
    Deputy,
    Helper,
    Stage,
    Terms,
    Typed,
    number_fits,
    terms_of,
    with_deputy,
    written_out,
)
from kiosk.domain.deputy.view import MARK
from kiosk.domain.event import EventKind
from kiosk.domain.papers.state import KeptPage, Papers, Signed
from kiosk.domain.screens.compose import view
from kiosk.domain.slip.blocks import SlipFact, SlipTerminal, slip_for
from kiosk.domain.visit.machine import (
    Chosen,
    Decision,
    DecisionKind,
    Do,
    Ev,
    Event,
    Overlay,
    Prepared,
    Resident,
    Step,
    VisitState,
    advance,
)
from kiosk.domain.visit.plan import ActionKind, plan

ITEM = ServiceItem(
    *("XA032", 1, "welfare", "高龄津贴申领", "领长寿钱", Mode.APPLY, True),
    consent_version="2026-1",
    commitment="commitment.XA015",
    deputy_who=("authorised", "household"),
    deputy_promise=WITH_AUTHORITY,
)
ALONE = replace(ITEM, item_id="XA044", deputy_who=())
CATALOGUE = Catalogue(1, ("welfare",), ("XA032",), (ITEM, ALONE))
KIM = Resident("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", "某处")
LING = Resident("resident", "林小玲", "350221197003150026", "2", "1970-03-15", "某处")
WALL = datetime(2026, 11, 24, 9, 42)
HELPER = Helper("resident", LING.name, LING.number)
AT_CARD = VisitState(step=Step.IDENTIFY, item_id="XA032", case_no="3502130018261124000010")


def walk(state: VisitState, *events: Event | EventKind[Any]) -> tuple[VisitState, list[Do]]:
    effects: list[Do] = []
    for event in events:
        state, done = advance(state, event if isinstance(event, Event) else Event(event))
        effects += done
    return state, effects


def card(resident: Resident) -> tuple[Event | EventKind[Any], ...]:
    return (Event(Ev.CARD_READ, resident), Ev.YES, Ev.CARD_REMOVED)


def test_the_helper_comes_first_and_both_consent_apart() -> None:
    honest, _ = walk(AT_CARD, Ev.FOR_OTHER, *card(LING))
    assert (honest.step, honest.deputy.stage, honest.resident) == (Step.DEPUTY, Stage.HONEST, None)
    asked, _ = walk(honest, Ev.AGREE, Ev.YES, *card(KIM))
    assert (asked.step, asked.deputy.stage, asked.resident) == (Step.DEPUTY, Stage.AGREE, KIM)
    stands, effects = walk(asked, Ev.AGREE)
    assert stands.step is Step.PREPARE and Do.PREPARE in effects
    assert stands.deputy.consents == (ASK_HONEST, ASK_HERSELF) and stands.deputy.helper == HELPER


@pytest.mark.parametrize("stage", [Stage.HONEST, Stage.AGREE])
def test_either_may_say_no_and_nothing_is_left_of_it(stage: Stage) -> None:
    asked = replace(AT_CARD, step=Step.DEPUTY, resident=KIM, deputy=Deputy(stage, HELPER, is_present=True))
    no, _ = walk(asked, Ev.DECLINE)
    assert (no.step, no.resident, no.deputy, no.note) == (Step.IDENTIFY, None, NO_DEPUTY, "deputy.refused")


def test_nobody_comes_for_herself() -> None:
    waits, _ = walk(AT_CARD, Ev.FOR_OTHER, *card(LING), Ev.AGREE, Ev.YES)
    same, _ = walk(waits, Event(Ev.CARD_READ, LING))
    assert (same.step, same.resident, same.note) == (Step.IDENTIFY, None, "deputy.same_card")


def test_who_comes_alone_shows_the_letter_before_anything_is_shown() -> None:
    alone, _ = walk(AT_CARD, Ev.FOR_OTHER, *card(LING), Ev.AGREE, Ev.NO, Ev.YES, *card(KIM))
    assert alone.step is Step.PREPARE and alone.deputy.stands_in and ASK_HERSELF not in alone.deputy.consents
    actions = with_deputy(plan(ITEM, {}), ITEM, alone.deputy)
    assert (actions[0].kind, actions[0].subject) == (ActionKind.CAPTURE, AUTHORITY)
    prepared = Prepared("XA032", actions, {"account": {"last4": "6821"}}, offline=False)
    lacking, _ = walk(alone, Event(Ev.PREPARED, prepared), Ev.YES, Ev.LACKING, Ev.LATER)
    assert (lacking.step, lacking.deputy.stage, lacking.plan, lacking.known) == (Step.DEPUTY, Stage.NO_LETTER, (), {})
    kinds = [choice.event.kind for choice in view(lacking, CATALOGUE).choices]
    assert Ev.CALL in kinds and view(lacking, CATALOGUE).red_bar


def test_an_item_that_nobody_may_do_for_her_offers_a_person_and_no_way_on() -> None:
    absent = replace(AT_CARD, step=Step.DEPUTY, item_id="XA044", deputy=Deputy(Stage.ABSENT, HELPER))
    kinds = {choice.event.kind for choice in view(absent, CATALOGUE).choices}
    assert Ev.CALL in kinds and not kinds & {Ev.YES, Ev.AGREE}
    with pytest.raises(ValueError, match="XA044"):
        with_deputy(plan(ALONE, {}), ALONE, absent.deputy)


def test_another_item_asks_anew_who_may_come_for_her() -> None:
    stands = replace(AT_CARD, step=Step.CHOOSE, resident=KIM, deputy=Deputy(Stage.STANDS, HELPER))
    again, effects = walk(stands, Event(Ev.CHOSEN, Chosen("XA044", 1, "2026-1", transact=True)))
    assert (again.step, again.deputy.stage) == (Step.DEPUTY, Stage.ABSENT) and Do.PREPARE not in effects


def test_a_helper_never_hears_what_she_is_due() -> None:
    taken = VisitState(step=Step.TAKE_CARD, resident=KIM, deputy=Deputy(Stage.RESIDENT, HELPER), case_no="1")
    after, effects = walk(taken, Ev.CARD_REMOVED)
    assert after.step is Step.CHOOSE and Do.ASK_DUES not in effects
    own, _ = walk(replace(taken, deputy=NO_DEPUTY), Ev.CARD_REMOVED)
    assert own.step is Step.DUE


def test_a_promise_in_her_absence_needs_an_authority_and_the_items_word() -> None:
    alone = Deputy(Stage.STANDS, HELPER)
    kinds = {action.kind for action in with_deputy(plan(ITEM, {}), ITEM, alone)}
    assert ActionKind.COMMIT in kinds
    for item in (replace(ITEM, deputy_promise=NEVER), replace(ITEM, deputy_who=("household",))):
        left = with_deputy(plan(item, {}), item, alone)
        assert not {action.kind for action in left} & {ActionKind.COMMIT, ActionKind.SIGN}
    assert with_deputy(plan(ITEM, {}), ITEM, replace(alone, is_present=True)) == plan(ITEM, {})
    family = replace(ITEM, deputy_who=("kin",))
    assert with_deputy(plan(family, {}), family, alone)[0].subject == KINSHIP


def test_the_case_says_who_came_and_by_which_authority() -> None:
    page = KeptPage(AUTHORITY, AUTHORITY, "ab" * 32)
    state = replace(
        AT_CARD, resident=KIM, deputy=Deputy(Stage.STANDS, HELPER, consents=(ASK_HONEST,)), plan=plan(ITEM, {})
    )
    signed = replace(state, papers=Papers(pages=(page,), signed=Signed.BY_KEY))
    body = contract.case_body(signed, "350213007007", "2026-11-24T09:30:00+08:00", "b", 1.0, lambda lang, key: "v1")
    assert body["form"] == {"agent": f"{LING.number} {LING.name}"}
    assert body["promised_by"] == {"name": LING.name, "number": LING.number, "authority": "ab" * 32}
    unproved = replace(signed, papers=Papers(signed=Signed.BY_KEY))
    assert papers_contract.commitment(unproved) is None and papers_contract.promised_by(unproved) is None
    purposes = [item.body["purpose"] for item in papers_contract.consents(signed, "now", lambda lang, key: key)]
    assert purposes == [ASK_HONEST]
    own = contract.case_body(replace(signed, deputy=NO_DEPUTY), "1", "now", "b", 1.0, lambda lang, key: "v1")
    assert "promised_by" not in own and own["form"] == {}


def test_whose_matter_it_is_stands_on_every_screen_and_on_the_slip() -> None:
    stands = replace(AT_CARD, resident=KIM, deputy=Deputy(Stage.STANDS, HELPER), plan=plan(ITEM, {}))
    for step in (Step.CHOOSE, Step.PREPARE, Step.REVIEW, Step.SUBMIT, Step.RESULT, Step.RATE):
        for overlay in (Overlay.NONE, Overlay.HELP):
            keys = [line.key for line in view(replace(stands, step=step, overlay=overlay), CATALOGUE).body]
            assert keys.count(MARK) == 1, (step, overlay)
    decided = replace(stands, decision=Decision(DecisionKind.PENDING), stored=True)
    facts = {
        block.label.key: block.value
        for block in slip_for(decided, CATALOGUE, SlipTerminal("v", "p", "m"), WALL).blocks
        if isinstance(block, SlipFact)
    }
    assert facts["slip.label.agent"].args["name"].value == "林*玲"
    assert MARK not in [line.key for line in view(replace(stands, deputy=NO_DEPUTY), CATALOGUE).body]


# ---- a typed number and its witness -------------------------------------------------------------------------


def test_a_typed_number_counts_only_with_a_witness() -> None:
    named, _ = walk(AT_CARD, Ev.NO_CARD, Event(Ev.TYPED_NUMBER, KIM.number), Event(Ev.TYPED_NAME, KIM.name))
    assert (named.step, named.resident) == (Step.WITNESS, None)
    early, _ = walk(named, Event(Ev.WITNESSED, KIM))
    assert early.resident is None
    checked, effects = walk(named, Event(Ev.WITNESS_NUMBER, "1001"), Event(Ev.WITNESS_PIN, "271828"))
    assert effects == [Do.CHECK_WITNESS] and "271828" not in str(checked)
    seen, _ = walk(checked, Event(Ev.WITNESSED, replace(KIM, source="witness 1001")))
    assert seen.step is Step.PREPARE and seen.resident is not None and seen.typed == Typed()
    body = contract.applicant(seen.resident)
    assert body["source"] == "witness 1001"


def test_a_wrong_witness_changes_nothing_and_a_person_can_still_be_called() -> None:
    named, _ = walk(AT_CARD, Ev.NO_CARD, Event(Ev.TYPED_NUMBER, KIM.number), Event(Ev.TYPED_NAME, KIM.name))
    asked, _ = walk(named, Event(Ev.WITNESS_NUMBER, "1001"), Event(Ev.WITNESS_PIN, "1"))
    wrong, _ = walk(asked, Event(Ev.NOT_WITNESSED, "witness.wrong"))
    assert (wrong.step, wrong.note, wrong.resident, wrong.typed.number) == (
        *(Step.WITNESS, "witness.wrong"),
        *(None, KIM.number),
    )
    called, effects = walk(wrong, Ev.CALL)
    assert called.overlay is Overlay.CALLED and Do.STORE_CALL in effects


@pytest.mark.parametrize("number", ["350221194403150022", "35022119440315002", "", "X" * 18])
def test_a_number_that_is_none_is_asked_again(number: str) -> None:
    state, _ = walk(AT_CARD, Ev.NO_CARD, Event(Ev.TYPED_NUMBER, number))
    assert (state.step, state.overlay, state.note) == (Step.NO_CARD, Overlay.NONE, "no_card.number_wrong")
    assert not number_fits(number) and number_fits(KIM.number)
    assert walk(state, Event(Ev.TYPED_NAME, KIM.name))[0].step is Step.NO_CARD


def test_a_pin_is_shown_as_stars_and_the_x_can_be_typed() -> None:
    named = replace(AT_CARD, step=Step.WITNESS, typed=Typed(KIM.number, KIM.name))
    asked, _ = walk(named, Event(Ev.WITNESS_NUMBER, "1001"), Event(Ev.TYPE_KEY, "2"), Event(Ev.TYPE_KEY, "7"))
    huge = view(asked, CATALOGUE).huge
    assert huge is not None and huge.args["text"].value == "**"
    empty, _ = walk(AT_CARD, Ev.NO_CARD)
    writes, _ = walk(empty, view(empty, CATALOGUE).choices[0].event, Event(Ev.TYPE_KEY, "X"))
    assert writes.aid.typing is not None and writes.aid.typing.text == "X"


def test_every_way_in_has_a_way_back_that_ends_at_the_card() -> None:
    for stage in (
        Stage.HELPER,
        Stage.HONEST,
        Stage.PRESENT,
        Stage.ABSENT,
        Stage.NO_LETTER,
        Stage.RESIDENT,
        Stage.AGREE,
    ):
        at_card = stage in (Stage.HELPER, Stage.RESIDENT)
        state = replace(
            AT_CARD,
            step=Step.IDENTIFY if at_card else Step.DEPUTY,
            deputy=Deputy(stage, HELPER if stage is not Stage.HELPER else None),
        )
        for _ in range(8):
            state = walk(state, Ev.BACK)[0]
            if state.deputy == NO_DEPUTY:
                break
        assert state.deputy == NO_DEPUTY and state.step in (Step.IDENTIFY, Step.CHOOSE), stage


def test_no_form_needs_a_phone_or_a_relative() -> None:
    """She may have neither; where a form knows such a field it is passed over with one touch."""
    catalogue = read_catalogue(Path(__file__).parents[3] / "config" / "catalogue")
    asked = [
        (item.item_id, field)
        for item in catalogue.items
        for field in item.form
        if "phone" in field.key or field.key in ("agent", "relative", "contact", "kin")
    ]
    assert asked and [(item_id, field.key) for item_id, field in asked if not field.optional] == []


def test_the_catalogue_says_of_each_item_who_may_come() -> None:
    catalogue = read_catalogue(Path(__file__).parents[3] / "config" / "catalogue")
    assert {terms_of(item) for item in catalogue.items} == set(Terms)


def test_a_number_of_fifteen_digits_is_taken_and_explained() -> None:
    """GB 11643-1989: no century, no check digit."""
    assert written_out("350221440315002") == KIM.number
    assert written_out(KIM.number) == KIM.number and written_out("35022144031500X") == "35022144031500X"
    here = VisitState(step=Step.NO_CARD, item_id="XA032", case_no="1")
    state, _ = walk(here, Event(Ev.TYPED_NUMBER, "350221440315002"), Event(Ev.TYPED_NAME, KIM.name))
    assert (state.step, state.typed.number, state.note) == (Step.WITNESS, KIM.number, "no_card.written_out")
