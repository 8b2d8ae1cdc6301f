"""Technician mode on the screen: the way in, the pad, a line that is what it says, a touch that is corrected."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kiosk.domain.technician.calibration import TARGETS, Calibration, TouchFix
from kiosk.domain.technician.state import StaffEv, StaffEvent
from kiosk.domain.visit.machine import Ev, Event, Overlay
from kiosk.ui.input.corner import CORNER_MM, HOLD_S, MOST_S, CornerHold


def _asked(rig: Any) -> bool:
    return any(event.kind is Ev.STAFF and event.value == StaffEvent(StaffEv.ASK) for event in rig.service.posted)


def _rest_on_corner(rig: Any, seconds: float, x_mm: float = 8.0, y_mm: float = 8.0) -> None:
    screen = rig.shell.stage.screen
    touch = rig.down(x_mm * screen.px_per_mm, screen.height_px - y_mm * screen.px_per_mm)
    rig.clock.now_s += seconds
    touch.touch_up()


def test_a_finger_that_rests_on_the_corner_for_five_seconds_asks_for_technician_mode(rig: Any) -> None:
    rig.open()
    _rest_on_corner(rig, HOLD_S + 0.1)
    assert _asked(rig)


@pytest.mark.parametrize(
    ("seconds", "x_mm", "y_mm"),
    [(HOLD_S - 0.2, 8, 8), (MOST_S + 1, 8, 8), (6.0, CORNER_MM + 5, 8), (6.0, 8, CORNER_MM + 5), (0.1, 8, 8)],
)
def test_any_other_touch_there_does_not(rig: Any, seconds: float, x_mm: float, y_mm: float) -> None:
    rig.open()
    _rest_on_corner(rig, seconds, x_mm, y_mm)
    assert not _asked(rig)


def test_the_corner_means_nothing_while_somebody_is_served(rig: Any, some_of: Any) -> None:
    for name, state in some_of(0, 4).items():
        nobody = state.overlay in (Overlay.NONE, Overlay.ATTRACT)
        at_the_door = state.step == "welcome" and nobody and not state.case_no
        if not at_the_door:
            rig.open(state)
            _rest_on_corner(rig, HOLD_S + 1)
            assert not _asked(rig), name


def test_a_second_finger_and_one_that_slides_in_do_not_count() -> None:
    corner = CornerHold(4.0, 1920)
    corner.down("a", 300, 1900, 0.0)
    assert not corner.up("a", 10, 1900, 6.0), "slid in from outside"
    corner.down("a", 10, 1900, 0.0)
    corner.down("b", 10, 1900, 1.0)
    assert not corner.up("a", 10, 1900, 6.0)


def test_each_key_of_the_pad_posts_its_own_digit(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["technician_login"])
    for digit in "1234567890":
        rig.tap(rig.button(f"staff.pad.{digit}"))
    values = [event.value for event in rig.service.posted]
    assert values == [StaffEvent(StaffEv.KEY, digit) for digit in "1234567890"]


def test_the_pin_is_masked_on_the_screen_and_in_the_tree(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["technician_login_pin"])
    shown = str(rig.shell.tree(True)["nodes"])
    assert "271828" not in shown and "●" * 6 in shown


@pytest.mark.parametrize("diagonal", [15.6, 21.5, 27.0, 32.0])
def test_the_ruler_s_line_is_100_mm_of_drawn_ink(rig: Any, all_scenes: dict[str, Any], diagonal: float) -> None:
    from kiosk.ui.drawing.theme import ScreenConfig
    from kiosk.ui.widgets.tools import Ruler

    screen = ScreenConfig(diagonal_inch=diagonal, fullscreen=False)
    rig.open(screen=screen)
    rig.show(all_scenes["technician_ruler"])
    ruler = next(widget for widget in rig.shell.walk(restrict=True) if isinstance(widget, Ruler))
    width, height, data = rig.pixels()
    frame = np.frombuffer(data, np.uint8).reshape(height, width, 4)[:, :, :3].astype(int)
    row = frame[int(ruler.y + ruler.height / 2), int(ruler.x) - 20 : int(ruler.x + ruler.width) + 20].sum(axis=1)
    ink = np.flatnonzero(row < 300)
    assert (ink[-1] - ink[0] + 1) / screen.px_per_mm == pytest.approx(100, abs=0.3)


def test_the_middle_of_each_target_is_where_the_fit_expects_it(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open()
    for number, (x, y) in enumerate(TARGETS):
        scene = all_scenes["technician_touch_0"]
        rig.show(replace(scene, vendor=replace(scene.vendor, touched=((0.1, 0.1),) * number)))
        node = next(node for node in rig.shell.tree(True)["nodes"] if node["key"] == "picture.target")
        left, top, width, height = node["box_px"]
        screen = rig.shell.stage.screen
        assert (left + width / 2) / screen.width_px == pytest.approx(x, abs=0.001)
        assert (top + height / 2) / screen.height_px == pytest.approx(y, abs=0.001)


def _calibrate(rig: Any, measured: Calibration) -> None:
    rig.service.apply(measured)
    rig.frames(2)


def test_a_correction_moves_every_touch_and_the_targets_take_it_uncorrected(
    rig: Any, all_scenes: dict[str, Any]
) -> None:
    rig.open(all_scenes["technician_login"])
    shift = TouchFix(shift_x=0.05)
    _calibrate(rig, Calibration(touch=shift))
    try:
        button, screen = rig.button("staff.pad.5"), rig.shell.stage.screen
        touch = rig.down(button.x + button.width / 2 - 0.05 * screen.width_px, button.y + button.height / 2)
        assert button.pressed
        touch.touch_up()
        assert rig.service.posted[-1].value == StaffEvent(StaffEv.KEY, "5")
        rig.show(all_scenes["technician_touch_0"])
        rig.clock.now_s += 1
        rig.down(0.4 * screen.width_px, 0.5 * screen.height_px).touch_up()
        told = rig.service.posted[-1].value
        assert told.kind is StaffEv.TOUCHED and told.value == pytest.approx((0.4, 0.5), abs=0.001)
    finally:
        _calibrate(rig, Calibration())


def test_another_size_of_the_panel_draws_everything_anew_at_once(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["technician_login"])
    before = rig.button("staff.pad.5").height
    try:
        _calibrate(rig, Calibration(diagonal_inch=27.0))
        assert rig.shell.stage.screen.px_per_mm == pytest.approx(3.21, abs=0.01)
        assert rig.button("staff.pad.5").height == pytest.approx(before * 21.5 / 27.0, abs=2)
        rig.tap(rig.button("staff.pad.5"))
        assert rig.service.posted == [Event(Ev.STAFF, StaffEvent(StaffEv.KEY, "5"))], "one shell takes the touch"
        rig.show(replace(all_scenes["choose"]))
        assert rig.shell.screen.page_count == 1
    finally:
        _calibrate(rig, Calibration())
    assert rig.shell.stage.screen.px_per_mm == pytest.approx(4.03, abs=0.01)


def test_there_is_no_language_to_choose_and_only_the_way_out_and_back_in_the_bar(
    rig: Any, all_scenes: dict[str, Any]
) -> None:
    rig.open(all_scenes["technician_home"])
    frame = {button.key for button in rig.shell.buttons() if button.key.startswith(("lang.", "bar."))}
    assert frame == {"bar.leave"}
    rig.show(all_scenes["technician_calibrate"])
    frame = {button.key for button in rig.shell.buttons() if button.key.startswith(("lang.", "bar."))}
    assert frame == {"bar.leave", "bar.back"}
