"""The screen that waits: nothing on it can be pressed, and whatever touches it brings the first screen and no more."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.domain.timing import REFIRE_S
from kiosk.domain.visit.machine import Ev, Overlay, VisitState

WAITS = VisitState(overlay=Overlay.ATTRACT)


def test_wherever_it_is_touched_the_first_screen_comes_and_no_button_of_it_is_pressed(rig: Any) -> None:
    """Under the finger lies a button of the first screen; the finger trembles and comes down twice."""
    rig.open(VisitState())
    start = rig.button("welcome.start_nan")
    x, y = start.x + start.width / 2, start.y + start.height / 2
    rig.show(WAITS)
    assert rig.shell.buttons() == []
    rig.down(x, y).touch_up()
    rig.frames(1)
    rig.clock.now_s += REFIRE_S / 2
    rig.down(x, y).touch_up()
    rig.frames(1)
    assert rig.service.state == VisitState()
    assert [event.kind for event in rig.service.posted] == [Ev.CLOSE]
    rig.clock.now_s += REFIRE_S
    rig.down(x, y).touch_up()
    assert rig.service.posted[-1].kind is Ev.START


@pytest.mark.parametrize("code", [273, 13, ord("h")])
def test_any_key_wakes_it_and_does_nothing_else(rig: Any, code: int) -> None:
    rig.open(WAITS)
    rig.key(code)
    assert rig.service.state == VisitState() and [event.kind for event in rig.service.posted] == [Ev.CLOSE]


def test_it_shows_both_languages_the_hours_and_the_notice_and_stands_still(
    rig: Any, all_scenes: dict[str, Any]
) -> None:
    rig.open(all_scenes["attract"])
    rig.frames(3)
    tree = rig.shell.tree(ready=True)
    shown = " ".join(str(node["name"]) for node in tree["nodes"])
    for words in ("摸一下荧幕", "摸一下屏幕", "14:30–17:30", "停水"):
        assert words in shown, shown
    before = rig.pixels()
    rig.clock.now_s += 60
    rig.frames(3)
    assert rig.pixels() == before
