"""The rows that Minnan reads names, places and terms by: well formed, sayable in every accent, honest."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from voices import lexicon
from voices.lexicon import Entry
from voices.pipeline import accent, tailo
from voices.reading import Unreadable

from .conftest import ROOT

ENTRIES = lexicon.load().entries
HEAD = "\t".join(lexicon.COLUMNS)


def han_of(entry: Entry) -> str:
    """A neutral row (月 --geh8) stands behind something; 号 does for that."""
    return ("号" if entry.tailo.startswith("--") else "") + entry.han


def sound_of(entry: Entry) -> str:
    return ("ho7" if entry.tailo.startswith("--") else "") + entry.tailo


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.kind}-{entry.han}")
def test_a_row_is_minnan_one_syllable_a_character(entry: Entry) -> None:
    assert sum(map(len, tailo.groups(sound_of(entry)))) == len(han_of(entry))
    assert all("㐀" <= c <= "鿿" for c in entry.han)


@pytest.mark.parametrize("name", accent.names())
def test_every_row_can_be_said_in_every_accent(name: str) -> None:
    spoken = accent.load(name)
    for entry in ENTRIES:
        surface = accent.surface_text(spoken, han_of(entry), sound_of(entry)).split()
        assert len(surface) == len(han_of(entry)), entry
        assert all(syllable[-1] in spoken.contours for syllable in surface), entry


def test_no_row_stands_twice_and_none_is_more_than_it_is() -> None:
    twice = [key for key, times in Counter((entry.kind, entry.han) for entry in ENTRIES).items() if times > 1]
    assert not twice
    for entry in ENTRIES:
        assert entry.status == "machine", "nobody has confirmed a row yet"
        assert entry.confidence in lexicon.CONFIDENCE
        assert entry.source
        assert not (entry.confidence == "high" and "no dictionary" in entry.source), entry


def test_the_lexicon_is_as_large_as_it_says() -> None:
    kinds = Counter(entry.kind for entry in ENTRIES)
    assert kinds["surname"] == 224
    assert kinds["place"] == 149


def test_the_same_character_of_a_surname_and_a_village_is_the_same_or_doubted() -> None:
    """洪 in 洪钟 cannot be sure and different from the surname 洪."""
    surnames = {entry.han: entry for entry in ENTRIES if entry.kind == "surname" and len(entry.han) == 1}
    for entry in ENTRIES:
        if entry.kind != "place" or entry.han[1:2] not in ("厝", "坑", "坂", "溪", "钟", "塘"):
            continue
        family = surnames.get(entry.han[0])
        first = entry.tailo.replace("-", " ").split()[0]
        if family and first != family.tailo:
            assert entry.confidence != "high", entry


def test_a_place_is_known_without_its_kind_and_reads_the_same() -> None:
    assert lexicon.place("后村").sound == "au7 tshun1"
    assert lexicon.place("古宅").sound == "koo2 theh8"
    stems: dict[str, str] = {}
    for entry in ENTRIES:
        if entry.kind == "place":
            for stem in lexicon._stems(entry):
                assert stems.setdefault(stem.script, stem.sound) == stem.sound, entry
                assert len(stem.sound.split()) == len(stem.script)


def test_the_district_of_this_installation_is_known() -> None:
    terminal = tomllib.loads((ROOT / "config" / "terminal.toml").read_text(encoding="utf-8"))["terminal"]
    assert lexicon.place(terminal["village"])
    assert lexicon.place(terminal["place"])
    towns = (ROOT / "config" / "catalogue" / "divisions.tsv").read_text(encoding="utf-8").splitlines()[1:]
    for town in towns:
        assert lexicon.place(town.split("\t")[1])


def test_the_surnames_of_the_demo_residents_are_known() -> None:
    residents = tomllib.loads((ROOT / "config" / "demo" / "residents.toml").read_text(encoding="utf-8"))
    people = [person for person in residents.values() if person.get("document") == "resident"]
    assert people
    for person in people:
        assert lexicon.surname(person["name"]).script == person["name"][: len(lexicon.surname(person["name"]).script)]


def test_what_no_row_has_is_not_guessed() -> None:
    with pytest.raises(Unreadable) as caught:
        lexicon.surname("犇水木")
    assert caught.value.missing == "犇"
    assert "水木" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("kind\than\n", 1),
        (f"{HEAD}\nsurname\t陈\ttan5\thigh\tmachine\tMOE\n", 2),
        (f"{HEAD}\nsurname\t陈\ttan5\thigh\tmachine\tMOE\t\nflower\t花\thue1\thigh\tmachine\tMOE\t\n", 3),
        ("", 1),
    ],
)
def test_a_malformed_file_names_itself_and_the_line(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "surnames.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=rf"surnames\.tsv:{line}: "):
        list(lexicon._rows(path))
