"""Tâi-lô and what a tone group does to its tones, accent by accent."""

from __future__ import annotations

import pytest

from voices.pipeline import accent, tailo
from voices.pipeline.tailo import TailoError


@pytest.mark.parametrize("text", ["tshiann2", "ng5", "m7", "hng1", "tsit8", "khiunn1", "sir5", "kerh4", "mngh8"])
def test_minnan_syllables_are_known(text: str) -> None:
    found = tailo.syllable(text)
    assert f"{found.letters}{found.tone}" == text


@pytest.mark.parametrize(
    "text", ["xan1", "kirr1", "tat1", "tan4", "tan", "tan12", "Tan5", "陈", "zhang1", "", "tsheng"]
)
def test_what_is_no_minnan_syllable_is_refused(text: str) -> None:
    with pytest.raises(TailoError):
        tailo.syllable(text)


def test_a_clause_is_cut_into_tone_groups_and_neutral_tails() -> None:
    first, second = tailo.groups("sin1-hun7-tsing3 | e7-sai2 theh8--khi2-lai5--ah4")
    assert [this.letters for this in first] == ["sin", "hun", "tsing"]
    assert [this.neutral for this in second] == [False, False, False, True, True, True]


def test_a_group_cannot_begin_neutral() -> None:
    with pytest.raises(TailoError):
        tailo.groups("ho2 | --ah4")


TONGAN = {
    # 2 before high or rising (1, 5) is low level, before the rest rising; 4 before 2 falls, else high
    "sa1 sa1": "sa7 sa1",
    "sa2 sa1": "sa7 sa1",
    "sa2 sa5": "sa7 sa5",
    "sa2 sa2": "sa5 sa2",
    "sa2 sa3": "sa5 sa3",
    "sa2 sa7": "sa5 sa7",
    "sa2 sak8": "sa5 sak8",
    "sa3 sa1": "sa9 sa1",
    "sak4 sa2": "sak9 sa2",
    "sak4 sa1": "sak1 sa1",
    "sah4 sa5": "sah1 sa5",
    "sa5 sa1": "sa6 sa1",
    "sa7 sa1": "sa6 sa1",
    "sak8 sa1": "sak6 sa1",
    # only inside a group; the last full syllable and the neutral tail
    "sa1 | sa1": "sa1 sa1",
    "sa2 sa1 sa3": "sa7 sa7 sa3",
    "ho2--ah4": "ho2 ah0",
    "tshiann2 tan2 tsit8-e7": "tshiann5 tan5 tsit6 e7",
    "theh8--khi2-lai5--ah4": "theh8 khi0 lai0 ah0",
    # 仔 at the end of a group goes on from the syllable before it, which keeps its tone
    "hui1-a2": "hui1 a1",
    "pinn2-a2": "pinn2 a0",
    "su3-a2": "su6 a6",
    "tik4-a2": "tik6 a0",
    "ling5-a2": "ling6 a5",
    "ong7-a2": "ong7 a7",
    "liok8-a2": "liok8 a0",
    "tsit8-e7-a2 | to7 ho2": "tsit6 e7 a7 to6 ho2",
    "gin2--a2": "gin2 a0",
    "gin2-a2--ah4": "gin2 a0 ah0",
    # inside a group the ordinary rules hold
    "kin1-a2-jit8": "kin7 a5 lit8",
    "gin2-a2 jip8": "gin5 a5 lip8",
    # no suffix: nothing before it
    "a2": "a2",
    # an adjective said three times rises first; digits stand apart and are no adjective
    "ang5-ang5-ang5": "ang5 ang6 ang5",
    "peh8-peh8-peh8": "peh5 peh6 peh8",
    "mua2-mua2-mua2": "mua5 mua5 mua2",
    "sam1 sam1 sam1": "sam7 sam7 sam1",
    # j is l here
    "jip8": "lip8",
}
XIAMEN = {
    "sa1 sa1": "sa7 sa1",
    "sa2 sa1": "sa1 sa1",
    "sa3 sa1": "sa2 sa1",
    "sak4 sa1": "sak8 sa1",
    "sah4 sa1": "sa2 sa1",
    "sa5 sa1": "sa7 sa1",
    "sa7 sa1": "sa3 sa1",
    "sak8 sa1": "sak4 sa1",
    "sah8 sa1": "sa3 sa1",
    "ho2--ah4": "ho2 ah0",
    # before 仔, which keeps its own tone, only high and mid are left
    "sai1-a2": "sai7 a2",
    "hoo2-a2": "hoo1 a2",
    "pa3-a2": "pa1 a2",
    "toh4-a2": "to1 a2",
    "tik4-a2": "tik8 a2",
    "kau5-a2": "kau7 a2",
    "bo7-a2": "bo7 a2",
    "beh8-a2": "be7 a2",
    "lok8-a2": "lok4 a2",
    "kin1-a2-jit8": "kin7 a1 lit8",
    "ang5-ang5-ang5": "ang5 ang7 ang5",
    "tsiah4-tsiah4-tsiah4": "tsia2 tsia2 tsiah4",
}


