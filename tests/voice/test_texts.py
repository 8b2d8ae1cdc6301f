"""The words themselves: complete in both languages, short, kind, and nothing private aloud."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from kiosk.app import prompt_keys
from kiosk.ui import ui_keys
from voices import template
from voices.pipeline import tailo
from voices.prompts import LANGS, Plain, Words
from voices.reading import Unreadable

from .conftest import ROOT, values_for

MOST_HAN, MOST_CLAUSES = 18, 3
HARD_WORDS = ("请勿", "禁止", "必须", "不得", "错误", "失败", "非法", "无效", "异常", "超时", "系统", "操作")
PRIVATE_KINDS = ("name", "money", "text", "place")


def han(text: str) -> list[str]:
    return re.findall(r"[㐀-鿿]", text)


def test_the_key_list_is_what_the_kiosk_makes_today() -> None:
    stored = (ROOT / "config" / "schema" / "prompt_keys.json").read_text(encoding="utf-8")
    assert prompt_keys.generate(ROOT / "config") == stored, "run `python -m kiosk keys`"


def test_the_frame_keys_of_the_screens_are_in_the_list(key_list: dict[str, dict[str, str]]) -> None:
    assert set(ui_keys.KEYS) <= set(key_list)
    assert all(tuple(sorted(key_list[key])) == tuple(sorted(names)) for key, names in ui_keys.KEYS.items())


@pytest.mark.parametrize("lang", LANGS)
def test_every_key_has_words_and_no_words_are_left_over(
    lang: str, words: Words, key_list: dict[str, dict[str, str]]
) -> None:
    assert words.keys(lang) == set(key_list)


@pytest.mark.parametrize("lang", LANGS)
def test_every_text_uses_exactly_the_values_it_is_given(
    lang: str, words: Words, key_list: dict[str, dict[str, str]]
) -> None:
    for key, args in key_list.items():
        prompt = words.prompt(lang, key)
        shown = {slot.name for slot in prompt.show.slots}
        said = {slot.name for slot in prompt.say.slots} if prompt.say else set()
        assert shown == set(args), key
        assert said <= shown, key


@pytest.mark.parametrize("lang", LANGS)
def test_a_text_of_the_back_office_stands_without_any_of_its_values(
    lang: str, words: Words, key_list: dict[str, dict[str, str]]
) -> None:
    server = [key for key in key_list if key.startswith(("reason.", "next.", "help.answer", "result.", "progress."))]
    for key in server:
        assert words.show(lang, key, {}), key
        assert words.spoken(lang, key, {}), key


@pytest.mark.parametrize("lang", LANGS)
def test_clauses_are_short_and_few(lang: str, words: Words, key_list: dict[str, dict[str, str]]) -> None:
    for key, args in key_list.items():
        if words.prompt(lang, key).say is None:
            continue
        spoken = words.spoken(lang, key, values_for(args))
        assert len(spoken) <= MOST_CLAUSES, key
        for clause in spoken:
            assert len(han(clause.reading.script)) <= MOST_HAN, (key, clause.reading.script)


@pytest.mark.parametrize("lang", LANGS)
def test_shown_and_spoken_clauses_are_the_same_in_number(
    lang: str, words: Words, key_list: dict[str, dict[str, str]]
) -> None:
    for key, args in key_list.items():
        if words.prompt(lang, key).say is not None:
            assert len(words.clauses(lang, key, values_for(args))) == len(words.spoken(lang, key, values_for(args))), (
                key
            )


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_private_is_said(lang: str, words: Words, key_list: dict[str, dict[str, str]]) -> None:
    for key, args in key_list.items():
        say = words.prompt(lang, key).say
        for slot in say.slots if say else ():
            assert args[slot.name] not in PRIVATE_KINDS, (key, slot)
            assert args[slot.name] != "digits" or slot.name == "ticket", (key, slot)


@pytest.mark.parametrize("lang", LANGS)
def test_the_tone_is_a_neighbours(lang: str, words: Words, key_list: dict[str, dict[str, str]]) -> None:
    for key, args in key_list.items():
        text = words.show(lang, key, values_for(args))
        assert "你" not in text, f"{key}: 您, never 你"
        assert not any(hard in text for hard in HARD_WORDS), (key, text)
        assert ("!" in text or "\uff01" in text) == (key == "result.approved.title"), key
        assert ("阿公" in text) == (lang == "nan" and key == "choose.question"), key
        assert "{" not in text and "[" not in text and "‖" not in text, key


def test_a_card_name_fits_a_card(words: Words, key_list: dict[str, dict[str, str]]) -> None:
    names = [key for key in key_list if key.startswith("item.") and key.endswith(".name")]
    assert len(names) == 106
    for key in names:
        assert len(words.show("cmn", key, {})) <= 8, key
        assert len(words.show("nan", key, {})) <= 9, key


@pytest.mark.parametrize("lang", LANGS)
def test_all_but_long_explanations_can_be_said(lang: str, words: Words, key_list: dict[str, dict[str, str]]) -> None:
    silent = {
        key for key in key_list if words.prompt(lang, key).say is None and not key.startswith(("slip.", "staff."))
    }
    home = ("XA032", "XA002", "XA009", "XA031", "XA007")
    allowed = {f"item.XA{n:03d}.plain" for n in range(1, 107)} - {f"item.{item}.plain" for item in home}
    assert silent <= (allowed if lang == "nan" else set())


def test_minnan_has_one_valid_syllable_for_every_character(words: Words, key_list: dict[str, dict[str, str]]) -> None:
    for key, args in key_list.items():
        if words.prompt("nan", key).say is None:
            continue
        for values in (values_for(args), {}) if not words.prompt("nan", key).show.required else (values_for(args),):
            for clause in words.spoken("nan", key, values):
                syllables = [s for group in tailo.groups(clause.reading.sound) for s in group]
                assert len(syllables) == len(han(clause.reading.script)), (key, clause)


def test_a_text_without_a_reading_is_shown_and_refuses_to_be_said(words: Words) -> None:
    assert words.show("nan", "item.XA001.plain", {})
    with pytest.raises(Unreadable):
        words.spoken("nan", "item.XA001.plain", {})


def test_unknown_keys_and_missing_values_are_named(words: Words) -> None:
    with pytest.raises(KeyError):
        words.show("cmn", "no.such.text", {})
    with pytest.raises(KeyError, match="name"):
        words.show("cmn", "choose.known", {})


def test_values_are_shown_the_way_people_write_them(words: Words) -> None:
    shown = {
        "date": words.show("cmn", "slip.approved.next", {"date": Plain("date", "2026-12-05")}),
        "money": words.show("cmn", "slip.value.amount", {"amount": Plain("money", "10050")}),
        "whole": words.show("nan", "slip.value.amount", {"amount": Plain("money", "10000")}),
        "digits": words.show("cmn", "slip.value.query_code", {"code": Plain("digits", "3502130018261124")}),
        "key": words.show("nan", "guide.not_here", {"item": Plain("key", "item.XA032.name")}),
    }
    assert shown == {
        "date": "从2026年12月5日起,每月入账。",
        "money": "100.50元",
        "whole": "100元",
        "digits": "3502 1300 1826 1124",
        "key": "领长寿钱,这台机器还办不了。",
    }


def test_nothing_claims_to_be_reviewed(words: Words) -> None:
    assert {words.prompt(lang, key).status for lang in LANGS for key in words.keys(lang)} == {"machine"}


def test_resident_words_live_in_voices_alone() -> None:
    """No Python source of the kiosk or its drivers carries a sentence for residents."""
    sentence = re.compile(r"[㐀-鿿]{2,}.*[,。?!,?!]")
    found = []
    for path in (*Path(ROOT, "kiosk").rglob("*.py"), *Path(ROOT, "drivers").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) and id(node) not in prose else None
            if isinstance(text, str) and sentence.search(text):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_the_screen_marks_as_many_clauses_as_the_voice_speaks(words: Words) -> None:
    differing = []
    for key in words.keys("nan"):
        prompt = words.prompt("nan", key)
        shown, said = (template.clauses(text.fill(lambda slot: "x")) for text in (prompt.show, prompt.script))
        if prompt.say is not None and len(shown) != len(said):
            differing.append(key)
    assert differing == []
