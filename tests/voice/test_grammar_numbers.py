"""Every value can be heard back by a listener that does not know the grammar; and a wrong grammar is not.

A part runs with every change; all of it in the proof, which leaves out/proof/voice-numbers.json.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from types import ModuleType

import pytest
from voice_support import reader_cmn, reader_nan

from voices.cmn import grammar as cmn
from voices.nan import grammar as nan
from voices.nan import grammar_numbers, grammar_values
from voices.reading import Reading

from .conftest import ROOT

SEED = 82
SAMPLES, FEW_SAMPLES = 200_000, 2_000
READ: dict[str, Callable[[str, str], Reading]] = {"nan": nan.read, "cmn": cmn.read}
HEAR: dict[str, ModuleType] = {"nan": reader_nan, "cmn": reader_cmn}
Case = tuple[str, str, object]
"""Kind, value, what is to be heard."""
_HEARD_AS = {"date": "day", "time": "clock"}


def counts(numbers: Iterable[int]) -> Iterator[Case]:
    return (("count", str(n), n) for n in numbers)


def zero_patterns() -> Iterator[int]:
    """All 256 patterns of zeros in eight digits, with other digits in each other place."""
    for pattern in range(256):
        for digit in range(1, 10):
            yield int("".join(str(digit) if pattern >> at & 1 else "0" for at in range(8)))


def samples(many: int) -> list[int]:
    """Of every length up to twelve digits."""
    chosen = random.Random(SEED)
    return [chosen.randrange(10 ** (at % 12 + 1)) for at in range(many)]


def days(step: int) -> Iterator[Case]:
    first = date(1900, 1, 1)
    for at in range(0, (date(2100, 12, 31) - first).days + 1, step):
        day = first + timedelta(at)
        yield "date", day.isoformat(), (day.year, day.month, day.day)


def amounts(step: int) -> Iterator[Case]:
    """Up to 999.99 yuan."""
    return (("money", str(fen), fen) for fen in range(0, 100_000, step))


def times() -> Iterator[Case]:
    return (("time", f"{hour:02d}:{minute:02d}", (hour, minute)) for hour in range(24) for minute in range(60))


def ages() -> Iterator[Case]:
    return (("age", str(years), years) for years in range(121))


def ordinals() -> Iterator[Case]:
    return (("ordinal", str(n), n) for n in range(1, 1000))


def codes(many: int) -> Iterator[Case]:
    """Card, case and ticket numbers, zeros in front kept."""
    chosen = random.Random(SEED)
    for at in range(many):
        code = "".join(str(chosen.randrange(10)) for _ in range(at % 19 + 1))
        yield "digits", code, code


EVERYTHING: dict[str, Callable[[], Iterable[Case]]] = {
    "numbers 0 to 99,999": lambda: counts(range(100_000)),
    "zero patterns of eight digits": lambda: counts(zero_patterns()),
    "random numbers below 10^12": lambda: counts(samples(SAMPLES)),
    "dates 1900 to 2100": lambda: days(1),
    "amounts to 999.99": lambda: amounts(1),
    "times of day": times,
    "ages 0 to 120": ages,
    "ordinals 1 to 999": ordinals,
    "random codes": lambda: codes(20_000),
}
EVERY_CHANGE: dict[str, Callable[[], Iterable[Case]]] = {
    **EVERYTHING,
    "numbers 0 to 99,999": lambda: counts([*range(2_500), *range(2_500, 100_000, 83)]),
    "random numbers below 10^12": lambda: counts(samples(FEW_SAMPLES)),
    "dates 1900 to 2100": lambda: days(29),
    "amounts to 999.99": lambda: amounts(37),
    "random codes": lambda: codes(1_000),
}


def not_understood(lang: str, cases: Iterable[Case]) -> tuple[int, list[tuple[Case, str]]]:
    """How many cases, and those that were heard as something else or not at all."""
    hear, read, many = HEAR[lang], READ[lang], 0
    wrong: list[tuple[Case, str]] = []
    for case in cases:
        many += 1
        kind, value, meant = case
        sound = read(kind, value).sound
        try:
            heard = getattr(hear, _HEARD_AS.get(kind, kind))(sound)
        except hear.Misheard as error:
            heard = error
        if heard != meant:
            wrong.append((case, f"{sound}: {heard}"))
    return many, wrong


@pytest.mark.parametrize("lang", HEAR)
@pytest.mark.parametrize("name", EVERY_CHANGE)
def test_values_are_heard_as_they_were_meant(lang: str, name: str) -> None:
    many, wrong = not_understood(lang, EVERY_CHANGE[name]())
    assert many > 100
    assert not wrong[:5]


@pytest.mark.proof
@pytest.mark.timeout(1200)
def test_every_value_is_heard_as_it_was_meant() -> None:
    report = {
        lang: {
            name: {"values": many, "not_understood": len(wrong), "first": [text for _, text in wrong[:5]]}
            for name, cases in EVERYTHING.items()
            for many, wrong in [not_understood(lang, cases())]
        }
        for lang in HEAR
    }
    out = ROOT / "out" / "proof"
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"seed": SEED, "languages": report}, ensure_ascii=False, indent=1)
    (out / "voice-numbers.json").write_text(text + "\n", encoding="utf-8")
    print(text)
    results = [result for lang in report.values() for result in lang.values()]
    assert sum(int(str(result["values"])) for result in results) > 900_000
    assert not [result for result in results if result["not_understood"]]


def test_characters_and_sound_tell_the_same() -> None:
    """A Minnan reading has one character for each syllable, and 空 where the sound has khong3."""
    for kind, value, _ in itertools.chain(counts(samples(FEW_SAMPLES)), amounts(97), times(), ages()):
        said = nan.read(kind, value)
        syllables = said.sound.replace("|", " ").replace("--", " ").split()
        assert len(syllables) == len(said.script), (kind, value)
        for han, sound in zip(said.script, syllables, strict=True):
            assert (han == "空") == (sound == "khong3"), (kind, value)


# ---- errors made on purpose ----------------------------------------------------------------------------------

Spoil = Callable[[pytest.MonkeyPatch], None]


def _zero_left_out(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(grammar_numbers, "GAP", ("", ""))


def _counting_inside(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(grammar_numbers, "INSIDE", grammar_numbers.COUNTING)


def _zeros_after_large_units_left_out(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(grammar_numbers, "_gap", lambda said, below: [])


def _jiao_and_fen_exchanged(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(grammar_values, "JIAO", grammar_values.CENT)
    patch.setattr(grammar_values, "CENT", ("角", "kak4"))


def _months_counted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(grammar_values, "MONTH", ("月", "geh8"))


def _afternoon_as_morning(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(grammar_values, "_PARTS_OF_DAY", ((12, grammar_values.MORNING), (24, grammar_values.EVENING)))


def _cmn_no_two(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cmn, "count", cmn.number)


def _cmn_ten_without_one(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cmn, "_unit", lambda digit, size, word, leading: word if digit == 1 else cmn.DIGITS[digit] + word)


def _cmn_units_exchanged(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cmn, "_UNITS", ((1000, "百"), (100, "千"), (10, "十")))


WRONG: dict[str, tuple[str, Spoil]] = {
    "a zero that is not said": ("nan", _zero_left_out),
    "一 tsit8 and 两 nng7 inside a number": ("nan", _counting_inside),
    "the zeros between 万 and the rest left out": ("nan", _zeros_after_large_units_left_out),
    "角 and 分 exchanged": ("nan", _jiao_and_fen_exchanged),
    "四月 as four months": ("nan", _months_counted),
    "afternoon said as morning": ("nan", _afternoon_as_morning),
    "二元 for 两元": ("cmn", _cmn_no_two),
    "一百十 for 一百一十": ("cmn", _cmn_ten_without_one),
    "千 and 百 exchanged": ("cmn", _cmn_units_exchanged),
}


@pytest.mark.parametrize("error", WRONG)
def test_a_wrong_grammar_is_not_understood(error: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lang, spoil = WRONG[error]
    spoil(monkeypatch)
    cases = itertools.chain(counts([*range(2_300), 10_005, 100_050]), amounts(37), days(1009), times())
    _, wrong = not_understood(lang, cases)
    assert wrong
