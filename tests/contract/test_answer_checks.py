"""The kiosk judges an answer as the back office will: the same texts are right and wrong on both sides."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.catalogue.fields import fields_of
from backoffice.domain.items.answer_checks import AnswerError, Around
from backoffice.domain.items.fields import check_answer
from kiosk.app.keys.generate import read_catalogue
from kiosk.domain.questions.checks import CHECKS, problem

CATALOGUE = Path(__file__).parents[2] / "config" / "catalogue"
TODAY = date(2026, 11, 27)
SPECS = fields_of(
    tomllib.loads((CATALOGUE / "fields.toml").read_text(encoding="utf-8"))["field"],
    tomllib.loads((CATALOGUE / "lists.toml").read_text(encoding="utf-8")),
)
FIELDS = {field.key: field for item in read_catalogue(CATALOGUE).items for field in item.form}
TABLE: dict[str, Any] = tomllib.loads(Path(__file__).with_name("answers.toml").read_text(encoding="utf-8"))
TOGETHER: list[dict[str, Any]] = TABLE.pop("together")
ROWS = [{"field": key, "beside": {}, **row} for key, row in TABLE.items()] + TOGETHER
TEXTS = sorted({text for row in ROWS for text in (*row["right"], *row["wrong"])})
UNASKED = frozenset(("pin",))
"""Checks of fields that no form has today."""


def _both(key: str, text: str, beside: Mapping[str, str] | None = None) -> tuple[str, bool]:
    """What the kiosk says of it, and whether the back office takes it."""
    others = beside or {}
    try:
        check_answer(SPECS[key], text, Around(TODAY), others)
        there = True
    except AnswerError:
        there = False
    return problem(FIELDS[key], text, TODAY.isoformat(), others), there


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["field"])
def test_both_sides_take_what_is_right_and_refuse_what_is_wrong(row: dict[str, Any]) -> None:
    for text in row["right"]:
        assert _both(row["field"], text, row["beside"]) == ("", True), text
    for text, what in row["wrong"].items():
        assert _both(row["field"], text, row["beside"]) == (f"wrong.{what}", False), text


def test_the_table_has_right_and_wrong_answers_of_every_check() -> None:
    judged = {FIELDS[row["field"]].check for row in ROWS if row["right"] and row["wrong"]}
    assert judged == CHECKS - UNASKED
    assert {field.check for field in FIELDS.values()} <= CHECKS


@pytest.mark.parametrize("key", sorted(FIELDS))
def test_both_sides_judge_every_text_of_the_table_alike(key: str) -> None:
    for text in TEXTS:
        here, there = _both(key, text)
        assert (here == "") is there, text


@given(
    st.sampled_from(sorted(FIELDS)),
    st.one_of(st.text(max_size=24), st.from_regex(r"[0-9A-Z.;:-]{1,19}", fullmatch=True)),
)
def test_both_sides_judge_any_text_alike(key: str, text: str) -> None:
    here, there = _both(key, text)
    assert (here == "") is there
