"""Between two visits: the screen that waits, the window's hours, notices, and who is nearest."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.app.contract import BadAnswer
from kiosk.app.site import contract as site_contract
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.screens.compose import view
from kiosk.domain.site.state import Nearest, NearSite, Notice, OpenDay, Site, SiteToday, is_within, site_today
from kiosk.domain.visit.machine import CardPlace, Do, Ev, Event, LeftCard, Overlay, Resident, Step, VisitState, advance

WAITS = VisitState(overlay=Overlay.ATTRACT)
KIM = Resident("resident", "Somebody", "350221194403150021", "2", "1944-03-15", "Somewhere 1")
SITE = Site("0592", (OpenDay("2026-11-24", (("08:00", "12:00"), ("14:30", "17:30"))), OpenDay("2026-11-25", ())))
SITE = replace(SITE, days=(*SITE.days, OpenDay("2026-11-26", (("09:00", "12:00"),))))


def after(state: VisitState, *events: Event) -> VisitState:
    for event in events:
        state = advance(state, event)[0]
    return state


def at(text: str, **more: Any) -> SiteToday:
    return site_today(SITE, datetime.fromisoformat(f"{text}+08:00"), **more)


def test_the_screen_waits_only_where_nobody_is_and_nothing_lies() -> None:
    event = Event(Ev.ATTRACT)
    assert after(VisitState(), event) == WAITS
    for somebody in (
        VisitState(overlay=Overlay.HELP),
        VisitState(card_seen=True),
        VisitState(left=LeftCard(CardPlace.ID_CARD)),
        VisitState(step=Step.CHOOSE, case_no="1"),
        VisitState(note="fault.power_battery"),
    ):
        assert after(somebody, event) == somebody


def test_a_touch_goes_home_and_begins_nothing() -> None:
    home, effects = advance(WAITS, Event(Ev.CLOSE))
    assert (home, effects) == (VisitState(), ())


def test_a_card_does_there_what_it_does_on_the_first_screen() -> None:
    first, waiting = (
        [advance(state, event) for event in (Event(Ev.CARD_SEEN), Event(Ev.CARD_READ, KIM), Event(Ev.CODE_SHOWN, "x"))]
        for state in (VisitState(), WAITS)
    )
    assert first == waiting
    assert Do.BEGIN_VISIT in waiting[1][1]
    failed = after(WAITS, Event(Ev.CARD_FAILED, "card_place_again"))
    assert failed == VisitState(card_fault="card_place_again")
    assert after(WAITS, Event(Ev.CARD_LEFT, LeftCard(CardPlace.ID_CARD))).overlay is Overlay.NONE


def test_a_fault_that_is_told_again_does_not_wake_it() -> None:
    told = replace(WAITS, card_fault="device_missing")
    assert after(told, Event(Ev.CARD_FAILED, "device_missing")) == told


def test_it_says_its_invitation_by_day_and_nothing_by_night() -> None:
    catalogue = Catalogue(1, (), (), ())
    by_day = view(WAITS, replace(catalogue, here=at("2026-11-24T10:00", night=("20:00", "07:00"))))
    by_night = view(WAITS, replace(catalogue, here=at("2026-11-24T22:00", night=("20:00", "07:00"))))
    assert [utterance.line.key for utterance in by_day.say] == ["attract.touch"]
    assert by_night.say == () and by_night.question == by_day.question
    assert not by_day.choices and not by_day.cards


@pytest.mark.parametrize(
    ("moment", "is_open", "following"),
    [
        ("2026-11-24T07:59", False, ("2026-11-24", "08:00")),
        ("2026-11-24T08:00", True, ("2026-11-24", "14:30")),
        ("2026-11-24T12:00", False, ("2026-11-24", "14:30")),
        ("2026-11-24T17:30", False, ("2026-11-26", "09:00")),
        ("2026-11-25T10:00", False, ("2026-11-26", "09:00")),
        ("2026-11-26T23:00", False, ("", "")),
    ],
)
def test_the_hours_are_reckoned_from_the_week_that_was_told(
    moment: str, is_open: bool, following: tuple[str, str]
) -> None:
    here = at(moment)
    assert here.is_known and (here.is_open, (here.next_day, here.next_time)) == (is_open, following)


def test_of_a_day_that_was_never_told_nothing_is_said() -> None:
    here = at("2026-12-24T10:00")
    assert here == SiteToday(phone="0592")
    first = view(VisitState(), Catalogue(1, (), (), (), here=here))
    assert first.facts == () and first.body == ()


def test_the_first_screen_tells_the_hours_and_says_only_that_nobody_sits_there() -> None:
    open_now, closed = (
        view(VisitState(), Catalogue(1, (), (), (), here=at(moment)))
        for moment in ("2026-11-24T10:00", "2026-11-24T20:00")
    )
    assert [fact.value.value for fact in open_now.facts] == ["08:00–12:00", "14:30–17:30"]
    assert "site.nobody" not in [one.line.key for one in open_now.say]
    assert "site.nobody" in [one.line.key for one in closed.say]


def test_a_notice_stands_from_its_first_to_its_last_day() -> None:
    notices = (Notice("old", "2026-11-01", "2026-11-23"), Notice("now", "2026-11-24", "2026-11-24"))
    assert at("2026-11-24T10:00", notices=notices).notice == "now"
    assert at("2026-11-25T10:00", notices=notices).notice == ""


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 1439))
def test_a_span_over_midnight_is_the_rest_of_the_other_way_round(begin: int, end: int, now: int) -> None:
    a, b, minute = (f"{one // 60:02d}:{one % 60:02d}" for one in (begin, end, now))
    assert begin == end or is_within((a, b), minute) is not is_within((b, a), minute)


def test_only_the_chosen_items_answer_counts_and_a_new_choice_forgets_it() -> None:
    asked = VisitState(step=Step.GUIDE, case_no="1", item_id="XA009")
    near = Nearest("XA009", NearSite("a", "b", "1"))
    assert after(asked, Event(Ev.NEAREST, near)).nearest == near
    assert after(asked, Event(Ev.NEAREST, Nearest("XA010"))) == asked


NEAR = {"name": "a", "address": "b", "phone": "1", "open": False, "opens_at": "2026-11-25T08:00:00+08:00"}


def test_a_distance_is_told_only_between_places_that_were_surveyed() -> None:
    for is_demo, metres in ((True, 0), (False, 2300)):
        body = {"item_id": "XA001", "now": None, "later": {**NEAR, "distance_m": 2300, "distance_is_demo": is_demo}}
        best = site_contract.nearest_of(body).best
        assert best == NearSite("a", "b", "1", metres, "2026-11-25", "08:00")


def test_a_site_survives_its_copy_and_a_damaged_copy_is_no_site() -> None:
    assert site_contract.site_of_copy(site_contract.site_to_json(SITE)) == SITE
    assert site_contract.site_of_copy({}) == site_contract.site_of_copy({"phone": 1, "week": 3}) == Site()


SCALARS = st.none() | st.integers() | st.sampled_from(["1", "08:00-12:00", "24:00-", "2026-11-24"])
DAYS = st.lists(
    SCALARS | st.fixed_dictionaries({"date": SCALARS, "open": st.lists(SCALARS, max_size=2) | SCALARS}), max_size=2
)
SITES = st.lists(
    SCALARS | st.fixed_dictionaries({"site": SCALARS, "phone": SCALARS, "week": DAYS | SCALARS}), max_size=2
)
NEARS = SCALARS | st.fixed_dictionaries(dict.fromkeys(NEAR, SCALARS) | {"distance_m": SCALARS})


@given(st.fixed_dictionaries({"sites": SITES | SCALARS, "now": NEARS, "later": NEARS, "item_id": SCALARS}))
def test_any_answer_is_read_or_refused(body: dict[str, object]) -> None:
    for read in (lambda: site_contract.site_of(body, "1"), lambda: site_contract.nearest_of(body)):
        try:
            read()
        except BadAnswer as error:
            assert str(error)
