"""The slip and the receipt: what they say, and that a second one is a copy."""

from __future__ import annotations

import pytest

from backoffice.payments.paper_words import amount_words


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (105, "壹元零伍分"),
        (1230, "壹拾贰元叁角整"),
        (100_000, "壹仟元整"),
        (105_030, "壹仟零伍拾元叁角整"),
        (1_000_100, "壹万零壹元整"),
        (10_050_000, "壹拾万零伍佰元整"),
        (12_345_678, "壹拾贰万叁仟肆佰伍拾陆元柒角捌分"),
        (10_000_000_000, "壹亿元整"),
        (10_000_000_100, "壹亿零壹元整"),
    ],
)
def test_amounts_are_written_in_capital_numerals(fen: int, text: str) -> None:
    assert amount_words(fen) == text
