"""How values are read: tables from printed sources, and a reader written apart from the grammar."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from voices.cmn import grammar as cmn
from voices.nan import grammar as nan
from voices.reading import Unreadable

MANDARIN = {
    ("count", "2"): "两",
    ("count", "12"): "十二",
    ("count", "106"): "一百零六",
    ("count", "110"): "一百一十",
    ("count", "2002"): "两千零二",
    ("count", "20000"): "两万",
    ("count", "100010"): "十万零一十",
    ("ordinal", "2"): "二",
    ("money", "10000"): "一百元",
    ("money", "20050"): "两百元五角",
    ("money", "105"): "一元零五分",
    ("money", "0"): "零元",
    ("digits", "6821"): "六八二幺",
    ("digits", "12026112"): "幺二零二,六幺幺二",
    ("phone", "0592-110-0000"): "零五九二,幺幺零,零零零零",
    ("date", "2026-12-15"): "二零二六年十二月十五日",
    ("date", "2027-03-05"): "二零二七年三月五日",
    ("time", "09:05"): "九点零五分",
    ("time", "14:00"): "十四点",
    ("time", "02:30"): "两点三十分",
    ("name", "陈*金"): "陈某金",
}
MINNAN = {
    ("count", "1"): ("一", "tsit8"),
    ("count", "2"): ("两", "nng7"),
    ("count", "11"): ("十一", "tsap8 it4"),
    ("count", "12"): ("十二", "tsap8 ji7"),
    ("count", "20"): ("二十", "ji7 tsap8"),
    ("count", "21"): ("二十一", "ji7 tsap8 it4"),
    ("count", "80"): ("八十", "pueh4 tsap8"),
    ("count", "101"): ("一百空一", "tsit8 pah4 khong3 it4"),
    ("count", "200"): ("两百", "nng7 pah4"),
    ("count", "1000"): ("一千", "tsit8 tshing1"),
    ("count", "10000"): ("一万", "tsit8 ban7"),
    ("ordinal", "1"): ("一", "it4"),
    ("ordinal", "2"): ("二", "ji7"),
    ("money", "10000"): ("一百箍", "tsit8 pah4 khoo1"),
    ("money", "250"): ("两箍五角", "nng7 khoo1 goo7 kak4"),
    ("digits", "6821"): ("六八二一", "liok8 pat4 ji7 it4"),
    ("digits", "00003350"): ("空空空空三三五空", "khong3 khong3 khong3 khong3 | sam1 sam1 ngoo2 khong3"),
    ("date", "2026-12-15"): (
        "二空二六年十二月十五日",
        "ji7 khong3 ji7 liok8 ni5 | tsap8 ji7 geh8 | tsap8 goo7 jit8",
    ),
    ("date", "2026-02-01"): ("二空二六年二月一日", "ji7 khong3 ji7 liok8 ni5 | ji7 geh8 | it4 jit8"),
    ("time", "09:30"): ("九点三十分", "kau2 tiam2 | sann1 tsap8 hun1"),
}


@pytest.mark.parametrize(("what", "text"), MANDARIN.items())
def test_mandarin_reads_as_people_do(what: tuple[str, str], text: str) -> None:
    assert cmn.read(*what).sound == text


@pytest.mark.parametrize(("what", "reading"), MINNAN.items())
def test_minnan_reads_as_people_do(what: tuple[str, str], reading: tuple[str, str]) -> None:
    found = nan.read(*what)
    assert (found.script, found.sound) == reading


@pytest.mark.parametrize("kind", ["name", "place", "text"])
def test_minnan_does_not_guess_how_characters_sound(kind: str) -> None:
    with pytest.raises(Unreadable):
        nan.read(kind, "陈水木")


@pytest.mark.parametrize("grammar", [cmn, nan])
@pytest.mark.parametrize(("kind", "value"), [("date", "15.12.2026"), ("count", "x"), ("money", ""), ("digits", "ab")])
def test_a_value_that_does_not_fit_its_kind_is_refused(grammar: object, kind: str, value: str) -> None:
    with pytest.raises(Unreadable):
        grammar.read(kind, value)  # type: ignore[attr-defined]


# ---- a reader that knows nothing of the grammar: it takes words from the left and adds up -------------------

_VALUES = {
    **{c: n for n, c in enumerate("零一二三四五六七八九")},
    "两": 2,
    "空": 0,
}
_SIZES = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
_COUNTING = ("khong3", "tsit8", "nng7", "sann1", "si3", "goo7", "lak8", "tshit4", "pueh4", "kau2")
_BY_DIGIT = ("khong3", "it4", "ji7", "sam1", "su3", "ngoo2", "liok8", "tshit4", "pat4", "kiu2")
_SOUNDS = {
    **dict(
        zip(
            ["khong3", "tsit8", "nng7", "sann1", "si3", "goo7", "lak8", "tshit4", "pueh4", "kau2"],
            range(10),
            strict=True,
        )
    ),
    "it4": 1,
    "ji7": 2,
}
_SOUND_SIZES = {"tsap8": 10, "pah4": 100, "tshing1": 1000}
_SOUND_LARGE = {"ban7": 10**4, "ik4": 10**8}


def add_up(words: list[str], values: dict[str, int], sizes: dict[str, int], large: dict[str, int]) -> int:
    total = section = digit = 0
    for word in words:
        if word in values:
            digit = values[word]
        elif word in sizes:
            section += (digit or 1) * sizes[word]
            digit = 0
        else:
            total += (section + digit) * large[word]
            section = digit = 0
    return total + section + digit


def numbers() -> list[int]:
    chosen = random.Random(82)
    zeros = [int("".join("1" if pattern >> at & 1 else "0" for at in range(8))) for pattern in range(256)]
    return [*range(10_000), *zeros, *(chosen.randrange(10**9) for _ in range(20_000))]


def test_every_mandarin_number_can_be_heard_back() -> None:
    for n in numbers():
        assert add_up(list(cmn.number(n)), _VALUES, _SIZES, _LARGE) == n, n


def test_every_minnan_number_can_be_heard_back_by_sound_and_by_character() -> None:
    for n in numbers():
        said = nan.number(n)
        assert add_up([sound for _, sound in said], _SOUNDS, _SOUND_SIZES, _SOUND_LARGE) == n, n
        assert add_up([han for han, _ in said], _VALUES, _SIZES, _LARGE) == n, n


def test_numbers_have_no_two_gaps_in_a_row_and_end_in_none() -> None:
    for n in filter(None, numbers()):
        text = cmn.number(n)
        assert "零零" not in text, n
        assert not text.endswith("零"), n


def test_every_date_of_two_centuries_is_heard_back() -> None:
    day, last = date(1900, 1, 1), date(2100, 12, 31)
    digits = {
        word: n
        for n, word in enumerate(["khong3", "it4", "ji7", "sam1", "su3", "ngoo2", "liok8", "tshit4", "pat4", "kiu2"])
    }
    while day <= last:
        year, month, dom = nan.read("date", day.isoformat()).sound.split(" | ")
        heard = (
            int("".join(str(digits[sound]) for sound in year.split()[:-1])),
            add_up(month.split()[:-1], _SOUNDS, _SOUND_SIZES, _SOUND_LARGE),
            add_up(dom.split()[:-1], _SOUNDS, _SOUND_SIZES, _SOUND_LARGE),
        )
        assert heard == (day.year, day.month, day.day)
        day += timedelta(days=1)
