"""The touch rule, through the window: which button a finger owns and whether lifting it acts."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.domain.event import EventKind
from kiosk.domain.timing import REFIRE_S
from kiosk.domain.visit.machine import Ev, Overlay


@pytest.fixture
def ask(rig: Any, all_scenes: dict[str, Any]) -> Any:
    rig.open(all_scenes["ask"])
    return rig


def _kinds(rig: Any) -> list[EventKind[Any]]:
    return [event.kind for event in rig.service.posted]


def _mm(rig: Any, length: float) -> float:
    return length * rig.shell.stage.screen.px_per_mm


def _edge(rig: Any, key: str, right_mm: float) -> tuple[float, float]:
    """A point `right_mm` to the right of a button's right edge."""
    button = rig.button(key)
    return button.x + button.width + _mm(rig, right_mm), button.y + button.height / 2


def test_a_tap_on_an_answer_posts_its_event_once(ask: Any) -> None:
    ask.tap(ask.button("ask.account.other"))
    assert _kinds(ask) == [Ev.ANSWER]
    assert ask.service.posted[0].value == "other"


def test_lifting_acts_however_long_the_finger_stayed(ask: Any) -> None:
    button = ask.button("ask.account.yes")
    touch = ask.down(button.x + 5, button.y + 5)
    ask.clock.now_s += 60
    assert not ask.service.posted, "nothing happens while the finger rests"
    touch.touch_up()
    assert _kinds(ask) == [Ev.ANSWER]


@pytest.mark.parametrize(("beside_mm", "taken"), [(3.5, True), (4.5, False)])
def test_a_press_just_beside_a_button_is_its_own_up_to_four_millimetres(
    ask: Any, beside_mm: float, taken: bool
) -> None:
    touch = ask.down(*_edge(ask, "ask.account.yes", beside_mm))
    touch.touch_up()
    assert bool(ask.service.posted) is taken


def test_between_two_buttons_the_nearer_one_takes_the_press(ask: Any) -> None:
    upper, lower = ask.button("ask.account.yes"), ask.button("ask.account.other")
    gap = upper.y - (lower.y + lower.height)
    touch = ask.down(upper.x + 50, upper.y - gap * 0.4)
    touch.touch_up()
    assert ask.service.posted[0].value == "yes"


@pytest.mark.parametrize(("slide_mm", "acts"), [(7.5, True), (8.5, False)])
def test_a_finger_that_rolls_off_still_acts_up_to_eight_millimetres(ask: Any, slide_mm: float, acts: bool) -> None:
    button = ask.button("ask.account.yes")
    touch = ask.down(button.x + button.width - 5, button.y + 20)
    touch.touch_move(*_edge(ask, "ask.account.yes", slide_mm))
    assert button.pressed is acts
    touch.touch_up()
    assert bool(ask.service.posted) is acts


def test_lifting_over_a_neighbour_within_the_slack_acts_for_the_pressed_one(ask: Any) -> None:
    upper, lower = ask.button("ask.account.yes"), ask.button("ask.account.other")
    touch = ask.down(upper.x + 200, upper.y + 10)
    touch.touch_move(upper.x + 200, upper.y - _mm(ask, 7))
    assert lower.y + lower.height > upper.y - _mm(ask, 7), "the finger is over the neighbour"
    touch.touch_up()
    assert [event.value for event in ask.service.posted] == ["yes"]


def test_a_second_finger_is_ignored(ask: Any) -> None:
    first, second = ask.button("ask.account.yes"), ask.button("ask.account.none")
    one = ask.down(first.x + 50, first.y + 20, "one")
    two = ask.down(second.x + 50, second.y + 20, "two")
    assert not second.pressed
    two.touch_up()
    assert not ask.service.posted
    one.touch_up()
    assert [event.value for event in ask.service.posted] == ["yes"]


@pytest.mark.parametrize(("after_s", "count"), [(REFIRE_S - 0.05, 1), (REFIRE_S + 0.05, 2)])
def test_a_trembling_finger_fires_once_in_half_a_second(ask: Any, after_s: float, count: int) -> None:
    for _ in range(2):
        button = ask.button("bar.again")
        touch = ask.down(button.x + 30, button.y + 30)
        touch.touch_up()
        ask.clock.now_s += after_s
    assert [event.kind for event in ask.service.posted] == [Ev.AGAIN] * count


def test_a_right_click_and_a_wheel_do_nothing(ask: Any) -> None:
    from kivy.tests.common import UnitTestTouch

    button = ask.button("ask.account.yes")
    for name in ("right", "middle", "scrollup"):
        touch = UnitTestTouch(button.x + 30, button.y + 30)
        touch.button = name
        touch.touch_down()
        touch.touch_up()
    assert not ask.service.posted


def test_every_touch_counts_for_the_idle_rule_and_a_press_clicks(ask: Any) -> None:
    clicks: list[int] = []
    ask.shell.stage.on_press = lambda: clicks.append(1)
    touch = ask.down(5, ask.shell.height / 2)
    touch.touch_up()
    assert ask.service.touches >= 1 and not clicks, "the bare ground is a touch, but no button"
    ask.tap(ask.button("ask.account.yes"))
    assert len(clicks) == 1


def test_a_press_is_let_go_when_the_screen_changes_under_it(ask: Any, all_scenes: dict[str, Any]) -> None:
    button = ask.button("ask.account.yes")
    touch = ask.down(button.x + 50, button.y + 20)
    ask.service.show(all_scenes["review"])
    touch.touch_up()
    assert not ask.service.posted


def test_while_the_idle_warning_shows_a_touch_anywhere_extends(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["over_idle"])
    touch = rig.down(6, rig.shell.height / 2)
    touch.touch_up()
    assert _kinds(rig) == [Ev.CLOSE]
    assert rig.service.state.overlay is Overlay.NONE


def test_the_second_touch_of_the_call_key_calls(ask: Any) -> None:
    for _ in range(2):
        ask.tap(ask.button("bar.help"))
    assert _kinds(ask) == [Ev.HELP, Ev.CALL]


def test_the_language_can_be_changed_on_every_screen_and_nothing_else_changes(rig: Any, some_of: Any) -> None:
    from dataclasses import replace

    from kiosk.domain.speech import Lang

    for name, state in some_of(0, 4).items():
        if hasattr(state, "vendor") or state.overlay.value == "attract":
            continue  # staff read one language, and nobody has chosen one yet
        rig.open(state)
        rig.tap(rig.button("lang.cmn"))
        assert rig.service.state == replace(state, lang=Lang.CMN), name
