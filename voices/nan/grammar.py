"""How Minnan reads values: the vernacular series for counts and amounts, the literary one digit by digit.

Three series (lexicon: numbers, dates, money): count (一 tsit8, 二 nng7), inside tens and for ordinals and
dates (一 it4, 二 ji7), digits (it4 ji7 sam1 su3 ngoo2 liok8 tshit4 pat4 kiu2, 0 khong3). 101 is 一百空一.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, time

from voices.reading import Reading, Unreadable

_HAN = "空一二三四五六七八九"
_VERNACULAR = ("khong3", "tsit8", "nng7", "sann1", "si3", "goo7", "lak8", "tshit4", "pueh4", "kau2")
_INSIDE = ("khong3", "it4", "ji7", "sann1", "si3", "goo7", "lak8", "tshit4", "pueh4", "kau2")
_LITERARY = ("khong3", "it4", "ji7", "sam1", "su3", "ngoo2", "liok8", "tshit4", "pat4", "kiu2")
_UNITS = ((1000, "千", "tshing1"), (100, "百", "pah4"), (10, "十", "tsap8"))
_BIG = ((10**8, "亿", "ik4"), (10**4, "万", "ban7"))
LARGEST = 10**12 - 1

Syllable = tuple[str, str]
"""A character and its Tâi-lô."""
_GAP: Syllable = ("空", "khong3")


def number(n: int) -> list[Syllable]:
    """A cardinal: 12 tsap8 ji7, 20 ji7 tsap8, 101 tsit8 pah4 khong3 it4, 200 nng7 pah4.

    :raises ValueError: negative or beyond `LARGEST`.
    """
    if not 0 <= n <= LARGEST:
        raise ValueError(f"no reading for {n}")
    if n < 10:
        return [(_HAN[n], _VERNACULAR[n])]
    said: list[Syllable] = []
    gap = False
    for size, han, sound in _BIG:
        head, n = divmod(n, size)
        if head:
            said += [*([_GAP] if gap else []), *_below_10000(head, bool(said)), (han, sound)]
        gap = bool(said) and 0 < n < size // 10
    if n:
        said += [*([_GAP] if gap else []), *_below_10000(n, bool(said))]
    return said


def _below_10000(n: int, inside: bool) -> list[Syllable]:
    """`inside`: something bigger was said before, so a lone 一 or 二 is it4 or ji7."""
    said: list[Syllable] = []
    gap = False
    for size, han, sound in _UNITS:
        digit, n = divmod(n, size)
        if digit:
            said += [*([_GAP] if gap else []), *_unit(digit, size, bool(said) or inside), (han, sound)]
            gap = False
        elif said:
            gap = True
    if n:
        series = _INSIDE if said or inside else _VERNACULAR
        said += [*([_GAP] if gap else []), (_HAN[n], series[n])]
    return said


def _unit(digit: int, size: int, inside: bool) -> list[Syllable]:
    if size == 10:
        return [] if digit == 1 and not inside else [(_HAN[digit], _INSIDE[digit])]
    return [(("两" if digit == 2 else _HAN[digit]), _VERNACULAR[digit])]


def ordinal(n: int) -> list[Syllable]:
    """As in dates and after 第: it4 and ji7 for 1 and 2."""
    return [(_HAN[n], _INSIDE[n])] if 0 <= n < 10 else number(n)


def count(n: int) -> list[Syllable]:
    """Before a measure word: 两 nng7 for 2."""
    return [("两", "nng7")] if n == 2 else number(n)


def money(fen: int) -> list[Syllable]:
    """箍 khoo1, 角 kak4, 分 hun1."""
    yuan, rest = divmod(fen, 100)
    jiao, cent = divmod(rest, 10)
    said: list[Syllable] = []
    if yuan or not rest:
        said += [*count(yuan), ("箍", "khoo1")]
    if jiao:
        said += [*count(jiao), ("角", "kak4")]
    elif cent and said:
        said.append(_GAP)
    return said + ([*count(cent), ("分", "hun1")] if cent else [])


def _join(groups: Iterable[list[Syllable]]) -> Reading:
    """Each group is a tone group."""
    kept = [group for group in groups if group]
    script = "".join(han for group in kept for han, _ in group)
    return Reading(script, " | ".join(" ".join(sound for _, sound in group) for group in kept))


def digits(text: str) -> Reading:
    """Digit by digit, literary, in groups of four."""
    plain = [(_HAN[int(c)], _LITERARY[int(c)]) for c in text if c.isascii() and c.isdigit()]
    if not plain:
        raise Unreadable("no digit to read")
    return _join(plain[at : at + 4] for at in range(0, len(plain), 4))


def phone(text: str) -> Reading:
    """By its own groups when it has any (0592-000-0000)."""
    groups = re.split(r"[- ]+", text)
    return _join([(_HAN[int(c)], _LITERARY[int(c)]) for c in group if c.isascii() and c.isdigit()] for group in groups)


def day(value: date) -> Reading:
    """Year by literary digits, month and day as ordinals: … ji7 liok8 ni5 | tsap8 ji7 geh8 | tsap8 goo7 jit8."""
    year = [(_HAN[int(c)], _LITERARY[int(c)]) for c in f"{value.year:04d}"]
    return _join(
        (
            [*year, ("年", "ni5")],
            [*ordinal(value.month), ("月", "geh8")],
            [*ordinal(value.day), ("日", "jit8")],
        )
    )


def clock(value: time) -> Reading:
    hour = [*count(value.hour), ("点", "tiam2")]
    if value.minute == 0:
        return _join([hour])
    gap = [_GAP] if value.minute < 10 else []
    return _join([hour, [*gap, *ordinal(value.minute), ("分", "hun1")]])


_READERS: dict[str, Callable[[str], Reading]] = {
    "digits": digits,
    "phone": phone,
    "count": lambda value: _join([count(int(value))]),
    "ordinal": lambda value: _join([ordinal(int(value))]),
    "money": lambda value: _join([money(int(value))]),
    "date": lambda value: day(date.fromisoformat(value)),
    "time": lambda value: clock(time.fromisoformat(value)),
}


def read(kind: str, value: str) -> Reading:
    """:raises Unreadable: names, places and free text have no reading here; a value that does not fit its kind."""
    try:
        return _READERS[kind](value)
    except (KeyError, ValueError) as error:
        raise Unreadable(f"Minnan cannot read {kind}") from error
