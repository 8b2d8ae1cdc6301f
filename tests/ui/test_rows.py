"""Rows of the access list that the window itself shows: lines, grey, hues, the likely answer, taps, what is said."""

from __future__ import annotations

import colorsys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from kiosk.domain.screens.compose import TEXT_SIZES
from kiosk.domain.speech import ArgKind, Lang, Line, Privacy, Utterance
from kiosk.ui import semantics
from kiosk.ui.drawing.theme import THEMES, contrast
from kiosk.ui.widgets.button import BigButton
from kiosk.ui.widgets.text import Text

LINES_APART = 1.3
LIKELY_MM = (30.0, 25.0)
GREY_RATIO = 3.0
QUIET_S = 119.0
Figure = Callable[[str, object], None]


def _texts(root: Any) -> Iterator[Text]:
    return (widget for widget in root.walk(restrict=True) if isinstance(widget, Text))


def _of_residents(all_scenes: dict[str, Any]) -> dict[str, Any]:
    return {name: state for name, state in all_scenes.items() if not hasattr(state, "vendor")}


@dataclass
class Walk:
    """What every screen shows in one text size."""

    apart: list[float] = field(default_factory=list)
    """Distances of lines, in ems."""
    filled: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    """Scene -> width and height of its filled buttons, in millimetres."""


@pytest.fixture(scope="module")
def walked(session_rig: Any, some_of: Any) -> Callable[[int], Walk]:
    """All screens are drawn up once for each size, for all who measure them."""

    @cache
    def walk(size: int) -> Walk:
        session_rig.open()
        mm, found = session_rig.shell.stage.screen.px_per_mm, Walk()
        for name, state in _of_residents(some_of(size, 2)).items():
            session_rig.service.show(replace(state, access=replace(state.access, size=size)))
            texts = [text for text in _texts(session_rig.shell) if len(text.rows) > 1]
            found.apart += [text.height / len(text.rows) / text.font_px for text in texts]
            filled = [button for button in session_rig.shell.buttons() if button.style.filled]
            found.filled[name] = [(button.width / mm, button.height / mm) for button in filled]
        return found

    return walk


@pytest.mark.parametrize("size", range(TEXT_SIZES))
def test_lines_stand_1_3_apart_in_every_size(walked: Any, size: int, record_property: Figure) -> None:
    apart = walked(size).apart
    record_property("figure", f"size {size + 1}: {min(apart):.2f} lines")
    assert min(apart) >= LINES_APART


def _grey(colour: tuple[float, float, float]) -> tuple[float, float, float]:
    light = 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]
    return (light, light, light)


@pytest.mark.parametrize("theme", THEMES)
def test_in_grey_the_likely_answer_and_the_others_are_told_apart(
    rig: Any, all_scenes: dict[str, Any], with_access: Any, theme: str, record_property: Figure
) -> None:
    rig.open(with_access(all_scenes["ask"], theme=theme))
    width, height, data = rig.pixels()
    frame = np.frombuffer(data, np.uint8).reshape(height, width, 4)[:, :, :3]

    def fill(button: BigButton) -> tuple[float, float, float]:
        crop = frame[int(button.y) + 20 : int(button.y + button.height) - 20, int(button.x) + 20 : int(button.x) + 60]
        return tuple(np.median(crop.reshape(-1, 3), axis=0) / 255)

    answers = [button for button in rig.shell.buttons() if button.parent is rig.shell.screen]
    likely, *rest = sorted(answers, key=lambda button: not button.style.filled)
    assert likely.style.filled and rest
    told_apart = min(contrast(_grey(fill(likely)), _grey(fill(other))) for other in rest)
    record_property("figure", f"{theme}: {told_apart:.1f} to 1 in grey")
    assert told_apart >= GREY_RATIO


