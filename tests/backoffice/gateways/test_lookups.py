"""The look-up gateway against a process that breaks in every way a register can."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from backoffice.domain.facts.derive import LookupState
from backoffice.gateways.lookups import HttpLookups
from backoffice.office import Office
from backoffice.store.tables import tables

ALL = ("L01", "L08", "L12", "L16", "L28")
"""What the claim of the allowance asks."""
TIMEOUT_S = 0.3


@pytest.fixture
def gateway(simulator: Any, clock: Any) -> HttpLookups:
    return HttpLookups(simulator.url, clock, timeout_s=TIMEOUT_S)


@pytest.fixture
def person(residents: dict[str, dict[str, Any]]) -> tuple[str, str]:
    return residents["a_kim"]["name"], residents["a_kim"]["number"]


def test_healthy_registers_answer_all_questions(gateway: HttpLookups, person: tuple[str, str]) -> None:
    asked = gateway.ask(ALL, *person)
    states = {code: lookup.state for code, lookup in asked.lookups.items()}
    assert states == {
        "L01": LookupState.ANSWERED,
        "L08": LookupState.NOT_FOUND,
        "L12": LookupState.NOT_FOUND,
        "L16": LookupState.ANSWERED,
        "L28": LookupState.ANSWERED,
    }
    assert asked.lookups["L01"].values["household"] == "350213007007"


@pytest.mark.parametrize(
    ("mode", "state"),
    [
        ("timeout", LookupState.TIMEOUT),
        ("slow", LookupState.TIMEOUT),
        ("error", LookupState.ERROR),
        ("garbage", LookupState.GARBAGE),
        ("wrong_person", LookupState.GARBAGE),
        ("stale", LookupState.STALE),
    ],
)
def test_a_broken_register_is_asked_twice_and_then_left(
    simulator: Any, clock: Any, person: tuple[str, str], mode: str, state: LookupState, quickest: Any
) -> None:
    simulator.fault("L12", mode)

    def seconds_of_asking() -> float:
        begun = time.monotonic()
        asked = HttpLookups(simulator.url, clock, timeout_s=TIMEOUT_S).ask(ALL, *person)
        took_s = time.monotonic() - begun
        (call,) = [call for call in asked.calls if call.lookup == "L12"]
        assert (asked.lookups["L12"].state, call.attempts, call.state) == (state, 2, state)
        assert asked.lookups["L28"].state is LookupState.ANSWERED
        assert state is not LookupState.TIMEOUT or took_s >= 2 * TIMEOUT_S
        return took_s

    # A trickle of bytes does not stretch the time-out: that answer alone goes on for half a minute.
    assert quickest(seconds_of_asking, 2 * TIMEOUT_S + 1.5) < 2 * TIMEOUT_S + 1.5


@pytest.mark.parametrize("mode", ["timeout", "error", "garbage"])
def test_one_failure_is_forgiven(gateway: HttpLookups, simulator: Any, person: tuple[str, str], mode: str) -> None:
    simulator.fault("L01", mode, count=1)
    asked = gateway.ask(("L01",), *person)
    assert (asked.lookups["L01"].state, asked.calls[0].attempts) == (LookupState.ANSWERED, 2)


def test_without_a_known_account_the_bank_is_not_asked(
    gateway: HttpLookups, simulator: Any, person: tuple[str, str]
) -> None:
    simulator.fault("L16", "error")
    before = httpx.get(f"{simulator.url}/calls", trust_env=False).json().get("L28", 0)
    assert "L28" not in gateway.ask(ALL, *person).lookups
    assert httpx.get(f"{simulator.url}/calls", trust_env=False).json().get("L28", 0) == before


def test_a_register_that_is_not_there_is_an_error_and_not_a_crash(clock: Any, person: tuple[str, str]) -> None:
    nobody = HttpLookups("http://127.0.0.1:9", clock, timeout_s=TIMEOUT_S)
    assert {lookup.state for lookup in nobody.ask(ALL, *person).lookups.values()} == {LookupState.ERROR}


@pytest.mark.parametrize("mode", ["timeout", "error", "garbage", "slow", "wrong_person", "stale"])
@pytest.mark.parametrize("who", ["a_kim", "already_paid"])
def test_a_broken_register_never_refuses_anybody(
    start: Callable[..., Any],
    simulator: Any,
    clock: Any,
    submission: Callable[..., dict[str, Any]],
    mode: str,
    who: str,
) -> None:
    """With every register broken in turn the outcome is pending, or a notice that a healthy register justified.

    Without the population register nothing that others say about the number is about the person.
    """
    terminal = start(HttpLookups(simulator.url, clock, timeout_s=0.2))
    for serial, code in enumerate(ALL, start=1):
        httpx.delete(f"{simulator.url}/faults", trust_env=False)
        simulator.fault(code, mode)
        case = terminal.post_case(submission(who, serial)).json()
        decision = case["decision"]
        reasons = {reason["key"] for reason in decision["reasons"]}
        justified = {"reason.XA032.duplicate"} if who == "already_paid" and code not in ("L01", "L12") else set()
        assert {reason for reason in reasons if not reason.endswith(".unknown")} == justified, code
        assert decision["outcome"] == ("notice" if justified else "pending")
        if not justified:
            # While it is under way the next one would only be told that it repeats this one.
            target, shown = f"/v1/cases/{case['case_no']}/withdrawals", {"code": case["query_code"]}
            assert terminal.call("POST", target, shown, key=f"back-{serial}").status_code == 201


def test_prefill_leaves_out_what_a_register_did_not_answer(
    terminal: Any, simulator: Any, applicant: Callable[[str], dict[str, str]]
) -> None:
    person = {name: applicant("a_kim")[name] for name in ("document", "name", "number")}
    body = {"item_id": "XA032", "applicant": person}
    whole = terminal.call("POST", "/v1/prefills", body)
    assert whole.json() == {
        "known": {"account": {"bank": "农商银行", "last4": "6821"}},
        "dues": ["XA032"],
        "unanswered": [],
    }
    simulator.fault("L16", "timeout", count=1)
    assert terminal.call("POST", "/v1/prefills", body).json() == {"known": {}, "dues": ["XA032"], "unanswered": ["L16"]}
    simulator.fault("*", "error")
    nothing = terminal.call("POST", "/v1/prefills", body)
    assert (nothing.status_code, nothing.json()["known"], nothing.json()["dues"]) == (200, {}, [])
    assert nothing.json()["unanswered"] == ["L01", "L08", "L12", "L16"]


def test_who_is_not_entitled_or_paid_already_is_not_due_it(
    subtests: Any, terminal: Any, applicant: Callable[[str], dict[str, str]]
) -> None:
    for who in ["seventy_nine", "already_paid", "hmt"]:
        with subtests.test(who=repr(who)):
            person = {name: applicant(who)[name] for name in ("document", "name", "number")}
            told = terminal.call("POST", "/v1/prefills", {"item_id": "", "applicant": person}).json()
            assert "XA032" not in told["dues"]


def test_prefilling_for_an_unknown_item_is_refused(terminal: Any, applicant: Callable[[str], dict[str, str]]) -> None:
    person = {name: applicant("a_kim")[name] for name in ("document", "name", "number")}
    answer = terminal.call("POST", "/v1/prefills", {"item_id": "XA999", "applicant": person})
    assert (answer.status_code, answer.json()["code"]) == (422, "item_unknown")


def test_the_ledger_has_every_question_and_nobodys_name(
    terminal: Any, office: Office, applicant: Callable[[str], dict[str, str]]
) -> None:
    person = {name: applicant("a_kim")[name] for name in ("document", "name", "number")}
    terminal.call("POST", "/v1/prefills", {"item_id": "XA032", "applicant": person})
    with office.database.read() as connection:
        rows = connection.execute(select(tables.lookup_call)).all()
    assert {(row.lookup, row.purpose, row.case_no) for row in rows} == {
        (code, "prefill", None) for code in ("L01", "L08", "L12", "L16")
    }
