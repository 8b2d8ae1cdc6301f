"""The shared-data registers as their own process: fictitious residents over HTTP, with fault commands.

`POST /lookups/L01` … answers as the gateway expects; `POST /faults {"lookup", "mode", "count"}` breaks the
next `count` answers of one look-up (`timeout`, `error`, `garbage`, `slow`; count 0 = until cleared);
`DELETE /faults` heals all; `GET /calls` counts questions. It shares no code with the back office's rules.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from backoffice.ready import HOST, announce

LOOKUPS = ("L01", "L08", "L12", "L16", "L28")
MODES = ("timeout", "error", "garbage", "slow")
_HOLD_S = 30.0
"""How long a `timeout` fault keeps a question; far beyond every client's patience."""
_DRIP_S = 0.2
"""Between two bytes of a `slow` answer: each comes in time, the whole never does."""
_MAX_BODY_BYTES = 64 * 1024


class BadRequest(Exception):
    pass


@dataclass(slots=True)
class Fault:
    mode: str
    left: int
    """Answers still to break; 0 = until cleared."""


@dataclass(slots=True)
class Registers:
    """Who lives where and owns what, from a residents file."""

    residents: dict[str, dict[str, Any]]
    """By document number."""
    faults: dict[str, Fault] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopping: threading.Event = field(default_factory=threading.Event)

    def answer(self, lookup: str, question: dict[str, str]) -> dict[str, Any]:
        person = self.residents.get(question.get("number", ""))
        if person is None:
            return {"found": False}
        return _ANSWERS[lookup](person, question)

    def set_fault(self, command: dict[str, Any]) -> None:
        lookup, mode, count = command.get("lookup"), command.get("mode"), command.get("count", 1)
        if lookup not in (*LOOKUPS, "*") or mode not in MODES or not isinstance(count, int) or count < 0:
            raise BadRequest("lookup one of L01 L08 L12 L16 L28 *, mode timeout|error|garbage|slow, count >= 0")
        with self.lock:
            for code in LOOKUPS if lookup == "*" else (str(lookup),):
                self.faults[code] = Fault(str(mode), count)

    def take_fault(self, lookup: str) -> str:
        """The fault that this answer must show, or nothing."""
        with self.lock:
            self.calls[lookup] += 1
            fault = self.faults.get(lookup)
            if fault is None:
                return ""
            if fault.left == 1:
                del self.faults[lookup]
            fault.left = max(0, fault.left - 1)
            return fault.mode


def _population(person: dict[str, Any], question: dict[str, str]) -> dict[str, Any]:
    return {
        "found": True,
        "matches": person["name"] == question.get("name"),
        "birth": person["birth"],
        "household": person["household"],
        "alive": person["alive"],
    }


def _deaths(person: dict[str, Any], question: dict[str, str]) -> dict[str, Any]:
    return {"found": False} if person["alive"] else {"found": True, "died_on": person.get("died_on", "2026-01-01")}


def _ledger(person: dict[str, Any], question: dict[str, str]) -> dict[str, Any]:
    since = person["allowance_since"]
    return {"found": True, "since": since} if since else {"found": False}


def _social_card(person: dict[str, Any], question: dict[str, str]) -> dict[str, Any]:
    if not person["bank"]:
        return {"found": False}
    reference = f"acct-{person['number'][-6:]}-{person['account_last4']}"
    return {"found": True, "bank": person["bank"], "last4": person["account_last4"], "account_ref": reference}


def _bank(person: dict[str, Any], question: dict[str, str]) -> dict[str, Any]:
    same = question.get("account_ref") == _social_card(person, question).get("account_ref")
    return {"found": True, "matches": bool(person["account_matches"]) and same and person["name"] == question["name"]}


_ANSWERS = {"L01": _population, "L08": _deaths, "L12": _ledger, "L16": _social_card, "L28": _bank}


def read_residents(path: Path) -> dict[str, dict[str, Any]]:
    people = tomllib.loads(path.read_text(encoding="utf-8"))
    return {person["number"]: person for person in people.values() if isinstance(person, dict)}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    registers: Registers

    def do_POST(self) -> None:
        try:
            self._post()
        except BadRequest as problem:
            self._send(400, {"error": str(problem)})
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def do_DELETE(self) -> None:
        with self.registers.lock:
            self.registers.faults.clear()
        self._send(200, {"ok": True})

    def do_GET(self) -> None:
        with self.registers.lock:
            calls = dict(self.registers.calls)
        self._send(200, calls) if self.path == "/calls" else self._send(404, {"error": "unknown path"})

    def _post(self) -> None:
        body = self._body()
        if self.path == "/faults":
            self.registers.set_fault(body)
            self._send(200, {"ok": True})
            return
        lookup = self.path.removeprefix("/lookups/")
        if lookup not in LOOKUPS:
            self._send(404, {"error": "unknown look-up"})
            return
        fault = self.registers.take_fault(lookup)
        if fault:
            self._fail(fault, json.dumps(self.registers.answer(lookup, body)).encode())
        else:
            self._send(200, self.registers.answer(lookup, body))

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
        length = int(self.headers.get("Content-Length") or 0)
        if length > _MAX_BODY_BYTES:
            raise BadRequest("too long")
        try:
            body = json.loads(self.rfile.read(length))
        except ValueError as cause:
            raise BadRequest("not JSON") from cause
        if not isinstance(body, dict):
            raise BadRequest("not an object")
        return body

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        self._raw(status, json.dumps(answer, ensure_ascii=False).encode())

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

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up is what faults are for; anything else is a bug of ours."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def build_server(residents: Path, port: int) -> tuple[Server, Registers]:
    """A server bound to 127.0.0.1, not yet serving. :raises OSError: the port is taken."""
    registers = Registers(read_residents(residents))
    handler = type("BoundHandler", (Handler,), {"registers": registers})
    return Server((HOST, port), handler), registers


def serve_lookups(residents: Path, port: int) -> int:
    """Run the look-up simulator until SIGTERM. :raises OSError: the port is taken, or no such file."""
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
