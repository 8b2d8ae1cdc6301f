"""A question that another person's card answers: what is said of a failed reading ends with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kiosk.adapters.words import VoicesWords
from kiosk.app.keys.generate import read_catalogue
from kiosk.app.keys.questions import with_lists
from kiosk.domain.catalogue import FieldType
from kiosk.domain.questions.state import Asking, AskPart, Draft
from kiosk.domain.screens.compose import view
from kiosk.domain.speech import Lang
from kiosk.domain.visit.machine import Ev, Event, Resident, Step, VisitState, advance
from kiosk.domain.visit.plan import plan

CATALOGUE = with_lists(read_catalogue(Path(__file__).parents[3] / "config" / "catalogue"))
OWN = Resident("id_card", "王小明", "350213195003127421", "female", "1950-03-12", "", "2036-01-01", "chip")


def waiting_for_a_card() -> VisitState:
    """At the first question of the catalogue that a card can answer, with the card's screen open."""
    for item in CATALOGUE.items:
        actions = plan(item, {})
        for index, action in enumerate(actions):
            if action.field is not None and action.field.type is FieldType.PERSON:
                drafts = Asking(drafts={action.field.key: Draft(part=AskPart.CARD)})
                begun = VisitState(step=Step.ASK, item_id=item.item_id, resident=OWN, plan=actions, index=index)
                return replace(begun, asking=drafts)
    raise AssertionError("no item asks for a person")


def shown(state: VisitState) -> str:
    words, seen = VoicesWords(), view(state, CATALOGUE)
    return "".join(words.show(Lang.NAN, line.key, line.args) for line in (seen.question, *seen.body))


def test_the_note_of_a_failed_reading_goes_when_the_reader_waits_again() -> None:
    before = waiting_for_a_card()
    failed, _ = advance(before, Event(Ev.CARD_FAILED, "card_place_again"))
    over, _ = advance(failed, Event(Ev.CARD_FAILED, ""))
    assert failed.note == "fault.card_place_again" and shown(failed) != shown(before)
    assert over == before and shown(over) == shown(before)
