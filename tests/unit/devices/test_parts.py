"""What a terminal does not have: a fault with a code, a capability less, a way of writing that is not offered."""

from __future__ import annotations

import queue
from collections.abc import Mapping
from typing import Any

import pytest

from kiosk.app.capabilities import CapabilityWatch, look
from kiosk.app.parts import Parts
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.faults import HAND_MISSING, HOUSE_FAULTS, MINNAN_MISSING, PINYIN_MISSING
from kiosk.domain.screens.compose import view
from kiosk.domain.speech import Line
from kiosk.domain.typing.state import TextKind, Wanted, Writing
from kiosk.domain.visit.machine import Ev, Event, Overlay, Step, VisitState, advance
from kiosk.domain.visit.readiness import Capabilities, Capability
from kiosk.technician.report_page import page

WITHOUT = {Capability.WRITE_HAND: HAND_MISSING, Capability.WRITE_PINYIN: PINYIN_MISSING}
CATALOGUE = Catalogue(1, (), (), ())


class Here:
    def __init__(self) -> None:
        self.records: list[tuple[str, Mapping[str, object]]] = []
        self.posted = queue.SimpleQueue[Event]()
        self.parts = Parts(lambda kind, facts: self.records.append((kind, facts)), lambda: self.watch.changed())
        self.watch = CapabilityWatch({}, self.posted.put, lambda *told: None, self.parts.lacking)


def test_what_a_process_lacks_becomes_a_fault_of_the_manual_and_withdraws_its_capability() -> None:
    here = Here()
    told = here.parts.listener("input")
    told({})
    assert Capability.WRITE_PINYIN in here.watch.freeze().usable
    told({"pinyin": "no dictionary luna_pinyin"})
    told({"pinyin": "no dictionary luna_pinyin"})
    assert [facts["code"] for kind, facts in here.records if kind == "fault"] == [PINYIN_MISSING]
    assert HOUSE_FAULTS[PINYIN_MISSING].remedy
    event = here.posted.get_nowait()
    assert event.kind is Ev.WITHDRAWN and event.value.capability is Capability.WRITE_PINYIN  # type: ignore[union-attr,attr-defined]  # its value
    assert here.watch.freeze().reasons[Capability.WRITE_PINYIN] == PINYIN_MISSING
    told({})
    assert Capability.WRITE_PINYIN in here.watch.freeze().usable


def test_two_processes_do_not_take_back_what_the_other_told() -> None:
    here = Here()
    here.parts.listener("speech")({"nan": "not built"})
    here.parts.listener("input")({})
    assert here.parts.lacking() == {Capability.SPEAK_MINNAN: MINNAN_MISSING}
    assert Capability.SPEAK_MINNAN not in look({}, here.parts.lacking()).usable


def opened(kind: TextKind, *gone: Capability) -> VisitState:
    """What is typed into on a terminal without these."""
    few = Capabilities(frozenset(Capability) - set(gone), {one: WITHOUT[one] for one in gone})
    visit = VisitState(Step.CHOOSE, case_no="3502130018261203000011", capabilities=few)
    wanted = Wanted(Line("no_card.name"), Ev.TYPED_NAME, kind)
    state, _ = advance(visit, Event(Ev.TYPE, wanted))
    assert state.overlay is Overlay.TYPING
    return state


def ways_shown(state: VisitState) -> set[Any]:
    """Each way that a button leads to, from here on."""
    seen: set[Any] = set()
    while True:
        shown = view(state, CATALOGUE)
        leads = [one.event.value for one in (*shown.choices, *shown.pad) if one.event.kind is Ev.TYPE_WAY]
        if not leads or leads[0] in seen:
            return seen
        seen.add(leads[0])
        state, _ = advance(state, Event(Ev.TYPE_WAY, leads[0]))


@pytest.mark.parametrize(
    ("kind", "gone", "first", "shown"),
    [
        (TextKind.TEXT, (), Writing.HAND, {Writing.HAND, Writing.PINYIN, Writing.DIGITS}),
        (TextKind.TEXT, (Capability.WRITE_PINYIN,), Writing.HAND, {Writing.HAND, Writing.DIGITS}),
        (TextKind.TEXT, (Capability.WRITE_HAND,), Writing.PINYIN, {Writing.PINYIN, Writing.DIGITS}),
        (TextKind.TEXT, tuple(WITHOUT), Writing.DIGITS, set()),
        (TextKind.NAME, (Capability.WRITE_HAND,), Writing.PINYIN, set()),
    ],
)
def test_a_way_of_writing_that_is_not_there_is_not_offered(
    kind: TextKind, gone: tuple[Capability, ...], first: Writing, shown: set[Writing]
) -> None:
    state = opened(kind, *gone)
    assert state.aid.typing is not None and state.aid.typing.way is first
    assert ways_shown(state) == shown


def test_where_no_way_is_left_she_is_told_to_call_somebody() -> None:
    state = opened(TextKind.NAME, *WITHOUT)
    shown = view(state, CATALOGUE)
    assert [line.key for line in shown.body] == ["type.no_way"]
    assert shown.ink is None and not ways_shown(state)
    for way in Writing:
        again, effects = advance(state, Event(Ev.TYPE_WAY, way))
        assert not effects and again.aid.typing is not None and not again.aid.typing.worker


def test_the_readiness_page_is_not_ready_and_says_what_to_install() -> None:
    row = {"class": "id_card", "model": "m", "port": "p", "firmware": "", "state": "online", "paper": "", "faults": [],
           "selftest": {"result": "pass", "measured": []}, "health": None, "pages_left": None}  # fmt: skip
    report = {"devices": [row], "terminal": {}, "at": "", "outbox": {}, "versions": {}, "lacking": []}
    assert page(report, [], "")["verdict"] == "READY"
    shown = page({**report, "lacking": [PINYIN_MISSING]}, [], "")
    assert shown["verdict"] == "NOT READY"
    assert any("setup.sh" in str(reason) for reason in shown["reasons"])  # type: ignore[attr-defined]  # a list
