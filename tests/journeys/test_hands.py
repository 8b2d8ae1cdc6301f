"""The resident's hand touches what is there, never the place where something was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from kiosk.play.actions import Actions, CannotPlay
from kiosk.play.observer import Node, Tree
from kiosk.play.report import Account


def page(*keys: str) -> Tree:
    """One below the other, 100 px each."""
    nodes = tuple(Node("button", key, key, (), (0, 100.0 * n, 200, 90)) for n, key in enumerate(keys))
    return Tree(step="browse", screen="browse", ready=True, px_per_mm=4, size_px=(1080, 1920), nodes=nodes)


class Screen:
    """Follower and display in one: each look at it is one picture later."""

    shown_s = 0.0

    def __init__(self, *trees: Tree) -> None:
        self._trees = list(trees)
        self.touched: list[str] = []

    @property
    def tree(self) -> Tree:
        return self._trees[0]

    def wait(self, holds: Callable[[], bool], _timeout_s: float, _alive: Callable[[], None] = lambda: None) -> bool:
        held = holds()
        if len(self._trees) > 1:
            self._trees.pop(0)
        return held

    def touch(self, at: tuple[float, float], **_how: Any) -> None:
        self.touched += [node.key for node in self.tree.nodes if node.middle_px == at]


class Pages(Screen):
    """It turns when it is told to, and after the last page comes the first."""

    def wait(self, holds: Callable[[], bool], _timeout_s: float, _alive: Callable[[], None] = lambda: None) -> bool:
        return holds()

    def touch(self, at: tuple[float, float], **how: Any) -> None:
        super().touch(at, **how)
        self._trees.append(self._trees.pop(0))


def hands(screen: Screen) -> Actions:
    stage = type("Stage", (), {"check_alive": staticmethod(lambda: None), "staff_pin": ""})()
    return Actions(stage, cast(Any, screen), cast(Any, screen), Account(), tuple)


def test_what_has_moved_while_the_hand_came_is_touched_where_it_is_now() -> None:
    screen = Screen(page("a", "b"), page("a", "b"), page("b", "a"))
    hands(screen).do("touch", {"key": "a"})
    assert screen.touched == ["a"]


def test_what_has_gone_while_the_hand_came_is_not_touched_at_all() -> None:
    screen = Screen(page("a", "b"), page("b", "c"))
    with pytest.raises(CannotPlay, match="no button 'a'"):
        hands(screen).do("touch", {"key": "a"})
    assert screen.touched == []


def test_a_page_that_comes_while_it_is_looked_at_is_not_turned_on() -> None:
    screen = Screen(page("browse.next"), page("browse.next"), page("wanted", "browse.next"))
    hands(screen).do("touch", {"key": "wanted", "more": True})
    assert screen.touched == ["wanted"]


@pytest.mark.parametrize(
    "pages",
    [
        [page("a", "browse.next"), page("b", "browse.next"), page("a", "browse.next"), page("b", "browse.next")],
        [page("a", "browse.next")],
    ],
    ids=["they come round again", "nothing turns"],
)
def test_pages_are_not_turned_for_ever_for_what_is_on_none_of_them(pages: list[Tree]) -> None:
    screen = Pages(*pages)
    with pytest.raises(CannotPlay, match=r"no button 'wanted' on any of [1-3] pages"):
        hands(screen).do("touch", {"key": "wanted", "more": True})
    assert 1 <= len(screen.touched) <= 3


def test_a_page_that_looks_like_an_earlier_one_is_turned_on() -> None:
    """Pages with nothing to choose look alike, and what is wanted may lie behind the second of them."""
    alike = page("bar.cannot", "browse.next")
    pages = [page("a", "browse.next"), alike, page("b", "browse.next"), alike, page("wanted")]
    screen = Pages(*pages)
    hands(screen).do("touch", {"key": "wanted", "more": True})
    assert screen.touched == [*["browse.next"] * 4, "wanted"]
