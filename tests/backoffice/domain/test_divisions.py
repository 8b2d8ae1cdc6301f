"""Places by date: what a code was and is, what has the same name, and tables that must not be used."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from backoffice.__main__ import main
from backoffice.catalogue.release import CatalogueError
from backoffice.domain.divisions import Answer, Division, DivisionError, Divisions, Level, Period
from backoffice.domain.sites import SiteKind
from backoffice.geography.files import read_divisions, read_geography
from backoffice.geography.stored import import_geography, read_stored_divisions, sites_on
from backoffice.office import Office, open_office
from backoffice.paths import catalogue_dir, config_dir
from backoffice.simulators.places import CODES_CHANGED_ON
from backoffice.store.tables.tables import audit_head

BEFORE, AFTER = date(2021, 6, 30), date(2021, 12, 31)
TABLES = ("divisions.tsv", "villages.tsv", "division_changes.tsv", "village_aliases.tsv", "sites.tsv")


@pytest.fixture(scope="module")
def divisions() -> Divisions:
    return read_once()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The district's tables, to be spoilt."""
    for name in TABLES:
        (tmp_path / name).write_bytes((catalogue_dir() / name).read_bytes())
    return tmp_path


@pytest.mark.parametrize(("day", "towns", "villages"), [(BEFORE, 5, 120), (AFTER, 9, 128)])
def test_towns_and_villages_are_counted_by_date(divisions: Divisions, day: date, towns: int, villages: int) -> None:
    assert len(divisions.of_level(Level.TOWN, day)) == towns
    assert len(divisions.of_level(Level.VILLAGE, day)) == villages
    assert len(divisions.of_level(Level.FARM, day)) == len(divisions.of_level(Level.LIVING_AREA, day)) == 1


def test_each_of_the_old_towns_was_divided_as_the_lists_say(divisions: Divisions) -> None:
    moved = Counter((change.old[:9], change.new[:9]) for change in divisions.changes if len(change.old) == 12)
    assert moved == {
        ("350213104", "350213003"): 11,
        ("350213104", "350213007"): 11,
        ("350213104", "350213004"): 10,
        ("350213104", "350213006"): 9,
        ("350213102", "350213002"): 18,
        ("350213102", "350213005"): 12,
        ("350213102", "350213004"): 6,
        ("350213404", "350213103"): 1,
    }


def test_an_old_code_is_followed_to_the_day_that_is_asked_about_and_back(divisions: Divisions) -> None:
    assert divisions.resolve("350213104025", AFTER).code == "350213007007"
    assert divisions.resolve("350213007007", BEFORE).code == "350213104025"
    assert divisions.resolve("350213404001", AFTER).code == "350213103003"
    assert divisions.resolve("350213001001", AFTER).answer is Answer.SAME
    assert divisions.resolve("350213007007", CODES_CHANGED_ON).answer is Answer.SAME


def test_a_town_that_was_divided_has_no_one_follower(divisions: Divisions) -> None:
    found = divisions.resolve("350213102", AFTER)
    assert found.answer is Answer.SEVERAL and found.code is None
    assert found.codes == ("350213002", "350213004", "350213005")


def test_what_was_founded_later_was_nothing_before(divisions: Divisions) -> None:
    assert divisions.resolve("350213007012", BEFORE).answer is Answer.NOT_THEN
    assert divisions.resolve("350213007012", AFTER).code == "350213007012"


def test_two_villages_of_one_name_are_told_apart_by_code_alone(divisions: Divisions) -> None:
    stem = {row.code for row in divisions.of_level(Level.VILLAGE, AFTER) if row.name.startswith("后亭")}
    assert stem == {"350213002004", "350213103215"}
    assert divisions.path("350213002004", AFTER)[1].name != divisions.path("350213103215", AFTER)[1].name
    twice = [
        Division(code, "后亭", Level.VILLAGE, code[:9], Period(BEFORE, None), "test")
        for code in ("350213001001", "350213103215")
    ]
    towns = [row for row in divisions.rows() if len(row.code) < 12]
    assert len(Divisions([*towns, *twice]).named("后亭", AFTER)) == 2


