"""The shared-data registers as their own process: fictitious residents over HTTP, with fault commands.

`POST /lookups/L01` … `L33` answer as the gateway expects. `POST /faults {"lookup", "mode", "count"}` breaks the next
`count` answers of one look-up or of all (`*`): timeout, error, garbage, slow, wrong_person, stale; count 0 = until
cleared. `POST /latency {"lookup", "delay_s"}` and `POST /outages {"lookup", "after_s", "for_s"}` do what they say.
`DELETE /faults` heals all; `GET /calls` counts questions.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from backoffice.ready import HOST, announce
from backoffice.simulators.registers import LOOKUPS, BadLookupRequest, Registers, read_records

_HOLD_S = 30.0
"""How long a `timeout` fault keeps a question; far beyond every client's patience."""
_DRIP_S = 0.2
"""Between two bytes of a `slow` answer: each comes in time, the whole never does."""
_MAX_BODY_BYTES = 64 * 1024
_MAX_FIELD = 256
_IDLE_S = 10.0
"""A body that is announced and never comes must not keep a thread."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_S
    registers: Registers

    def do_POST(self) -> None:
        try:
            self._post()
        except BadLookupRequest as problem:
            # What is left of the body would be read as the next request.
            self.close_connection = True
            self._send(400, {"error": str(problem)})
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def do_DELETE(self) -> None:
        self.registers.heal()
        self._send(200, {"ok": True})

    def do_GET(self) -> None:
        with self.registers.lock:
            calls = dict(self.registers.calls)
        self._send(200, calls) if self.path == "/calls" else self._send(404, {"error": "unknown path"})

    def _post(self) -> None:
        body = self._body()
        command = self._command()
        if command is not None:
            command(body)
            self._send(200, {"ok": True})
            return
        lookup = self.path.removeprefix("/lookups/")
        if lookup not in LOOKUPS:
            self._send(404, {"error": "unknown look-up"})
            return
        self._answer(lookup, _question(body))

    def _command(self) -> Callable[[dict[str, Any]], None] | None:
        registers = self.registers
        return {
            "/faults": registers.set_fault,
            "/latency": registers.set_latency,
            "/outages": registers.set_outage,
        }.get(self.path)

    def _answer(self, lookup: str, question: dict[str, str]) -> None:
        fault = self.registers.take_fault(lookup)
        delay_s = self.registers.latency_s.get(lookup, 0.0)
        if delay_s:
            self.registers.stopping.wait(delay_s)
        if self.registers.out_of_service(lookup):
            self._send(503, {"error": "out of service"})
            return
        answer = self.registers.answer(lookup, question, fault)
        if fault in ("", "wrong_person", "stale"):
            self._send(200, answer)
        else:
            self._fail(fault, json.dumps(answer).encode())

    def _fail(self, mode: str, honest: bytes) -> None:
        if mode == "error":
            self._send(500, {"error": "out of order"})
        elif mode == "garbage":
            self._raw(200, honest[: len(honest) // 2] + b"\xff\xfe<html>")
        elif mode == "timeout":
            self.registers.stopping.wait(_HOLD_S)
            self.close_connection = True
        else:
            self._drip(honest)

    def _drip(self, honest: bytes) -> None:
        """A byte now and then: alive, but no answer in any useful time."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(honest)))
        self.end_headers()
        for index in range(len(honest)):
            if self.registers.stopping.wait(_DRIP_S):
                break
            self.wfile.write(honest[index : index + 1])
            self.wfile.flush()

    def _body(self) -> dict[str, Any]:
        try:
            body = json.loads(self.rfile.read(self._length()))
        except (ValueError, RecursionError) as cause:
            raise BadLookupRequest("not JSON") from cause
        if not isinstance(body, dict):
            raise BadLookupRequest("not an object")
        return body

    def _length(self) -> int:
        text = self.headers.get("Content-Length") or "0"
        if not (text.isascii() and text.isdigit()):
            raise BadLookupRequest("Content-Length is no number")
        # The length of the text first: int() refuses thousands of digits with an error of its own.
        if len(text) > 9 or int(text) > _MAX_BODY_BYTES:
            raise BadLookupRequest("too long")
        return int(text)

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        self._raw(status, json.dumps(answer).encode())

    def _raw(self, status: int, payload: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: Any) -> None:
        """Questions carry names and numbers: nothing is logged."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    """Several people's 33 questions arrive at the same moment."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up is what faults are for; anything else is a bug of ours."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _question(body: dict[str, Any]) -> dict[str, str]:
    """:raises BadLookupRequest: a field that is no short text."""
    if not all(isinstance(value, str) and len(value) <= _MAX_FIELD for value in body.values()):
        raise BadLookupRequest(f"a question is an object of texts of at most {_MAX_FIELD} characters")
    return body


def build_server(residents: Path | Iterable[dict[str, Any]], port: int) -> tuple[Server, Registers]:
    """A server bound to 127.0.0.1, not yet serving.

    :param residents: a file of residents, or their records.
    :raises OSError: the port is taken, or no such file. :raises ValueError: not a file of residents.
    """
    registers = Registers()
    registers.fill(read_records(residents) if isinstance(residents, Path) else residents)
    handler = type("BoundHandler", (Handler,), {"registers": registers})
    return Server((HOST, port), handler), registers


def serve_lookups(residents: Path | Iterable[dict[str, Any]], port: int) -> int:
    """Run the look-up simulator until SIGTERM. :raises OSError, ValueError: as `build_server`."""
    server, registers = build_server(residents, port)

    def end(number: int, frame: object) -> None:
        registers.stopping.set()
        # shutdown() waits for the serving loop, which runs on this very thread.
        threading.Thread(target=server.shutdown, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with server:
        announce(server.server_address[1])
        server.serve_forever(poll_interval=0.1)
    return 0
