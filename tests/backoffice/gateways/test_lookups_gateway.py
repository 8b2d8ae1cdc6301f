"""The gateway's patience: retries, one deadline, breakers, grounds."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.domain.facts.derive import LookupState
from backoffice.gateways.breaker import FAILURES_TO_OPEN, OPEN_S, Breaker
from backoffice.gateways.lookups import Asked, HttpLookups, Timing
from backoffice.gateways.questions import Grounds, PurposeRefused, Subject


class Stopwatch:
    """Stands still until it is moved; waiting for it moves it."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now_s

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now_s += seconds


@pytest.fixture
def watch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def gateway(simulator: Any, clock: Any, watch: Stopwatch) -> HttpLookups:
    return HttpLookups(simulator.url, clock, timeout_s=0.3, timing=Timing(watch, watch.pause, random.Random(7)))


@pytest.fixture
def ask(gateway: HttpLookups, residents: dict[str, dict[str, Any]]) -> Callable[..., Asked]:
    def of(*lookups: str, **options: Any) -> Asked:
        person = residents["a_kim"]
        return gateway.ask(lookups, person["name"], person["number"], **options)

    return of


def calls(simulator: Any, lookup: str) -> int:
    return int(httpx.get(f"{simulator.url}/calls", trust_env=False).json().get(lookup, 0))


def test_the_population_register_is_asked_three_times_with_growing_uneven_pauses(
    ask: Callable[..., Asked], simulator: Any, watch: Stopwatch
) -> None:
    simulator.fault("L01", "error")
    (call,) = ask("L01").calls
    assert (call.attempts, call.state) == (3, LookupState.ERROR)
    first, second = watch.pauses
    assert 0.025 <= first <= 0.075 and 0.05 <= second <= 0.15
    assert second != 2 * first


def test_a_caller_may_ask_for_fewer_retries_but_not_for_more(ask: Callable[..., Asked], simulator: Any) -> None:
    simulator.fault("L12", "error")
    assert [ask("L12", retries=limit).calls[0].attempts for limit in (0, 1, 9)] == [1, 2, 2]


def test_a_dead_register_is_not_asked_until_a_probe_finds_it_alive(
    ask: Callable[..., Asked], simulator: Any, watch: Stopwatch
) -> None:
    httpx.post(f"{simulator.url}/outages", json={"lookup": "L12", "after_s": 0, "for_s": 600}, trust_env=False)
    for _ in range(FAILURES_TO_OPEN):
        assert ask("L12", retries=0).lookups["L12"].state is LookupState.ERROR
    before = calls(simulator, "L12")
    asked = ask("L12", "L01")
    assert (asked.lookups["L12"].state, asked.lookups["L01"].state) == (LookupState.NOT_ASKED, LookupState.ANSWERED)
    assert [call.attempts for call in asked.calls if call.lookup == "L12"] == [0]
    assert calls(simulator, "L12") == before

    watch.now_s += OPEN_S
    assert ask("L12", retries=0).lookups["L12"].state is LookupState.ERROR, "the probe goes out"
    assert ask("L12").lookups["L12"].state is LookupState.NOT_ASKED, "and keeps it open"
    httpx.delete(f"{simulator.url}/faults", trust_env=False)
    watch.now_s += OPEN_S
    assert [ask("L12").lookups["L12"].state for _ in range(2)] == [LookupState.NOT_FOUND] * 2


def test_garbage_about_one_person_closes_no_register_for_others(ask: Callable[..., Asked], simulator: Any) -> None:
    simulator.fault("L12", "garbage", count=2 * FAILURES_TO_OPEN)
    for _ in range(2 * FAILURES_TO_OPEN):
        ask("L12", retries=0)
    assert ask("L12").lookups["L12"].state is LookupState.NOT_FOUND


def test_one_deadline_holds_for_all_questions_and_retries(
    simulator: Any, clock: Any, residents: dict[str, dict[str, Any]]
) -> None:
    simulator.fault("*", "timeout")
    gateway, person = HttpLookups(simulator.url, clock, deadline_s=0.5), residents["a_kim"]
    agreed = Grounds(consents=frozenset(("L05",)))
    asked = gateway.ask(("L01", "L05", "L08"), person["name"], person["number"], grounds=agreed)
    assert {lookup.state for lookup in asked.lookups.values()} == {LookupState.TIMEOUT}
    # One attempt alone would have 4 s for L05, and 2 s for the others.
    assert {call.attempts for call in asked.calls} == {1}
    assert max(call.took_ms for call in asked.calls if call.lookup == "L05") < 3500


def test_a_late_answer_within_the_patience_counts(ask: Callable[..., Asked], simulator: Any) -> None:
    httpx.post(f"{simulator.url}/latency", json={"lookup": "L01", "delay_s": 0.1}, trust_env=False)
    (call,) = ask("L01").calls
    assert (call.state, call.attempts) == (LookupState.ANSWERED, 1) and call.took_ms >= 0


@pytest.mark.parametrize("lookup", ["L03", "L05", "L22", "L26", "L99", ""])
def test_without_grounds_nothing_at_all_is_asked(ask: Callable[..., Asked], simulator: Any, lookup: str) -> None:
    before = calls(simulator, "L01")
    with pytest.raises(PurposeRefused):
        ask("L01", lookup)
    assert calls(simulator, "L01") == before


def test_consent_is_no_clause_of_law_and_the_other_way_round(ask: Callable[..., Asked]) -> None:
    agreed = Grounds(consents=frozenset(("L03", "L26")))
    assert "L03" in ask("L03", grounds=agreed).lookups
    with pytest.raises(PurposeRefused, match="clause"):
        ask("L26", grounds=agreed)
    with pytest.raises(PurposeRefused, match="consent"):
        ask("L05", grounds=Grounds(statute="some act, article 1"))
    with pytest.raises(PurposeRefused):
        ask("L26", grounds=Grounds(statute="  "))
    assert "L26" in ask("L26", grounds=Grounds(statute="some act, article 1")).lookups


def test_a_question_without_one_of_its_fields_is_left_out(ask: Callable[..., Asked]) -> None:
    assert set(ask("L01", "L29", "L30", "L31", "L02").lookups) == {"L01"}
    assert set(ask("L29", details={"certificate_type": "id_card"}).lookups) == {"L29"}


def test_who_is_asked_about_shows_nowhere(ask: Callable[..., Asked], residents: dict[str, dict[str, Any]]) -> None:
    person = residents["a_kim"]
    asked = ask("L01", "L16", "L28")
    shown = repr(asked) + repr(Subject(person["name"], person["number"], {"account_ref": "x"}))
    assert person["name"] not in shown and person["number"] not in shown and person["birth"] not in shown


@given(st.lists(st.sampled_from(["fails", "answers", "waits"]), max_size=60))
def test_the_breaker_is_open_only_after_enough_failures_in_a_row(steps: list[str]) -> None:
    watch = Stopwatch()
    breaker, row = Breaker(watch), 0
    for step in steps:
        if step == "waits":
            watch.now_s += OPEN_S
            continue
        admitted = breaker.admits()
        assert admitted or row >= FAILURES_TO_OPEN
        if admitted:
            row = 0 if step == "answers" else row + 1
            breaker.report(step == "answers")


def test_only_one_probe_at_a_time() -> None:
    watch = Stopwatch()
    breaker = Breaker(watch)
    for _ in range(FAILURES_TO_OPEN):
        breaker.report(answered=False)
    watch.now_s += OPEN_S
    assert [breaker.admits() for _ in range(3)] == [True, False, False]
    breaker.withdraw()
    assert breaker.admits()
