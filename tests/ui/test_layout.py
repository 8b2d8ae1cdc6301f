"""Every screen, overlay and page, in two sizes and two languages, on three panels: measured from the widgets."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from kiosk.domain.screens.compose import TEXT_SIZES
from kiosk.domain.speech import Lang
from kiosk.domain.visit.machine import Overlay, Step
from kiosk.ui import semantics
from kiosk.ui.drawing.text_layout import units
from kiosk.ui.drawing.theme import GAP_MIN_MM, GAP_TIGHT_MM, TARGET_MM, ScreenConfig

DIAGONALS = (21.5, 27.0, 32.0)
NARROWEST = min(DIAGONALS)
_SHARE = 8
"""On larger panels, where everything has more room, each size shows another eighth of the scenes."""
_MIDDLE_SHARE = 4
"""Of the sizes between the smallest and the largest words; `make proof-access` shows all of all."""
HAN_INK_MM = 12.3
Figure = Callable[[str, object], None]


def _all_pages(rig: Any) -> Iterator[Any]:
    """Each page of the present view, by pressing the pager as a resident would."""
    if rig.shell.screen.page:
        rig.shell.screen.turn(-rig.shell.screen.page)
    yield rig.shell.screen
    while rig.shell.screen.page + 1 < rig.shell.screen.page_count:
        rig.shell.screen.turn(1)
        yield rig.shell.screen


def _step(diagonal: float, size: int) -> int:
    """Every so many scenes; each language shows others of them: on the narrowest panel all in the smallest words, each
    in one language in the largest.
    """
    if os.environ.get("ALL_SCENES") or (diagonal == NARROWEST and size == 0):
        return 1
    return 2 if diagonal == NARROWEST and size == TEXT_SIZES - 1 else _MIDDLE_SHARE if diagonal == NARROWEST else _SHARE


def _renders(
    rig: Any, scenes: dict[str, Any], diagonal: float, size: int, with_access: Callable[..., Any]
) -> Iterator[str]:
    rig.open(screen=ScreenConfig(diagonal_inch=diagonal, fullscreen=False))
    step = _step(diagonal, size)
    for at, lang in enumerate(Lang):
        for name, state in list(scenes.items())[(size + at) % step :: step]:
            if hasattr(state, "vendor") and (size or lang is not Lang.CMN):
                continue  # technician mode has one size and one language
            rig.service.show(with_access(replace(state, lang=lang), size=size))
            for page, _ in enumerate(_all_pages(rig)):
                yield f'{name} size {size} {lang.value} page {page + 1} on {diagonal}"'


def _texts(root: Any) -> Iterator[Any]:
    from kiosk.ui.widgets.text import Text

    for widget in root.walk(restrict=True):
        if isinstance(widget, Text):
            yield widget


def _box(widget: Any) -> tuple[float, float, float, float]:
    return (widget.x, widget.y, widget.x + widget.width, widget.y + widget.height)


def _inside(inner: Any, outer: Any, slack: float = 1.0) -> bool:
    a, b = _box(inner), _box(outer)
    return a[0] >= b[0] - slack and a[1] >= b[1] - slack and a[2] <= b[2] + slack and a[3] <= b[3] + slack


def _gap(a: Any, b: Any) -> float:
    """Distance of two boxes in pixels, negative when they overlap."""
    p, q = _box(a), _box(b)
    dx, dy = max(p[0] - q[2], q[0] - p[2]), max(p[1] - q[3], q[1] - p[3])
    return max(dx, dy) if max(dx, dy) <= 0 or min(dx, dy) <= 0 else (dx * dx + dy * dy) ** 0.5


def _gaps_mm(rig: Any) -> list[tuple[Any, Any, float]]:
    """Between every two targets."""
    mm = rig.shell.stage.screen.px_per_mm
    return [(a, b, _gap(a, b) / mm) for a, b in combinations(rig.shell.buttons(), 2)]


def _faults(rig: Any, gaps_mm: list[tuple[Any, Any, float]]) -> list[str]:
    shell, mm = rig.shell, rig.shell.stage.screen.px_per_mm
    buttons, texts = shell.buttons(), list(_texts(shell))
    found = [f"{b.name}: target {b.width / mm:.1f} x {b.height / mm:.1f} mm" for b in buttons if _too_small(b, mm)]
    found += [f"{a.name} / {b.name}: {gap_mm:.1f} mm apart" for a, b, gap_mm in gaps_mm if gap_mm < GAP_MIN_MM]
    found += [f"{b.name} leaves the window" for b in buttons if not _inside(b, shell, 0)]
    found += [f"{t.text}: wider than its place" for t in texts if not t.fits()]
    found += [
        f"{t.text}: drawn as another size than measured" for t in _texts(shell) if t._rectangle.size[0] != t.width
    ]
    found += [f"{t.text}: leaves its {type(t.parent).__name__}" for t in texts if not _inside(t, t.parent)]
    filled = [b.name for b in buttons if b.style.filled]
    if len(filled) > 1:
        found.append(f"filled: {filled}")
    return found + _overlaps(shell)


def _least(rig: Any, gaps_mm: list[tuple[Any, Any, float]], least: list[float]) -> list[float]:
    """Smallest side and smallest gap so far, in millimetres."""
    buttons, mm = rig.shell.buttons(), rig.shell.stage.screen.px_per_mm
    sides = [min(button.width, button.height) / mm for button in buttons]
    return [min([least[0], *sides]), min([least[1], *(gap_mm for _, _, gap_mm in gaps_mm)])]


def _too_small(button: Any, mm: float) -> bool:
    return min(button.width, button.height) / mm < TARGET_MM


def _overlaps(shell: Any) -> list[str]:
    """Nothing on the sheet lies over anything else."""
    parts = [child for child in shell.screen.children if child is not shell.screen.mark and child.height]
    return [
        f"{type(a).__name__} over {type(b).__name__} {getattr(a, 'name', '')} {getattr(b, 'name', '')}"
        for a, b in combinations(parts, 2)
        if _gap(a, b) < 0
    ]


@dataclass
class Walk:
    """What all pages of the shown scenes had on one panel in one size, in both languages."""

    wrong: list[str] = field(default_factory=list)
    count: int = 0
    least: list[float] = field(default_factory=lambda: [1000.0, 1000.0])
    """Smallest side and smallest gap, in millimetres."""
    texts: set[str] = field(default_factory=set)
    ink_mm: dict[str, float] = field(default_factory=dict)
    """Row -> height of its ink; of the default size alone."""
    boxes: list[tuple[str, str]] = field(default_factory=list)
    torn: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Text -> its rows, where one of them ends inside a word that had room on a row of its own."""
    decisions: dict[str, list[str]] = field(default_factory=dict)
    """First page -> keys of what is to be decided on it."""


