"""A terminal speaks for the site where it stands and for no other; about how many people it asks is bounded."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from backoffice.__main__ import main
from backoffice.identity.devices import TerminalEntryError, add_device
from backoffice.identity.persons_asked import HOUR_S, OF_A_TERMINAL, PersonsAsked
from backoffice.identity.slip_codes import DAY_S
from backoffice.identity.standing_place import FORMER_KEPT, need_own_site, place_device, put_site, site_of
from backoffice.office import Office, open_office
from backoffice.problems.problem import Problem
from backoffice.store.audit import verify
from backoffice.store.tables import tables
from backoffice.store.tables.payments import bill
from backoffice.store.tables.visits import complaint, queue_ticket

OWN, OTHER = "350213007007", "350213001001"


def _place(office: Office, device: str, site: str) -> None:
    office.database.transact(lambda connection: put_site(office, connection, device, site))


def _named(schema: Mapping[str, Any], contract: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Where a body names the site that it comes from."""
    found = contract["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    properties = found.get("properties", {})
    own: list[tuple[str, ...]] = [("site",)] if "site" in properties else []
    inner = properties.get("submission", {})
    return own + [("submission", *path) for path in (_named(inner, contract) if "$ref" in inner else ())]


def _routes(contract: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Every route of a terminal whose body names a site, from the contract."""
    routes = {}
    for path, ways in contract["paths"].items():
        body = ways.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json", {})
        places = _named(body.get("schema", {}), contract) if path.startswith("/v1/") else []
        if places:
            routes[path] = places[0]
    return routes


def _rows(office: Office) -> list[int]:
    counted = (tables.service_case, tables.help_call, complaint, queue_ticket, bill)
    with office.database.read() as connection:
        return [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in counted]


def test_no_route_lets_a_terminal_speak_for_another_site(
    terminal: Any, office: Office, contract: Mapping[str, Any], submission: Callable[..., dict[str, Any]]
) -> None:
    _place(office, "K1", OWN)
    whole, person = submission(site=OTHER), submission()["applicant"]
    who = {"document": person["document"], "name": person["name"], "number": person["number"]}
    bodies: dict[str, Any] = {
        "/v1/cases": whole,
        "/v1/queries": whole,
        "/v1/prints": whole,
        "/v1/appointments": {"submission": whole, "day": "2026-12-01", "start": "09:00"},
        "/v1/payments": {"submission": whole, "bill_no": "1" * 18, "means": {"way": "slip", "code": ""}},
        "/v1/queue-tickets": {"site": OTHER, "lane": "normal"},
        "/v1/help-calls": {
            "case_no": whole["case_no"],
            "site": OTHER,
            "step": "read_card",
            "item_id": "XA032",
            "note": "",
            "called_at": whole["created_at"],
        },
    }
    routes, wrong = _routes(contract), []
    assert {"/v1/bills", "/v1/complaints", "/v1/site-state", "/v1/guidances", *bodies} <= set(routes)
    before = _rows(office)
    for path, place in routes.items():
        body = bodies.get(path) or _least(contract, path, whole, who)
        for site in (OTHER,):
            target: Any = body
            for name in place[:-1]:
                target = target[name]
            target["site"] = site
            answer = terminal.call("POST", path, body, key=f"{whole['case_no']}")
            if (answer.status_code, answer.json().get("code")) != (403, "site_not_own"):
                wrong.append(f"{path}: {answer.status_code} {answer.text[:300]}")
    assert not wrong, "\n".join(wrong)
    assert _rows(office) == before


def _least(contract: Mapping[str, Any], path: str, whole: Mapping[str, Any], who: Mapping[str, Any]) -> dict[str, Any]:
    """A body that fits the contract, of what a terminal has at hand."""
    at = {name: whole[name] for name in ("case_no", "item_id", "item_version", "created_at", "site", "lang")}
    boot = {name: whole[name] for name in ("boot_id", "monotonic_s")}
    return {
        "/v1/bills": {"item_id": "XA032", "site": OTHER, "applicant": who, "codes": [], "family": False},
        "/v1/complaints": {
            "site": OTHER,
            "case_no": "",
            "item_id": "",
            "step": "menu",
            "reason": "other",
            "note": "",
            "lang": "nan",
            "made_at": whole["created_at"],
        },
        "/v1/site-state": {"site": OTHER, "devices": {}, "capabilities": [], "observed_at": whole["created_at"]},
        "/v1/guidances": {**at, **boot, "because": None},
        "/v1/deduction-authorities": {
            "item_id": "XA032",
            "site": OTHER,
            "applicant": who,
            "year_limit_fen": 1000,
            "paper_digest": "0" * 64,
        },
    }[path]


def test_a_terminal_that_was_never_placed_belongs_to_the_first_site_that_it_names(
    terminal: Any, office: Office
) -> None:
    add_device(office, "K2", bytes(32), None)
    other = replace(terminal, device="K2", key=bytes(32), seq=itertools.count(1))

    def ticket(site: str, key: str) -> Any:
        return other.call("POST", "/v1/queue-tickets", {"site": site, "lane": "normal"}, key=key)

    assert ticket("350213999001", "a").json()["code"] == "site_unknown"
    assert site_of(office, "K2") is None
    assert ticket(OWN, "b").status_code == 201
    assert ticket(OTHER, "c").json()["code"] == "site_not_own"
    assert ticket(OWN, "d").status_code == 201
    with office.database.read() as connection:
        entries = [json.loads(text) for text in connection.execute(select(tables.audit.c.entry)).scalars()]
        assert verify(connection, office.chain_key)[1] == []
    assert [entry["site"] for entry in entries if entry["event"] == "terminal_placed"] == [OWN]


def test_what_a_terminal_noted_where_it_stood_before_still_arrives(office: Office, clock: Any) -> None:
    _place(office, "K1", OWN)
    _place(office, "K1", OTHER)
    assert site_of(office, "K1") == OTHER
    need_own_site(office, "K1", OWN)
    need_own_site(office, "K1", OTHER)
    clock.advance(seconds=(FORMER_KEPT + timedelta(days=1)).total_seconds())
    need_own_site(office, "K1", OTHER)
    with pytest.raises(Problem, match="site_not_own"):
        need_own_site(office, "K1", OWN)


def test_registers_are_asked_about_so_many_people_and_the_audit_says_how_many(office: Office, clock: Any) -> None:
    add_device(office, "K2", bytes(32), None)
    _place(office, "K1", OWN)
    persons = PersonsAsked(office)

    def asked(device: str, first: int, count: int) -> int:
        for n in range(first, first + count):
            try:
                persons.ask(device, f"{n:018d}", "prefill")
            except Problem as problem:
                assert problem.code == "too_many_persons"
                return n - first
        return count

    hour, day = OF_A_TERMINAL[0].tries, OF_A_TERMINAL[1].tries
    assert asked("K1", 0, 500) == hour
    assert asked("K1", 0, hour) == hour, "who was asked about may be asked about again"
    assert asked("K2", 0, 1) == 1
    total = hour
    for n in range(1, 12):
        clock.advance(seconds=HOUR_S)
        total += asked("K1", 1000 * n, 500)
    assert total == day
    with office.database.read() as connection:
        entries = [json.loads(text) for text in connection.execute(select(tables.audit.c.entry)).scalars()]
    told = [entry for entry in entries if entry["event"] == "register_asked" and entry["actor"] == "K1"]
    assert len(told) == day and all(set(entry) == {"at", "event", "actor", "purpose"} for entry in told)
    clock.advance(seconds=DAY_S)
    assert asked("K1", 0, 1) == 1


def test_a_terminal_that_asks_about_everybody_is_refused_at_the_wire(
    terminal: Any, office: Office, submission: Callable[..., dict[str, Any]]
) -> None:
    person = submission()["applicant"]
    office_persons = OF_A_TERMINAL[0].tries
    for n in range(office_persons + 1):
        number = f"{n:08d}"
        body = {"item_id": "XA032", "applicant": {"document": "resident", "name": person["name"], "number": number}}
        answer = terminal.call("POST", "/v1/prefills", {**body, "consent_version": ""})
        assert answer.status_code == (429 if n == office_persons else 200), answer.text
    assert answer.json()["code"] == "too_many_persons" and "unknown" not in answer.text
    other = replace(terminal, device="K2", key=bytes(32), seq=itertools.count(1))
    add_device(office, "K2", bytes(32), None)
    assert other.call("POST", "/v1/prefills", {**body, "consent_version": ""}).status_code == 200


def test_whoever_holds_the_server_says_where_a_terminal_stands(data: Any, clock: Any, tmp_path: Any) -> None:
    key = tmp_path / "key"
    key.write_text("00" * 32, "ascii")
    add = ["device", "add", "K3", "--key-file", str(key), "--data", str(data)]
    assert main([*add, "--site", OWN]) == 0
    office = open_office(data, clock)
    with pytest.raises(TerminalEntryError, match="no site of this district"):
        place_device(office, "K3", "110101001001")
    assert site_of(office, "K3") == OWN
    with pytest.raises(Problem, match="site_not_own"):
        need_own_site(office, "K3", OTHER)
    office.close()
