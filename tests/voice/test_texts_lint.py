"""The lint of the texts finds what it is there for: every rule is broken once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from voices import lint, template
from voices.cmn import Mandarin
from voices.prompts import Pack, Prompt, Words
from voices.texts import Texts, read_folder

PACK = 'lang = "cmn"\ntexts = ["texts.toml"]\nsilent = ["slip."]\n'
Keys = Mapping[str, Mapping[str, str]]


def prompt(say: str, han: str = "", show: str = "", **claims: str) -> Prompt:
    script = template.parse(han or say)
    fields = {"status": "machine", **claims}
    return Prompt(template.parse(show) if show else script, script, template.parse(say), source="test", **fields)


def found(lang: str, text: Prompt, kinds: Mapping[str, str] | None = None) -> list[str]:
    """What the lint says of one text that stands alone in its language; the other language has none."""
    named = {"item.XA032.name": prompt("nia2 tiong5-siu7-tsinn5" if lang == "nan" else "领高龄津贴", "领长寿钱")}
    packs = {name: Pack(name, {}, {} if name != lang else {"key": text, **named}) for name in ("cmn", "nan")}
    return [p.what for p in lint.problems(Words(packs), {"key": kinds or {}}) if (p.lang, p.key) == (lang, "key")]


GOOD_MINNAN = prompt("khuann3 tsinn5 | u7 jip8--bo5", "看钱,有入无。")
GOOD_MANDARIN = prompt("请看一遍,‖不对可以改。")


def test_a_good_text_has_nothing_to_put_right() -> None:
    assert found("nan", GOOD_MINNAN) == []
    assert found("cmn", GOOD_MANDARIN) == []


def mandarin(say: str, **rest: str) -> tuple[str, Prompt, Mapping[str, str]]:
    return "cmn", prompt(say), rest


def minnan(say: str, han: str, show: str = "", **rest: str) -> tuple[str, Prompt, Mapping[str, str]]:
    return "nan", prompt(say, han, show), rest


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (mandarin("今天要办的事情先办到这里然后请您明天早上再来"), "22 characters"),
        (mandarin("今天先办这些,‖明天再来,‖带身份证,‖谢谢您。"), "4 clauses"),
        (mandarin("今天要办的事情先办到这里请慢走吧"), "needs a comma"),
        (mandarin("退出"), "a word by itself"),
        (mandarin("请看清/听清。"), "no words"),
        (mandarin("请看PDF。"), "no words"),
        (mandarin("一共{count}%的人。", count="count"), "no words"),
        (mandarin("请等一下,‖{count}。", count="count"), "value without a word"),
        (mandarin("请勿走开。"), "like an office"),
        (mandarin("请你再来。"), "like an office"),
        (mandarin("重做社保卡"), "read wrongly"),
        (mandarin("{name},请再来。", name="name"), "private"),
        (mandarin("卡号是{last4}。", last4="digits"), "private"),
        (mandarin("请再来看。", count="count"), "does not show {count}"),
        (mandarin("还有{count}秒。"), "which nobody gives"),
        (minnan("khuann3 tsinn5 u7 jip8--bo5", "看钱,有入无。"), "tone group before the pause"),
        (minnan("khuann3 tsinn5 | u7 jip8", "看钱,有入无。"), "one syllable for each"),
        (minnan("khuann3 tsinn5 | u7 jip8--xo5", "看钱,有入无。"), "no Minnan syllable"),
        (
            minnan("khuann3 tsin5 tsin5 tsin5 tsin5 tsin5 tsin5 tsin5 tsin5 tsin5", "看钱钱钱钱钱钱钱钱钱"),
            "10 syllables",
        ),
        (minnan("li2-ho2", "您好"), "a word by itself"),
        (minnan("put4 si7 li2", "不是您"), "is Mandarin"),
        (minnan("m7 si7 li2 ‖ koh4 lai5", "毋是您,‖阁来。", "不是您,再来。"), "another number of clauses"),
        (minnan("koh4 u7 | lak8 bio2", "阁有六秒", "还有{n}秒", n="count"), "does not say {n}"),
        (minnan("koh4 u7 | {n} bio2", "阁有{n}秒", "还有{n}秒", n="name"), "cannot be said with its values"),
        (minnan("iok4 ho2--bue7 | iau2 m7 tsai1", "约好未,犹毋知。"), "reads 未 as bue7, which is not the base: be7"),
        (minnan("kan1-tann1 khuann3 | li2 e5", "干焦看您的。"), "reads 干焦 as kan1-tann1"),
        (minnan("tshiann2 tshing2 | an2-ne1 hip4", "请请,安呢翕。"), "has 安呢 for 按呢"),
        (minnan("khuann3 tsinn5 | tshun1 gua7-tsue7", "看钱,剩偌济。", "看钱,賰偌济。"), "shows 賰"),
        (("cmn", prompt("请看余额。", show="請看余额。"), {}), "shows 請, which is not in GB/T 2312"),
    ],
)
def test_a_broken_text_is_named(broken: tuple[str, Prompt, Mapping[str, str]], what: str) -> None:
    lang, text, kinds = broken
    assert any(what in problem for problem in found(lang, text, kinds)), found(lang, text, kinds)


def test_no_text_no_reading_and_a_text_too_many_are_named() -> None:
    silent = replace(GOOD_MINNAN, say=None)
    assert found("nan", silent) == ["cannot be said"]
    one = Words({"cmn": Pack("cmn", {}, {"key": GOOD_MANDARIN}), "nan": Pack("nan", {}, {})})
    assert [(p.lang, p.what) for p in lint.problems(one, {"key": {}})] == [("nan", "has no text")]
    assert [p.what for p in lint.problems(one, {})] == ["no screen shows this text"]


def test_a_row_of_a_register_shows_what_it_does_not_say() -> None:
    quiet = {"row.state": prompt("养老保险的情况", show="养老保险:{state},{date}")}
    loud = {"row.state": prompt("养老保险{state}", show="养老保险:{state}")}
    kinds = {"state": "key", "date": "date"}
    names = {lint.ANY_KEY: prompt("领高龄津贴")}
    packs = [Words({"cmn": Pack("cmn", {}, {**texts, **names}), "nan": Pack("nan", {}, {})}) for texts in (quiet, loud)]
    said = [[p.what for p in lint.problems(words, {"row.state": kinds}) if p.lang == "cmn"] for words in packs]
    assert not any("{" in what for what in said[0])
    assert "says {state} aloud, which is private" in said[1]


def test_a_text_that_is_never_spoken_needs_no_reading() -> None:
    settings = {"silent": ["slip."]}
    texts = {"slip.title": replace(GOOD_MANDARIN, say=None)}
    words = Words({lang: Pack(lang, settings, texts) for lang in ("cmn", "nan")})
    assert lint.problems(words, {"slip.title": {}}) == []


@pytest.mark.parametrize(
    ("claims", "what"),
    [
        ({"status": "reviewed"}, "by whom"),
        ({"status": "recorded"}, "by whom"),
        ({"status": "reviewed", "author": "洪水金", "reviewer": "洪水金"}, "its own author"),
        ({"status": "reviewed", "author": "洪水金", "reviewer": "陈阿土"}, ""),
        ({"author": "洪水金"}, ""),
    ],
)
def test_nobody_confirms_the_own_text(claims: dict[str, str], what: str) -> None:
    problems = found("nan", prompt("khuann3 tsinn5 | u7 jip8--bo5", "看钱,有入无。", **claims))
    assert [what in problem for problem in problems] == ([True] if what else [])


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], Texts]:
    folder = tmp_path / "cmn"
    folder.mkdir()
    (folder / "pack.toml").write_text(PACK, encoding="utf-8")

    def one(text: str) -> Texts:
        (folder / "texts.toml").write_text(text, encoding="utf-8")
        return read_folder(Mandarin(folder))[1]

    return one


def test_the_words_of_the_whole_file_hold_for_a_text_without_its_own(load: Callable[[str], Texts]) -> None:
    texts = load(
        'status = "reviewed"\nauthor = "machine"\nreviewer = "陈阿土"\n[prompts]\n"a.b" = "请看。"\n'
        '"a.c" = { show = "请听。", status = "machine", reviewer = "" }'
    )
    claims = {key: (p.status, p.author, p.reviewer) for key, p in texts.items()}
    assert claims == {"a.b": ("reviewed", "machine", "陈阿土"), "a.c": ("machine", "machine", "")}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('status = "checked"\n[prompts]\n"a.b" = "请看。"', r"a\.b: status is 'checked', not one of machine"),
        ('[prompts]\n"a.b" = "请看。"', r"a\.b: status is None"),
        ('status = "machine"\n[prompts]\n"a.b" = { show = "请看。", sya = "请" }', r"a\.b: unknown field sya"),
        ('status = "machine"\n[prompts]\n"a.b" = { say = "请看。" }', r"a\.b: .*show"),
        ('status = "machine"\n[prompts]\n"a.b" = "请[看。"', r"a\.b: brackets do not match"),
    ],
)
def test_a_malformed_text_is_refused_by_file_and_key(load: Callable[[str], Texts], text: str, message: str) -> None:
    with pytest.raises(ValueError, match=rf"texts\.toml: {message}"):
        load(text)
