"""What the reviewers found becomes a list of changes; no file is touched."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path

import pytest

from voices.__main__ import main
from voices.packs import reviews
from voices.packs.reviews import Review
from voices.prompts import load_words
from voices.review.items import Item, of_texts

TEXTS = Path(__file__).resolve().parents[3] / "voices"


@pytest.fixture(scope="module")
def items() -> dict[str, Item]:
    """First clause of each key."""
    return {item.key: item for item in reversed(of_texts(load_words(), "nan", "tongan"))}


def review(item: Item, who: str, verdict: str, better: str = "", note: str = "", sound: str = "") -> Review:
    words = (item.lang, item.accent, item.key, item.index, item.reading.script, sound or item.reading.sound)
    han = item.reading.script if better else ""
    return Review("2026-11-02T10:00:00+08:00", who, *words, item.clip, verdict, better, han, note)


def applied(folder: Path, *found: Review, author: str = "王") -> str:
    for each in found:
        reviews.add(folder / "reviews.jsonl", each)
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        assert main(["review", "--apply", str(folder / "reviews.jsonl"), "--author", author]) == 0
    return printed.getvalue()


def test_a_change_is_listed_under_its_file_with_old_new_and_who(items: dict[str, Item], tmp_path: Path) -> None:
    text, surname = items["welcome.start_nan"], items["surname/曾"]
    before = {path: path.read_bytes() for path in TEXTS.rglob("*.to?ml")}
    said = applied(
        tmp_path,
        review(text, "陈", reviews.BETTER, "thiann1 ban7-lam5-ue7"),
        review(surname, "林", reviews.BETTER, "tsing1"),
    )
    assert "voices/nan/prompts.toml\n@ welcome.start_nan 第 1 句\n- 听闽南话    thiann1 ban5-lam5-ue7\n" in said
    assert "+ 听闽南话    thiann1 ban7-lam5-ue7    陈(2026-11-02)" in said
    assert "voices/nan/lexicon/surnames.tsv\n@ surname/曾" in said and "tsing1    林" in said
    assert "没有改动任何文件" in said
    assert before == {path: path.read_bytes() for path in TEXTS.rglob("*.to?ml")}


def test_where_they_do_not_agree_it_says_so(items: dict[str, Item], tmp_path: Path) -> None:
    text = items["welcome.start_nan"]
    said = applied(
        tmp_path,
        review(text, "陈", reviews.BETTER, "thiann1 ban7-lam5-ue7"),
        review(text, "林", reviews.BETTER, "thiann1 ban5-lam5-ue2"),
        review(text, "黄", reviews.RIGHT),
        review(text, "许", reviews.WRONG, note="无听着"),
    )
    assert "改法不一样,请他们商量" in said
    assert "黄(2026-11-02) 说原来的对" in said
    assert "许(2026-11-02) 说不对,没有写怎么改:无听着" in said


def test_two_who_agree_are_two_and_the_last_word_counts(items: dict[str, Item], tmp_path: Path) -> None:
    text, other = items["welcome.start_nan"], items["welcome.start_cmn"]
    said = applied(
        tmp_path,
        review(text, "陈", reviews.WRONG),
        review(text, "陈", reviews.RIGHT),
        review(text, "林", reviews.RIGHT),
        review(other, "陈", reviews.RIGHT),
        review(other, " 陈", reviews.RIGHT),
    )
    confirmed = said.split("两位以上都说对")[1]
    assert "welcome.start_nan" in confirmed and "welcome.start_cmn" not in confirmed
    assert "@ " not in said


def test_the_author_s_own_word_is_not_taken(items: dict[str, Item], tmp_path: Path) -> None:
    text = items["welcome.start_nan"]
    said = applied(tmp_path, review(text, "王", reviews.RIGHT), review(text, "陈", reviews.RIGHT))
    assert "王 是写字的人,自己的 1 条不算" in said and "两位以上" not in said


def test_what_was_said_of_former_words_is_to_be_heard_again(items: dict[str, Item], tmp_path: Path) -> None:
    said = applied(tmp_path, review(items["welcome.start_nan"], "陈", reviews.RIGHT, sound="thiann1 ban5"))
    assert "字后来改过,请 陈(2026-11-02) 再听一遍" in said


def test_a_clause_with_and_without_its_value_are_two(tmp_path: Path) -> None:
    """What was said of one is no word of yesterday for the other."""
    places: dict[tuple[str, int], list[Item]] = {}
    for item in of_texts(load_words(), "nan", "tongan"):
        places.setdefault((item.key, item.index), []).append(item)
    pair = next(two for two in places.values() if len(two) == 2)
    said = applied(tmp_path, *(review(item, who, reviews.RIGHT) for item in pair for who in ("陈", "林")))
    assert "再听一遍" not in said and "(2 条)" in said


def test_what_is_right_in_one_accent_says_nothing_of_another(items: dict[str, Item], tmp_path: Path) -> None:
    text = replace(items["welcome.start_nan"], accent="xiamen")
    said = applied(tmp_path, review(text, "陈", reviews.RIGHT), review(text, "林", reviews.RIGHT))
    assert "两位以上" not in said and "另有 2 条" in said and "再听一遍" not in said


def test_results_that_are_none_are_named(tmp_path: Path) -> None:
    for content, complaint in ((None, "not there"), ("{}\n", "line 1 is no review"), ("[1]\n", "line 1")):
        if content is not None:
            (tmp_path / "x.jsonl").write_text(content, encoding="utf-8")
        printed = io.StringIO()
        with redirect_stderr(printed):
            assert main(["review", "--apply", str(tmp_path / "x.jsonl")]) == 1
        assert complaint in printed.getvalue()
