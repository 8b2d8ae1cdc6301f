"""The settings' scales: one page at every size, a bar that counts, one step a press."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kiosk.domain.ear.state import Ear
from kiosk.domain.screens.compose import TEXT_SIZES
from kiosk.domain.speech import RATES, VOLUME_DEFAULT, VOLUME_STEPS, Lang

HEARD = Ear(panel=1)


def _bar(rig: Any, key: str) -> str:
    return str(next(node["name"] for node in rig.shell.tree(True)["nodes"] if node["key"] == key))


@pytest.mark.parametrize("lang", Lang)
def test_all_settings_stand_on_one_page_until_the_words_are_very_large(
    rig: Any, all_scenes: dict[str, Any], with_access: Callable[..., Any], lang: Lang
) -> None:
    for size, most in zip(range(TEXT_SIZES), (1, 1, 2, 4), strict=True):
        rig.open(with_access(replace(all_scenes["over_access"], lang=lang), size=size))
        assert rig.shell.screen.page_count <= most, size


def test_every_page_can_be_reached_at_the_largest_size(rig: Any, some_of: Any, with_access: Callable[..., Any]) -> None:
    rig.open()
    for name, state in some_of(1, 4).items():
        if hasattr(state, "vendor"):
            continue  # technician mode has one size
        rig.service.show(with_access(state, size=TEXT_SIZES - 1))
        rig.shell.screen.turn(-rig.shell.screen.page)  # choosing by ear opens the page of what is lit
        pages = [rig.shell.screen.page]
        while rig.shell.screen.page + 1 < rig.shell.screen.page_count and len(pages) < 20:
            rig.shell.screen.turn(1)
            pages.append(rig.shell.screen.page)
        assert pages == list(range(rig.shell.screen.page_count)), name


def test_a_press_moves_the_bar_by_one_step(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(replace(all_scenes["over_access"], ear=HEARD))
    assert _bar(rig, "access.volume.bar") == f"{VOLUME_DEFAULT} / {VOLUME_STEPS}"
    assert _bar(rig, "access.rate.bar") == f"4 / {len(RATES)}"
    rig.button("access.softer").fire()
    rig.button("access.faster").fire()
    access = rig.service.state.access
    assert (access.volume_step, access.rate_percent) == (VOLUME_DEFAULT - 1, 125)
    assert _bar(rig, "access.volume.bar") == f"{VOLUME_DEFAULT - 1} / {VOLUME_STEPS}"
    assert _bar(rig, "access.rate.bar") == f"5 / {len(RATES)}"


def test_the_keys_of_the_keypad_move_the_same_bar_down_to_silence(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(replace(all_scenes["over_access"], ear=HEARD))
    for _ in range(VOLUME_STEPS):
        rig.key(269)
    assert _bar(rig, "access.volume.bar") == f"0 / {VOLUME_STEPS}"
    assert not rig.service.state.access.voice
    rig.key(270)
    assert rig.service.state.access.voice