def _clash(ink: tuple[float, float, float], ground: tuple[float, float, float]) -> bool:
    """Red on green, green on red, yellow on blue, blue on yellow, by hue where both are colours at all."""
    named = {_hue_name(*colorsys.rgb_to_hsv(*colour)) for colour in (ink, ground)}
    return named in ({"red", "green"}, {"yellow", "blue"})


def _hue_name(hue: float, saturation: float, value: float) -> str:
    if saturation < 0.25 or value < 0.15:
        return "grey"
    degrees = hue * 360
    if degrees < 20 or degrees >= 340:
        return "red"
    if 45 <= degrees < 70:
        return "yellow"
    if 80 <= degrees < 165:
        return "green"
    return "blue" if 200 <= degrees < 260 else "other"


def test_red_on_green_would_be_found() -> None:
    assert _clash((0.8, 0.1, 0.1), (0.5, 0.9, 0.4))
    assert _clash((1.0, 0.9, 0.3), (0.1, 0.2, 0.8))
    assert not _clash((0.1, 0.1, 0.1), (0.5, 0.9, 0.4))


@pytest.mark.parametrize("theme", THEMES)
def test_no_red_on_green_and_no_yellow_on_blue(
    rig: Any, all_scenes: dict[str, Any], with_access: Any, theme: str
) -> None:
    rig.open()
    found: set[tuple[str, str]] = set()
    for name in ("choose", "ask", "review", "result_good", "result_notice", "identify", "over_cannot"):
        rig.show(with_access(all_scenes[name], theme=theme))
        width, height, data = rig.pixels()
        frame = np.frombuffer(data, np.uint8).reshape(height, width, 4)[:, :, :3]
        for text in _texts(rig.shell):
            middle = frame[int(text.y) : int(text.y + text.height), int(text.x) : int(text.x + text.width)]
            ground = tuple(np.median(middle.reshape(-1, 3), axis=0) / 255)
            if _clash(text.colour, ground):
                found.add((name, text.text))
    assert not found


@pytest.mark.parametrize("size", range(TEXT_SIZES))
def test_the_likely_answer_is_large_and_there_is_at_most_one(walked: Any, size: int, record_property: Figure) -> None:
    found = walked(size).filled
    assert not [name for name, filled in found.items() if len(filled) > 1]
    widths, heights = zip(*(box for filled in found.values() for box in filled), strict=True)
    least = (min(widths), min(heights))
    record_property("figure", f"size {size + 1}: smallest {least[0]:.0f} x {least[1]:.0f} mm")
    assert least[0] >= LIKELY_MM[0] and least[1] >= LIKELY_MM[1]


