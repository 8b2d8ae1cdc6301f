"""Screens render what the view says: a row a step, nodes for everything, voice, count, language."""

from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.speech import Lang
from kiosk.domain.visit.machine import Step
from kiosk.ui import semantics, ui_keys
from kiosk.ui.screens import table


def test_each_step_has_its_anatomy_and_each_class_is_used() -> None:
    assert set(table.ANATOMY) == set(Step)
    assert set(table.NAMES) == {*(step.value for step in Step), "overlay", "attract", "technician"}
    used = {kind.__module__.rpartition(".")[2] for kind in table._CLASSES.values()}
    written = {path.stem for path in Path(table.__file__).parent.glob("*.py") if "(Screen):" in path.read_text("utf-8")}
    assert used == written


@pytest.fixture(scope="module")
def drawn(session_rig: Any, all_scenes: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Scene -> its screen's class and its tree; each is drawn up once, for all who look at them."""
    session_rig.open()
    found = {}
    for name, state in all_scenes.items():
        session_rig.service.show(state)
        found[name] = (type(session_rig.shell.screen).__name__, session_rig.shell.tree(True))
    return found


def test_two_steps_never_show_the_same_and_each_shows_the_question_that_is_its_own(
    rig: Any, drawn: Any, all_scenes: dict[str, Any]
) -> None:
    """By what stands there, not by the names of classes: a wrong screen, or an old one left, shows another's words."""
    shown: dict[frozenset[tuple[str, str]], tuple[str, str]] = {}
    for scene, state in all_scenes.items():
        _, tree = drawn[scene]
        rig.service.show(state)
        question = rig.service.view.question
        assert question.key in {node["key"] for node in tree["nodes"]}, scene
        step = "technician" if hasattr(state, "vendor") else f"{state.step.value} {state.overlay.value}"
        words = frozenset((node["key"], node["name"]) for node in tree["nodes"])
        other_step, other_scene = shown.setdefault(words, (step, scene))
        assert other_step == step, f"{scene} looks like {other_scene}"


def test_the_tree_has_role_name_and_spoken_text_for_all_that_the_view_holds(rig: Any, some_of: Any) -> None:
    rig.open()
    for at, lang in enumerate(Lang):
        for name, state in some_of(at, 2).items():
            rig.service.show(replace(state, lang=lang))
            view, tree = rig.service.view, rig.shell.tree(True)
            nodes = tree["nodes"]
            assert isinstance(nodes, list)
            for node in nodes:
                assert node["role"] in (semantics.TEXT, semantics.BUTTON, semantics.IMAGE, semantics.PROGRESS)
                assert node["name"] and isinstance(node["box_px"], list)
                assert node["spoken"] or node["role"] == semantics.IMAGE, (name, node)
            keys = {node["key"] for node in nodes}
            lines = [view.question, *view.body, *(c.line for c in (*view.choices, *view.cards, *view.pager))]
            lines += [hint for card in view.cards if (hint := card.hint)] + ([view.banner] if view.banner else [])
            assert {line.key for line in lines} <= keys, name
            assert len([n for n in nodes if "likely" in n["state"]]) <= 1


def test_a_word_about_paper_leaves_the_home_screen_on_one_page(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open()
    for name in ("choose_paper_low", "choose_paper_out"):
        for lang in Lang:
            rig.show(replace(all_scenes[name], lang=lang))
            assert rig.shell.screen.page_count == 1, (name, lang)


def test_the_number_stands_in_four_groups_of_four(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["result_good"])
    number = next(node for node in rig.shell.tree(True)["nodes"] if node["key"] == "case.number")
    assert number["name"] == "0078 2611 2400 0017"


def test_names_and_numbers_are_masked_on_every_screen(drawn: Any) -> None:
    for scene, (_, tree) in drawn.items():
        shown = str(tree["nodes"])
        assert "陈亚娇" not in shown and "350212193811040027" not in shown, scene


def test_the_sound_mark_moves_while_a_clause_is_said_and_at_most_twice_a_second(
    rig: Any, all_scenes: dict[str, Any]
) -> None:
    rig.open(all_scenes["ask"])
    mark = rig.shell.screen.mark
    assert mark._beat is None
    rig.service.clause(rig.service.view.question.key, 0)
    assert mark._beat is not None and mark.BEAT_S >= 0.5
    first = mark._shape
    mark._step(0.5)
    assert mark._shape != first
    rig.service.clause(None, 0)
    assert mark._beat is None


def test_the_sound_mark_stands_beside_the_text_that_is_said(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["ask"])
    question, body = rig.shell.screen.texts[:2]
    rig.service.clause(question.key, 0)
    at_question = rig.shell.screen.mark.y
    rig.service.clause(body.key, 0)
    assert rig.shell.screen.mark.y < at_question


def test_in_slow_mode_nothing_moves(rig: Any, all_scenes: dict[str, Any], with_access: Any) -> None:
    rig.open(with_access(all_scenes["ask"], rate_percent=80))
    rig.service.clause(rig.service.view.question.key, 0)
    assert rig.shell.screen.mark._beat is None


def test_the_idle_warning_counts_by_the_clock_of_the_visit(rig: Any, all_scenes: dict[str, Any]) -> None:
    from kiosk.ui.screens.overlay import Countdown

    rig.open(all_scenes["over_idle"])
    count = next(widget for widget in rig.shell.walk(restrict=True) if isinstance(widget, Countdown))
    assert "38" in count.text.text
    rig.service.left_s = 11.2
    count.tick()
    assert "12" in count.text.text
    assert count.text.font_px >= 2.5 * rig.shell.stage.look.em()


def test_no_timer_is_left_when_the_idle_warning_goes(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["over_idle"])
    overlay = rig.shell.router.one("overlay")
    assert overlay._timer is not None
    rig.service.show(all_scenes["ask"])
    assert overlay._timer is None


def test_the_same_view_again_rebuilds_nothing(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["ask"])
    before = list(rig.shell.screen.children)
    rig.service.show(all_scenes["ask"])
    assert rig.shell.screen.children == before


def test_the_tree_is_published_after_the_frame_and_only_when_something_changed(
    rig: Any, all_scenes: dict[str, Any]
) -> None:
    rig.open(all_scenes["ask"])
    rig.show(all_scenes["rate"])
    rig.frames(2)
    count = len(rig.trees)
    assert count >= 1
    rig.frames(3)
    assert len(rig.trees) == count
    rig.show(all_scenes["review"])
    rig.frames(1)
    assert rig.trees[-1]["screen"] == "review"


def test_a_tree_is_never_published_before_its_frame_is_drawn(rig: Any, all_scenes: dict[str, Any]) -> None:
    """The visit moves on between a frame and the turn in which its tree goes out."""
    rig.open(all_scenes["ask"])
    rig.shell.buttons()[3].press(True)
    rig.live.mark_stale()
    rig.frames(1)
    rig.service.show(all_scenes["review"])
    rig.live._publish_now(0.0)
    assert rig.trees[-1]["screen"] == "ask"
    rig.frames(2)
    assert rig.trees[-1]["screen"] == "review"


def test_an_idle_screen_draws_nothing_and_hardly_wakes(rig: Any, all_scenes: dict[str, Any]) -> None:
    import time

    from kivy.base import EventLoop

    rig.open(all_scenes["choose"])
    rig.frames(4)
    _until_nothing_is_made_ahead()
    flips: list[int] = []
    count = lambda *_: flips.append(1)  # noqa: E731 - Kivy unbinds by identity
    rig.pane.bind(on_flip=count)
    turns, end = 0, time.monotonic() + 2.0
    while time.monotonic() < end:
        EventLoop.idle()
        turns += 1
    rig.pane.unbind(on_flip=count)
    assert not flips
    assert turns <= 6, "two wake-ups a second are enough"


def _until_nothing_is_made_ahead() -> None:
    """Screens and drawings are made one a turn after the first frame; then a turn is as long as the clock waits."""
    import time

    from kivy.base import EventLoop

    for _ in range(2000):
        began, worked = time.monotonic(), time.thread_time()
        EventLoop.idle()
        # On a busy machine a turn may be long because it waits for the processor: then it worked as well.
        if time.monotonic() - began > 0.3 and time.thread_time() - worked < 0.05:
            return
    raise AssertionError("the loop never came to rest")


def test_a_new_category_without_a_drawing_is_shown_all_the_same(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open()
    drawing = rig.shell.stage.raster.drawing("a category that nobody drew")
    assert drawing == rig.shell.stage.raster.drawing("more")


def test_the_words_of_the_frame_are_there_in_every_language(rig: Any) -> None:
    for lang in Lang:
        for key, names in ui_keys.KEYS.items():
            shown = rig.words.show(lang, key, ui_keys.counted(key, **dict.fromkeys(names, 7)).args)
            assert shown and (not names or "7" in shown or "七" in shown)


MOST_GROWN_MB = 8.0


def _resident_mb() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def test_screens_that_come_and_go_take_no_more_memory(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open()
    some = list(all_scenes.values())[::7]

    def grown_mb() -> float:
        """By three rounds. What was drawn before this test decides how soon caches are full and heaps settled."""
        gc.collect()
        before = _resident_mb()
        for _ in range(3):
            for state in some:
                rig.show(state)
        gc.collect()
        return _resident_mb() - before

    # What leaks grows every time; what only settles does not.
    grown = [grown_mb()]
    while grown[-1] >= MOST_GROWN_MB:
        assert len(grown) < 6, f"it grows by {grown} MB"
        grown.append(grown_mb())


def test_who_goes_back_finds_the_sheet_as_it_was(rig: Any, all_scenes: dict[str, Any]) -> None:
    rig.open(all_scenes["choose"])
    sheet, card = rig.shell.screen, rig.shell.screen.children[0]
    rig.key(274)
    rig.service.clause(sheet.texts[0].key, 0)
    rig.show(all_scenes["browse"])
    rig.show(all_scenes["choose"])
    assert rig.shell.screen is sheet and card in sheet.children
    before = rig.pixels()[2]
    sheet.leave()
    rig.shell._shown = None
    rig.show(all_scenes["choose"])
    assert rig.pixels()[2] == before, "what was kept looks as if it were built now"


def test_no_kept_sheet_remembers_anybody(rig: Any, all_scenes: dict[str, Any]) -> None:
    from kiosk.ui.widgets.text import Text

    rig.open(all_scenes["choose"])
    for name in ("confirm_who", "review", "ask", "result_good", "review"):
        rig.show(all_scenes[name])
    rig.show(all_scenes["wipe"])
    shelves = rig.shell.router._shelves.values()
    shown = [w.text for shelf in shelves for one in shelf for w in one.walk(restrict=True) if isinstance(w, Text)]
    assert shown
    assert not [text for text in shown if "陈" in text or "3502" in text]


def test_the_sound_mark_changes_with_the_clause_and_never_sooner_than_half_a_second(
    rig: Any, all_scenes: dict[str, Any]
) -> None:
    rig.open(all_scenes["ask"])
    mark = rig.shell.screen.mark
    line = rig.service.view.question
    rig.shell.light(line.key, 0)
    first = mark._shape
    rig.shell.light(line.key, 1)
    assert mark._shape == first != 0
    mark._changed_s -= mark.BEAT_S
    rig.shell.light(line.key, 0)
    assert mark._shape != first
    rig.shell.light(None, 0)
    assert (mark._shape, mark._beat) == (0, None)
    # Spoken again at once: it waits for its turn and does not stand still for the whole clause.
    rig.shell.light(line.key, 0)
    assert mark._shape == 0 and mark._beat is not None
    rig.shell.light(None, 0)
