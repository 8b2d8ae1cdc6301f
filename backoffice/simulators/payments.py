"""The payment side as its own process: books on disk, every message signed, faults on command.

The protocol is in `docs/payment-protocol.md`. What only a simulator has is unsigned and under `/sim/`:
`POST /sim/faults {"kind", "count"}`, `DELETE /sim/faults`, `POST /sim/counter {"slip_code"}` (somebody pays a slip at a
bank), `POST /sim/deliver` (late orders are carried out), `POST /sim/book {"reference"}`, `GET /sim/taken`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import signal
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from backoffice.ready import HOST, announce
from backoffice.simulators.payment_ledger import Ledger, PaymentRefused, Silent

_HOLD_S = 30.0
"""How long a silent order keeps the line; far beyond the other side's patience."""
_MAX_BODY_BYTES = 16 * 1024
_IDLE_S = 10.0
_ORDER = re.compile(r"/v1/orders/([0-9A-Za-z-]{1,40})(/void|/reversals)?", re.ASCII)
_FIELDS = {
    "reference": str,
    "way": str,
    "amount_fen": int,
    "biller": str,
    "last_day": str,
    "code": str,
    "account_ref": str,
}
_WAYS = ("slip", "code", "authority")
_MAX_FEN = 10**12


class Bank:
    """What the handlers share."""

    def __init__(self, ledger: Ledger, key: bytes, algorithm: str) -> None:
        self.ledger = ledger
        self.stopping = threading.Event()
        self._key = key
        self._algorithm = algorithm
        self._nonces: set[str] = set()
        self._lock = threading.Lock()

    def mac(self, *parts: str) -> str:
        text = "\n".join(parts).encode()
        return f"hmac-{self._algorithm}=" + hmac.new(self._key, text, self._algorithm).hexdigest()

    def digest(self, body: bytes) -> str:
        return hashlib.new(self._algorithm, body).hexdigest()

    def check(self, method: str, target: str, body: bytes, headers: Any) -> None:
        """:raises PaymentRefused: 401 for an unsigned message, a wrong signature or one seen before."""
        moment, nonce, given = (str(headers.get(name, "")) for name in ("Time", "Nonce", "Signature"))
        expected = self.mac(method, target, self.digest(body), moment, nonce)
        if not nonce or not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
            raise PaymentRefused(401, "not signed with the shared key")
        with self._lock:
            if nonce in self._nonces:
                raise PaymentRefused(401, "seen before")
            self._nonces.add(nonce)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_S
    bank: Bank

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        try:
            body = self.rfile.read(self._length())
            if not self.path.startswith("/sim/"):
                self.bank.check(self.command, self.path, body, self.headers)
            self._send(200, self._answer(body))
        except PaymentRefused as problem:
            self.close_connection = True
            self._send(problem.status, {"error": str(problem)})
        except Silent:
            self.bank.stopping.wait(_HOLD_S)
            self.close_connection = True
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _answer(self, body: bytes) -> dict[str, Any]:
        ledger, path = self.bank.ledger, urlsplit(self.path)
        command = (self.command, path.path)
        if command == ("POST", "/v1/orders"):
            return ledger.create(_order_of(_object(body)))
        if command == ("GET", "/v1/statement"):
            return ledger.statement(parse_qs(path.query).get("day", [""])[0])
        order = _ORDER.fullmatch(path.path)
        if order is not None:
            return self._of_order(order[1], order[2] or "", body)
        if path.path.startswith("/sim/"):
            return self._simulated(command, body)
        raise PaymentRefused(404, "unknown path")

    def _of_order(self, reference: str, deed: str, body: bytes) -> dict[str, Any]:
        if self.command == "GET" and not deed:
            return self.bank.ledger.view(reference)
        if self.command == "POST" and deed == "/void":
            return self.bank.ledger.void(reference)
        if self.command == "POST" and deed == "/reversals":
            return self.bank.ledger.reverse(reference, _text(_object(body), "txn"))
        raise PaymentRefused(405, "not here")

    def _simulated(self, command: tuple[str, str], body: bytes) -> dict[str, Any]:
        ledger = self.bank.ledger
        if command == ("GET", "/sim/taken"):
            return {"taken_fen": ledger.taken_fen()}
        if command == ("DELETE", "/sim/faults"):
            ledger.heal()
        elif command == ("POST", "/sim/deliver"):
            return {"delivered": ledger.deliver()}
        elif command == ("POST", "/sim/faults"):
            fields = _object(body)
            count = fields.get("count", 1)
            if not isinstance(count, int) or isinstance(count, bool):
                raise PaymentRefused(400, "count: a number")
            ledger.fault(_text(fields, "kind"), count)
        elif command == ("POST", "/sim/counter"):
            return ledger.counter(_text(_object(body), "slip_code"))
        elif command == ("POST", "/sim/book"):
            ledger.book(_text(_object(body), "reference"))
        else:
            raise PaymentRefused(404, "unknown path")
        return {"ok": True}

    def _length(self) -> int:
        text = self.headers.get("Content-Length") or "0"
        if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) > _MAX_BODY_BYTES:
            raise PaymentRefused(400, f"Content-Length: at most {_MAX_BODY_BYTES}")
        return int(text)

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        payload = json.dumps(answer).encode()
        nonce = str(self.headers.get("Nonce", ""))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.send_header("Signature", self.bank.mac(str(status), nonce, self.bank.digest(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: Any) -> None:
        """Orders are about people's money: nothing is logged."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up is what faults are for; anything else is a bug of ours."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _object(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as cause:
        raise PaymentRefused(400, "not JSON") from cause
    if not isinstance(data, dict):
        raise PaymentRefused(400, "not an object")
    return data


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 64:
        raise PaymentRefused(400, f"{name}: a text of 1 to 64 characters")
    return value


def _order_of(body: dict[str, Any]) -> dict[str, Any]:
    if set(body) != set(_FIELDS) or any(type(body[name]) is not kind for name, kind in _FIELDS.items()):
        raise PaymentRefused(400, "fields: " + ", ".join(_FIELDS))
    if body["way"] not in _WAYS or not 0 < body["amount_fen"] <= _MAX_FEN or not body["reference"]:
        raise PaymentRefused(400, "way, amount_fen or reference")
    return body


def build_server(ledger: Ledger, key: bytes, port: int, algorithm: str = "sm3") -> tuple[Server, Bank]:
    """A server bound to 127.0.0.1, not yet serving. :raises OSError: the port is taken."""
    bank = Bank(ledger, key, algorithm)
    return Server((HOST, port), type("BoundHandler", (Handler,), {"bank": bank})), bank


def serve_payments(file: Path, key: bytes, port: int, now: Callable[[], datetime], algorithm: str) -> int:
    """Run the payment simulator until SIGTERM. :raises OSError, ValueError: port, file or its content."""
    ledger = Ledger(now, file)
    server, bank = build_server(ledger, key, port, algorithm)

    def end(number: int, frame: object) -> None:
        bank.stopping.set()
        # shutdown() waits for the serving loop, which runs on this very thread.
        threading.Thread(target=server.shutdown, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with server:
        announce(server.server_address[1])
        server.serve_forever(poll_interval=0.1)
    ledger.close()
    return 0