def test_nothing_but_single_taps_is_needed_on_any_screen(
    rig: Any, some_of: Any, record_property: Figure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every button of every screen answers to one tap: it posts an event, turns a page or says something.

    What stands in the frame of every screen, and the keys of a pad, are tapped where they are first met. What comes
    of an event is another screen's matter: it is noted and the screen stays.
    """
    rig.open()
    monkeypatch.setattr(rig.service, "post", rig.service.posted.append)
    tapped, dead = 0, []
    once: set[str] = set()
    for name, state in _of_residents(some_of(0, 2)).items():
        _show_first_page(rig, state)
        for at, key in enumerate([button.key for button in rig.shell.buttons()]):
            if key in once:
                continue
            if rig.service.state is not state or rig.shell.screen.page:
                _show_first_page(rig, state)
            button = rig.shell.buttons()[at]
            assert button.key == key, "the screen has stayed"
            before = _traces(rig)
            once |= {key} if button.parent is not rig.shell.screen else set()
            rig.down(button.x + button.width / 2, button.y + button.height / 2).touch_up()
            rig.clock.now_s += 1.0
            tapped += 1
            if _traces(rig) == before:
                dead.append((name, key))
    record_property("figure", f"{tapped} buttons, one tap each")
    assert not dead


def _show_first_page(rig: Any, state: Any) -> None:
    rig.service.show(state)
    if rig.shell.screen.page:
        rig.shell.screen.turn(-rig.shell.screen.page)


def _traces(rig: Any) -> tuple[object, ...]:
    service, screen = rig.service, rig.shell.screen
    return (len(service.posted), len(service.spoken), service.again, screen.page, repr(service.state))


def test_a_press_is_on_the_screen_with_the_next_frame(
    rig: Any, all_scenes: dict[str, Any], record_property: Figure
) -> None:
    rig.open(all_scenes["ask"])
    before = rig.pixels()[2]
    button = rig.button("ask.account.other")
    touch = rig.down(button.x + button.width / 2, button.y + button.height / 2)
    rig.frames(1)
    after = rig.pixels()[2]
    touch.touch_up()
    record_property("figure", "1 frame; ratios against a browser by make bench")
    assert after != before


def _is_figure(utterance: Utterance) -> bool:
    """Said to a headphone alone: the name and the value that a row shows, in words that a voice can say."""
    return utterance.privacy is Privacy.PRIVATE and utterance.line.key.startswith(("figure.", "ear.fact"))


def test_what_is_said_stands_on_the_screen(rig: Any, some_of: Any, record_property: Figure) -> None:
    rig.open()
    missing: list[tuple[str, str]] = []
    count = 0
    for at, lang in enumerate(Lang):
        for name, state in _of_residents(some_of(at, 2)).items():
            _show_first_page(rig, replace(state, lang=lang))
            said = [utterance.line for utterance in rig.service.view.say if not _is_figure(utterance)]
            count += len(said)
            shown = _shown_on_all_pages(rig)
            missing += [(name, line.key) for line in said if not _stands(rig, line, lang, shown)]
    record_property("figure", f"{count} texts said, all shown")
    assert not missing


def _stands(rig: Any, line: Line, lang: Lang, shown: set[str]) -> bool:
    """In one piece, or clause by clause."""
    return rig.shell.stage.show(line) in shown or shown.issuperset(rig.words.clauses(lang, line.key, line.args))


def _shown_on_all_pages(rig: Any) -> set[str]:
    shown = {widget.name for widget in semantics.described(rig.shell)}
    while rig.shell.screen.page + 1 < rig.shell.screen.page_count:
        rig.shell.screen.turn(1)
        shown |= {widget.name for widget in semantics.described(rig.shell)}
    return shown


def test_no_screen_changes_in_119_s_by_itself(rig: Any, some_of: Any, record_property: Figure) -> None:
    rig.open()
    scenes = _of_residents(some_of(1, 3))
    for name, state in scenes.items():
        rig.show(state)
        before, posted = semantics.nodes(rig.shell, 1920), len(rig.service.posted)
        rig.clock.now_s += QUIET_S
        rig.frames(2)
        assert semantics.nodes(rig.shell, 1920) == before, name
        assert len(rig.service.posted) == posted, name
    record_property("figure", f"{len(scenes)} screens, 0 changed")


def test_no_screen_says_anything_personal_aloud(all_scenes: dict[str, Any], rig: Any, record_property: Figure) -> None:
    """Neither who she is nor what she has: such a text is private or is not said."""
    rig.open()
    leaks: list[tuple[str, str]] = []
    texts = 0
    for name, state in _of_residents(all_scenes).items():
        # What is said is asked of the view: nothing need be drawn.
        rig.service.state = state
        resident = state.resident
        personal = {resident.number, resident.name, resident.address} - {""} if resident else set()
        for utterance in rig.service.view.say:
            if utterance.privacy is not Privacy.PUBLIC:
                continue
            texts += 1
            said = rig.shell.stage.spoken(utterance.line)
            of_money = any(arg.kind is ArgKind.MONEY for arg in utterance.line.args.values())
            if of_money or any(fact in said for fact in personal):
                leaks.append((name, utterance.line.key))
    record_property("figure", f"{texts} texts for the loudspeaker, 0 personal")
    assert not leaks
