"""The gateway to the unified payment side: every message signed, every order asked for by our own reference.

The protocol is in `docs/payment-protocol.md`. Whatever is not a signed answer of the agreed form is no answer:
`Unclear`. The caller then knows nothing about the money, and nothing here tries again.
"""

from __future__ import annotations

import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import httpx

from backoffice.clock import Clock, unix_ms
from backoffice.domain.payment import Order, Way
from backoffice.gateways.payment_answers import BadPaymentAnswer, StatementLine, read_order, read_statement
from backoffice.gateways.trust import trusted
from backoffice.store.digest import Digest

TIMEOUT_S = 2.5
"""For one whole answer: closing a slip and one order still fit into the time in which a terminal is answered."""
CONNECT_S = 1.0
_MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""A day's statement is the longest."""


class Unclear(Exception):
    """No answer that can be believed; only its kind is told, never its content."""


@dataclass(frozen=True, slots=True, repr=False)
class OrderRequest:
    reference: str
    way: Way
    amount_fen: int
    biller: str
    """Item of the catalogue whose department gets the money."""
    last_day: str
    """ISO date: until when a slip may be paid."""
    code: str = ""
    """The scanned payment code; kept nowhere."""
    account_ref: str = ""

    def to_json(self) -> dict[str, object]:
        return {
            "reference": self.reference,
            "way": self.way.value,
            "amount_fen": self.amount_fen,
            "biller": self.biller,
            "last_day": self.last_day,
            "code": self.code,
            "account_ref": self.account_ref,
        }

    def __repr__(self) -> str:
        return f"OrderRequest({self.reference})"


class PaymentGateway(Protocol):
    """Every call :raises Unclear: what became of it is not known."""

    def create(self, request: OrderRequest) -> Order:
        """The same reference with the same content is the same order, however often it is sent."""

    def order(self, reference: str) -> Order: ...

    def void(self, reference: str) -> Order:
        """Close the reference for good, if no money was taken yet; what the order is then."""

    def reverse(self, reference: str, txn: str) -> Order:
        """Give one transaction back, once however often it is asked for."""

    def statement(self, day: date) -> tuple[StatementLine, ...]:
        """Every transaction of one day by the payment side's clock."""


class HttpPayments:
    """May be used from several threads.

    :param key: shared with the payment side, 32 bytes.
    """

    def __init__(
        self,
        base_url: str,
        key: bytes,
        clock: Clock,
        digest: Digest,
        timeout_s: float = TIMEOUT_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._key = key
        self._clock = clock
        self._digest = digest
        self._timeout_s = timeout_s
        self._monotonic = monotonic
        self._tls = trusted()

    def create(self, request: OrderRequest) -> Order:
        return self._order(request.reference, "POST", "/v1/orders", request.to_json())

    def order(self, reference: str) -> Order:
        return self._order(reference, "GET", f"/v1/orders/{reference}", None)

    def void(self, reference: str) -> Order:
        return self._order(reference, "POST", f"/v1/orders/{reference}/void", {})

    def reverse(self, reference: str, txn: str) -> Order:
        return self._order(reference, "POST", f"/v1/orders/{reference}/reversals", {"txn": txn})

    def statement(self, day: date) -> tuple[StatementLine, ...]:
        answer = self._call("GET", f"/v1/statement?day={day.isoformat()}", None)
        try:
            return read_statement(answer, day.isoformat())
        except BadPaymentAnswer as cause:
            raise Unclear(str(cause)) from None

    def _order(self, reference: str, method: str, target: str, body: dict[str, object] | None) -> Order:
        answer = self._call(method, target, body)
        try:
            return read_order(answer, reference)
        except BadPaymentAnswer as cause:
            raise Unclear(str(cause)) from None

    def _call(self, method: str, target: str, body: dict[str, object] | None) -> Any:
        """The JSON of a signed 200. :raises Unclear: anything else."""
        data = b"" if body is None else json.dumps(body).encode()
        nonce, moment = secrets.token_urlsafe(16), str(unix_ms(self._clock.now()))
        headers = {
            "Content-Type": "application/json",
            "Time": moment,
            "Nonce": nonce,
            "Signature": self._mac(method, target, self._digest.hex(data), moment, nonce),
        }
        try:
            with httpx.Client(
                base_url=self._base_url,
                verify=self._tls,
                trust_env=False,
                timeout=httpx.Timeout(self._timeout_s, connect=CONNECT_S),
            ) as client:
                status, signature, answer = self._exchange(client, method, target, data, headers)
        except httpx.HTTPError as cause:
            raise Unclear(type(cause).__name__) from None
        expected = self._mac(str(status), nonce, self._digest.hex(answer))
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            raise Unclear(f"status {status}, not signed by the payment side")
        if status != 200:
            raise Unclear(f"status {status}")
        try:
            return json.loads(answer)
        except (ValueError, RecursionError):
            raise Unclear("not JSON") from None

    def _exchange(
        self, client: httpx.Client, method: str, target: str, data: bytes, headers: dict[str, str]
    ) -> tuple[int, str, bytes]:
        """Status, signature and body, within the time for all of it. :raises Unclear: too long or too slow."""
        ends, answer = self._monotonic() + self._timeout_s, b""
        with client.stream(method, target, content=data, headers=headers) as response:
            for chunk in response.iter_bytes():
                answer += chunk
                if len(answer) > _MAX_ANSWER_BYTES:
                    raise Unclear("an endless answer")
                if self._monotonic() > ends:
                    raise Unclear("an answer that drips")
            return response.status_code, response.headers.get("Signature", ""), answer

    def _mac(self, *parts: str) -> str:
        """As terminals do: the profile names the algorithm."""
        return f"{self._digest.profile.value}={self._digest.mac(self._key, chr(10).join(parts).encode())}"
