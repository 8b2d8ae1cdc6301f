"""How much one caller may ask: buckets by the clock, in bounded memory; what to do about a refusal is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.identity.limits import Buckets, Limits, LimitsError, Rate, read_limits
from backoffice.identity.proxies import ProxiesError, proxies_of, read_proxies
from backoffice.identity.slip_codes import DAY_S, OF_A_NUMBER, OF_A_TERMINAL, QUARTER_S, TRY_S, SlipCodes
from backoffice.problems.advice import SPEECH_KEYS, Next, advice_of
from backoffice.problems.problem import CODES, Problem


def allowed(buckets: Buckets, name: str) -> int:
    count = 0
    try:
        while count < 10_000:
            buckets.take(name)
            count += 1
    except Problem as problem:
        assert problem.code == "too_many_requests"
    return count


def test_a_bucket_empties_and_fills_by_the_clock(clock: Any) -> None:
    buckets = Buckets(clock, Rate(burst=5, per_minute=60))
    assert allowed(buckets, "K1") == 5
    assert allowed(buckets, "K2") == 5
    clock.advance(seconds=3)
    assert allowed(buckets, "K1") == 3
    clock.advance(hours=1)
    assert allowed(buckets, "K1") == 5


def test_a_refusal_says_when_to_come_again_and_that_is_true(clock: Any) -> None:
    buckets = Buckets(clock, Rate(burst=1, per_minute=6))
    buckets.take("K1")
    with pytest.raises(Problem) as told:
        buckets.take("K1")
    clock.advance(seconds=int(told.value.headers["Retry-After"]))
    buckets.take("K1")


def test_a_clock_that_is_set_back_gives_nothing(clock: Any) -> None:
    buckets = Buckets(clock, Rate(burst=2, per_minute=60))
    assert allowed(buckets, "K1") == 2
    clock.advance(days=-1)
    assert allowed(buckets, "K1") == 0


def test_memory_is_bounded_and_the_longest_silent_is_forgotten_first(clock: Any) -> None:
    buckets = Buckets(clock, Rate(burst=1, per_minute=1), max_names=3)
    for name in ("a", "b", "c"):
        buckets.take(name)
    assert allowed(buckets, "a") == 0
    buckets.take("d")
    assert allowed(buckets, "a") == 0, "heard of just now"
    assert allowed(buckets, "b") == 1, "forgotten"


def test_the_shipped_limits_let_a_terminal_send_what_a_day_offline_left() -> None:
    assert read_limits().terminal.burst >= 300


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[limits.terminal]\nburst = 1\nper_minute = 1\n",
        *(
            "".join(f"[limits.{name}]\n{lines}\n" for name in ("terminal", "staff", "address"))
            for lines in ("burst = 0\nper_minute = 1", 'burst = "9"\nper_minute = 1', "burst = 1", "burst = true")
        ),
        "[limits]\nterminal = 3\nstaff = 3\naddress = 3\n",
    ],
)
def test_limits_that_mean_nothing_are_refused_with_what_is_allowed(tmp_path: Path, text: str) -> None:
    file = tmp_path / "backoffice.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(LimitsError, match=r"limits"):
        read_limits(file)


def test_a_terminal_that_asks_too_often_hears_429(start: Callable[..., Any], clock: Any) -> None:
    few = Rate(burst=2, per_minute=60)
    terminal = start(limits=Limits(few, few, few))
    for _ in range(2):
        assert terminal.call("GET", "/v1/health").status_code == 200
        assert terminal.http.get("/public/v1/nowhere").status_code == 404
    assert terminal.http.get("/public/v1/nowhere").json()["code"] == "too_many_requests"
    refused = terminal.call("GET", "/v1/health")
    assert (refused.status_code, refused.json()["code"], refused.json()["next"]) == (429, "too_many_requests", "retry")
    clock.advance(seconds=int(refused.headers["retry-after"]))
    assert terminal.call("GET", "/v1/health").status_code == 200


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_problem_says_what_to_do_in_one_of_a_few_sentences(code: str) -> None:
    advice = advice_of(code, CODES[code][0])
    assert advice.speech in SPEECH_KEYS and advice.speech.startswith("problem.")
    retries = CODES[code][0] in (408, 429, 503) or code in ("clock_skew", "replayed")
    assert (advice.next is Next.RETRY) == (retries and code != "too_many_calls")


def test_codes_that_are_tried_at_once_count_while_they_are_tried(office: Any, clock: Any) -> None:
    guard = SlipCodes(office).at("K1")
    for _ in range(OF_A_NUMBER[0].tries):
        guard.check("1")
    with pytest.raises(Problem, match="too_many_attempts"):
        guard.check("1")
    guard.check("2")
    guard.right("1")
    guard.check("1")
    clock.advance(seconds=TRY_S)
    guard.check("1")


def tries(codes: SlipCodes, device: str, numbers: int, count: int) -> int:
    """How many of `count` wrong codes over so many numbers are looked at."""
    for n in range(count):
        guard, number = codes.at(device), f"{n % numbers:016d}"
        try:
            guard.check(number)
        except Problem:
            return n
        guard.wrong(number)
    return count


def test_a_terminal_that_guesses_over_many_numbers_runs_out_and_no_other_one(office: Any, clock: Any) -> None:
    codes = SlipCodes(office)
    assert tries(codes, "K1", 100, 400) == OF_A_TERMINAL[0].tries == 20
    with pytest.raises(Problem) as told:
        codes.at("K1").check("9" * 16)
    codes.at("K2").check("9" * 16)
    clock.advance(seconds=int(told.value.headers["Retry-After"]))
    codes.at("K1").check("9" * 16)


def test_a_day_of_patient_guessing_ends_too(office: Any, clock: Any) -> None:
    codes, looked_at = SlipCodes(office), 0
    for _ in range(int(DAY_S / QUARTER_S) - 1):
        looked_at += tries(codes, "K1", 100, 400)
        clock.advance(seconds=QUARTER_S)
    assert looked_at == OF_A_TERMINAL[1].tries
    clock.advance(seconds=DAY_S)
    assert tries(codes, "K1", 100, 400) == OF_A_TERMINAL[0].tries


def test_a_right_code_buys_no_guesses_at_other_numbers(office: Any) -> None:
    codes = SlipCodes(office)
    for n in range(OF_A_TERMINAL[0].tries):
        guard = codes.at("K1")
        guard.check(f"{n:016d}")
        guard.wrong(f"{n:016d}")
        if n < OF_A_TERMINAL[0].tries - 1:
            guard.check("7" * 16)
            guard.right("7" * 16)
    with pytest.raises(Problem, match="too_many_attempts"):
        codes.at("K1").check("8" * 16)


def test_guessing_at_the_wire_is_refused_by_the_21st_and_tells_nobody_which_number_exists(
    terminal: Any, submission: Callable[..., dict[str, Any]]
) -> None:
    case = terminal.post_case(submission()).json()
    real, wrong_code = case["case_no"][-16:], f"{(int(case['query_code']) + 1) % 10_000:04d}"
    answers = []
    for n in range(22):
        number = real if n % 5 == 0 and n < 20 else f"{n:016d}"
        answers.append(terminal.call("GET", f"/v1/progress?q={number}&code={wrong_code}"))
    told = {(answer.status_code, str({**answer.json(), "instance": ""})) for answer in answers[:20]}
    assert len(told) == 1 and answers[0].json()["code"] == "progress_unknown"
    assert [answer.status_code for answer in answers[20:]] == [429, 429]
    assert terminal.call("GET", f"/v1/progress?q={real}&code={case['query_code']}").status_code == 429


def test_a_proxy_that_nobody_named_is_told_of_once(start: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    http = start(proxies=proxies_of(["10.0.0.0/8"])).http
    http.get("/public/v1/nowhere")
    assert "trusted_proxies" not in caplog.text
    for n in range(3):
        http.get("/public/v1/nowhere", headers={"X-Forwarded-For": f"203.0.113.{n}"})
    assert caplog.text.count("trusted_proxies") == 1 and "203.0.113" not in caplog.text


ONE = Rate(burst=1, per_minute=1)


@pytest.mark.parametrize("believed", [False, True])
def test_a_made_up_address_for_each_request_buys_nothing(start: Callable[..., Any], believed: bool) -> None:
    """The attack works where every neighbour is believed, and fails where none is named."""
    proxies = proxies_of(["127.0.0.1"] if believed else [])
    http = start(limits=Limits(ONE, ONE, ONE), proxies=proxies).http
    told = [http.get("/public/v1/nowhere", headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code for n in range(3)]
    assert told == ([404, 404, 404] if believed else [404, 429, 429])


def test_callers_behind_a_named_proxy_count_apart_and_cannot_write_before_it(start: Callable[..., Any]) -> None:
    http = start(limits=Limits(ONE, ONE, ONE), proxies=proxies_of(["127.0.0.0/8", "10.0.0.0/8"])).http

    def told(forwarded: str) -> int:
        return int(http.get("/public/v1/nowhere", headers={"X-Forwarded-For": forwarded}).status_code)

    assert (told("198.51.100.1"), told("198.51.100.2")) == (404, 404)
    assert told("192.0.2.99, 198.51.100.1") == 429, "what a caller writes in front of what the proxy heard"
    assert told("192.0.2.98, 198.51.100.1, 10.0.0.7") == 429, "through two proxies"


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("127.0.0.1", [], "127.0.0.1"),
        ("198.51.100.9", ["203.0.113.1"], "198.51.100.9"),
        ("127.0.0.1", ["203.0.113.1"], "203.0.113.1"),
        ("127.0.0.1", ["203.0.113.1:4711"], "203.0.113.1"),
        ("127.0.0.1", ["[2001:db8::1]:443"], "2001:db8::1"),
        ("::ffff:127.0.0.1", ["203.0.113.1"], "203.0.113.1"),
        ("127.0.0.1", ["203.0.113.1", "127.0.0.1"], "203.0.113.1"),
        ("127.0.0.1", ["203.0.113.1, unknown"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.1, ' OR 1=1 --"], "127.0.0.1"),
        ("127.0.0.1", [", ".join(["127.0.0.1"] * 99)], "127.0.0.1"),
        ("unix", ["203.0.113.1"], "unix"),
    ],
)
def test_the_nearest_stranger_is_the_caller(peer: str, forwarded: list[str], caller: str) -> None:
    assert proxies_of(["127.0.0.1"]).caller(peer, forwarded) == caller


@given(st.text(max_size=40), st.lists(st.text(max_size=60), max_size=4))
def test_whatever_a_header_says_nobody_falls_over(peer: str, forwarded: list[str]) -> None:
    assert isinstance(proxies_of(["0.0.0.0/0", "::/0"]).caller(peer, forwarded), str)


@pytest.mark.parametrize(
    "text",
    [
        "[network]\ntrusted_proxies = ['everybody']",
        "[network]\ntrusted_proxies = '127.0.0.1'",
        "[network]\ntrusted_proxies = [1]",
        "[network]\ntrusted = []",
        "network = 1",
        "[network]\ntrusted_proxies = ['10.0.0.1/8']",
    ],
)
def test_proxies_that_are_none_are_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "backoffice.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ProxiesError, match="trusted_proxies"):
        read_proxies(file)
