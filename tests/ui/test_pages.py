"""Pages are arithmetic over heights: what goes to the next one."""

from __future__ import annotations

from kiosk.ui.screens.flow import Item, Spacing, pages

SPACING = Spacing(gap=10, panel=0)


def item(height: int, name: str, is_answer: bool = False) -> Item:
    return Item("choice" if is_answer else "text", height, name, is_answer)


def names(items: list[Item], room: int) -> list[list[str]]:
    return [[one.content for one in page] for page in pages(items, room, SPACING)]


def test_a_yes_is_not_seen_without_its_no() -> None:
    asked = [item(60, "why"), item(40, "yes", True), item(40, "no", True)]
    assert names(asked, 120) == [["why"], ["yes", "no"]]
    assert names(asked, 160) == [["why", "yes", "no"]], "where all fit, no page is turned"


def test_answers_that_fit_on_no_page_fill_pages_one_after_the_other() -> None:
    asked = [item(60, "why"), *(item(40, f"{n}", True) for n in range(4))]
    assert names(asked, 120) == [["why", "0"], ["1", "2"], ["3"]]
