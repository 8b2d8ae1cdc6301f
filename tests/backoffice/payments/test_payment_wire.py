"""The payment protocol over real HTTP: signed both ways, and every broken answer is worth nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.domain.payment import OrderState, Way
from backoffice.gateways.payment_answers import BadPaymentAnswer, read_order, read_statement
from backoffice.gateways.payments import HttpPayments, OrderRequest, Unclear
from backoffice.simulators.payment_ledger import Ledger, PaymentRefused
from backoffice.simulators.payments import build_server
from backoffice.store.digest import Profile, digest_of

KEY = bytes(range(32))
DIGEST = digest_of(Profile.SM3)
AT = "2026-11-24T10:00:00+08:00"


@dataclass(slots=True)
class Side:
    url: str
    ledger: Ledger

    def sim(self, path: str, **body: Any) -> httpx.Response:
        return httpx.post(f"{self.url}/sim/{path}", json=body, trust_env=False)


@pytest.fixture
def side(clock: Any) -> Iterator[Side]:
    ledger = Ledger(clock.now)
    server, bank = build_server(ledger, KEY, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield Side(f"http://127.0.0.1:{server.server_address[1]}", ledger)
    bank.stopping.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def gateway(side: Side, clock: Any) -> HttpPayments:
    return HttpPayments(side.url, KEY, clock, DIGEST)


def request(reference: str = "350213007826112400001-01", amount_fen: int = 1230, way: Way = Way.CODE) -> OrderRequest:
    return OrderRequest(reference, way, amount_fen, "XA101", "2026-12-01", "134567890123456789")


def test_an_order_is_carried_out_once_however_often_it_is_sent(side: Side, gateway: HttpPayments) -> None:
    first, second = gateway.create(request()), gateway.create(request())
    assert first == second
    assert (first.state, [debit.amount_fen for debit in first.debits]) == (OrderState.BOOKED, [1230])
    with pytest.raises(Unclear, match="409"):
        gateway.create(request(amount_fen=1240))
    assert side.ledger.taken_fen() == 1230


def test_a_time_out_says_nothing_and_the_order_can_be_asked_for(side: Side, clock: Any) -> None:
    hasty = HttpPayments(side.url, KEY, clock, DIGEST, timeout_s=0.2)
    assert side.sim("faults", kind="timeout_after").status_code == 200
    with pytest.raises(Unclear, match="ReadTimeout"):
        hasty.create(request())
    assert hasty.order(request().reference).state is OrderState.BOOKED


def test_a_slip_is_paid_at_the_counter_voided_orders_are_not(side: Side, gateway: HttpPayments, clock: Any) -> None:
    slip, other = gateway.create(request(way=Way.SLIP)), gateway.create(request("other-01", way=Way.SLIP))
    assert side.sim("counter", slip_code=slip.slip_code).json()["state"] == "booked"
    assert gateway.void(other.reference).state is OrderState.VOIDED
    assert side.sim("counter", slip_code=other.slip_code).status_code == 404
    assert gateway.void(slip.reference).state is OrderState.BOOKED
    (line,) = gateway.statement(clock.now().date())
    assert (line.reference, line.kind, line.amount_fen) == (slip.reference, "debit", 1230)
    assert gateway.reverse(slip.reference, line.txn).standing == ()
    assert [found.kind for found in gateway.statement(clock.now().date())] == ["debit", "reversal"]
    assert side.ledger.taken_fen() == 0


def test_an_answer_that_the_payment_side_did_not_sign_is_no_answer(side: Side, clock: Any) -> None:
    stranger = HttpPayments(side.url, bytes(32), clock, DIGEST)
    with pytest.raises(Unclear, match="not signed"):
        stranger.create(request())
    assert side.ledger.taken_fen() == 0


def test_what_is_unsigned_or_seen_before_moves_nothing(side: Side) -> None:
    body = json.dumps(request().to_json()).encode()
    parts = ("POST", "/v1/orders", DIGEST.hex(body), "1", "nonce-1")
    headers = {"Time": "1", "Nonce": "nonce-1", "Content-Type": "application/json"}
    unsigned = httpx.post(f"{side.url}/v1/orders", content=body, headers=headers, trust_env=False)
    headers["Signature"] = "hmac-sm3=" + DIGEST.mac(KEY, "\n".join(parts).encode())
    once = httpx.post(f"{side.url}/v1/orders", content=body, headers=headers, trust_env=False)
    twice = httpx.post(f"{side.url}/v1/orders", content=body, headers=headers, trust_env=False)
    assert [answer.status_code for answer in (unsigned, once, twice)] == [401, 200, 401]


def test_nobody_there_is_unclear(clock: Any) -> None:
    with pytest.raises(Unclear, match="ConnectError"):
        HttpPayments("http://127.0.0.1:9", KEY, clock, DIGEST).order("x")


def test_the_books_survive_the_process(tmp_path: Path, clock: Any) -> None:
    file = tmp_path / "books.jsonl"
    ledger = Ledger(clock.now, file)
    ledger.fault("duplicate")
    told = ledger.create(request().to_json())
    ledger.reverse(told["reference"], told["debits"][1]["txn"])
    ledger.void("never-seen")
    ledger.close()
    again = Ledger(clock.now, file)
    assert again.view(told["reference"]) == ledger.view(told["reference"])
    assert again.view("never-seen")["state"] == "voided"
    assert again.taken_fen() == 1230
    again.close()
    file.write_text(file.read_text("utf-8") + '{"op": "debit"}\n', "utf-8")
    with pytest.raises(ValueError, match=r"line 7: not an entry"):
        Ledger(clock.now, file)


@pytest.mark.parametrize("command", [{"kind": "meteor"}, {"kind": "late", "count": 0}, {"kind": 5}, {}])
def test_a_fault_command_that_is_none_is_answered_with_what_would_be_one(side: Side, command: dict[str, Any]) -> None:
    answer = side.sim("faults", **command)
    assert answer.status_code == 400
    assert "kind" in answer.json()["error"] or "count" in answer.json()["error"]


def test_a_slip_that_is_not_there_cannot_be_paid(side: Side) -> None:
    with pytest.raises(PaymentRefused):
        side.ledger.counter("")


WHOLE = {
    "reference": "r",
    "state": "booked",
    "debits": [{"txn": "T1", "amount_fen": 5, "at": AT, "reversed": False}],
    "slip_code": "",
}


@pytest.mark.parametrize(
    "change",
    [
        {"reference": "other"},
        {"state": "rich"},
        {"state": "waiting"},
        {"debits": []},
        {"debits": [{"txn": "T1", "amount_fen": 0, "at": AT, "reversed": False}]},
        {"debits": [{"txn": "T1", "amount_fen": True, "at": AT, "reversed": False}]},
        {"debits": [{"txn": "T1", "amount_fen": 5, "at": "yesterday", "reversed": False}]},
        {"debits": [{"txn": "T1", "amount_fen": 5, "at": "2026-11-24T10:00:00", "reversed": False}]},
        {"debits": [WHOLE["debits"][0], WHOLE["debits"][0]]},
        {"slip_code": "12"},
        {"more": 1},
    ],
)
def test_an_order_of_another_form_is_refused(change: dict[str, Any]) -> None:
    assert read_order(WHOLE, "r").standing
    with pytest.raises(BadPaymentAnswer):
        read_order({**WHOLE, **change}, "r")


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(WHOLE)), inner, max_size=4),
    max_leaves=8,
)


@given(ANY)
def test_no_answer_breaks_the_reader(data: Any) -> None:
    readers: tuple[Callable[[], Any], ...] = (
        lambda: read_order(data, "r"),
        lambda: read_statement(data, "2026-11-24"),
    )
    for read in readers:
        try:
            read()
        except BadPaymentAnswer:
            continue
