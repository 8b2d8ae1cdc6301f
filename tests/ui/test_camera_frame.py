"""The camera's picture in technician mode: seen as it is, its box told apart from anything, and nothing left of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kiosk.domain.technician.calibration import WHOLE_PICTURE, CameraBox
from kiosk.domain.technician.sight import Sight

RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 170, 40), (30, 50, 200), (235, 235, 235)
WIDE, HIGH = (480, 270), (480, 360)
BOX = CameraBox(20, 30, 50, 40)


def _fields(size: tuple[int, int]) -> Sight:
    """Red, green, blue and white, clockwise from the upper left."""
    width, height = size
    pixels = np.zeros((height, width, 3), np.uint8)
    half_y, half_x = height // 2, width // 2
    pixels[:half_y, :half_x], pixels[:half_y, half_x:] = RED, GREEN
    pixels[half_y:, half_x:], pixels[half_y:, :half_x] = BLUE, WHITE
    return Sight(width, height, pixels.tobytes())


def _plain(tone: int) -> Sight:
    return Sight(*WIDE, bytes([tone]) * (WIDE[0] * WIDE[1] * 3))


def _see(rig: Any, sight: Sight | None) -> None:
    rig.service.sight = sight
    rig.service.see()
    rig.frames(2)


def _open(rig: Any, all_scenes: dict[str, Any], box: CameraBox = BOX, edge: str = "left") -> Any:
    scene = all_scenes["technician_camera"]
    measured = replace(scene.vendor.calibration, camera=box)
    rig.service.sight = None
    rig.open(replace(scene, vendor=replace(scene.vendor, calibration=measured, edge=edge)))
    return _frame(rig)


def _frame(rig: Any) -> Any:
    from kiosk.ui.widgets.camera_frame import CameraFrame

    return next(widget for widget in rig.shell.walk(restrict=True) if isinstance(widget, CameraFrame))


def _pixels(rig: Any) -> np.ndarray:
    """Rows from the bottom, as Kivy counts."""
    width, height, data = rig.pixels()
    return np.frombuffer(data, np.uint8).reshape(height, width, 4)[:, :, :3].astype(int)


@pytest.mark.parametrize("size", [WIDE, HIGH])
def test_the_picture_stands_upright_in_its_colours_and_shape(
    rig: Any, all_scenes: dict[str, Any], size: tuple[int, int]
) -> None:
    frame = _open(rig, all_scenes, WHOLE_PICTURE)
    _see(rig, _fields(size))
    x, y, width, height = frame.picture_area()
    assert width / height == pytest.approx(size[0] / size[1], abs=0.01)
    seen = _pixels(rig)
    for colour, across, up in ((RED, 0.3, 0.7), (GREEN, 0.7, 0.7), (BLUE, 0.7, 0.3), (WHITE, 0.3, 0.3)):
        assert np.abs(seen[int(y + up * height), int(x + across * width)] - np.array(colour)).max() <= 3
    assert frame.x <= x and x + width <= frame.x + frame.width
    assert frame.y <= y and y + height <= frame.y + frame.height


def test_what_counts_is_as_bright_as_it_is_and_the_rest_is_shaded(rig: Any, all_scenes: dict[str, Any]) -> None:
    frame = _open(rig, all_scenes)
    _see(rig, _plain(200))
    x, y, width, height = frame.picture_area()
    seen = _pixels(rig)
    assert seen[int(y + 0.45 * height), int(x + 0.6 * width)].tolist() == [200] * 3
    for across, up in ((0.05, 0.5), (0.95, 0.5), (0.5, 0.05), (0.5, 0.95)):
        assert seen[int(y + up * height), int(x + across * width)].max() < 110


def _luminance(rgb: Any) -> float:
    """WCAG 2.2, relative luminance."""
    parts = np.asarray(rgb, float) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))


def _contrast(one: Any, other: Any) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("edge", ["left", "right", "top", "bottom"])
@pytest.mark.parametrize("tone", [0, 60, 118, 200, 255])
def test_every_edge_of_the_box_stands_out_from_any_picture(
    rig: Any, all_scenes: dict[str, Any], tone: int, edge: str
) -> None:
    """WCAG 2.2 1.4.11: 3:1, inside and outside; across each edge, at a quarter of its length."""
    frame = _open(rig, all_scenes, edge=edge)
    _see(rig, _plain(tone))
    x, y, width, height = frame.box_area()
    seen, reach = _pixels(rig), 40
    at_x, at_y = x + width // 4, y + height // 4
    cuts = {
        "left": seen[at_y, x - reach : x + reach],
        "right": seen[at_y, x + width - reach : x + width + reach],
        "bottom": seen[y - reach : y + reach, at_x],
        "top": seen[y + height - reach : y + height + reach, at_x],
    }
    for name, cut in cuts.items():
        line = [pixel for pixel in cut if pixel.tolist() not in (cut[0].tolist(), cut[-1].tolist())]
        line += [pixel for pixel in cut if pixel.tolist() in ([0, 0, 0], [255, 255, 255])]
        for beside in (cut[0], cut[-1]):
            assert max(_contrast(pixel, beside) for pixel in line) >= 3.0, (name, tone, beside)


@pytest.mark.parametrize("edge", ["left", "right", "top", "bottom"])
def test_the_edge_that_moves_has_a_handle_of_another_colour(rig: Any, all_scenes: dict[str, Any], edge: str) -> None:
    frame = _open(rig, all_scenes, edge=edge)
    _see(rig, _plain(128))
    x, y, width, height = frame.box_area()
    seen, mark = _pixels(rig), [round(part * 255) for part in rig.shell.stage.look.colour.mark]
    middles = {
        "left": (x, y + height // 2),
        "right": (x + width, y + height // 2),
        "bottom": (x + width // 2, y),
        "top": (x + width // 2, y + height),
    }
    marked = [name for name, (at_x, at_y) in middles.items() if np.abs(seen[at_y, at_x] - np.array(mark)).max() <= 2]
    assert marked == [edge]


def test_a_new_picture_changes_pixels_and_no_tree(rig: Any, all_scenes: dict[str, Any]) -> None:
    frame = _open(rig, all_scenes)
    _see(rig, _plain(40))
    x, y, width, height = frame.picture_area()
    rig.trees.clear()
    _see(rig, _plain(220))
    assert _pixels(rig)[y + height // 2, x + width // 2].tolist() == [220] * 3
    assert rig.trees == [], "nothing is told to the observer"


def test_the_picture_is_still_there_after_a_step_and_gone_with_its_page(rig: Any, all_scenes: dict[str, Any]) -> None:
    frame = _open(rig, all_scenes, WHOLE_PICTURE)
    _see(rig, _fields(WIDE))
    texture = frame._texture
    scene = rig.service.state
    rig.show(replace(scene, vendor=replace(scene.vendor, edge="top")))
    again = _frame(rig)
    assert again is not frame
    x, y, width, height = again.picture_area()
    assert _pixels(rig)[int(y + 0.3 * height), int(x + 0.3 * width)].tolist() == list(WHITE)
    assert set(texture.pixels[:3]) == {0} and not any(_ink(texture)), "the old one is overwritten"
    texture = again._texture
    _see(rig, None)
    assert not any(_ink(texture))
    assert _pixels(rig)[int(y + 0.3 * height), int(x + 0.3 * width)].tolist() != list(WHITE)
    rig.show(all_scenes["technician_home"])
    assert rig.shell.screen._frame is None


def _ink(texture: Any) -> bytes:
    """Its colours, without the alpha that reading adds."""
    pixels = np.frombuffer(texture.pixels, np.uint8).reshape(-1, 4)
    return pixels[:, :3].tobytes()


def test_a_fault_is_told_in_its_own_words_and_an_undo_never_takes_the_place_of_the_next_edge(
    rig: Any, all_scenes: dict[str, Any]
) -> None:
    rig.service.sight = None
    rig.open(all_scenes["technician_camera_covered"])
    keys = [node["key"] for node in rig.shell.tree(True)["nodes"]]
    assert "fault.camera_covered" in keys and "staff.camera.at_once" not in keys
    assert "CAM-002" in str(rig.shell.tree(True)["nodes"])
    where = rig.button("staff.camera.next").box
    scene = rig.service.state
    measured = replace(scene.vendor.calibration, camera=BOX)
    rig.show(replace(scene, vendor=replace(scene.vendor, calibration=measured)))
    assert rig.button("staff.calibrate.undo").box != where
    assert rig.button("staff.camera.next").box == where
