"""The words themselves: complete in both languages, short, kind, and nothing private aloud."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from kiosk.app.keys import generate as prompt_keys
from kiosk.ui import ui_keys
from voices import languages, lint, lint_rules
from voices.prompts import Plain, Words
from voices.reading import Unreadable

from .conftest import ROOT, values_for


def test_the_key_list_is_what_the_kiosk_makes_today() -> None:
    stored = (ROOT / "config" / "schema" / "prompt_keys.json").read_text(encoding="utf-8")
    assert prompt_keys.generate(ROOT / "config") == stored, "run `python -m kiosk keys`"


def test_the_frame_keys_of_the_screens_are_in_the_list(key_list: dict[str, dict[str, str]]) -> None:
    assert set(ui_keys.KEYS) <= set(key_list)
    assert all(tuple(sorted(key_list[key])) == tuple(sorted(names)) for key, names in ui_keys.KEYS.items())


def test_no_text_has_anything_to_put_right(words: Words, key_list: dict[str, dict[str, str]]) -> None:
    assert lint.problems(words, key_list) == []


def test_every_screen_can_be_heard_in_both_languages(words: Words, key_list: dict[str, dict[str, str]]) -> None:
    spoken = {key for key in key_list if not key.startswith(("slip.", "staff."))}
    for lang in languages.codes():
        assert {key for key in key_list if words.prompt(lang, key).say is not None} == spoken
    print(f"{len(key_list)} texts, {len(spoken)} of them spoken in each of {len(languages.codes())} languages")


@pytest.mark.parametrize("lang", languages.codes())
def test_a_text_of_the_back_office_stands_without_any_of_its_values(
    lang: str, words: Words, key_list: dict[str, dict[str, str]]
) -> None:
    server = [key for key in key_list if key.startswith(("reason.", "next.", "help.sent", "result.", "progress."))]
    for key in server:
        assert words.show(lang, key, {}), key
        assert words.spoken(lang, key, {}), key


@pytest.mark.parametrize("lang", languages.codes())
def test_the_tone_is_a_neighbours(lang: str, words: Words, key_list: dict[str, dict[str, str]]) -> None:
    for key, args in key_list.items():
        text = words.show(lang, key, values_for(args))
        assert not any(hard in text for hard in lint_rules.OFFICE_WORDS), (key, text)
        assert ("!" in text or "\uff01" in text) == (key == "result.approved.title"), key
        assert ("阿公" in text) == (lang == "nan" and key == "choose.question"), key
        assert "{" not in text and "[" not in text and "‖" not in text, key


def test_a_card_name_fits_a_card(words: Words, key_list: dict[str, dict[str, str]]) -> None:
    names = [key for key in key_list if key.startswith("item.") and key.endswith(".name")]
    assert len(names) == 106
    for key in names:
        assert len(words.show("cmn", key, {})) <= 8, key
        assert len(words.show("nan", key, {})) <= 9, key


def test_a_text_without_a_reading_is_shown_and_refuses_to_be_said(words: Words) -> None:
    assert words.show("nan", "slip.approved.title", {})
    with pytest.raises(Unreadable):
        words.spoken("nan", "slip.approved.title", {})


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
    assert {words.prompt(lang, key).status for lang in languages.codes() for key in words.keys(lang)} == {"machine"}


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


def test_the_mandarin_voice_reads_every_character_and_spells_none(
    words: Words, key_list: dict[str, dict[str, str]]
) -> None:
    """An unknown character is spelled as "Chinese letter" in English: the phonemes then switch languages."""
    clauses = [
        clause.reading.sound
        for key, args in key_list.items()
        if words.prompt("cmn", key).say is not None
        for clause in words.spoken("cmn", key, values_for(args))
    ]
    lines = sorted({part for clause in clauses for part in re.findall(r"[㐀-鿿]+", clause)})
    done = subprocess.run(
        ["espeak-ng", "-v", "cmn", "-q", "-x"],
        input="\n".join(f"{line}。" for line in lines),
        capture_output=True,
        text=True,
        check=True,
    )
    heard = done.stdout.strip().splitlines()
    assert len(heard) == len(lines) > 500
    for line, sounds in zip(lines, heard, strict=True):
        assert "(" not in sounds, (line, sounds)
        assert len(re.findall(r"[0-9]+", sounds)) == len(line), (line, sounds)
