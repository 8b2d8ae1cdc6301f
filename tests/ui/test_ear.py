"""Choosing by ear in the window: what is lit, one button, one key; low reach, exploring, the dark screen, the pause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kiosk.domain.ear.state import Ear
from kiosk.domain.screens.compose import TEXT_SIZES
from kiosk.domain.visit import navigation
from kiosk.domain.visit.machine import Access, Ev, Event, Step
from kiosk.ui.drawing.theme import THEMES, ScreenConfig, contrast
from kiosk.ui.input.reach import HIGHEST_MM, LOWEST_MM

DOWN, TAB, ENTER = 274, 9, 13
RING_RATIO, RING_MM = 3.0, 2.0


def _ring(rig: Any, button: Any) -> tuple[float, float]:
    """(thickness in millimetres, contrast to the ground) of what surrounds a button at its left edge, from pixels."""
    rig.frames(2)
    width, height, data = rig.pixels()
    rows = np.frombuffer(data, np.uint8).reshape(height, width, 4)[:, :, :3]
    look = rig.shell.stage.look
    row = rows[int(button.y + button.height / 2), : int(button.x)].astype(float) / 255
    ground = look.colour.ground
    inked = [contrast(tuple(pixel), ground) for pixel in row]
    best = max(inked)
    return sum(ratio >= RING_RATIO for ratio in inked) / look.screen.px_per_mm, best


@pytest.mark.parametrize("theme", THEMES)
def test_what_is_lit_and_what_has_the_focus_stand_out_by_2_mm_and_3_to_1(
    rig: Any, all_scenes: dict[str, Any], theme: str
) -> None:
    rig.open(replace(all_scenes["ask"], access=Access(theme=theme), ear=Ear(on=True, at=1)))
    lit = next(button for button in rig.shell.buttons() if button.lit)
    assert lit.key == "ask.account.other"
    thick_mm, ratio = _ring(rig, lit)
    assert thick_mm >= RING_MM and ratio >= RING_RATIO
    rig.open(replace(all_scenes["ask"], access=Access(theme=theme)))
    rig.key(DOWN)
    thick_mm, ratio = _ring(rig, next(button for button in rig.shell.buttons() if button.focused))
    assert thick_mm >= RING_MM and ratio >= RING_RATIO


def test_the_window_has_the_targets_of_the_model_in_its_order(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open()
    compared = 0
    for name, state in all_scenes.items():
        if hasattr(state, "vendor"):
            continue
        rig.service.show(state)
        if rig.shell.screen.page_count > 1:
            continue
        shown = [button.event for button in rig.shell.buttons() if button.key not in ("bar.pause", "bar.resume")]
        wanted = [target.event for target in navigation.targets(state, rig.service.view)]
        assert sorted(map(repr, shown)) == sorted(map(repr, wanted)), name
        compared += 1
    assert compared > 20


def test_lighting_turns_to_the_page_of_what_is_named_and_builds_nothing_anew(
    rig: Any, all_scenes: dict[str, Any]
) -> None:
    state = replace(all_scenes["choose"], access=Access(size=3), ear=Ear(on=True, at=0))
    rig.open(state)
    count = len(navigation.on_sheet(rig.service.view))
    seen = []
    for at in range(count):
        rig.service.show(replace(state, ear=Ear(on=True, at=at)))
        lit = [button for button in rig.shell.buttons() if button.lit]
        assert len(lit) == 1 and rig.shell.is_choice(lit[0])
        seen.append(lit[0].event)
    assert seen == [target.event for target in navigation.on_sheet(rig.service.view)]
    first = rig.shell.buttons()[0]
    rig.service.show(replace(state, ear=Ear(on=True, at=count - 2)))
    assert rig.shell.buttons()[0] is first


def test_one_key_begins_takes_and_another_key_ends_it(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["ask"])
    rig.key(ENTER)
    assert rig.service.state.ear.on and rig.button("ask.account.yes").lit
    rig.key(ENTER)
    assert rig.service.state.step is Step.REVIEW and rig.service.state.ear.on
    rig.key(TAB)
    assert not rig.service.state.ear.on
    assert [button.key for button in rig.shell.buttons() if button.focused] == ["review.send"]


@pytest.mark.parametrize("unasked", [False, True])
def test_a_touch_on_an_answer_itself_ends_it_the_one_button_goes_on(
    rig: Any, all_scenes: dict[str, Any], unasked: bool
) -> None:
    named = replace(all_scenes["ask"], ear=Ear(on=True, unasked=unasked, at=0))
    for take in (lambda: rig.tap(rig.button("ear.take")), lambda: rig.key(ENTER)):
        rig.open(named)
        take()
        assert rig.service.state.step is Step.REVIEW and rig.service.state.ear.on
    rig.open(named)
    rig.tap(rig.button("ask.account.none"))
    assert not rig.service.state.ear.on
    assert [event.value for event in rig.service.posted if event.kind is Ev.ANSWER] == ["none"]


def test_exploring_the_first_touch_names_and_the_second_takes(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(replace(all_scenes["ask"], access=Access(explore=True)))
    for key in ("ask.account.yes", "ask.account.other"):
        rig.tap(rig.button(key))
        assert rig.service.spoken[-2].key == key and not rig.service.posted
    rig.tap(rig.button("ask.account.other"))
    assert rig.service.posted == [Event(Ev.ANSWER, "other")]


def test_the_voice_is_held_and_goes_on_at_the_same_place(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["ask"])
    rig.service.clause("ask.account", 0)
    rig.tap(rig.button("bar.pause"))
    rig.tap(rig.button("bar.resume"))
    assert rig.service.paused == [True, False]
    rig.service.clause(None, 0)
    rig.tap(rig.button("bar.pause"))
    assert rig.service.posted == [Event(Ev.AGAIN)], "where nothing is said it is said again"


def test_a_dark_screen_is_black_lives_by_keys_and_a_touch_brings_it_back(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(replace(all_scenes["ask"], access=Access(screen_off=True)))
    rig.frames(2)
    assert not np.frombuffer(rig.pixels()[2], np.uint8).reshape(-1, 4)[:, :3].any()
    rig.key(DOWN)
    assert [line.key for line in rig.service.spoken] == ["ask.account.yes", "ear.place"]
    rig.key(ENTER)
    assert rig.service.state.step is Step.REVIEW
    assert not any(button.focused for button in rig.shell.buttons()), "an unseen focus takes nothing"
    rig.tap(rig.button("review.send"))
    assert rig.service.state.step is Step.REVIEW and not rig.service.state.access.screen_off


def test_in_slow_mode_the_sound_mark_stands_still(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(replace(all_scenes["ask"], access=Access(slow=True)))
    rig.service.clause(rig.service.view.question.key, 0)
    assert rig.shell.screen.mark._beat is None


def _pages(rig: Any) -> Iterator[int]:
    rig.shell.screen.turn(-rig.shell.screen.page)
    for page in range(rig.shell.screen.page_count):
        rig.shell.screen.turn(page - rig.shell.screen.page)
        yield page


@pytest.mark.parametrize(("mount_mm", "diagonal"), [(1250, 21.5), (1400, 21.5), (1000, 32.0)])
def test_in_low_reach_every_target_stands_between_400_and_1220_mm(
    rig: Any, all_scenes: dict[str, Any], mount_mm: int, diagonal: float
) -> None:
    rig.open(screen=ScreenConfig(diagonal_inch=diagonal, fullscreen=False, mount_height_mm=mount_mm))
    px_per_mm = rig.shell.stage.screen.px_per_mm
    foot_mm = mount_mm - rig.shell.height / px_per_mm
    names = ("choose", "ask", "review", "panel_1", "over_idle", "result_notice")
    out = []
    for size in range(TEXT_SIZES):
        for name in names:
            rig.service.show(replace(all_scenes[name], access=Access(size=size, low_reach=True)))
            for page in _pages(rig):
                for button in rig.shell.buttons():
                    low, high = foot_mm + button.y / px_per_mm, foot_mm + (button.y + button.height) / px_per_mm
                    if low < LOWEST_MM - 1 or high > HIGHEST_MM + 1:
                        out.append((name, size, page, button.key, round(low), round(high)))
    assert not out, out[:8]
