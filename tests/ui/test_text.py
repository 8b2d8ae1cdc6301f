"""Where lines break, which face draws a run, and that nothing from outside is markup."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from kiosk.ui.drawing import fonts
from kiosk.ui.drawing.text_layout import rows, spans
from voices import whole


def _per_char(text: str) -> float:
    return sum(1.0 if ord(char) > 0x2E80 else 0.5 for char in text)


def _broken(
    text: str, width: float, best: tuple[int, ...] = (), tight: bool = False, torn: Collection[int] = ()
) -> list[str]:
    return [text[row.start : row.end] for row in rows(text, _per_char, width, best, tight, torn)]


def test_no_closing_mark_starts_a_row_and_no_opening_mark_ends_one() -> None:
    text = "请带身份证（能入账的社保卡）、户口簿，还有照片。都要原件！"
    for width in range(4, 20):
        for row in _broken(text, width):
            assert row[0] not in "，。、！？）" and row[-1] not in "（"


def test_numbers_words_and_dates_stay_whole() -> None:
    text = "从2026年12月15日起每月入账sî-kan到了"
    for width in range(8, 18):
        joined = " ".join(_broken(text, width))
        assert "2026年12月15日" in joined and "sî-kan" in joined


def test_amounts_and_times_are_never_cut_at_their_point_comma_or_colon() -> None:
    text = "您要付123.45元,一共1,481.40元,上午9:30来"
    for width in range(6, 18):
        joined = " ".join(_broken(text, width))
        assert "123.45元" in joined and "1,481.40元" in joined and "9:30" in joined


def test_a_number_in_groups_is_cut_between_them_and_only_where_it_must_be() -> None:
    text = "给家里人:138 0000 0000"
    assert _broken(text, 7) == ["给家里人:", "138 0000 0000"]
    assert _broken(text, 5)[-1] == "0000 0000"
    assert all(
        row in "350* **** **** **** *1" and not row.startswith(" ") for row in _broken("350* **** **** **** *1", 6)
    )


def test_a_break_where_the_voice_pauses_beats_one_inside_a_phrase() -> None:
    assert _broken("您好欢迎来办事想听哪种话", 9, best=(7,)) == ["您好欢迎来办事", "想听哪种话"]


def test_no_row_is_wider_than_there_is_room_and_nothing_is_lost() -> None:
    text = "养老金年度认证，每年来照个相，证明人在，养老钱照样发。https://example.invalid/very/long"
    for width in (5, 7, 11, 16):
        broken = rows(text, _per_char, width)
        assert all(row.width <= width for row in broken)
        assert "".join(text[row.start : row.end] for row in broken).replace(" ", "") == text


def test_tight_text_has_as_few_rows_as_possible() -> None:
    assert len(_broken("看这个月，钱到账没有呀", 6, tight=True)) == 2
    assert _broken("验人面续领老人钱", 5, tight=True) == ["验人面续", "领老人钱"]


def test_a_word_is_torn_only_where_it_is_wider_than_the_row() -> None:
    assert _broken("钱只入您自己的卡", 5, torn={5, 6}) == ["钱只入您", "自己的卡"]
    assert _broken("就按哪一个。", 4) == ["就按哪", "一个。"], "by its length alone"
    assert _broken("就按哪一个。", 4, torn={1, 3, 4}) == ["就按", "哪一个。"]
    assert "".join(_broken("哪一个", 2, torn={1, 2})) == "哪一个"


@pytest.mark.parametrize(
    ("text", "together"),
    [
        ("每月234.50元", "每月 234.50元"),
        ("每月存1,234.50元", "每月 1,234.50元"),
        ("最近发到2026年11月", "最近 2026年11月"),
        ("2026年3月:234.50元,4月5日到账", "2026年3月: 234.50元, 4月5日 到账"),
        ("每年12月底以前交", "每年 12月底 以前"),
        ("满80周岁就能领", "80周岁"),
        ("女满55岁,男满60岁", "55岁, 60岁"),
        ("大约3分钟就到", "大约 3分钟"),
        ("在3楼12号窗口办", "3楼 12号 窗口"),
        ("15个工作日内有回话", "15个 工作日"),
        ("这个月用水12立方米", "12立方米"),
        ("一共5人,这是第3人", "5人, 第3人"),
        ("两个月内,第2次来", "两个月 第2次"),
        # Minnan, as it is shown.
        ("老人钱每月234.50元", "老人钱 每月 234.50元"),
        ("满80岁彼个月就会使领", "80岁"),
        ("您的厝123.45平方米", "123.45平方米"),
        ("有3个人,第12号彼日来", "3个人, 第12号"),
    ],
)
def test_money_dates_ages_and_floors_stay_together_as_a_reader_says_them(text: str, together: str) -> None:
    for width in range(8, 15):
        joined = " ".join(_broken(text, width, torn=whole.inside(text)))
        assert not [part for part in together.split() if part not in joined], (width, joined)


def test_money_by_the_month_is_broken_before_the_money() -> None:
    text = "每月234.50元"
    for width in (4, 5, 5.5):
        assert _broken(text, width, torn=whole.inside(text)) == ["每月", "234.50元"]


def test_a_date_too_wide_for_a_row_is_cut_after_its_year_or_month() -> None:
    assert _broken("从2026年12月15日起,", 6) == ["从2026年", "12月15日起,"]


def test_clauses_are_found_in_the_shown_text() -> None:
    assert spans("请把身份证,放在发亮的地方。", ["请把身份证,", "放在发亮的地方。"]) == [(0, 6), (6, 14)]
    assert spans("办好了", ["别的话"]) == [(0, 3)]


@pytest.fixture(scope="module")
def loaded() -> fonts.Fonts:
    return fonts.load(fonts.default_dir())


def test_the_main_face_is_the_simplified_chinese_one(loaded: fonts.Fonts) -> None:
    from fontTools.ttLib import TTFont

    with TTFont(loaded.main.regular, lazy=True) as font:
        assert "CJK SC" in font["name"].getDebugName(1)


def test_minnan_characters_and_tai_lo_marks_come_from_the_second_face(loaded: fonts.Fonts) -> None:
    assert list(loaded.runs("我𪜶无卡")) == [("main", "我"), ("second", "𪜶"), ("main", "无卡")]
    word = "ia̍h"
    assert [name for name, run in loaded.runs(f"一{word}。") if "a̍" in run] == ["second"]
    assert any(run == word for _, run in loaded.runs(f"一{word}。")), "a word is never drawn in two faces"


def test_what_no_face_has_is_a_box_with_its_code_point_and_never_dropped(loaded: fonts.Fonts) -> None:
    shown = "".join(run for _, run in loaded.runs("陈\U00030edf婆"))
    assert shown == "陈□30EDF婆"


def test_rare_characters_of_names_can_be_drawn(loaded: fonts.Fonts) -> None:
    for char in "犇㛃䶮𬭎𬴂𫖯堃喆":
        assert loaded.main.has(char) or loaded.second.has(char), char


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder of built fonts as it comes out of a package: in another place, with other times."""
    fonts.load(fonts.default_dir())
    moved = tmp_path / "packed"
    moved.mkdir()
    for name in ("fonts.json", "sc-regular.otf", "sc-bold.otf"):
        shutil.copyfile(fonts.default_dir() / name, moved / name)
        os.utime(moved / name, (1, 1))
    return moved


