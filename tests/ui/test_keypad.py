"""A keypad is enough for everything; any other key does nothing at all."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.domain.speech import VOLUME_DEFAULT
from kiosk.domain.visit.machine import Ev, Overlay

UP, DOWN, LEFT, RIGHT, TAB, ENTER, BACKSPACE = 273, 274, 276, 275, 9, 13, 8
FOREIGN = [(27, ()), (282, ()), (286, ()), (285, ("alt",)), (ord("q"), ("ctrl",)), (ord("e"), ("ctrl",)), (32, ())]
FOREIGN += [(code, ("ctrl",)) for code in (ENTER, BACKSPACE, DOWN)] + [(code, ()) for code in range(283, 294)]


def _focused(rig: Any) -> Any:
    return next((button for button in rig.shell.buttons() if button.focused), None)


@pytest.mark.parametrize("key", [TAB, RIGHT, LEFT])
def test_one_key_alone_walks_over_every_button_and_comes_round(rig: Any, some_of: Any, key: int) -> None:
    for name, state in some_of((TAB, RIGHT, LEFT).index(key), 3).items():
        rig.open(state)
        count = len(rig.shell.buttons())
        visited = set()
        for _ in range(count):
            rig.key(key)
            visited.add(id(_focused(rig)))
        assert len(visited) == count, name


def test_down_goes_to_the_card_below_and_up_comes_back(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["choose"])
    rig.key(DOWN)
    first = _focused(rig)
    rig.key(DOWN)
    second = _focused(rig)
    assert second.x == first.x and second.y < first.y
    rig.key(UP)
    assert _focused(rig) is first


def test_the_focus_begins_on_the_likely_answer_and_is_spoken(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["ask"])
    rig.key(DOWN)
    assert _focused(rig).is_likely
    assert [line.key for line in rig.service.spoken] == ["ask.account.yes", "ear.place"]


def test_enter_acts_on_what_has_the_focus_and_never_before(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["ask"])
    rig.key(ENTER)
    assert [event.kind for event in rig.service.posted] == [Ev.EAR_ON], "the first press only names where one is"
    rig.key(DOWN)
    rig.key(DOWN)
    rig.key(ENTER)
    assert [event.value for event in rig.service.posted if event.kind is Ev.ANSWER] == ["other"]


def test_two_switches_answer_one_question_after_the_other(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["ask"])
    rig.key(TAB)
    for _ in range(2):
        rig.key(ENTER)
    assert [event.kind for event in rig.service.posted] == [Ev.ANSWER, Ev.SEND]
    rig.open(all_scenes["ask"])
    rig.key(TAB)
    rig.key(TAB)
    rig.key(ENTER)
    assert [event.value for event in rig.service.posted] == ["other"]


def test_a_key_that_is_held_down_acts_once(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["ask"])
    rig.key(DOWN)
    for _ in range(5):
        rig.pane.dispatch("on_keyboard", ENTER, 0, "", [])
        rig.clock.now_s += 1.0
    rig.pane.dispatch("on_key_up", ENTER, 0)
    assert len(rig.service.posted) == 1


def test_back_help_and_volume_have_keys_of_their_own(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["review"])
    for code in (ord("h"), BACKSPACE, 270, 269, 269):
        rig.key(code)
    kinds = [event.kind for event in rig.service.posted]
    assert kinds == [Ev.HELP, Ev.BACK, Ev.SETTING, Ev.SETTING, Ev.SETTING]
    assert rig.service.state.access.volume_step == VOLUME_DEFAULT - 1


@pytest.mark.parametrize(("code", "modifiers"), FOREIGN)
def test_foreign_keys_are_swallowed_and_do_nothing(
    rig: Any, all_scenes: dict[str, Any], code: int, modifiers: tuple[str, ...]
) -> None:
    rig.open(all_scenes["ask"])
    tree = rig.shell.tree(True)
    assert rig.key(code, "", modifiers), "a key that is not swallowed reaches the toolkit"
    assert not rig.service.posted and not rig.service.touches
    assert rig.shell.tree(True) == tree


def test_any_key_extends_while_the_idle_warning_shows(rig: Any, all_scenes: dict[str, Any]) -> None:
    for key in (UP, DOWN, TAB, ord("h"), BACKSPACE):
        rig.open(all_scenes["over_idle"])
        rig.key(key)
        assert rig.service.state.overlay is Overlay.NONE


def test_a_key_means_nothing_where_there_is_no_button(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["technician_leaving"])
    assert not rig.shell.buttons()
    for code in (273, 274, 275, 276, 9, 13):
        rig.key(code)
    assert not rig.service.posted


def test_a_touch_takes_the_ring_away(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["ask"])
    rig.key(DOWN)
    assert _focused(rig) is not None
    touch = rig.down(5, rig.shell.height / 2)
    touch.touch_up()
    assert _focused(rig) is None


def test_the_focus_moves_on_to_the_likely_answer_of_the_next_screen(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["ask"])
    rig.key(DOWN)
    rig.key(ENTER)
    assert _focused(rig).key == "review.send"
