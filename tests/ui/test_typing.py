"""The square that is written in: the finger draws, a second one does not, and a stroke outlives a new row of words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kiosk.domain.screens.compose import TEXT_SIZES
from kiosk.domain.visit.machine import Ev
from kiosk.ui.widgets.pad import Pad
from kiosk.ui.widgets.text import Text


@pytest.fixture
def square(rig: Any, all_scenes: dict[str, Any]) -> Any:
    rig.open(all_scenes["type_hand"])
    return rig.shell.screen.ink


def _place(square: Any, across: float, down: float) -> tuple[float, float]:
    return square.x + across * square.width, square.y + (1 - down) * square.height


def test_a_stroke_is_told_when_the_finger_lifts_in_the_squares_own_measure(rig: Any, square: Any) -> None:
    touch = rig.down(*_place(square, 0.1, 0.5))
    assert not rig.service.posted
    touch.touch_move(*_place(square, 0.9, 0.25))
    touch.touch_up()
    (drawn,) = rig.service.posted
    assert drawn.kind is Ev.DRAWN
    (x0, y0), *_, (x1, y1) = drawn.value
    assert (x0, y0, x1, y1) == pytest.approx((100, 500, 900, 250), abs=4)


def test_a_second_finger_draws_nothing(rig: Any, square: Any) -> None:
    first = rig.down(*_place(square, 0.1, 0.5))
    second = rig.down(*_place(square, 0.5, 0.5), finger="b")
    second.touch_up()
    assert not rig.service.posted
    first.touch_up()
    assert [event.kind for event in rig.service.posted] == [Ev.DRAWN]


def test_words_that_come_while_she_writes_do_not_break_the_stroke(
    rig: Any, square: Any, all_scenes: dict[str, Any]
) -> None:
    touch = rig.down(*_place(square, 0.1, 0.5))
    rig.show(all_scenes["type_hand_drawn"])
    moved = rig.shell.screen.ink
    touch.touch_move(*_place(moved, 0.9, 0.5))
    touch.touch_up()
    assert [event.kind for event in rig.service.posted] == [Ev.DRAWN]


def test_where_the_square_has_gone_nothing_is_drawn(rig: Any, square: Any, all_scenes: dict[str, Any]) -> None:
    touch = rig.down(*_place(square, 0.1, 0.5))
    rig.show(replace(all_scenes["ask"]))
    touch.touch_up()
    assert not [event for event in rig.service.posted if event.kind is Ev.DRAWN]


@pytest.mark.parametrize("size", range(TEXT_SIZES))
@pytest.mark.parametrize(
    ("scene", "typed"),
    [
        ("type_digits", "138 0000 0000"),
        ("no_card_number", "350* **** **** **** *1"),
        ("question_phone_3", "1"),
        ("question_policy_no_3", "1"),
    ],
)
def test_what_is_typed_stands_on_every_page_of_its_keys(
    rig: Any, all_scenes: dict[str, Any], with_access: Any, scene: str, typed: str, size: int
) -> None:
    rig.open(with_access(all_scenes[scene], size=size))
    pages_of_keys = 0
    screen = rig.shell.screen
    screen.turn(-screen.page)
    for page in range(screen.page_count):
        screen.turn(min(page, 1))
        widgets = list(screen.walk(restrict=True))
        if any(isinstance(widget, Pad) for widget in widgets):
            pages_of_keys += 1
            assert typed in {widget.text for widget in widgets if isinstance(widget, Text)}, (scene, page)
    assert pages_of_keys
