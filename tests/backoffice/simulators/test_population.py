"""The made-up population: the same for a seed, possible in every detail, contradictory only where it says so."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from backoffice.__main__ import main
from backoffice.domain.days import full_years
from backoffice.domain.items.answer_checks import id_check_digit, uscc_check_digit
from backoffice.simulators.places import CODES_CHANGED_ON
from backoffice.simulators.population import AS_OF, Population, generate

ROOT = Path(__file__).resolve().parents[3]
SEEDS = (1, 2, 3, 20261101)


@pytest.fixture(scope="module", params=SEEDS)
def population(request: pytest.FixtureRequest) -> Population:
    return generate(request.param, 1500)


@pytest.fixture(scope="module")
def codes() -> list[dict[str, str]]:
    with (ROOT / "config/demo/villages.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def registers_of(population: Population) -> dict[str, dict[str, Any]]:
    return {record["number"]: record["registers"] for record in population.residents}


def test_five_thousand_residents_with_many_old_ones() -> None:
    population = generate(1, 5000)
    ages = [person.age(AS_OF) for person in population.world.people if person.alive]
    assert len(ages) >= 5000
    assert sum(age >= 60 for age in ages) > 0.2 * len(ages) and sum(age >= 80 for age in ages) > 0.03 * len(ages)
    assert sum(age < 18 for age in ages) > 0.1 * len(ages)
    assert {person.birth.year // 10 for person in population.world.people} == set(range(192, 203))
    assert len({person.village.code[:9] for person in population.world.people}) == 10


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_people() -> None:
    one, again, other = (list(generate(seed, 300).lines()) for seed in (5, 5, 6))
    assert one == again
    numbers = [{json.loads(line)["number"] for line in lines[1:]} for lines in (one, other)]
    assert not numbers[0] & numbers[1]


def test_every_number_is_possible_and_used_once(population: Population) -> None:
    numbers = [person.number for person in population.world.people]
    assert len(set(numbers)) == len(numbers)
    for person in population.world.people:
        assert id_check_digit(person.number[:17]) == person.number[17]
        assert person.number[6:14] == f"{person.birth:%Y%m%d}"
        assert int(person.number[16]) % 2 == person.sex % 2
        assert date(1920, 1, 1) <= person.birth <= AS_OF


def test_the_number_begins_with_a_district_that_existed_at_birth(population: Population) -> None:
    periods = {"350221": (1900, 1997), "350212": (1997, 2003), "350213": (2003, 2027)}
    for person in population.world.people:
        prefix = person.number[:6]
        assert person.elsewhere == (prefix not in periods)
        if not person.elsewhere:
            first, last = periods[prefix]
            assert first <= person.birth.year <= last
    old = [person for person in population.world.people if person.birth.year < 1990 and not person.elsewhere]
    assert old and not any(person.number.startswith("350213") for person in old)


def test_divisions_are_those_that_held_on_the_day(population: Population, codes: list[dict[str, str]]) -> None:
    now = {row["code"] for row in codes}
    before = {row["code_before"] or row["code"] for row in codes}
    registers = registers_of(population)
    for person in population.world.people:
        household = registers[person.number].get("L01", {}).get("household")
        if household and not person.elsewhere:
            moment = person.died_on or AS_OF
            assert household in (before if moment < CODES_CHANGED_ON else now)
        residence = registers[person.number].get("L04")
        if residence:
            then = date.fromisoformat(residence["registered_on"]) < CODES_CHANGED_ON
            assert residence["division"] in (before if then else now)


def test_families_are_families(population: Population) -> None:
    for person in population.world.people:
        for parent in (person.father, person.mother):
            if parent is not None:
                assert 17 <= full_years(parent.birth, person.birth) <= 75
                assert person in parent.children
                assert parent.died_on is None or parent.died_on > person.birth
        if person.mother is not None:
            assert person.mother.sex == 2 and full_years(person.mother.birth, person.birth) < 44
            assert person.father is not None and person.father.sex == 1 and person.name[0] == person.father.name[0]
            assert person.mother.spouse is person.father
        for child in person.children:
            assert person in (child.father, child.mother)


def test_marriages_are_symmetric_and_dated(population: Population) -> None:
    registers = registers_of(population)
    for person in population.world.people:
        spouse = person.spouse
        assert (spouse is None) == (person.married_on is None)
        if spouse is None or person.married_on is None:
            continue
        assert spouse.spouse is person and spouse.sex != person.sex
        assert (spouse.married_on, spouse.divorced_on) == (person.married_on, person.divorced_on)
        assert full_years(person.birth, person.married_on) >= (22 if person.sex == 1 else 20)
        assert person.divorced_on is None or person.married_on < person.divorced_on < AS_OF
        assert person.died_on is None or person.married_on < person.died_on
        mine, others = (registers[number].get("L10") for number in (person.number, spouse.number))
        assert (mine is None) == (others is None)
        if mine and others:
            assert (mine["spouse"], others["spouse"]) == (spouse.number, person.number)
            assert (mine["state"] == "divorced") == (others["state"] == "divorced")


def test_households_hold_every_living_person_once(population: Population) -> None:
    world = population.world
    members = Counter(member.number for home in world.households for member in home.members)
    assert members == Counter(person.number for person in world.people if person.alive)
    registers = registers_of(population)
    for home in world.households:
        assert [home.relation(member) for member in home.members].count("head") == 1
        assert {member.village.code for member in home.members} == {home.village.code}
        for member in home.members:
            told = registers[member.number]["L03"]["members"]
            assert {row["number"] for row in told} == {other.number for other in home.members if other is not member}
    for person in world.people:
        if person.couple and person.spouse is not None:
            assert person.household == person.spouse.household


def test_relief_is_the_whole_households(population: Population) -> None:
    registers = registers_of(population)
    for home in population.world.households:
        assert len({json.dumps(registers[member.number].get("L11")) for member in home.members}) == 1


def test_the_dead_are_dead_in_every_register_except_where_it_is_planted(population: Population) -> None:
    planted = {kind: set(numbers) for kind, numbers in population.world.planted.items()}
    found: dict[str, set[str]] = {kind: set() for kind in planted}
    entries = registers_of(population)
    for person in population.world.people:
        registers = entries[person.number]
        assert ("L08" in registers) == (not person.alive)
        if "L01" not in registers:
            found["not_in_population"].add(person.number)
        if registers.get("L16", {}).get("account_matches") is False:
            found["account_of_another_name"].add(person.number)
        if person.alive:
            assert registers.get("L01", {}).get("alive", True)
            continue
        assert not {"L02", "L03", "L04", "L06", "L11", "L13", "L15", "L16", "L17", "L22", "L24"} & set(registers)
        if registers.get("L01", {}).get("alive"):
            found["death_not_passed_on"].add(person.number)
        if registers.get("L14", {}).get("state", "closed") != "closed":
            found["pension_after_death"].add(person.number)
        if registers.get("L12", {}).get("last_paid", "") > f"{person.died_on:%Y-%m}":
            found["paid_after_death"].add(person.number)
    assert found == planted
    assert all(planted.values())


def test_ages_fit_what_the_registers_say(population: Population) -> None:
    registers = registers_of(population)
    for person in population.world.people:
        mine = registers[person.number]
        age = person.age(AS_OF if person.died_on is None else person.died_on)
        if "L12" in mine:
            assert age >= 80 and mine["L12"]["since"] > f"{person.birth.year + 80}-{person.birth:%m}"
        if mine.get("L14", {}).get("state") in ("drawing", "paused"):
            assert age >= 55
        if "L25" in mine:
            assert 5 <= age <= 18
        if "L06" in mine:
            assert age >= 18
        if "L20" in mine:
            assert uscc_check_digit(mine["L20"]["uscc"][:17]) == mine["L20"]["uscc"][17]
            assert mine["L20"]["operator"] == person.name


def test_the_bank_knows_the_card_registers_account_and_no_two_have_one(population: Population) -> None:
    accounts = [
        record["registers"]["L16"]["account_ref"] for record in population.residents if "L16" in record["registers"]
    ]
    assert len(set(accounts)) == len(accounts)
    for record in population.residents:
        pension = record["registers"].get("L14", {}).get("account_ref")
        if pension and "L16" in record["registers"]:
            assert pension == record["registers"]["L16"]["account_ref"]


@pytest.mark.parametrize("count", [0, -1, 200_001])
def test_an_impossible_count_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="between 1 and"):
        generate(1, count)


def test_the_command_writes_what_the_simulator_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "residents.jsonl"
    assert main(("simulate", "residents", "--seed", "4", "--count", "50", "--out", str(out))) == 0
    assert "planted: " in capsys.readouterr().out
    head, *residents = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    assert (head["seed"], head["count"]) == (4, 50) and len(residents) >= 50
    again = tmp_path / "again.jsonl"
    assert main(("simulate", "residents", "--seed", "4", "--count", "50", "--out", str(again))) == 0
    assert again.read_bytes() == out.read_bytes()


def test_another_process_makes_the_same_bytes(tmp_path: Path) -> None:
    """Nothing may hang on the order of a set or on a hash: both differ from process to process."""
    out = tmp_path / "residents.jsonl"
    command = [sys.executable, "-m", "backoffice", "simulate", "residents", "--seed", "4", "--count", "400"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7"}
    subprocess.run([*command, "--out", str(out)], check=True, capture_output=True, env=env)
    assert out.read_text(encoding="utf-8").splitlines(keepends=True) == list(generate(4, 400).lines())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("simulate", "lookups"), "nobody to answer about"),
        (("simulate", "residents", "--seed", "1", "--count", "0", "--out", "x"), "between 1 and"),
    ],
)
def test_a_command_without_sense_is_told_in_a_sentence(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("text", ["1", "1:", ":5", "a:b", "1:5000000", "-1:5"])
def test_a_population_is_named_by_seed_and_count(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(("simulate", "lookups", "--population", text))
    assert "SEED:COUNT" in capsys.readouterr().err