@pytest.mark.parametrize(("citation", "surface"), TONGAN.items())
def test_tongan_changes_tones_by_its_table(citation: str, surface: str) -> None:
    assert accent.surface_text(accent.load("tongan"), "", citation) == surface


@pytest.mark.parametrize(("citation", "surface"), XIAMEN.items())
def test_xiamen_changes_tones_by_its_table(citation: str, surface: str) -> None:
    assert accent.surface_text(accent.load("xiamen"), "", citation) == surface


@pytest.mark.parametrize("name", accent.names())
def test_every_pair_of_tones_has_a_rule_and_only_the_first_changes(name: str) -> None:
    spoken = accent.load(name)
    for first in ("sa1", "sa2", "sa3", "sak4", "sa5", "sa7", "sak8"):
        for second in ("sa1", "sa2", "sa3", "sak4", "sa5", "sa7", "sak8"):
            changed, kept = accent.surface_text(spoken, "", f"{first} {second}").split()
            assert kept == second
            assert changed != first
            assert changed[-1] in spoken.contours


def test_an_accent_reads_some_characters_its_own_way() -> None:
    tongan, xiamen = accent.load("tongan"), accent.load("xiamen")
    assert accent.surface_text(tongan, "你去", "li2 | khi3") == "lir2 khir3"
    assert accent.surface_text(xiamen, "你去", "li2 | khi3") == "li2 khi3"
    # Without the characters side by side nothing is replaced.
    assert accent.surface_text(tongan, "你", "li2 | khi3") == "li2 khi3"


@pytest.mark.parametrize("name", accent.names())
def test_every_code_of_an_accents_tables_has_a_contour(name: str) -> None:
    spoken = accent.load(name)
    for citation in "1234578":
        vowel = {"4": "ak", "8": "ak"}.get(citation, "a")
        for clause in (f"s{vowel}{citation}-a2", f"s{vowel}{citation}-a2-sa1", "-".join([f"s{vowel}{citation}"] * 3)):
            for syllable in accent.surface_text(spoken, "", clause).split():
                assert syllable[-1] in spoken.contours, clause


@pytest.mark.parametrize("name", accent.names())
def test_an_accent_tells_of_every_table_how_it_is_known(name: str) -> None:
    known = accent.load(name).evidence
    assert {"contours", "sandhi", "triple", "neutral", "initials", "readings", "likely_readings"} <= set(known)
    assert any(table.startswith("suffix.") for table in known)
    for table, evidence in known.items():
        assert evidence.status in accent.EVIDENCE, table
        assert evidence.source, table


def test_readings_of_an_accent_are_valid() -> None:
    for name in accent.names():
        for readings in accent.load(name).readings.values():
            for base, own in readings.items():
                assert tailo.syllable(base)
                assert tailo.syllable(own)
