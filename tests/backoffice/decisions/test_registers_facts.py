"""From the answers of the registers to facts: absent unless answered, and never another value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.domain.facts.derive import SOURCES, Lookup, LookupState, facts_of
from backoffice.gateways.answers import SPECS, read_answer
from backoffice.simulators.population import Population, generate
from backoffice.simulators.registers import Registers

TODAY = date(2026, 11, 24)
UNANSWERED = [state for state in LookupState if not state.answered]


@pytest.fixture(scope="module")
def population() -> Population:
    return generate(11, 400)


@pytest.fixture(scope="module")
def registers(population: Population) -> Registers:
    filled = Registers()
    filled.fill(population.residents)
    return filled


def details_of(record: Mapping[str, Any]) -> dict[str, str]:
    """The question fields beside the person, as a kiosk would know them."""
    registers = record["registers"]
    return {
        "photo_ref": registers.get("L02", {}).get("photo_ref", "none"),
        "account_ref": registers.get("L16", {}).get("account_ref", "none"),
        "certificate_type": "id_card",
        "meter_no": next(iter(record["meters"]), "none"),
        "payment_code": next(iter(record["payments"]), "none"),
        "area": "350213",
        "work": "service",
    }


def answers_about(registers: Registers, record: Mapping[str, Any]) -> dict[str, Lookup]:
    """Every register's answer, read as the gateway reads it."""
    known = {**details_of(record), "name": record["name"], "number": record["number"]}
    found = {}
    for code, spec in SPECS.items():
        question = {name: known[name] for name in spec.asks}
        values = read_answer(code, registers.answer(code, question), question[spec.subject])
        state = LookupState.NOT_FOUND if values is None else LookupState.ANSWERED
        found[code] = Lookup(code, state, values or {}, f"id-{code}", "2026-11-24T10:00:00+08:00")
    return found


def lookup(code: str, how: LookupState = LookupState.ANSWERED, **values: Any) -> dict[str, Lookup]:
    return {code: Lookup(code, how, values, "id", "at")}


def test_every_fact_is_fed_by_the_registers_that_the_table_names() -> None:
    fed = {code: {fact for fact, sources in SOURCES.items() if code in sources} for code in SPECS}
    assert fed == {code: set(spec.feeds) for code, spec in SPECS.items()}


def test_all_facts_occur_in_a_population(registers: Registers, population: Population) -> None:
    seen: set[str] = set()
    for record in population.residents:
        vehicles = record["registers"].get("L06", {}).get("vehicles", [])
        form = {"plate": vehicles[0]["plate"]} if vehicles else {}
        seen.update(name for name in facts_of(answers_about(registers, record), form, TODAY) if name != "form_plate")
    assert seen == set(SOURCES)


@given(st.data(), st.booleans())
def test_taking_answers_away_only_takes_facts_away(
    registers: Registers, population: Population, data: st.DataObject, right_name: bool
) -> None:
    record = data.draw(st.sampled_from(population.residents))
    answers = answers_about(registers, record if right_name else {**record, "name": "某某"})
    whole = facts_of(answers, {}, TODAY)
    gone = data.draw(st.sets(st.sampled_from(sorted(answers))))
    broken = {
        code: Lookup(code, data.draw(st.sampled_from(UNANSWERED)), {}, "id", "at") if code in gone else answer
        for code, answer in answers.items()
    }
    for less in (broken, {code: answer for code, answer in answers.items() if code not in gone}):
        facts = facts_of(less, {}, TODAY)
        assert facts.items() <= whole.items()
        if "L01" not in gone:
            assert {fact for fact in SOURCES if not gone & set(SOURCES[fact]) and fact in whole} <= set(facts)


def test_nobody_answered_and_nothing_is_known() -> None:
    for state in UNANSWERED:
        assert facts_of({code: Lookup(code, state, {}, "id", "at") for code in SPECS}, {}, TODAY) == {}


def test_another_name_on_the_number_makes_every_fact_unknown(registers: Registers, population: Population) -> None:
    record = next(record for record in population.residents if "L01" in record["registers"])
    answers = answers_about(registers, {**record, "name": record["name"] + "某"})
    assert facts_of(answers, {}, TODAY) == {}


def test_the_household_is_the_registers_and_never_the_numbers(registers: Registers, population: Population) -> None:
    for record in population.residents:
        facts = facts_of(answers_about(registers, record), {}, TODAY)
        expected = record["registers"].get("L01", {}).get("household")
        assert facts.get("household", "") == (expected or "")


@pytest.mark.parametrize(
    ("answers", "facts"),
    [
        (lookup("L05", result="none"), {"criminal_record_clear": True}),
        (lookup("L05", result="record"), {}),
        (lookup("L05", LookupState.NOT_FOUND), {}),
        (lookup("L10", LookupState.NOT_FOUND), {}),
        (lookup("L07", LookupState.NOT_FOUND), {}),
        (lookup("L02", LookupState.NOT_FOUND), {}),
        (lookup("L29", LookupState.NOT_FOUND), {"certificate_found": False}),
        (lookup("L13", **{"class": "visual", "level": 1, "valid_until": "2026-11-23"}), {"disabled": False}),
        (
            lookup("L13", **{"class": "visual", "level": 1, "valid_until": "2026-11-24"}),
            {"disabled": True, "disability_class": "visual", "disability_level": 1},
        ),
        (lookup("L27", hit=True, repaired=False), {"commitment_allowed": False}),
        (lookup("L27", hit=True, repaired=True), {"commitment_allowed": True}),
        (lookup("L27", hit=True, repaired=False, until="2026-11-23"), {"commitment_allowed": True}),
        (lookup("L31", due_fen=5000, state="unclear"), {"payment_state": "unclear"}),
        (lookup("L31", due_fen=5000, state="open"), {"payment_state": "open", "payment_due_fen": 5000}),
        (
            lookup("L08", died_on="2026-11-14", cremated_on="2026-11-17"),
            {"death_reported": True, "days_since_death": 10, "cremated": True},
        ),
        (
            lookup("L04", registered_on="2026-05-24", division="", permit_until="2026-11-23"),
            {"residence_registered": True, "residence_days": 184, "permit_valid": False},
        ),
    ],
)
def test_what_an_answer_says_and_what_it_does_not(answers: dict[str, Lookup], facts: dict[str, Any]) -> None:
    assert facts_of(answers, {}, TODAY, confirmed=()) == facts
