"""Taking a case in: once, whole, and never twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from backoffice.clock import iso
from backoffice.domain.cases.case_number import check_digit
from backoffice.gateways.lookups import Asked, HttpLookups
from backoffice.gateways.questions import NO_GROUNDS, Grounds, Question
from backoffice.identity.devices import add_device
from backoffice.office import Office
from backoffice.store.tables import tables

Body = Callable[..., dict[str, Any]]


def count(office: Office, table: Any) -> int:
    with office.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def told(office: Office) -> list[str]:
    """What happened to the cases, in order; not what follows a decision, which a worker sees to at its own time."""
    with office.database.read() as connection:
        happened = connection.execute(select(tables.case_event.c.event).order_by(tables.case_event.c.n)).scalars()
        return [event for event in happened if event != "effect_done"]


def test_a_case_is_accepted_with_code_and_token(terminal: Any, clock: Any, submission: Body) -> None:
    answer = terminal.post_case(submission())
    case = answer.json()
    assert answer.status_code == 201
    assert case["accepted_at"] == iso(clock.now())
    assert len(case["query_code"]) == 4 and case["query_code"].isdigit()
    assert len(case["visit_token"]) >= 32
    assert terminal.call("GET", f"/v1/cases/{case['case_no']}").json() == case


def test_the_same_submission_again_gets_the_same_answer(terminal: Any, office: Office, submission: Body) -> None:
    first, again = terminal.post_case(submission()), terminal.post_case(submission())
    assert (again.status_code, again.json()) == (201, first.json())
    assert count(office, tables.service_case) == count(office, tables.rule_result) / 6 == 1
    assert told(office) == ["accepted", "decided"]


def test_twenty_parallel_posts_with_one_key_make_one_case(terminal: Any, office: Office, submission: Body) -> None:
    barrier = threading.Barrier(20)

    def post() -> Any:
        barrier.wait()
        return terminal.post_case(submission())

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: post(), range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert count(office, tables.service_case) == 1
    assert told(office) == ["accepted", "decided"]
    with office.database.read() as connection:
        calls = connection.execute(select(func.count()).select_from(tables.lookup_call)).scalar_one()
    assert calls == 5


def test_the_same_key_with_another_body_is_refused(terminal: Any, submission: Body) -> None:
    terminal.post_case(submission())
    changed = submission(form={"account": "none"})
    answer = terminal.post_case(changed)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert terminal.call("GET", f"/v1/cases/{changed['case_no']}").json()["decision"]["outcome"] == "approved"


def test_a_key_used_for_a_call_cannot_carry_a_case(terminal: Any, submission: Body) -> None:
    body = submission()
    call = {
        "case_no": body["case_no"],
        "site": body["site"],
        "step": "ask",
        "item_id": "XA032",
        "note": "",
        "called_at": body["created_at"],
    }
    assert terminal.call("POST", "/v1/help-calls", call, key=body["case_no"]).status_code == 201
    assert terminal.post_case(body).json()["code"] == "idempotency_mismatch"


def test_without_a_key_nothing_is_accepted(terminal: Any, office: Office, submission: Body) -> None:
    answer = terminal.call("POST", "/v1/cases", submission())
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    assert count(office, tables.service_case) == 0


def wrong_check(number: str) -> str:
    return number[:-1] + str((int(number[-1]) + 1) % 10)


def with_check(digits: str) -> str:
    return digits + check_digit(digits)


def test_what_does_not_fit_is_refused_by_name_and_leaves_no_trace(
    subtests: Any, terminal: Any, office: Office, submission: Body
) -> None:
    for change, code in [
        (lambda body: {"case_no": wrong_check(body["case_no"])}, "case_no_check_digit"),
        (lambda body: {"case_no": with_check("350212" + body["case_no"][6:-1])}, "case_no_division"),
        (lambda body: {"case_no": with_check(body["case_no"][:10] + "261131" + body["case_no"][16:-1])}, "case_no_day"),
        (lambda body: {"case_no": with_check("350213008" + body["case_no"][9:-1])}, "case_no_device"),
        (lambda body: {"case_no": with_check("3502130071" + body["case_no"][10:-1])}, "case_no_device"),
        (lambda body: {"site": "350212007007"}, "site_unknown"),
        (lambda body: {"item_id": "XA999"}, "item_unknown"),
        (lambda body: {"item_version": 2}, "item_unknown"),
        (lambda body: {"item_id": "XA037"}, "item_not_transacted"),
        (lambda body: {"consent_version": "2025-1"}, "consent_version"),
        (lambda body: {"commitment": "commit.XA032"}, "commitment"),
        (lambda body: {"form": {}}, "form"),
        (lambda body: {"form": {"account": "maybe"}}, "form"),
        (lambda body: {"form": {"account": "yes", "more": "x"}}, "form"),
        (lambda body: {"lang": "tlh"}, "invalid_request"),
        (lambda body: {"created_at": "2026-11-24T10:00:00"}, "invalid_request"),
        (lambda body: {"created_at": "yesterday"}, "invalid_request"),
        (lambda body: {"case_no": "1"}, "invalid_request"),
        (lambda body: {"monotonic_s": -1}, "invalid_request"),
        (lambda body: {"boot_id": "a\x00b"}, "invalid_request"),
        (lambda body: {"extra": 1}, "invalid_request"),
        (lambda body: {"applicant": {**body["applicant"], "number": "12"}}, "invalid_request"),
        (lambda body: {"applicant": {**body["applicant"], "document": "passport"}}, "invalid_request"),
    ]:
        with subtests.test(change=repr(change), code=repr(code)):
            body = submission()
            answer = terminal.post_case({**body, **change(body)})
            assert (answer.status_code, answer.json()["code"]) == (422, code)
            for table in (tables.service_case, tables.idempotency, tables.audit, tables.outbox):
                assert count(office, table) == 0


@pytest.mark.parametrize(
    ("document", "number"),
    [
        ("foreigner_2017", "SAU350285010112"),
        ("foreigner_2023", "932682194501010019"),
        ("hmt", None),
    ],
)
def test_a_case_of_whoever_holds_a_residence_permit_is_taken_and_decided(
    terminal: Any, submission: Body, document: str, number: str | None
) -> None:
    body = submission("hmt")
    applicant = {**body["applicant"], "document": document, "number": number or body["applicant"]["number"]}
    answer = terminal.post_case({**body, "applicant": applicant})
    assert answer.status_code in (200, 201), answer.text
    case = terminal.call("GET", f"/v1/cases/{body['case_no']}").json()
    assert case["state"] == "decided" and case["decision"]["outcome"] and case["decision"]["reasons"]


def test_a_refusal_does_not_repeat_what_was_sent(terminal: Any, submission: Body) -> None:
    body = submission()
    secret = {**body["applicant"], "number": "not-a-number-4711", "birth": "secret-birth", "zzz": "secret-name"}
    answer = terminal.post_case({**body, "applicant": secret})
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "/body/applicant/number",
        "/body/applicant/birth",
        "/body/applicant/zzz",
    }
    for value in ("4711", "secret-birth", "secret-name", "陈阿金"):
        assert value not in answer.text


def test_the_key_must_be_the_case_number(terminal: Any, submission: Body) -> None:
    answer = terminal.post_case(submission(), key="something-else")
    assert (answer.status_code, answer.json()["code"]) == (422, "key_is_not_the_number")


def test_another_terminal_can_neither_take_nor_see_a_case(terminal: Any, office: Office, submission: Body) -> None:
    add_device(office, "K2", bytes(32), None)
    other = replace(terminal, device="K2", key=bytes(32))
    body = submission()
    assert other.call("GET", f"/v1/cases/{body['case_no']}").json()["code"] == "case_unknown"
    assert terminal.post_case(body).status_code == 201
    assert other.call("GET", f"/v1/cases/{body['case_no']}").json()["code"] == "case_unknown"
    answer = other.post_case(body)
    assert (answer.status_code, answer.json()["code"]) == (409, "case_no_taken")


class Gate:
    """A gateway whose answers wait until they are let through."""

    def __init__(self, inner: HttpLookups) -> None:
        self.inner = inner
        self.open = threading.Event()
        self.failures = 0
        self.asked = 0

    def ask(self, lookups: Sequence[str], name: str, number: str, *, retries: int | None = None) -> Asked:
        return self.inner.ask(lookups, name, number, retries=retries)

    def ask_all(
        self, questions: Sequence[Question], *, retries: int | None = None, grounds: Grounds = NO_GROUNDS
    ) -> Asked:
        self.asked += 1
        if self.asked <= self.failures:
            raise RuntimeError("this message may hold a name")
        assert self.open.wait(20)
        return self.inner.ask_all(questions, retries=retries, grounds=grounds)


@pytest.fixture
def gate(simulator: Any, clock: Any) -> Gate:
    return Gate(HttpLookups(simulator.url, clock))


def decided(terminal: Any, case_no: str) -> dict[str, Any]:
    """The case once it is decided; the background worker has a sweep's time for it."""
    waiting = threading.Event()
    for _ in range(200):
        case: dict[str, Any] = terminal.call("GET", f"/v1/cases/{case_no}").json()
        if case["decision"] is not None:
            return case
        waiting.wait(0.05)
    raise AssertionError("never decided")


