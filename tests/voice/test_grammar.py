"""How values are read: readings written by hand from printed sources, refusals, and what agrees with the lexicon."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voices import lexicon
from voices.cmn import grammar as cmn
from voices.nan import grammar as nan
from voices.nan import grammar_address, grammar_numbers, grammar_values
from voices.pipeline import accent, tailo
from voices.reading import Reading, Unreadable

Read = Callable[[str, str], Reading]
DATA = Path(__file__).parent / "data"
READ: dict[str, Read] = {"nan": nan.read, "cmn": cmn.read}


def by_hand(lang: str) -> list[dict[str, str]]:
    readings: list[dict[str, str]] = document(lang)["readings"]["all"]
    return readings


def document(lang: str) -> dict[str, dict[str, list[dict[str, str]]]]:
    return tomllib.loads((DATA / f"readings_{lang}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("lang", READ)
def test_values_read_as_the_printed_sources_have_them(lang: str) -> None:
    rows = by_hand(lang)
    assert len(rows) >= 100
    wrong = []
    for row in rows:
        found = READ[lang](row["kind"], row["value"])
        if (found.script, found.sound) != (row["script"], row["sound"]):
            wrong.append((row, found))
    assert not wrong


@pytest.mark.parametrize("lang", READ)
def test_every_hand_made_reading_names_a_source_and_stands_once(lang: str) -> None:
    rows, sources = by_hand(lang), document(lang)["sources"]
    assert {row["source"] for row in rows} == set(sources)
    values = [(row["kind"], row["value"]) for row in rows]
    assert len(values) == len(set(values))


@pytest.mark.parametrize("name", accent.names())
def test_every_hand_made_minnan_reading_can_be_spoken_in_every_accent(name: str) -> None:
    for row in by_hand("nan"):
        assert accent.surface_text(accent.load(name), row["script"], row["sound"])
        assert sum(map(len, tailo.groups(row["sound"]))) == len(row["script"])


@pytest.mark.parametrize(
    ("kind", "value", "missing"),
    [
        ("name", "犇*", "犇"),
        ("name", "*", "*"),
        ("name", "", ""),
        ("place", "后村社区犇山", "犇"),
        ("place", "", ""),
        ("address", "后村社区犇山12号", "犇"),
        ("address", "", ""),
        ("text", "陈水木", "陈"),
        ("digits", "D1260", "D"),
        ("digits", "一二", "一"),
        ("digits", "", ""),
        ("phone", "0592-12a", "a"),
    ],
)
def test_minnan_guesses_nothing_and_names_one_character(kind: str, value: str, missing: str) -> None:
    with pytest.raises(Unreadable) as caught:
        nan.read(kind, value)
    assert caught.value.missing == missing
    assert len(caught.value.missing) <= 1
    assert len(value) < 2 or value not in str(caught.value)


@pytest.mark.parametrize("lang", READ)
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("date", "15.12.2026"),
        ("count", "x"),
        ("count", "-1"),
        ("count", str(10**12)),
        ("money", ""),
        ("money", "-5"),
        ("digits", "ab"),
        ("digits", ""),
        ("phone", ""),
        ("age", "201"),
        ("age", "-1"),
        ("time", "25:00"),
        ("unheard_of", "1"),
    ],
)
def test_a_value_that_does_not_fit_its_kind_is_refused(lang: str, kind: str, value: str) -> None:
    with pytest.raises(Unreadable):
        READ[lang](kind, value)


@pytest.mark.parametrize(
    ("value", "script", "sound"),
    [
        ("陈*金", "陈", "tan5"),
        ("陈*", "陈", "tan5"),
        ("陈水木", "陈", "tan5"),
        ("欧阳**", "欧阳", "au1-iong5"),
        ("欧*", "欧", "au1"),
        ("陈先生", "陈先生", "tan5--sian1-sinn1"),
        ("上官女士", "上官女士", "siong7-kuan1 lu2-su7"),
    ],
)
def test_of_a_name_only_the_surname_is_said(value: str, script: str, sound: str) -> None:
    assert nan.read("name", value) == Reading(script, sound)


@pytest.mark.parametrize(
    ("value", "script"),
    [
        ("金海街道后村社区便民服务站", "金海街道后村社区便民服务站"),
        ("后村", "后村"),
        ("新店", "新店"),
        ("大帽山农场生活区", "大帽山农场生活区"),
    ],
)
def test_places_are_covered_by_the_longest_rows(value: str, script: str) -> None:
    assert nan.read("place", value).script == script


@pytest.mark.parametrize(
    ("value", "script"),
    [
        ("后村社区12-1号", "后村社区十二之一号"),
        ("五星社区3号楼2单元501室", "五星社区三号楼二单元五空一室"),
        ("五星社区1502室", "五星社区一五空二室"),
        ("五星社区02号", "五星社区空二号"),
        ("五星社区12室", "五星社区十二室"),
        ("后村社区12", "后村社区十二"),
        ("福建省厦门市翔安区内厝镇琼坑村5号", "福建省厦门市翔安区内厝镇琼坑村五号"),
    ],
)
def test_an_address_is_places_and_numbers(value: str, script: str) -> None:
    assert nan.read("address", value).script == script


def test_the_grammars_own_words_are_those_of_the_lexicon() -> None:
    words = lexicon.load().words
    listed = {(han, reading.sound.replace("-", " ").strip()) for kind in words for han, reading in words[kind].items()}
    series = [
        *zip("空一两三四五六七八九", grammar_numbers.COUNTING, strict=True),
        *zip("空一二三四五六七八九", grammar_numbers.INSIDE, strict=True),
        *zip("空一二三四五六七八九", grammar_numbers.BY_DIGIT, strict=True),
    ]
    units = [value for value in vars(grammar_values).values() if isinstance(value, tuple) and len(value) == 2]
    single = [(han, sound) for han, sound in units if isinstance(han, str)]
    several = [value for value in vars(grammar_values).values() if isinstance(value, list)]
    several += grammar_address.NUMBERED.values()
    phrases = [("".join(h for h, _ in group), " ".join(s for _, s in group)) for group in several]
    for han, sound in [*series, *single, *phrases]:
        if han != "号楼":
            assert (han, sound.replace("-", " ").strip()) in listed, (han, sound)


def test_tone_groups_end_after_a_thousand_but_not_before_a_shortened_end() -> None:
    assert nan.read("count", "2345").sound == "nng7 tshing1 | sann1 pah4 si3 tsap8 goo7"
    assert nan.read("count", "2500").sound == "nng7 tshing1 goo7"
    assert nan.read("count", "35000000").sound == "sann1 tshing1 | goo7 pah4 ban7"


@pytest.mark.parametrize("lang", READ)
def test_digits_come_in_fours_and_telephone_numbers_in_their_own_groups(lang: str) -> None:
    apart = "," if lang == "cmn" else " | "
    assert [
        len(part.split() if lang == "nan" else part) for part in READ[lang]("digits", "12026112").sound.split(apart)
    ] == [4, 4]
    for value, sizes in {
        "0592-110-0000": [4, 3, 4],
        "13800001234": [3, 4, 4],
        "12345": [5],
        "05920000": [4, 4],
    }.items():
        said = READ[lang]("phone", value).sound.split(apart)
        assert [len(part.split() if lang == "nan" else part) for part in said] == sizes


KINDS = ("digits", "phone", "count", "ordinal", "age", "money", "date", "time", "name", "place", "address", "text")
CHARACTERS = "0123456789-:* .,陈欧阳后村社区号楼室金海街道先生犇年月零二🂡\0+_"
ANYTHING = st.text(alphabet=st.sampled_from(CHARACTERS), max_size=24)


@pytest.mark.parametrize("lang", READ)
@settings(deadline=None)
@given(kind=st.sampled_from(KINDS), value=ANYTHING | st.text(max_size=12) | st.integers().map(str))
def test_whatever_comes_is_read_or_refused(lang: str, kind: str, value: str) -> None:
    try:
        said = READ[lang](kind, value)
    except Unreadable:
        return
    if lang == "nan":
        assert sum(map(len, tailo.groups(said.sound))) == len(said.script) > 0
