"""Words that no row tears apart: the list, and what it says of a text."""

from __future__ import annotations

import pytest

from voices import whole


def test_the_list_is_words_of_two_to_five_han_characters_in_order_and_once() -> None:
    listed = whole.FILE.read_text(encoding="utf-8").split()
    assert listed == sorted(set(listed)) and len(listed) > 2000
    assert all(2 <= len(word) <= 5 and all("\u3400" <= char <= "\u9fff" for char in word) for word in listed)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("钱只入您自己的卡。", "钱|只入|您自己|的|卡|。"),
        ("想听哪种话,就按哪一个。", "想|听|哪种话|,|就|按|哪一个|。"),
        ("看老人钱有无入", "看|老人钱|有无|入"),
        ("", ""),
        ("S******y 350*21", "S|*|*|*|*|*|*|y| |3|5|0|*|2|1"),
    ],
)
def test_a_text_is_covered_by_the_longest_words_from_the_left(text: str, parts: str) -> None:
    torn, cut = whole.inside(text), ""
    for at, char in enumerate(text):
        cut += ("|" if at and at not in torn else "") + char
    assert cut == parts
