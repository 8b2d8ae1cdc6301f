"""Every request is signed, fresh and seen for the first time."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest

from backoffice.clock import unix_ms
from backoffice.identity.devices import SEQ_WINDOW, TerminalEntryError, add_device
from backoffice.office import Office


def test_a_signed_request_is_answered(terminal: Any) -> None:
    answer = terminal.call("GET", "/v1/health")
    assert (answer.status_code, answer.json()["release"]) == (200, 1)


def test_a_request_without_one_of_the_five_headers_is_refused(subtests: Any, terminal: Any) -> None:
    for name in ["Device", "Seq", "Nonce", "Time", "Signature"]:
        with subtests.test(name=repr(name)):
            headers = terminal.headers("GET", "/v1/health", b"")
            del headers[name]
            answer = terminal.sent("GET", "/v1/health", b"", headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "unsigned")


def test_nothing_is_told_to_an_unsigned_stranger(subtests: Any, terminal: Any) -> None:
    for path in ["/v1/health", "/v1/nowhere", "/v1/"]:
        with subtests.test(path=repr(path)):
            answer = terminal.http.get(path)
            assert (answer.status_code, answer.json()["code"]) == (401, "unsigned")


def test_an_unknown_device_and_a_wrong_key_look_the_same(terminal: Any) -> None:
    stranger = terminal.call("GET", "/v1/health", Device="K2")
    terminal.key = bytes(32)
    forged = terminal.call("GET", "/v1/health")
    assert stranger.status_code == forged.status_code == 401
    assert stranger.json()["code"] == forged.json()["code"] == "unknown_signer"


def test_a_changed_body_target_or_method_breaks_the_signature(terminal: Any) -> None:
    body = json.dumps({"item_id": "", "applicant": {}}).encode()
    for method, target, sent in (
        ("POST", "/v1/prefills", body + b" "),
        ("POST", "/v1/cases", body),
        ("GET", "/v1/prefills", body),
        ("POST", "/v1/prefills?x=1", body),
    ):
        headers = terminal.headers("POST", "/v1/prefills", body)
        assert terminal.sent(method, target, sent, headers).json()["code"] == "unknown_signer", (method, target)


def test_a_header_that_stands_twice_is_refused(terminal: Any) -> None:
    headers = [*terminal.headers("GET", "/v1/health", b"").items(), ("Device", "K9")]
    assert terminal.http.get("/v1/health", headers=headers).json()["code"] == "unsigned"


def test_the_same_bytes_twice_are_a_replay(terminal: Any) -> None:
    headers = terminal.headers("GET", "/v1/health", b"")
    assert terminal.sent("GET", "/v1/health", b"", headers).status_code == 200
    again = terminal.sent("GET", "/v1/health", b"", headers)
    assert (again.status_code, again.json()["code"]) == (409, "replayed")


def test_a_new_sequence_number_does_not_excuse_an_old_nonce(terminal: Any) -> None:
    assert terminal.call("GET", "/v1/health", Nonce="the-same-nonce").status_code == 200
    assert terminal.call("GET", "/v1/health", Nonce="the-same-nonce").json()["code"] == "replayed"


def test_a_new_nonce_does_not_excuse_an_old_sequence_number(terminal: Any) -> None:
    assert terminal.call("GET", "/v1/health", Seq="50").status_code == 200
    assert terminal.call("GET", "/v1/health", Seq="50").json()["code"] == "replayed"


def test_requests_may_overtake_each_other_but_not_by_much(terminal: Any) -> None:
    newest = SEQ_WINDOW + 100
    assert terminal.call("GET", "/v1/health", Seq=str(newest)).status_code == 200
    assert terminal.call("GET", "/v1/health", Seq=str(newest - 1)).status_code == 200
    late = terminal.call("GET", "/v1/health", Seq=str(newest - SEQ_WINDOW))
    assert late.json()["code"] == "replayed"


def test_what_was_seen_stays_seen_after_a_restart(start: Callable[..., Any]) -> None:
    before = start()
    headers = before.headers("GET", "/v1/health", b"")
    before.sent("GET", "/v1/health", b"", headers)
    assert start().sent("GET", "/v1/health", b"", headers).json()["code"] == "replayed"


def test_a_wrong_clock_is_told_the_time_and_can_check_who_told_it(subtests: Any, terminal: Any, clock: Any) -> None:
    for seconds in [-259_200, -301, 301, 86_400 * 365 * 20]:
        with subtests.test(seconds=repr(seconds)):
            told = str(max(0, unix_ms(clock.now()) + seconds * 1000))
            answer = terminal.call("GET", "/v1/health", Time=told, Nonce="skewed-nonce")
            problem = answer.json()
            assert (answer.status_code, problem["code"]) == (401, "clock_skew")
            assert problem["server_time"] == unix_ms(clock.now())
            text = f"server-time\n{problem['server_time']}\nskewed-nonce"
            assert problem["server_signature"] == hmac.new(terminal.key, text.encode(), "sm3").hexdigest()


def test_a_stranger_learns_no_signed_time(terminal: Any) -> None:
    terminal.key = bytes(32)
    answer = terminal.call("GET", "/v1/health", Time="1000").json()
    assert answer["code"] == "unknown_signer"
    assert "server_signature" not in answer


def test_five_minutes_of_difference_are_borne(subtests: Any, terminal: Any, clock: Any) -> None:
    for seconds in [-300, 300]:
        with subtests.test(seconds=repr(seconds)):
            told = str(unix_ms(clock.now()) + seconds * 1000)
            assert terminal.call("GET", "/v1/health", Time=told).status_code == 200


def test_a_refused_signature_does_not_use_up_the_sequence(terminal: Any) -> None:
    right, terminal.key = terminal.key, bytes(32)
    terminal.call("GET", "/v1/health", Seq="7", Nonce="used-by-a-thief")
    terminal.key = right
    assert terminal.call("GET", "/v1/health", Seq="7", Nonce="used-by-a-thief").status_code == 200


def test_a_terminal_with_a_new_key_starts_counting_anew(terminal: Any, office: Office) -> None:
    terminal.call("GET", "/v1/health", Seq="5000")
    add_device(office, "K1", bytes(32), None)
    assert terminal.call("GET", "/v1/health", Seq="5001").json()["code"] == "unknown_signer"
    terminal.key = bytes(32)
    assert terminal.call("GET", "/v1/health", Seq="1").status_code == 200


def test_a_terminal_needs_a_name_and_a_whole_key(subtests: Any, office: Office) -> None:
    for name, key, site in [("", bytes(32), None), ("K 1", bytes(32), None), ("K1", b"x", None)]:
        with subtests.test(name=repr(name), key=repr(key), site=repr(site)), pytest.raises(TerminalEntryError):
            add_device(office, name, key, site)


def test_a_signature_is_checked_before_the_body_is_read(terminal: Any) -> None:
    """What comes after the headers is not even JSON: only who looked at it could say so."""
    headers = terminal.headers("POST", "/v1/prefills", b"{}")
    terminal.key = bytes(32)
    forged = terminal.headers("POST", "/v1/prefills", b" " * 100_000)
    assert terminal.sent("POST", "/v1/prefills", b"x" * 100_000, forged).json()["code"] == "unknown_signer"
    told_wrong = terminal.sent("POST", "/v1/prefills", b"[]", headers)
    assert (told_wrong.status_code, told_wrong.json()["code"]) == (401, "unknown_signer")


def test_a_large_body_is_told_before_it_comes_and_a_small_one_need_not_be(subtests: Any, terminal: Any) -> None:
    for size, expected in ((16 * 1024, "malformed_json"), (16 * 1024 + 1, "unsigned")):
        with subtests.test(size=size):
            body = b"x" * size
            headers = terminal.headers("POST", "/v1/prefills", body)
            del headers["Body-Digest"]
            headers["Content-Type"] = "application/json"
            assert terminal.sent("POST", "/v1/prefills", body, headers).json()["code"] == expected
    for wrong in ("", "sm3", "A" * 64):
        with subtests.test(told=wrong):
            headers = {**terminal.headers("POST", "/v1/prefills", b"{}"), "Body-Digest": wrong}
            assert terminal.sent("POST", "/v1/prefills", b"{}", headers).json()["code"] == "unsigned"


def test_a_body_beyond_the_limit_is_refused_before_it_is_read_whole(terminal: Any) -> None:
    answer = terminal.call("POST", "/v1/prefills", b" " * (256 * 1024 + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_the_body_at_the_limit_is_read(terminal: Any) -> None:
    answer = terminal.call("POST", "/v1/prefills", b" " * (256 * 1024))
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")


def test_unknown_paths_and_methods_are_problems_too(terminal: Any) -> None:
    missing = terminal.call("GET", "/v1/nowhere")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    wrong = terminal.call("DELETE", "/v1/health")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "GET"


@pytest.mark.parametrize("name", ["Idempotency-Key", "If-Match", "Upload-Length", "Upload-Metadata", "Upload-Offset"])
def test_what_else_says_what_is_to_be_done_is_signed_with_it(terminal: Any, name: str) -> None:
    """A key of a repeat or an offset that somebody on the way has changed, left out or added is nobody's request."""
    for signed, sent in (({name: "1"}, {name: "2"}), ({name: "1"}, {}), ({}, {name: "1"})):
        headers = terminal.headers("GET", "/v1/health", b"", **signed)
        headers = {key: value for key, value in headers.items() if key != name} | sent
        answer = terminal.sent("GET", "/v1/health", b"", headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "unknown_signer"), (signed, sent)
    assert terminal.call("GET", "/v1/health", **{name: "1"}).status_code == 200