@pytest.fixture(scope="module")
def walked(
    session_rig: Any, all_scenes: dict[str, Any], with_access: Callable[..., Any]
) -> Callable[[float, int], Walk]:
    """The screens are drawn up once for each panel and size, for all who measure them."""

    @cache
    def walk(diagonal: float, size: int) -> Walk:
        found = Walk()
        for where in _renders(session_rig, all_scenes, diagonal, size, with_access):
            found.count += 1
            gaps_mm = _gaps_mm(session_rig)
            found.wrong += [f"{where}: {fault}" for fault in _faults(session_rig, gaps_mm)]
            found.least = _least(session_rig, gaps_mm, found.least)
            found.torn |= {text.text: _rows(text) for text in _texts(session_rig.shell) if _tears(session_rig, text)}
            if size == 0:
                _read(session_rig, where, found)
        return found

    return walk


def _rows(text: Any) -> tuple[str, ...]:
    return tuple(text.text[row.start : row.end] for row in text.rows)


def _tears(rig: Any, text: Any) -> bool:
    """A key's or card's title in the fewest rows may tear a word; nothing else does."""
    if text.tight or len(text.rows) < 2:
        return False
    torn = rig.words.inside(text.text)
    ends = [row.start for row in text.rows[1:] if row.start in torn]
    return any(text._width_of(_word_around(text.text, torn, end)) <= text.available for end in ends)


def _word_around(text: str, torn: Any, at: int) -> str:
    """With the marks that cannot leave it."""
    first, last = at, at
    while first in torn:
        first -= 1
    while last in torn:
        last += 1
    ends = [end for start, end in units(text) if start < last <= end]
    starts = [start for start, end in units(text) if start <= first < end]
    return text[starts[0] : ends[0]]