def test_a_path_leads_up_to_the_province(divisions: Divisions) -> None:
    assert [row.level.value for row in divisions.path("350213007007", AFTER)] == [
        *("village", "town", "district", "city", "province")
    ]
    assert divisions.path("350213007007", BEFORE) == ()
    assert [row.name for row in divisions.path("350213104025", BEFORE)][:2] == ["后村社区", "新店镇"]


@given(code=st.one_of(st.text(max_size=14), st.text("0123456789", max_size=14)), day=st.dates())
def test_whatever_is_asked_for_is_answered(code: str, day: date) -> None:
    divisions = read_once()
    found = divisions.resolve(code, day)
    assert (found.answer is Answer.UNKNOWN) == (code not in {row.code for row in divisions.rows()})
    assert all(divisions.on(one, day) for one in found.codes)
    divisions.path(code, day)
    divisions.named(code, day)


@cache
def read_once() -> Divisions:
    """For all examples of one property."""
    return read_divisions(catalogue_dir())


def test_every_code_of_either_time_leads_to_the_other(divisions: Divisions) -> None:
    for village in divisions.of_level(Level.VILLAGE, BEFORE):
        later = divisions.resolve(village.code, AFTER).code
        assert later and divisions.resolve(later, BEFORE).code == village.code


def test_every_village_and_town_of_each_time_has_its_site() -> None:
    geography = read_geography(catalogue_dir())
    for day in (BEFORE, AFTER):
        codes = {site.division for site in geography.sites if site.period.has(day)}
        levels = (Level.TOWN, Level.VILLAGE)
        assert codes == {row.code for level in levels for row in geography.divisions.of_level(level, day)}
    assert all(site.position.value == site.source == "demo" and "演示" in site.address for site in geography.sites)


