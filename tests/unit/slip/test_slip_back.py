"""What the holder of a slip takes back: told what it means, asked twice, sent once, said to be done only then."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.app.slip.effects import SlipEffects
from kiosk.domain.case_number import mint
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.event import EventKind
from kiosk.domain.ports import Reply
from kiosk.domain.screens.compose import view
from kiosk.domain.slip.state import Back
from kiosk.domain.speech import Line
from kiosk.domain.visit.machine import Do, Ev, Event, Overlay, VisitState, advance

NUMBER = mint("350213", 1, 8, "261124", 1)
CATALOGUE = Catalogue(1, (), (), ())


def walk(state: VisitState, *events: Event | EventKind[Any]) -> tuple[VisitState, list[Do]]:
    effects: list[Do] = []
    for event in events:
        state, done = advance(state, event if isinstance(event, Event) else Event(event))
        effects += done
    return state, effects


def shown(progress: str = "progress.approved", code: str = "4821") -> VisitState:
    text = f"TSHP1:{NUMBER}:{code}"
    return walk(VisitState(), Event(Ev.CODE_SHOWN, text), Event(Ev.PROGRESS, Line(progress)))[0]


@pytest.mark.parametrize("back", Back)
def test_it_is_sent_only_after_she_was_asked_twice(back: Back) -> None:
    state, effects = walk(shown(), Ev.TAKE_BACK, Event(Ev.BACK_WISH, back), Ev.BACK_SURE)
    assert Do.TAKE_BACK not in effects
    for at in (walk(shown(), Ev.TAKE_BACK, Event(Ev.BACK_WISH, back))[0], state):
        assert [choice.event.kind for choice in view(at, CATALOGUE).choices if choice.likely] == [Ev.CLOSE]
    sent, effects = walk(state, Ev.BACK_SURE)
    assert effects == [Do.TAKE_BACK]
    assert walk(sent, Ev.BACK_SURE)[1] == [], "one request, however often she touches"
    told, _ = walk(sent, Event(Ev.TAKEN_BACK, Line("progress.withdrawn")))
    assert view(told, CATALOGUE).question == Line("progress.withdrawn")


def test_a_slip_that_opens_nothing_takes_nothing_back() -> None:
    for state in (
        shown("progress.ask_person"),
        shown("progress.unreachable"),
        shown("progress.withdrawn"),
        shown(code="-"),
    ):
        assert walk(state, Ev.TAKE_BACK)[0].overlay is Overlay.PROGRESS


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply(201, {"key": "progress.withdrawn", "args": {}}), "progress.withdrawn"),
        (Reply(409, {"code": "move_not_allowed"}), "takeback.closed"),
        (Reply(404, {"code": "commitment_unknown"}), "takeback.no_promise"),
        (Reply(404, {"code": "progress_unknown"}), "progress.ask_person"),
        (Reply(0, {"code": "no_answer"}), "takeback.unsure"),
        (Reply(503, {}), "takeback.unsure"),
    ],
)
def test_only_the_office_says_that_it_is_done(reply: Reply, told: str) -> None:
    asked: list[tuple[object, ...]] = []

    class Office:
        back_office = property(lambda self: self)

        def post(self, *call: object) -> Reply:
            asked.append(call)
            return reply

        def ask(self, work: object, otherwise: object) -> None:
            assert callable(work)
            work()

    state, _ = walk(shown(), Ev.TAKE_BACK, Event(Ev.BACK_WISH, Back.REQUEST), Ev.BACK_SURE, Ev.BACK_SURE)
    posted: list[Event] = []
    effects = SlipEffects(Office())  # type: ignore[arg-type]  # the part that is used
    effects.handlers()[Do.TAKE_BACK](state, Event(Ev.BACK_SURE), posted.append)
    assert asked == [(f"/v1/cases/{NUMBER}/withdrawals", {"code": "4821"}, f"{NUMBER}/withdrawals")]
    assert [event.value for event in posted] == [Line(told)]
