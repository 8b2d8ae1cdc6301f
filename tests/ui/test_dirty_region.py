"""Frames drawn in part are the frames that would have been drawn whole."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from ui_support.stress import Stress

from kiosk.ui.drawing import dirty_region
from kiosk.ui.drawing.changes import Changes
from kiosk.ui.drawing.painted import Doubt

ACTIONS = int(os.environ.get("PRESS_STRESS_ACTIONS", "120"))
SEED = int(os.environ.get("PRESS_STRESS_SEED", "20261127"))


@pytest.fixture
def region(rig: Any) -> Iterator[Any]:
    rig.open()
    region = dirty_region.install(rig.pane)
    assert region is not None, "a software renderer draws here"
    region.invalidate()
    rig.frames(2)
    yield region
    region.detach()


def _whole(rig: Any, region: Any) -> bytes:
    region.draw_all()
    pixels: bytes = rig.pixels()[2]
    return pixels


def test_a_press_draws_the_button_and_nothing_else(rig: Any, region: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["ask"])
    rig.frames(2)
    whole, button = region.whole, rig.button("ask.account.other")
    touch = rig.down(button.x + button.width / 2, button.y + button.height / 2)
    rig.frames(1)
    assert region.whole == whole and region.partial
    (box,) = region.last
    assert box[0] <= button.x and box[1] <= button.y and box[2] >= button.x + button.width
    assert (box[2] - box[0]) * (box[3] - box[1]) < 1.6 * button.width * button.height
    touch.touch_up()


def test_a_spoken_clause_never_draws_everything(
    rig: Any, region: Any, all_scenes: dict[str, Any], record_property: Callable[[str, object], None]
) -> None:
    rig.open(all_scenes["identify"])
    rig.frames(2)
    whole = region.whole
    for at in range(8):
        text = rig.shell.screen.texts[at % len(rig.shell.screen.texts)]
        rig.service.clause(text.key, at % 2)
        rig.frames(1)
    rig.service.clause(None, 0)
    rig.frames(1)
    record_property("figure", f"{region.partial} frames in part, {region.whole - whole} whole")
    assert region.whole == whole


def test_the_voices_button_and_the_bar_stay_where_nothing_of_them_changes(
    rig: Any, region: Any, all_scenes: dict[str, Any]
) -> None:
    rig.open(all_scenes["ask"])
    rig.frames(2)
    row, bar = rig.shell.voice_row, rig.shell.bottom_bar
    button, spotlight = row.button, rig.service.view.spotlight
    row.show(replace(spotlight, count=spotlight.count + 1))
    bar.show({name: key.event for name, key in bar.keys.items() if key.event is not None})
    assert row.button is button is not None
    assert not bar.canvas.needs_redraw
    bar.show({})
    assert bar.canvas.needs_redraw and bar.children == [row]


def test_who_watches_is_told_of_a_frame_once_it_is_on_the_screen(rig: Any, region: Any) -> None:
    told: list[bytes] = []
    region.on_shown = lambda: told.append(rig.pixels()[2])
    button = rig.button("welcome.start_cmn")
    touch = rig.down(button.x + 9, button.y + 9)
    rig.frames(1)
    touch.touch_up()
    region.on_shown = lambda: None
    assert len(told) == 1


def test_whatever_is_done_to_the_screens_the_picture_is_the_whole_one(
    rig: Any,
    region: Any,
    all_scenes: dict[str, Any],
    record_property: Callable[[str, object], None],
) -> None:
    rig.open()
    stress = Stress(rig, all_scenes, random.Random(SEED))
    for done in stress.run(ACTIONS):
        rig.frames(1)
        if region.last is not None:
            assert rig.on_screen() == _whole(rig, region), (
                f"seed {SEED}, after {len(stress.done)} actions: {stress.done[-6:]}"
            )
        assert done
    figure = f"{ACTIONS} actions, {region.partial} frames in part, 0 bytes differ"
    print(figure)
    record_property("figure", figure)
    assert region.partial > ACTIONS // 8


def test_boxes_that_are_too_small_are_noticed(
    rig: Any, region: Any, all_scenes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comparison can fail: the same press with its box cut by 14 pixels."""
    found = Changes.boxes

    def less(self: Changes, roots: Any, size: tuple[int, int]) -> list[tuple[int, int, int, int]]:
        return [(x + 14, y + 14, right - 14, top - 14) for x, y, right, top in found(self, roots, size)]

    monkeypatch.setattr(Changes, "boxes", less)
    rig.open(all_scenes["ask"])
    rig.frames(2)
    button = rig.button("ask.account.other")
    touch = rig.down(button.x + button.width / 2, button.y + button.height / 2)
    rig.frames(1)
    assert region.last is not None and rig.pixels()[2] != _whole(rig, region)
    touch.touch_up()


def test_in_doubt_everything_is_drawn(rig: Any, region: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def doubt(*_: object) -> None:
        raise Doubt("an unknown instruction")

    monkeypatch.setattr(Changes, "boxes", doubt)
    button = rig.button("welcome.start_cmn")
    touch = rig.down(button.x + 9, button.y + 9)
    rig.frames(1)
    assert region.last is None
    touch.touch_up()


def test_another_version_of_the_toolkit_draws_whole_frames(rig: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.open()
    monkeypatch.setattr(dirty_region, "KIVY", "2.3.0")
    assert dirty_region.install(rig.pane) is None
    assert "on_draw" not in vars(rig.pane)
