"""What an item costs never grows: each keeps to its budget of touches, and the budget to what was measured."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from effort_support.budgets import CatalogueError, complaints, lowered, read_budgets
from effort_support.figures import CHARACTERS_A_MINUTE, Effort, by_kind, by_why, measured, spoken_s, spread
from effort_support.page import page
from effort_support.report import table
from effort_support.whys import Why
from effort_support.world import World, carried, served_catalogue

from kiosk.domain.speech import Lang, Line

CATALOGUE = served_catalogue()
ITEMS = [item.item_id for item in carried(CATALOGUE)]


@pytest.fixture(scope="module")
def efforts() -> list[Effort]:
    return measured(CATALOGUE)


def test_every_item_takes_the_touches_of_its_budget_and_no_budget_is_looser(efforts: list[Effort]) -> None:
    wrong = complaints(efforts, read_budgets(ITEMS))
    assert not wrong, "\n".join((*wrong, "a path that became shorter: make effort EFFORT=--lower"))


def test_every_carried_item_is_measured_in_each_world_and_language(efforts: list[Effort]) -> None:
    met = {(one.item_id, one.world, one.lang) for one in efforts}
    assert met == {(item, world, lang) for item in ITEMS for world in World for lang in Lang}
    assert len(efforts) == len(met)


def test_every_touch_has_its_reason_and_its_place_on_the_path(efforts: list[Effort]) -> None:
    for one in efforts:
        assert one.whys[Why.IDENTIFY] == 1, one.item_id
        assert (one.path[0].why, one.path[-1].why) == (Why.FIND, Why.END), one.item_id
    assert sum(by_why(efforts).values()) == sum(one.touches for one in efforts)
    assert {why: sum(count for _, count in by_kind(efforts, why)) for why in Why} == by_why(efforts)


def test_where_registers_are_silent_no_item_takes_fewer_touches(efforts: list[Effort]) -> None:
    touches = {(one.item_id, one.world): one.touches for one in efforts if one.lang is Lang.NAN}
    assert not [item for item in ITEMS if touches[item, World.SILENT] < touches[item, World.ANSWERING]]


def test_a_touch_more_than_the_budget_and_a_touch_fewer_are_named_with_their_path(efforts: list[Effort]) -> None:
    one = efforts[0]
    for budget, word in ((one.touches - 1, "more"), (one.touches + 1, "lower it")):
        (line,) = complaints([one], {one.item_id: {one.world: budget}})
        assert line.startswith(f"{one.item_id} {one.world} {one.lang}: {one.touches} touches, budget {budget}, ")
        assert word in line and all(str(touch) in line for touch in one.path)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "effort.toml.XA001: missing"),
        ("XA001 = 13", "effort.toml.XA001: mapping is needed, not int"),
        ("XA001 = { answering = 13 }", "effort.toml.XA001.silent: missing"),
        ('XA001 = { answering = 13, silent = "x" }', "effort.toml.XA001.silent: int is needed, not str"),
        ("XA001 = { answering = 0, silent = 15 }", "effort.toml.XA001.answering: 1 touch or more"),
        ("XA001 = { answering = 13, silent = 15, slow = 1 }", "effort.toml.XA001: unknown slow"),
        ("XA999 = { answering = 13, silent = 15 }", "effort.toml: unknown XA999"),
    ],
)
def test_a_wrong_budget_is_told_with_file_item_and_key(tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "effort.toml"
    file.write_text(line, encoding="utf-8")
    with pytest.raises(CatalogueError, match=re.escape(told)):
        read_budgets(["XA001"], file)


def test_budgets_are_lowered_and_never_raised(efforts: list[Effort]) -> None:
    """The longer of two languages counts; a new item gets its line; what stands around them stays."""
    touch = efforts[0].path[0]
    one = replace(efforts[0], path=(touch,) * 5)
    more = replace(one, lang=Lang.CMN, path=(touch,) * 6)
    silent = replace(one, world=World.SILENT, path=(touch,) * 9)
    new = [replace(each, item_id="XA998") for each in (one, silent)]
    text = f"# why\n{one.item_id} = {{ answering = 8, silent = 7 }}\nXA997 = {{ answering = 1, silent = 1 }}\n"
    assert lowered(text, [one, more, silent, *new]) == (
        f"# why\n{one.item_id} = {{ answering = 6, silent = 7 }}\n"
        "XA997 = { answering = 1, silent = 1 }\nXA998 = { answering = 5, silent = 9 }\n"
    )


def test_seconds_come_from_the_words_and_the_one_rate() -> None:
    """Four characters, without the marks between them."""
    line = Line("welcome.start_cmn")
    assert spoken_s(Lang.NAN, line) == pytest.approx(4 * 60 / CHARACTERS_A_MINUTE)


def test_a_spread_is_median_nine_of_ten_most_and_sum() -> None:
    found = spread([float(value) for value in range(20, 0, -1)])
    assert (found.median, found.p90, found.most, found.total) == (10.5, 18.0, 20.0, 210.0)


# ---- the report --------------------------------------------------------------------------------------------


def test_the_table_has_a_line_each_whose_reasons_are_its_touches(efforts: list[Effort]) -> None:
    head, *lines = (line.split("\t") for line in table(efforts))
    assert len(lines) == len(efforts)
    for cells in lines:
        row = dict(zip(head, cells, strict=True))
        assert sum(int(row[why]) for why in Why) == int(row["touches"]) == len(row["path"].split(" > "))


def test_the_page_shows_the_worst_item_first_and_fetches_nothing(efforts: list[Effort]) -> None:
    shown = page(efforts)
    listed = re.findall(r"<div>(XA[0-9]{3})</div>", shown)
    touches = {one.item_id: one.touches for one in efforts if (one.world, one.lang) == (World.ANSWERING, Lang.NAN)}
    assert sorted(listed) == sorted(ITEMS)
    assert [touches[item] for item in listed] == sorted(touches.values(), reverse=True)
    assert not re.search(r"https?:|src=|@import|url\(|<script", shown)