def _not_now(_folder: Path) -> None:
    raise AssertionError("nothing had to be built")


def test_fonts_that_came_in_a_package_are_used_as_they_are(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "build", _not_now)
    faces = fonts.load(built)
    assert Path(faces.main.bold) == built / "sc-bold.otf" and Path(faces.second.regular).is_file()
    assert str(built.parent) not in (built / "fonts.json").read_text(encoding="utf-8")


def test_they_are_built_again_when_an_installed_source_has_another_content(built: Path) -> None:
    index = json.loads((built / "fonts.json").read_text())
    name = next(name for name in index["sources"] if "Noto" in name)
    index["sources"][name] = "0" * 64
    (built / "fonts.json").write_text(json.dumps(index))
    fonts.load(built)
    assert (built / "sc-bold.otf").stat().st_mtime > 1
    assert json.loads((built / "fonts.json").read_text())["sources"][name] != "0" * 64


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"main": {}}', b'{"stamps": {}, "main": 1, "second": 2}'])
def test_an_index_that_is_damaged_is_made_anew(built: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = (built / "fonts.json").read_bytes()
    (built / "fonts.json").write_bytes(content)
    monkeypatch.setattr(fonts, "build", lambda folder: (folder / "fonts.json").write_bytes(sound))
    assert fonts.load(built).main.has("厝")


def test_a_cut_face_that_is_torn_is_not_drawn_with(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (built / "sc-regular.otf").open("r+b") as file:
        file.truncate(1_000_000)
    monkeypatch.setattr(fonts, "build", _not_now)
    with pytest.raises(AssertionError, match="had to be built"):
        fonts.load(built)


def test_ready_made_fonts_stay_where_nobody_may_write(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_folder: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(fonts, "build", refuse)
    index = json.loads((built / "fonts.json").read_text())
    index["sources"] = dict.fromkeys(index["sources"], "0" * 64)
    (built / "fonts.json").write_text(json.dumps(index))
    assert fonts.load(built).main.has("厝")
    (built / "sc-bold.otf").unlink()
    with pytest.raises(fonts.FontsMissing, match=r"cannot be written \(Permission denied\): run .*fonts build"):
        fonts.load(built)


def test_a_missing_font_names_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_SOURCES", (tmp_path,))
    with pytest.raises(fonts.FontsMissing, match="fonts-noto-cjk"):
        fonts.load(tmp_path / "built")


def test_text_from_outside_is_never_markup(rig: Any) -> None:
    from kiosk.ui.widgets.text import to_markup

    rig.open()
    assert to_markup(rig.shell.stage.fonts, "[b]&陈[/b]") == "&bl;b&br;&amp;陈&bl;/b&br;"