def test_the_made_up_population_lives_in_the_villages_of_the_district(divisions: Divisions) -> None:
    with (config_dir() / "demo" / "villages.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    levels = (Level.VILLAGE, Level.LIVING_AREA)
    for day, column in ((BEFORE, "code_before"), (AFTER, "code")):
        known = {(row.code, row.name) for level in levels for row in divisions.of_level(level, day)}
        assert {(row[column], row["village"]) for row in rows if row[column]} == known


@pytest.mark.parametrize(
    ("name", "spoil", "complaint"),
    [
        ("divisions.tsv", lambda text: text.replace("\ttown\t350213\t", "\ttown\t350200\t", 1), "cannot hold"),
        ("divisions.tsv", lambda text: text.replace("350213001\t", "35021300\t", 1), "9 digits"),
        ("divisions.tsv", lambda text: text + text.splitlines()[-1] + "\n", "same day"),
        ("villages.tsv", lambda text: text.replace("2020-06-30", "2020-06-31", 1), "line 2"),
        ("villages.tsv", lambda text: text.replace("\tvillage\t", "\thamlet\t", 1), "hamlet"),
        ("villages.tsv", lambda text: text.replace("\tvillage\t", "\t", 1), "fields"),
        ("division_changes.tsv", lambda text: text.replace("350213007007", "350213007777"), "must be divisions"),
        ("village_aliases.tsv", lambda text: text + "大宅\t350213006777\t2021-10-31\t\ttest\n", "no division"),
        ("sites.tsv", lambda text: text.replace("\t24.", "\t124.", 1), "globe"),
        ("sites.tsv", lambda text: text.replace("350213001000", "350213001009", 1), "not the code"),
        ("sites.tsv", lambda text: text.replace("\tphone\t", "\ttelephone\t", 1), "columns"),
        ("sites.tsv", lambda text: "\ufffe" + text, "columns"),
    ],
)
def test_a_table_that_contradicts_itself_is_not_used(
    folder: Path, name: str, spoil: Callable[[str], str], complaint: str
) -> None:
    path = folder / name
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(CatalogueError, match=complaint):
        read_geography(folder)


@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_any_file_is_read_or_refused_by_name(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.getbasetemp() / "any"
    folder.mkdir(exist_ok=True)
    for name in TABLES:
        (folder / name).write_bytes((catalogue_dir() / name).read_bytes())
    head = (catalogue_dir() / "villages.tsv").read_bytes().splitlines(keepends=True)[0]
    (folder / "villages.tsv").write_bytes(head + content)
    with pytest.raises(CatalogueError):
        read_geography(folder)


def test_the_first_start_loads_the_tables_and_keeps_what_they_say(office: Office, divisions: Divisions) -> None:
    with office.database.read() as connection:
        stored = read_stored_divisions(connection)
        sites = sites_on(connection, AFTER)
    assert sorted(stored.rows(), key=str) == sorted(divisions.rows(), key=str)
    assert set(stored.changes) == set(divisions.changes)
    assert Counter(site.kind for site in sites) == {SiteKind.TOWN_CENTRE: 9, SiteKind.VILLAGE_POINT: 128}


def test_an_import_replaces_everything_or_nothing(office: Office, folder: Path) -> None:
    aliases = folder / "village_aliases.tsv"
    aliases.write_text(aliases.read_text(encoding="utf-8") + "东头\t350213006006\t2021-10-31\t\ttest\n", "utf-8")
    counted = import_geography(office.database, folder)
    assert (counted.divisions, counted.aliases) == (222, 1)
    (folder / "sites.tsv").write_text("no table", encoding="utf-8")
    with pytest.raises(CatalogueError):
        import_geography(office.database, folder)
    with office.database.read() as connection:
        stored = read_stored_divisions(connection)
        heads = set(connection.execute(select(audit_head.c.town)).scalars())
    assert [row.code for row in stored.named("东头", AFTER)] == ["350213006006"]
    assert {"350213102", "350213104"} <= heads


def test_a_town_that_is_imported_is_one_that_cases_may_come_from(data: Path, folder: Path, clock: Any) -> None:
    with (folder / "divisions.tsv").open("a", encoding="utf-8") as file:
        file.write("350213008\t新街道\ttown\t350213\t2026-11-01\t\ttest\n")
    first = open_office(data, clock)
    assert "350213008" not in first.tables.towns and "350213102" not in first.tables.towns
    import_geography(first.database, folder)
    first.close()
    again = open_office(data, clock)
    assert again.tables.towns["350213008"] == "新街道" and len(again.tables.towns) == 11
    again.close()


def test_the_command_says_what_it_imported_and_what_is_wrong(
    data: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["divisions", "import", str(folder), "--data", str(data)]) == 0
    assert "222 divisions" in capsys.readouterr().out
    (folder / "sites.tsv").unlink()
    assert main(["divisions", "import", str(folder), "--data", str(data)]) == 1
    assert "sites.tsv" in capsys.readouterr().err


def test_a_code_that_nobody_knows_is_told_and_does_not_crash(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show = ["divisions", "show", "--data", str(data), "--on"]
    assert main([*show, "2021-06-30", "350213007007"]) == 0
    assert "350213104025" in capsys.readouterr().out
    assert main([*show, "2021-06-30", "nonsense"]) == 1
    assert "unknown" in capsys.readouterr().out


def test_two_periods_that_touch_do_not_meet() -> None:
    first, second = Period(BEFORE, AFTER), Period(AFTER, None)
    assert not first.meets(second) and first.meets(Period(BEFORE, None))
    with pytest.raises(DivisionError, match="ends before"):
        Divisions([Division("350000", "福建省", Level.PROVINCE, "", Period(AFTER, BEFORE), "test")])
