"""The pad for signatures, through the window; a picture that was taken is seen and overwritten."""

from __future__ import annotations

from typing import Any

from kiosk.domain.visit.machine import Ev


def _pad(rig: Any) -> Any:
    return next(child for child in rig.shell.screen.children if type(child).__name__ == "InkPad")


def _write(rig: Any, *points: tuple[float, float]) -> None:
    """One line over the pad, in shares of it from its lower left corner."""
    pad = _pad(rig)
    places = [(pad.x + x * pad.width, pad.y + y * pad.height) for x, y in points]
    touch = rig.down(*places[0])
    for place in places[1:]:
        touch.touch_move(*place)
    touch.touch_up()


def test_a_cross_drawn_with_a_finger_can_be_signed_with(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["sign"])
    _write(rig, (0.2, 0.8), (0.4, 0.5), (0.6, 0.2))
    _write(rig, (0.6, 0.8), (0.4, 0.5), (0.2, 0.2))
    assert [event.kind for event in rig.service.posted] == [Ev.INK, Ev.INK]
    assert len(rig.service.state.papers.ink) == 2
    assert rig.button("sign.done").is_likely


def test_what_leaves_the_pad_stays_on_its_edge_in_mm(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["sign"])
    _write(rig, (0.5, 0.5), (0.5, 3.0))
    ((_, (x, y)),) = rig.service.state.papers.ink
    pad, scale = _pad(rig), rig.shell.stage.screen.px_per_mm
    assert abs(x - pad.width / 2 / scale) < 0.1 and y == 0.0


def test_a_picture_is_shown_and_gone_with_its_screen(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["capture_seen"])
    shot = next(child for child in rig.shell.screen.children if type(child).__name__ == "ShotPicture")
    assert min(shot._shown) > 200
    rig.open(all_scenes["capture_lacking"])
    assert shot._texture is None
