"""What a person is due: for every made-up resident, against a reckoning from the raw registers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from backoffice.domain.facts.base import Lookup, LookupState
from backoffice.domain.facts.derive import facts_of
from backoffice.domain.facts.entitlements import CERTIFY_WITHIN_DAYS, TABLE, dues_of, registers_needed
from backoffice.gateways.answers import SPECS, read_answer
from backoffice.simulators.population import generate
from backoffice.simulators.registers import Registers

SEED, COUNT = 7, 700


@pytest.fixture(scope="module")
def population() -> Any:
    return generate(SEED, COUNT)


@pytest.fixture(scope="module")
def registers(population: Any) -> Registers:
    knowledge = Registers()
    knowledge.fill(json.loads(line) for line in list(population.lines())[1:])
    return knowledge


def asked(registers: Registers, resident: dict[str, Any]) -> dict[str, Lookup]:
    question = {"name": resident["name"], "number": resident["number"], "certificate_type": "elder_card"}
    found = {}
    for code in registers_needed():
        values = read_answer(code, registers.answer(code, question), question[SPECS[code].subject])
        state = LookupState.NOT_FOUND if values is None else LookupState.ANSWERED
        found[code] = Lookup(code, state, values or {}, "e", "2026-11-24T10:00:00+08:00")
    return found


def reckoned(resident: dict[str, Any], today: date) -> set[str]:
    """From the raw entries, by hand."""
    known = resident["registers"]
    person = known.get("L01")
    if person is None or not person["alive"] or "L08" in known:
        return set()
    birth = date.fromisoformat(person["birth"])
    age = today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
    here = person["household"].startswith("350213")
    pension, card = known.get("L14", {}), known.get("L13")
    held = card is not None and date.fromisoformat(card["valid_until"]) >= today
    relief = known.get("L11")
    due = set()
    if here and age >= 80 and "L12" not in known:
        due.add("XA032")
    if pension.get("state") == "drawing" and "certify_by" in pension:
        left = (date.fromisoformat(pension["certify_by"]) - today).days
        if left <= CERTIFY_WITHIN_DAYS:
            due.add("XA002" if pension["scheme"] == "resident" else "XA006")
    if age >= 60:
        due.add("XA049")
        if (pension.get("scheme"), pension.get("state")) == ("resident", "paying"):
            due.add("XA003")
        orders = [row["order"] for row in known.get("L09", {}).get("registrations", [])]
        if here and len(known.get("L07", {}).get("children", [])) == 1 and max(orders, default=0) <= 1:
            due.add("XA052")
    if here and held:
        if relief is not None and date.fromisoformat(relief["valid_until"]) >= today:
            due.add("XA034")
        if card["level"] <= 2:
            due.add("XA035")
    return due


def test_everybody_is_told_what_the_registers_say_and_nothing_else(population: Any, registers: Registers) -> None:
    today, counts = population.world.as_of, Counter[str]()
    for resident in registers.residents.values():
        lookups = asked(registers, resident)
        told = {due.item_id for due in dues_of(facts_of(lookups, {}, today), lookups)}
        assert told == reckoned(resident, today), sorted(told ^ reckoned(resident, today))
        counts.update(told)
    assert {"XA032", "XA002", "XA006", "XA049", "XA034", "XA035", "XA052"} <= counts.keys()


def test_who_is_sixty_and_still_paying_may_begin_to_draw(population: Any, registers: Registers) -> None:
    today = population.world.as_of
    drawing = {"scheme": "resident", "state": "drawing"}
    resident = next(
        found
        for found in registers.residents.values()
        if drawing.items() <= found["registers"].get("L14", {}).items() and reckoned(found, today)
    )
    known = {**resident["registers"], "L14": {"scheme": "resident", "state": "paying"}}
    still = Registers(residents={resident["number"]: {**resident, "registers": known}})
    lookups = asked(still, resident)
    told = {due.item_id: due for due in dues_of(facts_of(lookups, {}, today), lookups)}
    assert told.keys() == reckoned({**resident, "registers": known}, today)
    assert told["XA003"].since is not None and told["XA003"].since <= today


def test_a_silent_register_takes_dues_away_and_never_adds_one(population: Any, registers: Registers) -> None:
    today = population.world.as_of
    for resident in list(registers.residents.values())[::7]:
        lookups = asked(registers, resident)
        whole = {due.item_id for due in dues_of(facts_of(lookups, {}, today), lookups)}
        for code in lookups:
            rest = {other: answer for other, answer in lookups.items() if other != code}
            assert {due.item_id for due in dues_of(facts_of(rest, {}, today), rest)} <= whole, code


def test_reason_and_day_are_named(population: Any, registers: Registers) -> None:
    today, named = population.world.as_of, set()
    for resident in registers.residents.values():
        lookups = asked(registers, resident)
        for due in dues_of(facts_of(lookups, {}, today), lookups):
            assert due.reason.key == f"due.{due.item_id}"
            assert (due.since is None) == (due.reason.args == {})
            named.add((due.item_id, due.since is not None))
    assert ("XA032", True) in named and ("XA002", True) in named and ("XA049", False) in named
    assert len(TABLE) == 8


def test_dues_come_with_the_card_and_in_time_though_registers_are_silent(
    terminal: Any, simulator: Any, applicant: Callable[[str], dict[str, str]]
) -> None:
    person = {name: applicant("a_kim")[name] for name in ("document", "name", "number")}
    body = {"item_id": "", "applicant": person}
    told = terminal.call("POST", "/v1/prefills", body).json()
    assert told["dues"] == ["XA032", "XA049"]
    assert told["entitlements"][0] == {
        "items": ["XA032"],
        "reason": {"key": "due.XA032", "args": {"date": {"kind": "date", "value": "2024-03-15"}}},
        "since": "2024-03-15",
    }
    for code in ("L07", "L13", "L29"):
        simulator.fault(code, "timeout")
    late = terminal.call("POST", "/v1/prefills", body).json()
    assert late["dues"] == ["XA032"]
    assert late["unanswered"] == ["L07", "L13", "L29"]
    chosen = terminal.call("POST", "/v1/prefills", {**body, "item_id": "XA032"}).json()
    assert "entitlements" not in chosen
