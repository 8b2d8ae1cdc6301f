"""Terminals: a code that is good once, a key that nobody sends, an operator who sees and suspends them."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from sqlalchemy import select

from backoffice.clock import unix_ms
from backoffice.identity.backoff import FREE_TRIES
from backoffice.identity.enrolment import ALPHABET, Post, derive, make_code, proof_text
from backoffice.identity.terminals import LastSeen
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables import identity as tables

SITE, OTHER = "350213007007", "350213001001"
POST = Post("XA-017-1", SITE, "017")


def encoded(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


class Kiosk:
    """The other half of the agreement, written from the contract and not from the server's code."""

    def __init__(self, http: Any) -> None:
        self.http = http
        self.own = X25519PrivateKey.generate()

    def enrol(self, code: str, public_key: str | None = None) -> Any:
        key = encoded(self.own.public_key().public_bytes_raw()) if public_key is None else public_key
        return self.http.request("POST", "/public/v1/enrolments", json={"code": code, "public_key": key})

    def key_of(self, code: str, told: Mapping[str, Any]) -> bytes:
        theirs = base64.urlsafe_b64decode(told["public_key"] + "=")
        shared = self.own.exchange(X25519PublicKey.from_public_bytes(theirs))
        post = Post(told["device"], told["site"], told["site_no"])
        return derive(shared, code, self.own.public_key().public_bytes_raw(), theirs, post)


@pytest.fixture
def kiosk(terminal: Any) -> Kiosk:
    return Kiosk(terminal.http)


def as_terminal(terminal: Any, device: str, key: bytes) -> Any:
    terminal.device, terminal.key = device, key
    return terminal


def test_a_code_has_ten_characters_that_nobody_mistakes() -> None:
    assert len(ALPHABET) == 31 and not set(ALPHABET) & set("01OIL")


def test_a_terminal_with_a_code_signs_with_a_key_that_was_never_sent(
    kiosk: Kiosk, terminal: Any, office: Office, clock: Any
) -> None:
    code, _ = make_code(office, POST, "op")
    answer = kiosk.enrol(f" {code[:5].lower()}-{code[5:]} ")
    told = answer.json()
    assert answer.status_code == 201
    assert (told["device"], told["site"], told["site_no"]) == ("XA-017-1", SITE, "017")
    assert told["server_time"] == unix_ms(clock.now())
    key = kiosk.key_of(code, told)
    assert told["proof"] == hmac.new(key, proof_text(POST, told["server_time"]), "sm3").hexdigest()
    assert key.hex() not in answer.text and encoded(key) not in answer.text
    assert as_terminal(terminal, "XA-017-1", key).call("GET", "/v1/health").status_code == 200


def test_a_code_is_good_once_and_for_a_day(kiosk: Kiosk, office: Office, clock: Any) -> None:
    code, _ = make_code(office, POST, "op")
    assert kiosk.enrol(code).status_code == 201
    again = kiosk.enrol(code)
    assert (again.status_code, again.json()["code"]) == (401, "code_wrong")
    late, _ = make_code(office, POST, "op")
    clock.advance(hours=24)
    assert kiosk.enrol(late).json()["code"] == "code_wrong"


def test_codes_are_not_kept_in_the_clear(office: Office) -> None:
    code, _ = make_code(office, POST, "op")
    with office.database.read() as connection:
        assert code not in str(connection.execute(select(tables.enrolment_code)).all())


def test_who_tries_codes_out_waits(kiosk: Kiosk, office: Office, clock: Any) -> None:
    code, _ = make_code(office, POST, "op")
    for _ in range(FREE_TRIES):
        assert kiosk.enrol("2222222222").json()["code"] == "code_wrong"
    refused = kiosk.enrol(code)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    clock.advance(seconds=int(refused.headers["retry-after"]))
    assert kiosk.enrol(code).status_code == 201


