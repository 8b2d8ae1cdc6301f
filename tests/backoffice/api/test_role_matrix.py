"""Every role of staff at every route, in the own town and in another: from the application's routes and one table."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from backoffice.clock import iso
from backoffice.identity.devices import add_device
from backoffice.identity.sessions import open_session
from backoffice.identity.staff import StaffRole
from backoffice.office import Office
from backoffice.store.tables import identity, tables

TABLE: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("role_matrix.toml").read_text("utf-8"))
OUT = Path(__file__).resolve().parents[3] / "out" / "proof"
OWN, OTHER = "350213007", "350213001"
SUBJECT = "subject"
REFUSED = (403, 404)


@dataclass(slots=True)
class Stage:
    """Something of the own town to get at, and somebody of each role here and elsewhere."""

    office: Office
    http: Any
    life: Any
    tokens: dict[tuple[str, str], str] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)

    def set_up(self) -> None:
        now = iso(self.office.clock.now())
        with self.office.database.write() as connection:
            self._person(connection, SUBJECT, (), OWN, now)
            for town in (OWN, OTHER):
                for role in StaffRole:
                    login = f"{role.value}-{town}"
                    self._person(connection, login, (role.value,), town, now)
                    self.tokens[role.value, town] = open_session(self.office, connection, login)[1]
            standing = {"device": "K1", "site": f"{OWN}007", "state": "active", "changed_at": now}
            connection.execute(insert(identity.device_standing).values(**standing, changed_by="test", row_version=1))
        for n, state in enumerate(("handed_over", "under_review"), start=1):
            self.cases[state] = getattr(self.life, state)(n)

    def _person(self, connection: Any, login: str, roles: tuple[str, ...], town: str, now: str) -> None:
        sealed = self.office.vault.seal(f"staff.totp:{login}", b"JBSWY3DPEHPK3PXP" * 2)
        row = {"login": login, "password_hash": "none", "totp_sealed": sealed, "totp_step": 0, "town": town}
        row |= {"state": "active", "wrong": 0, "created_at": now, "activated_at": now, "row_version": 1}
        connection.execute(insert(identity.staff).values(**row))
        for role in roles:
            given = {"login": login, "role": role, "granted_by": "test", "granted_at": now}
            connection.execute(insert(identity.staff_role).values(**given))

    def ask(self, route: str, entry: Mapping[str, Any], role: str, town: str, case_no: str = "") -> Any:
        method, _, template = route.partition(" ")
        case_no = case_no or self.cases.get(entry.get("subject", ""), "")
        places = {"case_no": case_no, "login_name": SUBJECT, "device": "K1", "n": "1", **entry.get("path", {})}
        places["session_id"] = "00000000-0000-0000-0000-000000000000"
        target = re.sub(r"\{(\w+)\}", lambda found: places[found[1]], template)
        headers = {"Authorization": f"Bearer {self.tokens[role, town]}"}
        if entry.get("version"):
            headers["If-Match"] = f'"{self._version(template, case_no)}"'
        headers.update(entry.get("headers", {}))
        if entry.get("key"):
            headers["Idempotency-Key"] = f"{role}-{town}"
        query = f"?{entry['query']}" if "query" in entry else ""
        options = {"json": entry["body"]} if "body" in entry else {}
        return self.http.request(method, target + query, headers=headers, **options)

    def _version(self, template: str, case_no: str) -> int:
        table, column, value = {
            "cases": (tables.service_case, "case_no", case_no),
            "accounts": (identity.staff, "login", SUBJECT),
            "terminals": (identity.device_standing, "device", "K1"),
        }.get(template.split("/")[3], (identity.staff, "login", SUBJECT))
        with self.office.database.read() as connection:
            return int(connection.execute(select(table.c.row_version).where(table.c[column] == value)).scalar_one())

    def marks(self) -> tuple[str, ...]:
        """What must not be in an answer for another town: numbers of its cases, names of its people and terminals."""
        return (*self.cases.values(), SUBJECT, f"{OWN}007", f"-{OWN}")

    def state(self) -> list[Any]:
        """What a refused request must leave as it is."""
        query = (
            select(tables.service_case.c.case_no, tables.service_case.c.row_version),
            select(identity.staff.c.login, identity.staff.c.row_version, identity.staff.c.wrong),
            select(identity.device_standing.c.device, identity.device_standing.c.row_version),
            select(identity.enrolment_code.c.code_index),
        )
        with self.office.database.read() as connection:
            return [sorted(map(tuple, connection.execute(one))) for one in query]


@pytest.fixture
def stage(office: Office, terminal: Any, life: Any) -> Stage:
    made = Stage(office, terminal.http, life)
    made.set_up()
    return made


def routes(contract: Mapping[str, Any], prefix: str) -> list[str]:
    found = [(method.upper(), path) for path, ways in contract["paths"].items() for method in ways]
    return sorted(f"{method} {path}" for method, path in found if path.startswith(prefix))


def may(entry: Mapping[str, Any], role: str, town: str) -> bool:
    """Whether this is one of the combinations that the table lets in."""
    allowed = entry["roles"] == "*" or role in entry["roles"]
    return allowed and (town == OWN or bool(entry.get("district")) or role in entry.get("wide", ()))


def leak(stage: Stage, route: str, entry: Mapping[str, Any], role: str, town: str) -> str | None:
    """What went wrong with a combination that is not let in; None: it was refused, and told nothing."""
    answer = stage.ask(route, entry, role, town)
    told = [mark for mark in stage.marks() if mark in answer.text and f"town={mark}" not in entry.get("query", "")]
    listing = entry.get("listing") and entry["roles"] != "*" and role in entry["roles"] and town == OTHER
    if answer.status_code in REFUSED or (listing and answer.status_code == 200):
        return f"{role} of {town}: {route} told {told}" if told else None
    return f"{role} of {town}: {route} answered {answer.status_code} {answer.text[:200]}"


def combinations() -> Iterator[tuple[str, Mapping[str, Any], str, str]]:
    for route, entry in TABLE["staff"].items():
        for role in StaffRole:
            for town in (OWN, OTHER):
                yield route, entry, role.value, town


def test_the_table_has_every_route_of_staff_and_no_other(contract: Mapping[str, Any]) -> None:
    there, known = set(routes(contract, "/staff/v1/")), set(TABLE["staff"])
    assert not there - known, f"put into role_matrix.toml who may call: {sorted(there - known)}"
    assert not known - there, f"no such route: {sorted(known - there)}"


def test_the_table_names_roles_that_exist() -> None:
    named = {role for entry in TABLE["staff"].values() if entry["roles"] != "*" for role in entry["roles"]}
    assert named <= {role.value for role in StaffRole}


def test_at_every_route_who_may_not_is_refused_and_who_may_gets_in(stage: Stage) -> None:
    """One role that may not, and one of another town, at each route; all of them are in the proof."""
    before, wrong = stage.state(), []
    for n, (route, entry) in enumerate(TABLE["staff"].items()):
        no = [role.value for role in StaffRole if not may(entry, role.value, OWN)]
        tries = [(no[n % len(no)], OWN)] if no else []
        here = () if entry.get("district") else entry["roles"]
        tries += [(role, OTHER) for role in here if not may(entry, role, OTHER)][:1]
        wrong += [found for role, town in tries if (found := leak(stage, route, entry, role, town))]
    assert not wrong, "\n".join(wrong)
    assert stage.state() == before, "a refused request changed something"
    assert not (shut := list(_not_let_in(stage, one_role=True))), "\n".join(shut)


def _not_let_in(stage: Stage, *, one_role: bool) -> Iterator[str]:
    """Who should get in and does not: without this a table that refuses everybody would be right, too."""
    serial = 10
    for route, entry in TABLE["staff"].items():
        roles = [role.value for role in StaffRole if may(entry, role.value, OWN)]
        for role in roles[:1] if one_role else roles:
            serial += 1
            subject = entry.get("subject")
            case_no = getattr(stage.life, subject)(serial) if subject else ""
            answer = stage.ask(route, entry, role, OWN, case_no)
            if not (200 <= answer.status_code < 300 or answer.status_code in entry.get("reached", ())):
                yield f"{role}: {route} answered {answer.status_code} {answer.text[:200]}"


# --- terminals -----------------------------------------------------------------------------------------------------


def _filled(value: Any, things: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda found: things[found[1]], value)
    return {name: _filled(part, things) for name, part in value.items()} if isinstance(value, dict) else value


def _as_terminal(terminal: Any, route: str, entry: Mapping[str, Any], things: Mapping[str, str]) -> Any:
    method, _, template = route.partition(" ")
    target, body = _filled(template, things), _filled(entry.get("body"), things)
    data = body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()
    told = {"Content-Type": "application/json", **entry.get("headers", {})}
    told |= {"Idempotency-Key": f"{terminal.device} {route}".replace(" ", "-")}
    headers = terminal.headers(method, target, data, **told)
    return terminal.http.request(method, target, content=data, headers=headers)


def test_the_table_has_every_route_of_a_terminal(contract: Mapping[str, Any]) -> None:
    table = TABLE["terminal"]
    known = [*table["shared"], *table["by_slip"], *table["own"]]
    there = routes(contract, "/v1/")
    assert sorted(known) == there, f"missing: {set(there) - set(known)}; no such route: {set(known) - set(there)}"


NOW = "2026-11-24T10:05:00+08:00"


def test_nothing_of_one_terminal_is_another_ones(
    terminal: Any, office: Office, submission: Callable[..., dict[str, Any]]
) -> None:
    case = terminal.post_case(submission()).json()
    things = {"case_no": case["case_no"], "visit_token": case["visit_token"], "bill_no": "1" * 18}
    things["upload_id"] = _upload(terminal)
    paper = terminal.call("POST", f"/v1/cases/{case['case_no']}/documents", {"kind": "receipt"}, key="paper-1")
    things["document_id"] = paper.json()["document_id"]
    call = {"case_no": "", "site": "350213007007", "step": "ask", "item_id": "", "note": "", "called_at": NOW}
    things["call_id"] = terminal.call("POST", "/v1/help-calls", call, key="call-1").json()["call_id"]
    add_device(office, "K2", bytes(32), None)
    other = replace(terminal, device="K2", key=bytes(32), seq=itertools.count(1))
    wrong = []
    for route, entry in TABLE["terminal"]["own"].items():
        answer = _as_terminal(other, route, entry, things)
        told = [value for value in things.values() if value in answer.text]
        if answer.status_code not in (*REFUSED, *entry.get("refused", ())) or told:
            wrong.append(f"K2: {route} answered {answer.status_code} {answer.text[:200]} {told}")
        if not entry.get("absent"):
            own = _as_terminal(terminal, route, entry, things)
            wrong += [f"K1: {route} answered {own.status_code} {own.text[:200]}"] if own.status_code >= 300 else []
    assert not wrong, "\n".join(wrong)


def _upload(terminal: Any) -> str:
    content = b"piece"
    values = {"digest": hashlib.new("sm3", content).hexdigest(), "filetype": "image/jpeg", "material": "diagnosis"}
    metadata = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "50", "Upload-Metadata": metadata}
    answer = terminal.call("POST", "/v1/uploads", None, "upload-1", **headers)
    return str(answer.headers["location"]).rpartition("/")[2]


@pytest.mark.proof
@pytest.mark.timeout(600)
def test_no_role_of_any_town_gets_anywhere_but_where_the_table_says(stage: Stage, contract: Mapping[str, Any]) -> None:
    before, tried = stage.state(), [one for one in combinations() if not may(one[1], one[2], one[3])]
    leaks = [found for one in tried if (found := leak(stage, *one))]
    unchanged = stage.state() == before
    shut = list(_not_let_in(stage, one_role=False))
    OUT.mkdir(parents=True, exist_ok=True)
    figures = {"routes": len(routes(contract, "/staff/v1/")), "roles": len(StaffRole), "towns": 2}
    figures |= {"combinations": len(list(combinations())), "refused": len(tried), "leaks": len(leaks)}
    (OUT / "role-matrix.json").write_text(json.dumps({**figures, "shut_out": len(shut)}, indent=1) + "\n", "utf-8")
    sys.stdout.write("\n".join((*leaks, *shut)))
    assert not leaks and not shut and unchanged
