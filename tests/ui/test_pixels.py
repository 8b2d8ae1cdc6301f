"""Contrast read from the frame that is drawn, for every screen in all themes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pytest

from kiosk.ui.drawing.theme import LIT_RATIO, TEXT_RATIO, THEMES, contrast

EDGE_RATIO = 3.0


def _frame(rig: Any) -> Any:
    """Array [row from the bottom, column, RGB]."""
    width, height, data = rig.pixels()
    return np.frombuffer(data, np.uint8).reshape(height, width, 4)[:, :, :3]


def _ratio(a: Any, b: Any) -> float:
    return contrast(tuple(float(part) / 255 for part in a), tuple(float(part) / 255 for part in b))  # type: ignore[arg-type]


def _text_ratio(frame: Any, text: Any) -> float:
    """The commonest colour is the ground; the ink is the one that differs most among those that are not rare."""
    x, y, w, h = int(text.x), int(text.y), int(text.width), int(text.height)
    crop = frame[y : y + h, x : x + w].reshape(-1, 3).astype(np.uint32)
    codes, counts = np.unique(crop[:, 0] << 16 | crop[:, 1] << 8 | crop[:, 2], return_counts=True)
    common = codes[counts >= max(counts.sum() // 200, 8)]
    split = [((code >> 16) & 255, (code >> 8) & 255, code & 255) for code in (codes[counts.argmax()], *common)]
    return max(_ratio(split[0], colour) for colour in split)


@dataclass
class Seen:
    """Ratios in the frames of one theme: (scene, words) -> how much they stand out of their ground."""

    texts: dict[tuple[str, str], float] = field(default_factory=dict)
    lit: dict[tuple[str, str], float] = field(default_factory=dict)
    edges: dict[tuple[str, str], float] = field(default_factory=dict)
    """Of buttons."""


@pytest.fixture(scope="module")
def seen(session_rig: Any, some_of: Any, with_access: Any) -> Callable[[str], Seen]:
    """Each frame is drawn once, for all who measure in it."""

    @cache
    def look(theme: str) -> Seen:
        session_rig.open()
        found = Seen()
        for name, state in some_of(list(THEMES).index(theme), len(THEMES)).items():
            if theme != "day" and (hasattr(state, "vendor") or state.overlay.value == "attract"):
                continue  # technician mode has one theme, and between visits nobody has chosen another
            session_rig.show(with_access(state, theme=theme))
            _measure(session_rig, name, found)
        return found

    return look


def _measure(rig: Any, name: str, found: Seen) -> None:
    from kiosk.ui.widgets.text import Text

    frame = _frame(rig)
    for widget in rig.shell.walk(restrict=True):
        if isinstance(widget, Text):
            is_lit = getattr(widget.parent, "lit", False)
            (found.lit if is_lit else found.texts)[name, widget.text] = _text_ratio(frame, widget)
    for button in rig.shell.buttons():
        if button.lit:
            continue  # its wide frame reaches beyond: measured where choosing by ear is
        middle, left = int(button.y + button.height / 2), int(button.x)
        ratio = _ratio(frame[middle, left + 1], frame[middle, left - 4])
        found.edges[name, button.name] = min(ratio, found.edges.get((name, button.name), ratio))


def _weak(ratios: dict[tuple[str, str], float], least: float) -> dict[tuple[str, str], float]:
    return {what: round(ratio, 1) for what, ratio in ratios.items() if ratio < least}


@pytest.mark.parametrize("theme", THEMES)
def test_all_words_stand_out_as_much_as_the_theme_promises(
    seen: Any, theme: str, record_property: Callable[[str, object], None]
) -> None:
    ratios = seen(theme).texts
    record_property("figure", f"{theme}: {len(ratios)} texts, weakest {min(ratios.values()):.1f} to 1")
    assert not _weak(ratios, TEXT_RATIO[theme]) | _weak(seen(theme).lit, LIT_RATIO[theme])


@pytest.mark.parametrize("theme", THEMES)
def test_every_button_has_an_edge_that_can_be_seen(seen: Any, theme: str) -> None:
    edges = seen(theme).edges
    assert edges and not _weak(edges, EDGE_RATIO)


@pytest.mark.parametrize("theme", THEMES)
def test_the_focus_ring_is_two_millimetres_of_at_least_three_to_one(
    rig: Any, all_scenes: dict[str, Any], with_access: Any, theme: str
) -> None:
    rig.open(with_access(all_scenes["ask"], theme=theme))
    rig.key(274)
    rig.frames(2)
    button = next(button for button in rig.shell.buttons() if button.focused)
    frame, mm = _frame(rig), rig.shell.stage.screen.px_per_mm
    row = frame[int(button.y + button.height / 2), : int(button.x)]
    ground = frame[int(button.y + button.height / 2), 2]
    ring = [pixel for pixel in row if _ratio(pixel, ground) >= EDGE_RATIO]
    assert len(ring) >= 2.0 * mm


@pytest.mark.parametrize("theme", THEMES)
def test_the_clause_that_is_said_is_lit_and_still_reads(
    rig: Any, all_scenes: dict[str, Any], with_access: Any, theme: str
) -> None:
    rig.open(with_access(all_scenes["identify"], theme=theme))
    question = rig.shell.screen.texts[0]
    before = _frame(rig).copy()
    rig.service.clause(question.key, 1)
    rig.frames(2)
    frame = _frame(rig)
    changed = np.argwhere((before != frame).any(axis=2))
    box = (int(question.y), int(question.y + question.height))
    lit = [row for row, column in changed if column > question.x and box[0] <= row <= box[1]]
    assert lit, "nothing was lit"
    assert max(lit) < question.y + question.height / 2 + 4, "the second clause stands in the second row"
    assert _text_ratio(frame, question) >= LIT_RATIO[theme]
    rig.service.clause(None, 0)
    rig.frames(2)
    assert (_frame(rig) == before).all()


def test_a_press_darkens_the_button_and_sinks_it_by_a_millimetre(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["ask"])
    button = rig.button("ask.account.other")
    before = _frame(rig).copy()
    touch = rig.down(button.x + button.width / 2, button.y + button.height / 2)
    rig.frames(2)
    after = _frame(rig)
    left, middle = int(button.x + 60), int(button.y + button.height / 2)
    assert int(after[middle, left].sum()) < int(before[middle, left].sum()) - 60
    sunk = round(rig.shell.stage.screen.px_per_mm)
    top = int(button.y + button.height)
    ground = before[top + 4, left]
    assert (after[top - sunk + 1 : top, left] == ground).all(), "the upper edge has gone down"
    touch.touch_up()
    rig.frames(2)