def test_enrolling_again_ends_the_old_key(kiosk: Kiosk, terminal: Any, office: Office) -> None:
    keys = []
    for _ in range(2):
        code, _ = make_code(office, POST, "op")
        keys.append(kiosk.key_of(code, kiosk.enrol(code).json()))
    assert as_terminal(terminal, "XA-017-1", keys[0]).call("GET", "/v1/health").json()["code"] == "unknown_signer"
    assert as_terminal(terminal, "XA-017-1", keys[1]).call("GET", "/v1/health").status_code == 200


@pytest.mark.parametrize("point", [bytes(32), b"\x01" + bytes(31), b"\xed" + b"\xff" * 30 + b"\x7f"])
def test_a_point_that_makes_the_secret_public_is_refused_and_the_code_stays_good(
    kiosk: Kiosk, office: Office, point: bytes
) -> None:
    code, _ = make_code(office, POST, "op")
    refused = kiosk.enrol(code, encoded(point))
    assert (refused.status_code, refused.json()["code"]) == (422, "key_unusable")
    assert kiosk.enrol(code).status_code == 201


def test_two_terminals_do_not_mint_the_same_numbers(office: Office) -> None:
    with pytest.raises(Problem, match="site_no_taken"):
        make_code(office, Post("K2", SITE, "007"), "op")
    make_code(office, Post("K1", SITE, "007"), "op")
    with pytest.raises(Problem, match="site_unknown"):
        make_code(office, Post("K2", "110101001001", "018"), "op")


def test_a_number_that_was_taken_while_a_code_waited_is_refused_then(kiosk: Kiosk, office: Office) -> None:
    first, _ = make_code(office, POST, "op")
    second, _ = make_code(office, Post("XA-017-2", SITE, "017"), "op")
    assert kiosk.enrol(first).status_code == 201
    assert kiosk.enrol(second).json()["code"] == "site_no_taken"


def test_an_operator_sees_and_suspends_the_terminals_of_the_own_town(
    kiosk: Kiosk, terminal: Any, office: Office, clock: Any, staff_hands: Callable[..., Any]
) -> None:
    here = staff_hands(office, terminal.http, clock, "here", "operator", town=SITE[:9])
    body = {"device": "XA-017-1", "site": SITE, "site_no": "017"}
    code = here.call("POST", "/staff/v1/enrolment-codes", body).json()["code"]
    key = kiosk.key_of(code, kiosk.enrol(code).json())
    mine = as_terminal(terminal, "XA-017-1", key)
    assert mine.call("GET", "/v1/health").status_code == 200
    listed = here.call("GET", "/staff/v1/terminals").json()["terminals"]
    assert [(row["device"], row["state"]) for row in listed] == [("XA-017-1", "active")]
    assert listed[0]["seen_at"] == clock.now().isoformat(timespec="milliseconds")
    path = "/staff/v1/terminals/XA-017-1/state"
    version = f'"{listed[0]["row_version"]}"'
    assert here.call("PUT", path, {"suspended": True}, If_Match=version).status_code == 200
    refused = mine.call("GET", "/v1/health")
    assert (refused.status_code, refused.json()["code"]) == (403, "suspended")
    assert refused.json()["speech"] == "problem.suspended"
    assert here.call("PUT", path, {"suspended": False}, If_Match=version).json()["code"] == "version_stale"
    assert here.call("PUT", path, {"suspended": False}, If_Match='"2"').status_code == 200
    assert mine.call("GET", "/v1/health").status_code == 200


def test_an_operator_of_another_town_takes_nothing_away(
    kiosk: Kiosk, terminal: Any, office: Office, clock: Any, staff_hands: Callable[..., Any]
) -> None:
    code, _ = make_code(office, POST, "op")
    kiosk.enrol(code)
    there = staff_hands(office, terminal.http, clock, "there", "operator", town=OTHER[:9])
    assert there.call("GET", "/staff/v1/terminals").json()["terminals"] == []
    path = "/staff/v1/terminals/XA-017-1/state"
    assert there.call("PUT", path, {"suspended": True}, If_Match='"1"').status_code == 404
    body = {"device": "XA-017-1", "site": SITE, "site_no": "017"}
    assert there.call("POST", "/staff/v1/enrolment-codes", body).json()["code"] == "forbidden"
    moved = {**body, "site": OTHER}
    assert there.call("POST", "/staff/v1/enrolment-codes", moved).json()["code"] == "not_found"


