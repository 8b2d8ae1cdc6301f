"""The pad for signatures, through the window; a picture that was taken is seen and overwritten."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kiosk.domain.screens.compose import TEXT_SIZES
from kiosk.domain.speech import Lang
from kiosk.domain.visit.machine import Ev, Step
from kiosk.ui.drawing.theme import ScreenConfig
from kiosk.ui.widgets.text import Text


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


def _pages(rig: Any) -> list[list[Any]]:
    """What stands on each page, the first page first."""
    screen = rig.shell.screen
    screen.turn(-screen.page)
    found = [list(screen.children)]
    while screen.page + 1 < screen.page_count:
        screen.turn(1)
        found.append(list(screen.children))
    return found


def _words(page: list[Any]) -> set[str]:
    return {part.text for part in page if isinstance(part, Text)}


@pytest.mark.parametrize("lang", Lang)
def test_a_promise_is_read_whole_in_the_largest_words_before_it_is_answered_on_the_second_page(
    rig: Any, all_scenes: dict[str, Any], with_access: Any, lang: Lang
) -> None:
    rig.open(screen=ScreenConfig(diagonal_inch=21.5, fullscreen=False))
    promises = {name: state for name, state in all_scenes.items() if name.startswith(("commit_", "sign"))}
    assert len({state.item_id for state in promises.values()}) == 6
    for name, state in promises.items():
        rig.service.show(with_access(replace(state, lang=lang), size=TEXT_SIZES - 1))
        view, pages = rig.service.view, _pages(rig)
        assert len(pages) <= 2, name
        promise = view.body[0] if state.step is Step.SIGN else view.question
        assert {rig.shell.stage.show(line) for line in (view.question, promise)} <= _words(pages[0]), name
        answers = [part.key for part in pages[-1] if type(part).__name__ == "AnswerButton"]
        assert {choice.line.key for choice in view.choices} <= set(answers), name
        assert state.step is not Step.SIGN or any(type(part).__name__ == "InkPad" for part in pages[-1]), name


def test_in_the_largest_words_the_pad_stays_under_the_finger_that_signs(
    rig: Any, all_scenes: dict[str, Any], with_access: Any
) -> None:
    rig.open(with_access(all_scenes["sign"], size=TEXT_SIZES - 1), ScreenConfig(diagonal_inch=21.5, fullscreen=False))
    rig.shell.screen.turn(1)
    _write(rig, (0.2, 0.8), (0.8, 0.2))
    _write(rig, (0.8, 0.8), (0.2, 0.2))
    assert len(rig.service.state.papers.ink) == 2
    assert _pad(rig).parent is rig.shell.screen and rig.shell.screen.page == 1
    rig.tap(rig.button("sign.done"))
    assert rig.service.posted[-1].kind is Ev.AGREE


def test_a_picture_is_shown_and_gone_with_its_screen(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["capture_seen"])
    shot = next(child for child in rig.shell.screen.children if type(child).__name__ == "ShotPicture")
    assert min(shot._shown) > 200
    rig.open(all_scenes["capture_lacking"])
    assert shot._texture is None
