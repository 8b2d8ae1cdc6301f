"""Mandarin characters as symbols: readings, tone changes, and a refusal where there is no reading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voices.neural.mandarin import MandarinError, symbols
from voices.prompts import load_words
from voices.recording.script import lines

FIRST, RISING, LOW, FALLING = "→↗↓↘"


def tones(text: str) -> str:
    return "".join(symbol for symbol in symbols(text) if symbol in "→↗↓↘")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("您好", "↗↓"),
        ("你好", "↗↓"),
        ("请选", "↗↓"),
        ("等我走", "↗↗↓"),
        ("不要", "↗↘"),
        ("不好", "↘↓"),
        ("一样", "↗↘"),
        ("一天", "↘→"),
        ("一起", "↘↓"),
        ("第一次", "↘→↘"),
        ("一月", "→↘"),
        ("十一", "↗→"),
        ("一百", "↘↓"),
    ],
)
def test_tones_change_as_they_are_spoken(text: str, wanted: str) -> None:
    assert tones(text) == wanted


def test_punctuation_parts_what_changes() -> None:
    assert tones("好,请放") == LOW + LOW + FALLING
    assert symbols("好。") == "xau↓."
    assert symbols("好!“好”") == "xau↓!xau↓"


@pytest.mark.parametrize("text", ["好A", "30元", "好💡", "🀄"])
def test_what_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(MandarinError, match="cannot be read"):
        symbols(text)


def test_every_static_prompt_can_be_read() -> None:
    script = lines(load_words(), "cmn", "")
    assert len(script) > 300
    for line in script:
        assert symbols(line.reading.sound), line


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x9FFF), max_size=12))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    try:
        assert isinstance(symbols(text), str)
    except MandarinError as error:
        assert str(error)
