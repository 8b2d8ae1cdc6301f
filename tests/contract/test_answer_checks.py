"""The kiosk judges an answer as the back office will: the same texts are right and wrong on both sides."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.domain.answer_checks import AnswerError, Around
from backoffice.domain.fields import check_answer
from backoffice.release_fields import fields_of
from kiosk.app.prompt_keys import read_catalogue
from kiosk.domain.answer_checks import CHECKS, problem

CATALOGUE = Path(__file__).parents[2] / "config" / "catalogue"
TODAY = date(2026, 11, 27)
SPECS = fields_of(
    tomllib.loads((CATALOGUE / "fields.toml").read_text(encoding="utf-8"))["field"],
    tomllib.loads((CATALOGUE / "lists.toml").read_text(encoding="utf-8")),
)
FIELDS = {field.key: field for item in read_catalogue(CATALOGUE).items for field in item.form}
TEXTS = (
    *("", "0", "1", "12", "100", "0.5", "1.234", "yes", "no", "other", "13800138000", "05921234567", "1380013800"),
    *(
        "6222020200112230",
        "4539578763621486",
        "4539578763621487",
        "2026-11-27",
        "2026-11-28",
        "2026-02-30",
        "1849-12-31",
    ),
    *("2026-11", "2026-12", "1989-12", "2026", "2027", "2028", "1989", "350213", "350213001001", "990000", "35021"),
    *("350221194403150021 陈阿金", "350221194403150022 陈阿金", "350221194403150021", "350221194403150021 陈阿金1"),
    *("350221194403150021 陈阿金;350221194403150021 陈阿金", "闽D12345", "闽DI2345", "D12345", "271828", "123456"),
    *("111111", "91350200MA2XXXXX0X", "ABC123456", "AB12", "阿金", " 阿金", "a b", "a\nb", "x;x", "x;y", "t200"),
    *("2026-11-27T09:00", "2026-11-27T09:10"),
)


def _both(key: str, text: str) -> tuple[bool, bool]:
    try:
        check_answer(SPECS[key], text, Around(TODAY), {})
        there = True
    except AnswerError:
        there = False
    return problem(FIELDS[key], text, TODAY.isoformat(), {}) == "", there


@pytest.mark.parametrize("key", sorted(FIELDS))
def test_both_sides_judge_the_table_alike(key: str) -> None:
    for text in TEXTS:
        here, there = _both(key, text)
        assert here == there, text


@given(
    st.sampled_from(sorted(FIELDS)),
    st.one_of(st.text(max_size=24), st.from_regex(r"[0-9A-Z.;:-]{1,19}", fullmatch=True)),
)
def test_both_sides_judge_any_text_alike(key: str, text: str) -> None:
    here, there = _both(key, text)
    assert here == there


def test_what_is_wrong_is_named() -> None:
    assert problem(FIELDS["phone"], "123", TODAY.isoformat(), {}) == "wrong.phone"
    assert problem(FIELDS["date_to"], "2026-01-01", TODAY.isoformat(), {"date_from": "2026-02-01"}) == "wrong.before"
    assert {field.check for field in FIELDS.values()} <= CHECKS
