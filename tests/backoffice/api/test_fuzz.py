"""Whatever is sent, the answer is one that the contract describes, and never the server's own failure."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
HOSTILE = st.sampled_from(
    [
        "",
        "\x00",
        "\ud800",
        "'; DROP TABLE service_case; --",
        "../../etc/passwd",
        "١٢٣٤",
        "9" * 400,
        "𠮷" * 60,
        -1,
        2**63,
        10**400,
        float("nan"),
        float("inf"),
        1e-320,
        [],
        {},
        {"$gt": ""},
        None,
        True,
    ]
)
HEADERS = ["Device", "Seq", "Nonce", "Time", "Signature", "Idempotency-Key", "Content-Type", "If-None-Match"]
CASE = "/v1/cases/3502130078261124000016"
PATHS = ["/v1/cases", "/v1/prefills", "/v1/help-calls", f"{CASE}/rating", f"{CASE}/supplements", f"{CASE}/withdrawals"]
FUZZ = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def expect_no_failure(answer: Any) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.json()["code"]


@FUZZ
@given(st.sampled_from(PATHS), st.one_of(st.binary(max_size=200), JSON.map(lambda value: json.dumps(value).encode())))
def test_any_body_is_answered(terminal: Any, path: str, body: bytes) -> None:
    expect_no_failure(terminal.call("POST", path, body, key="k"))


@FUZZ
@given(st.data())
def test_a_case_with_any_field_replaced_is_answered(
    terminal: Any, submission: Callable[..., dict[str, Any]], data: st.DataObject
) -> None:
    body = submission()
    target: dict[str, Any] = body
    field = data.draw(st.sampled_from(sorted(body)))
    if isinstance(body[field], dict) and data.draw(st.booleans()):
        target = body[field] = dict(body[field])
        field = data.draw(st.sampled_from([*sorted(target), "more"]))
    target[field] = data.draw(HOSTILE | JSON)
    raw = json.dumps(body).encode()
    expect_no_failure(terminal.call("POST", "/v1/cases", raw, key=str(submission()["case_no"])))


@FUZZ
@given(st.text(alphabet=st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=40))
def test_any_query_and_path_is_answered(terminal: Any, text: str) -> None:
    import urllib.parse

    quoted = urllib.parse.quote(text, safe="")
    expect_no_failure(terminal.call("GET", f"/v1/progress?q={quoted}&code={quoted}"))
    expect_no_failure(terminal.call("GET", f"/v1/cases/{quoted or 'x'}"))


@FUZZ
@given(
    st.sampled_from(
        ["Device", "Seq", "Nonce", "Time", "Signature", "Idempotency-Key", "Content-Type", "If-None-Match"]
    ),
    st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), max_size=300),
)
def test_any_header_is_answered(terminal: Any, name: str, value: str) -> None:
    headers = terminal.headers("POST", "/v1/prefills", b"{}")
    expect_no_failure(terminal.sent("POST", "/v1/prefills", b"{}", {**headers, name: value}))


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        b"9" * 10_000,
        b"\xff\xfe\x00",
        b'{"case_no": "\\ud800"}',
        b"",
        b"null",
        b'{"level": 1e999}',
    ],
    ids=["brackets", "nested", "long number", "not utf-8", "lone surrogate", "empty", "null", "infinite"],
)
def test_bodies_that_break_parsers_are_problems(subtests: Any, terminal: Any, body: bytes) -> None:
    for path in PATHS:
        with subtests.test(path=repr(path)):
            answer = terminal.call("POST", path, body, key="k")
            assert answer.json()["code"] in ("malformed_json", "invalid_request")


def test_a_body_that_is_declared_as_something_else_is_refused(terminal: Any) -> None:
    headers = {**terminal.headers("POST", "/v1/prefills", b"{}"), "Content-Type": "text/plain"}
    answer = terminal.sent("POST", "/v1/prefills", b"{}", headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_the_servers_own_failure_is_a_problem_that_tells_nothing(
    terminal: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("holds 陈阿金")

    monkeypatch.setattr("backoffice.queries.inquiry.progress", broken)
    answer = terminal.call("GET", "/v1/progress?q=0078261124000016&code=1234")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "陈阿金" not in answer.text + caplog.text
    assert "RuntimeError" in caplog.text and answer.json()["instance"].removeprefix("urn:uuid:") in caplog.text


def test_a_busy_database_is_told_as_such(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from backoffice.store.database import DatabaseBusy

    def busy(*_: object) -> None:
        raise DatabaseBusy

    monkeypatch.setattr("backoffice.queries.inquiry.progress", busy)
    answer = terminal.call("GET", "/v1/progress?q=0078261124000016&code=1234")
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert int(answer.headers["retry-after"]) > 0
