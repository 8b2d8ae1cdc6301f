"""Words of payment papers, and an amount in the capital numerals that receipts carry."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("papers.toml")
_GROUP = 10_000


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def amount_words(fen: int) -> str:
    """As bills must write it (支付结算办法, appendix 1): 壹仟零伍拾元叁角整. :param fen: 0 to below 10**14."""
    own = words()
    zero: str = own["digits"][0]
    yuan, rest = divmod(fen, 100)
    jiao, cent = divmod(rest, 10)
    text: str = _whole(yuan) + own["yuan"] if yuan else ""
    if not rest:
        return f"{text or zero + own['yuan']}{own['whole']}"
    if jiao:
        text += own["digits"][jiao] + own["jiao"]
    elif text:
        text += zero
    return f"{text}{own['digits'][cent]}{own['fen']}" if cent else f"{text}{own['whole']}"


def what_words(key: str, period: str) -> str:
    """:raises KeyError: a line that nothing is owed on."""
    return str(words()["what"][key.removeprefix("bill.what.")]).format(year=period)


def _whole(yuan: int) -> str:
    zero, text, gap = words()["digits"][0], "", False
    for group, value in _groups(yuan):
        if not value:
            gap = True
            continue
        part = _four(value)
        if text and (gap or value < _GROUP // 10):
            text += zero
        text += part + words()["groups"][group]
        gap = False
    return text


def _groups(yuan: int) -> Iterator[tuple[int, int]]:
    """Groups of four digits, the highest first, each with its place."""
    values = []
    while yuan:
        yuan, value = divmod(yuan, _GROUP)
        values.append(value)
    yield from reversed(list(enumerate(values)))


def _four(value: int) -> str:
    """1 to 9999; zeros between digits are said once, zeros at the end not at all."""
    digits, units = words()["digits"], words()["units"]
    text, gap = "", False
    for place in range(3, -1, -1):
        digit = value // 10**place % 10
        if not digit:
            gap = bool(text)
            continue
        text += (digits[0] if gap else "") + digits[digit] + units[place]
        gap = False
    return text
