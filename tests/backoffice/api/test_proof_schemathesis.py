"""Made-up requests over the whole contract, right ones and wrong ones, signed as a terminal or with a session.

What is checked: no answer of 5xx but 503, every status documented, every body as its schema says, wrong data refused.
"""

from __future__ import annotations

import copy
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
import schemathesis.openapi
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import insert

from backoffice.clock import iso
from backoffice.identity.limits import Limits, Rate
from backoffice.identity.sessions import open_session
from backoffice.office import Office
from backoffice.store.tables import identity

OUT = Path(__file__).resolve().parents[3] / "out" / "proof"
ROLES = tomllib.loads(Path(__file__).with_name("role_matrix.toml").read_text("utf-8"))["staff"]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
SIGNED = {"Device", "Seq", "Nonce", "Time", "Signature"}
ENOUGH = Limits(*(Rate(10**6, 10**6),) * 3)


schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")


class Sender:
    """Sends a case as somebody who may: signed by a terminal, with a session of the first role that gets in."""

    def __init__(self, office: Office, terminal: Any) -> None:
        self._office, self._terminal = office, terminal
        self._tokens: dict[str, str] = {}
        self.statuses: Counter[int] = Counter()
        self.cases = 0

    def __call__(self, case: Any) -> Any:
        """The answer; raises what schemathesis finds wrong with it."""
        prepared = requests.Request(**_arguments(case)).prepare()
        target = str(prepared.url).removeprefix("http://backoffice")
        body = prepared.body.encode() if isinstance(prepared.body, str) else bytes(prepared.body or b"")
        own = {"user-agent", "accept", "accept-encoding", "connection", "content-length", "authorization"}
        headers = {name: value for name, value in prepared.headers.items() if name.lower() not in own}
        headers |= self._credentials(case, target, body, headers)
        answer = self._terminal.http.request(case.method, target, content=body, headers=headers)
        self.cases += 1
        self.statuses[answer.status_code] += 1
        # 503 is an answer of a register or a payment side that is not there, and documented.
        checks = [check for check in CHECKS if answer.status_code != 503 or check is not not_a_server_error]
        case.validate_response(answer, checks=checks)
        return answer

    def _credentials(self, case: Any, target: str, body: bytes, beside: Mapping[str, str]) -> dict[str, str]:
        path = str(case.operation.path)
        if path.startswith("/v1/"):
            return dict(self._terminal.headers(case.method, target, body, **beside))
        if path.startswith("/staff/"):
            return {"Authorization": f"Bearer {self._token(f'{case.method} {path}')}"}
        return {}

    def _token(self, route: str) -> str:
        roles = ROLES.get(route, {"roles": "*"})["roles"]
        role = "clerk" if roles == "*" else roles[0]
        if role not in self._tokens:
            self._tokens[role] = self._open(role)
        return self._tokens[role]

    def _open(self, role: str) -> str:
        login, now = f"made-up-{role}".replace("_", "-"), iso(self._office.clock.now())
        sealed = self._office.vault.seal(f"staff.totp:{login}", b"JBSWY3DPEHPK3PXP" * 2)
        with self._office.database.write() as connection:
            row = {"login": login, "password_hash": "none", "totp_sealed": sealed, "totp_step": 0, "state": "active"}
            connection.execute(insert(identity.staff).values(**row, wrong=0, created_at=now, row_version=1))
            given_role = {"login": login, "role": role, "granted_by": "test", "granted_at": now}
            connection.execute(insert(identity.staff_role).values(**given_role))
            return open_session(self._office, connection, login)[1]


def _arguments(case: Any) -> dict[str, Any]:
    known = ("method", "url", "headers", "params", "data", "json", "files", "cookies")
    given_ = case.as_transport_kwargs(base_url="http://backoffice")
    return {name: value for name, value in given_.items() if name in known and value is not None}


def without_gates(contract: Mapping[str, Any]) -> dict[str, Any]:
    """The contract without what a gate asks for: that is put in truly, and is attacked elsewhere."""
    document = copy.deepcopy(dict(contract))
    for ways in document["paths"].values():
        for operation in ways.values():
            parameters = operation.get("parameters", [])
            kept = [one for one in parameters if one.get("$ref", "").rpartition("/")[2] not in SIGNED]
            operation["parameters"] = kept
            operation.pop("security", None)
    document["components"].pop("securitySchemes", None)
    return document


def operations(contract: Mapping[str, Any]) -> list[Any]:
    schema = schemathesis.openapi.from_dict(without_gates(contract))
    return [found.ok() for found in schema.get_all_operations()]


def try_out(sender: Sender, operation: Any, examples: int) -> list[str]:
    """What is wrong with this operation, at most one finding."""
    right, wrong = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)
    kind = settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    @kind
    @given(st.one_of(right, wrong))
    def run(case: Any) -> None:
        sender(case)

    try:
        run()
    except Exception as finding:  # whatever schemathesis or we raise is the finding
        return [f"{operation.method.upper()} {operation.path}: {finding}"[:3000]]
    return []


@pytest.fixture
def sender(office: Office, start: Callable[..., Any]) -> Sender:
    return Sender(office, start(limits=ENOUGH, deadline_s=0.05))


def test_a_few_made_up_requests_are_answered_as_the_contract_says(sender: Sender, contract: Any) -> None:
    """Every eleventh operation, always the same ones; all of them are in the proof."""
    found = [one for operation in operations(contract)[::11] for one in try_out(sender, operation, 3)]
    assert not found, "\n".join(found)
    assert sender.cases >= 20


@pytest.mark.proof
@pytest.mark.timeout(1500)
def test_a_thousand_made_up_requests_are_answered_as_the_contract_says(sender: Sender, contract: Any) -> None:
    asked = operations(contract)
    found = [one for operation in asked for one in try_out(sender, operation, 16)]
    OUT.mkdir(parents=True, exist_ok=True)
    figures = {"operations": len(asked), "cases": sender.cases, "failures": len(found)}
    figures["statuses"] = {str(status): count for status, count in sorted(sender.statuses.items())}
    (OUT / "schemathesis.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    sys.stdout.write("\n\n".join(found))
    assert not found and sender.cases >= 1000
