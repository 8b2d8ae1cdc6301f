"""Readings of another base, in the texts and in the lexicon: every pair of the table is found where it is planted."""

from __future__ import annotations

import argparse
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from voices import lexicon, lint_readings
from voices.commands import check
from voices.lexicon import Entry

TABLE = lint_readings.load()
PAIRS = [(word, wrong, right) for word, pairs in TABLE.wrong.items() for wrong, right in pairs.items()]
ROW = Entry("place", "溪尾社区", "khue1-be2 sia7-khu1", "low", "machine", "test", "")


@pytest.mark.parametrize(("word", "wrong", "right"), PAIRS)
def test_a_reading_of_another_base_is_named_with_the_right_one(word: str, wrong: str, right: str) -> None:
    planted = list(lint_readings.readings(f"请{word},请。", f"tshiann2 {wrong.replace('-', '--')} | tshiann2"))
    assert planted == [f"reads {word} as {wrong}, which is not the base: {right}"]
    assert not list(lint_readings.readings(f"请{word},请。", f"tshiann2 {right} | tshiann2"))


@pytest.mark.parametrize(("word", "read"), TABLE.exceptions.items())
def test_a_literary_word_keeps_its_reading_and_excuses_no_other_place(word: str, read: str) -> None:
    assert not list(lint_readings.readings(f"请{word}看", f"tshiann2 {read} khuann3"))
    beside, sound = word[-1], read.split("-")[-1]
    assert list(lint_readings.readings(f"{word},请{beside}。", f"{read} | tshiann2 {sound}"))


@pytest.mark.parametrize(("word", "better"), TABLE.words.items())
def test_a_wrong_word_is_named_and_the_better_one_passes(word: str, better: str) -> None:
    assert list(lint_readings.words(f"请{word}。")) == [f"has {word} for {better}"]
    assert not list(lint_readings.words(f"请{better}。"))


def test_the_screen_shows_simplified_characters() -> None:
    assert list(lint_readings.screen("看医保卡賰偌济")) == ["shows 賰, which is not in GB/T 2312: 剩"]
    assert list(lint_readings.screen("請看")) == ["shows 請, which is not in GB/T 2312: write it otherwise"]
    assert not list(lint_readings.screen("阿公阿嬷,今仔日欲办啥?囝 袂 佗 伫 3·"))
    assert all(not list(lint_readings.screen(better)) for better in TABLE.screen.values())


def test_the_rows_of_the_lexicon_are_in_the_base() -> None:
    assert list(lint_readings.of_lexicon(lexicon.load().entries)) == []


def test_a_row_in_another_base_is_named_and_a_surname_keeps_its_own_reading() -> None:
    assert not list(lint_readings.of_lexicon([ROW]))
    found = list(lint_readings.of_lexicon([replace(ROW, tailo="khue1-bue2 sia7-khu1")]))
    assert found == [("place 溪尾社区", "reads 尾 as bue2, which is not the base: be2")]
    surname = replace(ROW, kind="surname", han="齐", tailo="tse5")
    assert not list(lint_readings.of_lexicon([surname]))
    assert list(lint_readings.of_lexicon([replace(surname, kind="address")]))


def test_the_check_of_the_texts_fails_on_a_planted_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(lexicon.FOLDER, tmp_path / "lexicon")
    terms = folder / "terms.tsv"
    terms.write_text(terms.read_text(encoding="utf-8").replace("\t八\tpueh4\t", "\t八\tpeh4\t"), encoding="utf-8")
    monkeypatch.setattr(lexicon, "FOLDER", folder)
    # The coverage of the accents needs the built voice and is tested elsewhere.
    monkeypatch.setattr(check.languages, "every_voice", list)
    lexicon.load.cache_clear()
    try:
        assert check.run(argparse.Namespace(keys=None, data=tmp_path)) == 1
    finally:
        lexicon.load.cache_clear()
    assert "nan lexicon, counting 八: reads 八 as peh4, which is not the base: pueh4" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ('[wrong]\n"干焦" = { tann1 = "kan1-na1" }', "tann1 is no reading of 干焦"),
        ('[wrong]\n"过" = { kue3 = "ke" }', "ke is no reading of 过"),
    ],
)
def test_a_table_that_cannot_match_is_refused(
    written: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "readings.toml"
    file.write_text(f"{written}\n[exceptions]\n[surnames]\n[words]\n[screen]\n", encoding="utf-8")
    monkeypatch.setattr(lint_readings, "FILE", file)
    lint_readings.load.cache_clear()
    try:
        with pytest.raises(ValueError, match=message):
            lint_readings.load()
    finally:
        lint_readings.load.cache_clear()