def test_a_slow_decision_is_answered_as_accepted_and_finished_later(
    start: Callable[..., Any], gate: Gate, submission: Body
) -> None:
    terminal = start(gate, deadline_s=0.2)
    body = submission()
    answer = terminal.post_case(body)
    assert (answer.status_code, answer.json()["state"], answer.json()["decision"]) == (201, "accepted", None)
    gate.open.set()
    case = decided(terminal, body["case_no"])
    assert case["decision"]["outcome"] == "approved"
    assert {**case, "state": "accepted", "decision": None} == answer.json()
    assert terminal.post_case(body).json() == case
    assert gate.asked == 1


def test_a_repeated_post_waits_for_the_decision_under_way(
    start: Callable[..., Any], gate: Gate, submission: Body
) -> None:
    terminal = start(gate, deadline_s=10.0)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(terminal.post_case, submission())
        second = pool.submit(terminal.post_case, submission())
        gate.open.set()
        assert first.result(20).json() == second.result(20).json()
    assert gate.asked == 1


def test_what_a_crash_left_undecided_is_decided_after_the_next_start(
    start: Callable[..., Any], gate: Gate, submission: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A decision that never runs is what a power cut right after the commit leaves behind.
    monkeypatch.setattr("backoffice.decisions.deciding.Decider.submit", lambda self, case_no: Future())
    body = submission()
    assert start(gate, deadline_s=0.1).post_case(body).json()["state"] == "accepted"
    monkeypatch.undo()
    gate.open.set()
    assert decided(start(gate), body["case_no"])["decision"]["outcome"] == "approved"


def test_our_own_failures_end_with_a_human_and_not_in_a_loop(
    start: Callable[..., Any],
    gate: Gate,
    submission: Body,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("backoffice.decisions.deciding.SWEEP_S", 0.05)
    gate.failures = 10**6
    terminal = start(gate, deadline_s=0.1)
    body = submission()
    terminal.post_case(body)
    case = decided(terminal, body["case_no"])
    assert (case["decision"]["outcome"], gate.asked) == ("pending", 3)
    assert "may hold a name" not in caplog.text


def test_one_own_failure_is_made_good_by_the_next_sweep(
    start: Callable[..., Any], gate: Gate, submission: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backoffice.decisions.deciding.SWEEP_S", 0.05)
    gate.failures = 1
    gate.open.set()
    terminal = start(gate, deadline_s=0.1)
    body = submission()
    terminal.post_case(body)
    assert decided(terminal, body["case_no"])["decision"]["outcome"] == "approved"
