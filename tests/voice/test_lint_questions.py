"""A text asks one thing: every form of a question is counted, and what only sounds like one is not."""

from __future__ import annotations

import pytest

from voices import languages


@pytest.mark.parametrize(
    ("lang", "text", "questions"),
    [
        ("cmn", "店在哪里,‖这样对不对?", ["店在哪里", "这样对不对"]),
        ("nan", "店伫佗位,‖按呢有着无?", ["店伫佗位", "按呢有着无"]),
        ("cmn", "配偶是谁,‖这样对不对?", ["配偶是谁", "这样对不对"]),
        ("cmn", "店里做什么,‖这样对不对?", ["店里做什么", "这样对不对"]),
        ("cmn", "一共几亩,‖这样对不对?", ["一共几亩", "这样对不对"]),
        ("nan", "第几个囝,‖按呢有着无?", ["第几个囝", "按呢有着无"]),
        ("nan", "店内做啥生理,‖按呢有着无?", ["店内做啥生理", "按呢有着无"]),
        ("cmn", "您还在吗?‖还要接着办吗?", ["您还在吗", "还要接着办吗"]),
        ("nan", "您有伫遮无?‖阁欲办无?", ["您有伫遮无", "阁欲办无"]),
        ("cmn", "小票黑不黑,全不全,切断了没有?", ["小票黑不黑", "全不全", "切断了没有"]),
        ("nan", "税清未,爱偌济?", ["税清未", "爱偌济"]),
        ("cmn", "真的收回?真的不办?", ["真的收回", "真的不办"]),
        ("cmn", "真的收回\uff1f真的不办\uff1f", ["真的收回", "真的不办"]),
    ],
)
def test_every_question_of_a_text_is_found(lang: str, text: str, questions: list[str]) -> None:
    assert languages.of(lang).questions(text) == questions


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("cmn", "店的地址,‖这样对不对?"),
        ("nan", "店的所在,‖按呢有着无?"),
        ("cmn", "再问一次,‖这件事,真的不办了?"),
        ("nan", "佗一间公司,欲这张证明?"),
        ("cmn", "卡要先停几天,还是正式停?"),
        ("nan", "公积金欲全部领,抑是领一寡?"),
        ("nan", "单有出来无?‖若无,会使阁印。"),
        ("cmn", "单子出来了没有?‖没有,可以再印。"),
        ("cmn", "哪里好?‖可以选几样,‖不选也可以。"),
        ("nan", "欲翕一下您的面,‖看是毋是您本人,‖会使无?"),
    ],
)
def test_alternatives_conditions_and_what_is_only_looked_at_are_no_second_question(lang: str, text: str) -> None:
    assert len(languages.of(lang).questions(text)) == 1


@pytest.mark.parametrize(
    ("lang", "text"), [("cmn", "请看名字对不对。"), ("nan", "看医保卡剩偌济"), ("cmn", ""), ("nan", "‖")]
)
def test_a_text_that_only_says_asks_nothing(lang: str, text: str) -> None:
    assert languages.of(lang).questions(text) == []