def _read(rig: Any, where: str, found: Walk) -> None:
    """Words by their pixels and faces, and what has to be decided."""
    mm, fonts = rig.shell.stage.screen.px_per_mm, rig.shell.stage.fonts
    faces = {fonts.main.name: fonts.main, fonts.second.name: fonts.second}
    for text in _texts(rig.shell):
        if text.text in found.texts:
            continue
        found.texts.add(text.text)
        found.boxes += [
            (text.text, run) for name, run in fonts.runs(text.text) if not faces[name].has(run) or "□" in run
        ]
        if _han(text.text):
            found.ink_mm |= {row: ink for row, ink in _ink_rows_mm(text, mm) if _han(row) >= 2}
    if rig.shell.screen.page == 0:
        shown = [button.key for button in rig.shell.buttons() if button.parent is rig.shell.screen]
        # The keys of a pad are one answer in pieces; turning a page and the red bar are no answers.
        found.decisions[where] = [key for key in shown if key not in ("browse.previous", "browse.next", "bar.cannot")]


@pytest.mark.parametrize("size", range(TEXT_SIZES))
@pytest.mark.parametrize("diagonal", DIAGONALS)
def test_targets_gaps_and_texts_have_their_size_and_place_on_every_screen(
    walked: Any, all_scenes: dict[str, Any], diagonal: float, size: int, record_property: Figure
) -> None:
    found = walked(diagonal, size)
    target_mm, gap_mm = found.least
    record_property(
        "figure",
        f'{diagonal}" size {size + 1}: {found.count} renders, smallest target {target_mm:.1f} mm, gap {gap_mm:.1f} mm',
    )
    assert not found.wrong, "\n".join(found.wrong[:40])
    residents = [state for state in all_scenes.values() if not hasattr(state, "vendor")]
    step = _step(diagonal, size)
    assert found.count >= len(residents) * len(Lang) // (1 if step == 1 else 2 * step)


@pytest.mark.parametrize("size", [pytest.param(size, id=f"{NARROWEST}-{size}") for size in range(TEXT_SIZES)])
def test_no_row_of_a_text_ends_inside_a_word_that_has_room(walked: Any, size: int) -> None:
    assert walked(NARROWEST, size).torn == {}


