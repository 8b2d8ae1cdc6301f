"""A mistake that a reader has found once is planted again in the text it stood in, and the lint names it."""

from __future__ import annotations

import re

import pytest

from voices import languages, lint
from voices.measure import keys
from voices.prompts import Pack, Prompt, Words, load_words
from voices.template import Template

READINGS = [
    ("leave.kept", "ke3", "kue3"),
    ("ask.part.month", "geh8", "gueh8"),
    ("book.unsure", "be7", "bue7"),
    ("queue.priority", "he3", "hue3"),
    ("ask.drop", "be2", "bue2"),
    ("nearest.now", "kun7", "kin7"),
    ("ask.secret_again", "kang5", "kang7"),
    ("draft.looking", "tshe7", "tshue7"),
    ("paper.XA027.3", "pinn7", "penn7"),
    ("wrong.range", "sue3", "se3"),
    ("no_card.written_out", "pueh4", "peh4"),
    ("no_card.written_out", "tsue3", "tso3"),
    ("wrong.year", "bin5", "me5"),
    ("ask.home.card", "tue7", "te7"),
    ("sheets.unknown", "tsiau5", "tse5"),
    ("bill.one", "kan1-na1", "kan1-tann1"),
    ("choose.paper_low", "to7", "tioh8"),
]
WORDS = [
    ("commit.decline", "我毋答应", "我无答应"),
    ("ask.refund_agreed.no", "我毋同意", "我无同意"),
    ("overlay.close", "倒转去接咧办", "转去阁办"),
    ("idle.stay", "继续办", "阁来办"),
    ("leave.stored", "会继续办", "会阁办"),
    ("result.saved", "收起来矣", "收咧矣"),
    ("rate.taken", "记起来矣", "记咧矣"),
    ("fault.device_cancelled", "停落来矣", "停咧矣"),
    ("ask.phone", "号码是几号", "号码偌济"),
    ("take_card.keep", "毋通袂记得", "莫袂记得"),
    ("no_card.written_out", "这阵", "即马"),
    ("capture.seen", "按呢", "安呢"),
    ("ask.shop_address", "店的所在", "店伫佗位"),
    ("idle.question", "您犹欲", "您有伫遮无?欲"),
]
SCREEN = [("item.XA031.name", "剩", "賰"), ("item.XA048.name", "觅", "覓")]


def put(text: Template, right: str, wrong: str) -> Template:
    """The text with every `right` in what is written in it, not in its values, made `wrong`."""
    segments = [
        (optional, tuple(part.replace(right, wrong) if isinstance(part, str) else part for part in parts))
        for optional, parts in text.segments
    ]
    return Template(tuple(segments))


def planted(key: str, prompt: Prompt) -> list[str]:
    """What the lint says of Minnan when one of its texts is another."""
    words = load_words()
    known = {key: keys.load(None)[key], lint.ANY_KEY: {}}
    named = {lang: {name: words.prompt(lang, name) for name in known} for lang in languages.codes()}
    named["nan"][key] = prompt
    settings = {lang: words.pack(lang).settings for lang in languages.codes()}
    packs = {lang: Pack(lang, settings[lang], named[lang]) for lang in languages.codes()}
    return [problem.what for problem in lint.problems(Words(packs), known)]


@pytest.mark.parametrize(("key", "right", "wrong"), READINGS)
def test_a_reading_of_another_base_is_named(key: str, right: str, wrong: str) -> None:
    before = load_words().prompt("nan", key)
    assert before.say is not None
    after = put(before.say, right, wrong)
    assert after != before.say, "the text has changed: plant the mistake where its reading stands now"
    found = planted(key, Prompt(before.show, before.script, after, before.status, before.source))
    assert found and all(wrong in what and "not the base" in what for what in found)
    assert planted(key, before) == []


@pytest.mark.parametrize(("key", "right", "wrong"), WORDS)
def test_a_word_that_means_something_else_is_named(key: str, right: str, wrong: str) -> None:
    before = load_words().prompt("nan", key)
    after = put(before.script, right, wrong)
    assert after != before.script, "the text has changed: plant the mistake where its words stand now"
    found = planted(key, Prompt(before.show, after, before.say, before.status, before.source))
    assert any(re.match(r"has \D+ for \D+$|asks 2 things: ", what) for what in found), found
    assert planted(key, before) == []


@pytest.mark.parametrize(("key", "right", "wrong"), SCREEN)
def test_a_character_that_is_not_simplified_is_named(key: str, right: str, wrong: str) -> None:
    before = load_words().prompt("nan", key)
    shown = put(before.show, right, wrong)
    assert shown != before.show, "the text has changed: plant the mistake where its characters stand now"
    found = planted(key, Prompt(shown, before.script, before.say, before.status, before.source))
    assert [what for what in found if what.startswith(f"shows {wrong}")]
    assert planted(key, before) == []
