"""By the path's first part: who may come in, how much they may bring; nothing else exists."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from backoffice.api.gates import Admission, Gate, Gates
from backoffice.problems.problem import Problem
from backoffice.store.failures import DatabaseBusy


async def _nobody(scope: Scope) -> Admission:
    raise Problem("no_session")


async def _anybody(scope: Scope) -> Admission:
    return Admission({"caller": "somebody"})


async def _by_its_body(scope: Scope) -> Admission:
    async def then(body: bytes) -> Mapping[str, Any]:
        if body == b"no":
            raise Problem("unknown_signer")
        return {"caller": body.decode()}

    return Admission({}, 4, then)


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    text = json.dumps({"state": scope["state"], "size": len(message["body"])}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": text})


async def _fail(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("a name that a card said")


async def _busy(scope: Scope, receive: Receive, send: Send) -> None:
    raise DatabaseBusy("locked")


GATES = (
    Gate("/closed/", _nobody),
    Gate("/open/", _anybody, 8, larger=(("/open/files", 16),)),
    Gate("/body/", _by_its_body),
)


def ask(path: str, body: bytes = b"", app: Any = _echo) -> tuple[int, dict[str, Any], dict[bytes, bytes]]:
    sent: list[Message] = []
    parts = [body[i : i + 4] for i in range(0, len(body), 4)] or [b""]

    async def receive() -> Message:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    asyncio.run(Gates(app, GATES, lambda data: f"hash of {len(data)}")(scope, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"]), dict(sent[0]["headers"])


@pytest.mark.parametrize("path", ["/", "/nowhere", "/open", "/OPEN/x", "/docs", "/openapi.json", "//open/x", ""])
def test_what_no_gate_names_does_not_exist(path: str) -> None:
    status, body, headers = ask(path)
    assert (status, body["code"]) == (404, "not_found")
    assert headers[b"content-type"] == b"application/problem+json"


def test_whoever_a_gate_refuses_does_not_reach_the_routes() -> None:
    assert ask("/closed/x", app=_fail)[1]["code"] == "no_session"


def test_a_gate_tells_the_routes_who_is_calling_and_what_the_body_was() -> None:
    _, body, _ = ask("/open/x", b"12345678")
    assert body == {"state": {"caller": "somebody", "body_hash": "hash of 8"}, "size": 8}


def test_what_only_the_body_can_show_is_asked_of_it_and_until_then_it_may_be_small_only() -> None:
    assert ask("/body/x", b"yes")[1]["state"]["caller"] == "yes"
    assert ask("/body/x", b"no", app=_fail)[1]["code"] == "unknown_signer"
    assert ask("/body/x", b"12345", app=_fail)[1]["code"] == "too_large"


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [("/open/x", 8, 200), ("/open/x", 9, 413), ("/open/files/1", 16, 200), ("/open/files/1", 17, 413)],
)
def test_each_prefix_has_its_own_limit(path: str, size: int, status: int) -> None:
    assert ask(path, b"x" * size)[0] == status


def test_a_body_is_not_read_on_beyond_its_limit() -> None:
    read = 0

    async def receive() -> Message:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x" * 4, "more_body": True}

    async def send(message: Message) -> None:
        pass

    scope = {"type": "http", "method": "POST", "path": "/open/x", "headers": []}
    asyncio.run(Gates(_echo, GATES, str)(scope, receive, send))
    assert read == 3


def test_every_answer_carries_its_request_id_and_a_problem_the_same_one() -> None:
    _, body, headers = ask("/closed/x")
    assert body["instance"] == f"urn:uuid:{headers[b'request-id'].decode()}"
    assert ask("/open/x")[2][b"request-id"] != headers[b"request-id"]


def test_a_fault_of_the_server_is_told_without_what_it_was_about(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        status, body, _ = ask("/open/x?name=secret", app=_fail)
    assert (status, body["code"]) == (500, "internal")
    assert "RuntimeError" in caplog.text
    assert "card said" not in caplog.text + json.dumps(body) and "secret" not in caplog.text


def test_a_busy_database_says_when_to_come_again() -> None:
    status, body, headers = ask("/open/x", app=_busy)
    assert (status, body["code"]) == (503, "busy")
    assert int(headers[b"retry-after"]) >= 1
