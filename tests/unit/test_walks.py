"""Every item is walked through the machine from the catalogue alone: by chance, and question by question."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.app.prompt_keys import read_catalogue
from kiosk.app.question_keys import with_lists
from kiosk.domain.catalogue import FormField, Mode, ServiceItem
from kiosk.domain.identity import credit_code_check
from kiosk.domain.plan import ActionKind, plan
from kiosk.domain.plan_money import asked_of
from kiosk.domain.readiness import Gap, gap
from kiosk.domain.view import view
from kiosk.domain.visit import Ev, Event, Outcome, Prepared, Resident, Step, VisitState, advance

CATALOGUE = with_lists(read_catalogue(Path(__file__).parents[2] / "config" / "catalogue"))
KIM = Resident("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", "某处 1", source="chip")
TODAY = "2026-11-27"
MOST_STEPS = 60
CODE = "91350200M000100Y4"
ANSWERS = {
    "mainland_phone": "13800138000",
    "bank_card": "4539578763621486",
    "person_name": "陈阿金",
    "plain_text": "某处某处某处",
    "any_date": "2026-11-20",
    "past_date": "2020-02-03",
    "past_month": "2025-03",
    "past_year": "2025",
    "this_or_next_year": "2026",
    "money_range": "10000",
    "count_range": "1",
    "measure_range": "1.5",
    "place_code": "350200",
    "village_code": "350213001001",
    "person": f"{KIM.number} {KIM.name}",
    "in_table": "e1",
    "people": f"{KIM.number} {KIM.name}",
    "uscc": CODE + credit_code_check(CODE),
    "picks": "plot-1",
    "pin": "271828",
    "policy_no": "ABC12345",
    "meter_no": "1234567",
    "social_card_no": "ABC123456",
    "receipt_no": "12345678",
}


def begun(item: ServiceItem) -> VisitState:
    state = VisitState(step=Step.PREPARE, item_id=item.item_id, resident=KIM, case_no="3502130018261124000010")
    return advance(state, Event(Ev.PREPARED, Prepared(item.item_id, plan(item, {}), {}, False, TODAY)))[0]


def answer(field: FormField, chance: random.Random) -> str:
    if field.options:
        return chance.choice(field.options)
    return "闽D12345" if field.check == "plate" else ANSWERS[field.check]


def asked(item: ServiceItem, chance: random.Random) -> tuple[list[str], VisitState]:
    """The questions in their order, each answered rightly."""
    state, met = begun(item), []
    while state.step is Step.ASK:
        action = state.action
        assert action is not None and action.field is not None
        met.append(action.subject)
        after, _ = advance(state, Event(Ev.ANSWER, answer(action.field, chance)))
        assert after.index > state.index, (item.item_id, action.subject, after.note)
        state = after
    return met, state


def test_no_item_lacks_a_screen_for_a_field() -> None:
    assert not [item.item_id for item in CATALOGUE.items if gap(item) is Gap.FIELD]


@pytest.mark.parametrize("seed", range(3))
def test_exactly_the_open_fields_that_apply_are_asked(seed: int) -> None:
    chance = random.Random(seed)
    for item in CATALOGUE.items:
        if not item.transact:
            continue
        met, state = asked(item, chance)
        open_fields = [field for field in item.form if asked_of(item, field)]
        assert met == [field.key for field in open_fields if field.applies(state.answers)], item.item_id
        assert set(state.answers) == set(met)


def test_a_changed_answer_takes_what_hung_on_it_with_it() -> None:
    item = next(one for one in CATALOGUE.items if one.mode is Mode.APPLY and any(f.when for f in one.form))
    hanging = next(field for field in item.form if field.when)
    assert hanging.when is not None
    state = begun(item)
    answers = {hanging.when.key: hanging.when.answer, hanging.key: "4539578763621486"}
    asks = [one for one in state.plan if one.kind is ActionKind.ASK]
    at = [one.subject for one in asks].index(hanging.when.key)
    state = replace(state, step=Step.ASK, index=at, answers=answers)
    others = [option for option in asks[at].field.options if option != hanging.when.answer] if asks[at].field else []
    assert hanging.key not in advance(state, Event(Ev.ANSWER, others[0]))[0].answers


def _walk(item: ServiceItem, chance: random.Random) -> VisitState:
    state = begun(item)
    for _ in range(MOST_STEPS):
        shown = view(state, CATALOGUE)
        choices = (*shown.choices, *shown.cards, *shown.pager, *shown.pad)
        if not choices or state.step is Step.WIPE:
            break
        state, _ = advance(state, chance.choice(choices).event)
    return advance(state, Event(Ev.IDLE_END))[0]


def _ends_well(item: ServiceItem, chance: random.Random) -> None:
    ended = _walk(item, chance)
    if ended.step is Step.WELCOME:
        return
    assert ended.step is Step.WIPE and ended.outcome in Outcome, item.item_id
    left = (ended.resident, dict(ended.answers), dict(ended.known), dict(ended.asking.drafts))
    assert left == (None, {}, {}, {}), item.item_id


@pytest.mark.parametrize("item", CATALOGUE.items, ids=lambda item: item.item_id)
def test_walks_by_chance_end_and_are_wiped(item: ServiceItem) -> None:
    for seed in range(2):
        _ends_well(item, random.Random(f"{item.item_id}/{seed}"))


@pytest.mark.proof
def test_two_hundred_walks_of_each_item_end_and_are_wiped() -> None:
    for item in CATALOGUE.items:
        for seed in range(200):
            _ends_well(item, random.Random(f"{item.item_id}/{seed}"))