def test_a_text_that_leaves_its_box_and_a_small_target_are_found(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["ask"])
    assert not _faults(rig, _gaps_mm(rig))
    answer = rig.button("ask.account.yes")
    answer.settle(answer.natural // 3)
    found = _faults(rig, _gaps_mm(rig))
    assert any("target" in fault for fault in found)
    assert any("leaves" in fault for fault in found)


def _ink_rows_mm(text: Any, mm: float) -> Iterator[tuple[str, float]]:
    """(row, height of its ink in millimetres), read from the pixels that are drawn."""
    texture = text._rectangle.texture
    alpha = np.frombuffer(texture.pixels, np.uint8).reshape(texture.height, texture.width, 4)[:, :, 3]
    line = round(text.font_px * 1.34)
    for at, row in enumerate(text.rows):
        first = texture.height - (len(text.rows) - at) * line
        rows = np.flatnonzero((alpha[max(first, 0) : first + line] > 96).any(axis=1))
        yield text.text[row.start : row.end], (rows[-1] - rows[0] + 1) / mm if len(rows) else 0.0


def _han(text: str) -> int:
    return sum("一" <= char <= "鿿" for char in text)


@pytest.mark.parametrize("diagonal", DIAGONALS)
def test_every_label_has_12_3_mm_of_han_ink_at_the_default_size(
    walked: Any, diagonal: float, record_property: Figure
) -> None:
    heights = walked(diagonal, 0).ink_mm
    record_property("figure", f'{diagonal}": {len(heights)} rows of ink, lowest {min(heights.values()):.1f} mm')
    assert len(heights) > (150 if diagonal == NARROWEST else 40)
    low = {row: ink for row, ink in heights.items() if ink < HAN_INK_MM}
    assert not low, low


def test_the_keys_of_the_frame_stand_at_the_same_place_on_every_screen(
    rig: Any, all_scenes: dict[str, Any], with_access: Any
) -> None:
    rig.open()
    for size in range(TEXT_SIZES):
        places: dict[str, tuple[float, ...]] = {}
        for name, state in list(all_scenes.items())[size::TEXT_SIZES]:
            if size and hasattr(state, "vendor"):
                continue  # technician mode has one size
            rig.service.show(with_access(state, size=size))
            for button in rig.shell.buttons():
                if button.key.startswith(("bar.", "lang.", "ear.begin")) and button.key != "bar.cannot":
                    place = places.setdefault(button.key, _box(button))
                    moved = max(abs(a - b) for a, b in zip(place, _box(button), strict=True))
                    assert moved / rig.shell.stage.screen.px_per_mm <= 2.0, (name, button.key)
        bar = {"bar.leave", "bar.back", "bar.again", "bar.access", "bar.help", "bar.pause", "ear.begin"}
        assert set(places) == {*bar, "lang.nan", "lang.cmn"}


def test_no_character_is_a_box(walked: Any) -> None:
    found = walked(NARROWEST, 0)
    assert not found.boxes and len(found.texts) > 150


def test_home_shows_six_cards_the_red_bar_and_the_frame_on_one_page(rig: Any, all_scenes: dict[str, Any]) -> None:
    from kiosk.ui.widgets.answers import RedBar, ServiceCard

    for lang in Lang:
        rig.open(replace(all_scenes["choose"], lang=lang))
        kinds = [type(child) for child in rig.shell.screen.children]
        assert rig.shell.screen.page_count == 1
        assert kinds.count(ServiceCard) == 6
        assert kinds.count(RedBar) == 1


_MORE_ANSWERS = {Step.CHOOSE: 6, Step.BOOK_TIME: 6, Step.RATE: 6}
"""The home screen's services, hours of a day (short words), the five grades of the public scale and none of them."""
_ANSWERS, _BESIDE_CARDS = 4, 2


def _too_many(view: Any) -> bool:
    """Answers to the one question: the cards, with at most two ways on beside them, or else the choices."""
    most = _ANSWERS if view.overlay is not Overlay.NONE else _MORE_ANSWERS.get(view.step, _ANSWERS)
    answers = len(view.cards or view.choices)
    return answers > most or (bool(view.cards) and len(view.choices) > _BESIDE_CARDS)


def test_no_screen_has_more_answers_than_four_nor_more_decisions_than_six(
    walked: Any, rig: Any, all_scenes: dict[str, Any], record_property: Figure
) -> None:
    for where, keys in walked(NARROWEST, 0).decisions.items():
        assert len(keys) <= 6, (where, keys)
    rig.open()
    for name, state in all_scenes.items():
        # Answers are counted in the view: nothing need be drawn.
        rig.service.state = state
        assert hasattr(state, "vendor") or not _too_many(rig.service.view), name
    record_property("figure", f"{len(all_scenes)} screens: 4 answers, 6 on home, hours and grades")


def test_a_page_that_is_turned_is_built_once(
    rig: Any, all_scenes: dict[str, Any], with_access: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.open(with_access(all_scenes["review"], size=TEXT_SIZES - 1))
    screen = rig.shell.screen
    built: list[object] = []
    build = type(screen)._build_with
    monkeypatch.setattr(type(screen), "_build_with", lambda *given: (built.append(given[2]), build(*given)))
    assert screen.page_count > 2
    screen.turn(1)
    assert built == [rig.shell.stage.look.mm(GAP_TIGHT_MM)]


def test_words_that_are_only_measured_are_not_drawn(rig: Any) -> None:
    from kivy.uix.widget import Widget

    from kiosk.ui.widgets.text import Text

    stage = rig.open().stage
    text = Text(stage, "请把身份证放在发亮的地方", width=stage.look.mm(100))
    measured = tuple(text.size)
    assert text._rectangle is None and min(measured) > 0
    text.pos = (30, 40)
    Widget().add_widget(text)
    assert text._rectangle.texture is not None and text._rectangle.pos == (30, 40)
    assert text._rectangle.size[0] == measured[0] and tuple(text.size) == measured


def test_every_page_of_a_screen_can_be_reached_and_nothing_is_lost(
    rig: Any, all_scenes: dict[str, Any], with_access: Any
) -> None:
    rig.open(with_access(all_scenes["review"], size=1))
    view = rig.service.view
    seen: set[str] = set()
    pages = 0
    for _ in _all_pages(rig):
        pages += 1
        seen |= {widget.name for widget in semantics.described(rig.shell)}
    assert pages == rig.shell.screen.page_count >= 2
    for fact in view.facts:
        assert rig.shell.stage.show(replace(view.question, key=fact.label, args={})) in seen
    rig.tap(rig.button("browse.previous"))
    assert rig.shell.screen.page == pages - 2