def test_a_stranger_is_not_told_that_a_terminal_is_suspended(
    terminal: Any, office: Office, clock: Any, staff_hands: Callable[..., Any]
) -> None:
    chief = staff_hands(office, terminal.http, clock, "chief", "operator")
    chief.call("PUT", "/staff/v1/terminals/K1/state", {"suspended": True}, If_Match='"0"')
    assert terminal.call("GET", "/v1/health").json()["code"] == "suspended"
    terminal.key = bytes(32)
    assert terminal.call("GET", "/v1/health").json()["code"] == "unknown_signer"


def test_a_row_is_written_once_a_day(office: Office, clock: Any) -> None:
    seen = LastSeen(office)

    def rows() -> list[str]:
        with office.database.read() as connection:
            return list(connection.execute(select(tables.device_standing.c.seen_on)).scalars())

    assert seen.note("K1")
    seen.write_day("K1")
    assert rows() == ["2026-11-24"]
    clock.advance(hours=1)
    assert not seen.note("K1")
    assert seen.at("K1") == clock.now().isoformat(timespec="milliseconds") and rows() == ["2026-11-24"]
    clock.advance(days=1)
    assert seen.note("K1")
    seen.write_day("K1")
    assert rows() == ["2026-11-25"]


# --- consent -------------------------------------------------------------------------------------------------------


def consent(case_no: str, **changes: str) -> dict[str, str]:
    body = {"case_no": case_no, "purpose": "consent.data_use", "text_version": "2026-1", "lang": "nan"}
    return {**body, "given_at": "2026-11-24T09:59:00+08:00", **changes}


def test_what_a_resident_agreed_to_is_kept_and_taken_back_with_the_slip(
    terminal: Any, submission: Callable[..., dict[str, Any]], office: Office
) -> None:
    body = submission()
    number = body["case_no"]
    given = terminal.call("POST", "/v1/consents", consent(number), key="c-1")
    assert given.status_code == 201 and given.json()["withdrawn_at"] is None
    assert terminal.call("POST", "/v1/consents", consent(number), key="c-1").json() == given.json()
    case = terminal.post_case(body).json()
    at = "2026-11-24T11:00:00+08:00"
    wrong = f"{(int(case['query_code']) + 1) % 10_000:04d}"
    withdrawal = {"number": number[-16:], "code": wrong, "withdrawn_at": at}
    assert terminal.call("POST", "/v1/consent-withdrawals", withdrawal, key="w-1").json()["code"] == "progress_unknown"
    right = {**withdrawal, "code": case["query_code"]}
    done = terminal.call("POST", "/v1/consent-withdrawals", right, key="w-1")
    assert done.json() == {"case_no": number, "withdrawn": 1}
    assert terminal.call("POST", "/v1/consent-withdrawals", right, key="w-1").json() == done.json()
    with office.database.read() as connection:
        row = connection.execute(select(tables.consent)).one()
    assert (row.text_version, row.lang, row.withdrawn_at, row.withdrawn_on) == ("2026-1", "nan", at, "K1")


def test_a_consent_is_not_put_onto_another_terminals_case(
    terminal: Any, submission: Callable[..., dict[str, Any]], office: Office
) -> None:
    from backoffice.identity.devices import add_device

    body = submission()
    terminal.post_case(body)
    add_device(office, "K2", bytes(32), None)
    other = as_terminal(terminal, "K2", bytes(32))
    assert other.call("POST", "/v1/consents", consent(body["case_no"]), key="c").json()["code"] == "case_unknown"
