"""The network socket of the simulated document printer: carries IPP to it and spoils answers as told.

Every HTTP exchange goes to the real printer process and back byte for byte, unless a fault is armed.
"""

from __future__ import annotations

import contextlib
import http.client
import random
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from drivers.sim.faultbook import FaultBook

OPERATIONS = {
    0x0002: "print",
    0x0005: "create",
    0x0006: "send",
    0x0008: "cancel",
    0x0009: "job",
    0x000A: "jobs",
    0x000B: "printer",
}
"""IPP operation -> the tag that a fault's `on` names."""
CANCEL = 0x0008
HANG_S = 60.0

FRONT_FAULTS = {
    "mute": "the request is carried out but the answer never comes",
    "late": "the answer comes `delay_s` (default 3) too late",
    "half": "the connection breaks after half of the answer",
    "junk": "the answer's body is no IPP",
    "not_http": "the answer is not even HTTP",
    "http_error": "the answer is HTTP 500",
}


class Front:
    """Listens on loopback while plugged in; keeps its port over unplugging."""

    def __init__(self, faults: FaultBook, upstream: Callable[[], int], on_cancel: Callable[[int], None]) -> None:
        """`upstream` tells the printer process's port, `on_cancel` hears the job-id of each Cancel-Job.

        Both are called from this class's threads.
        """
        self.faults = faults
        self.upstream = upstream
        self.on_cancel = on_cancel
        self.exchanges = 0
        self.port = 0
        self.cut = threading.Event()
        self._server: ThreadingHTTPServer | None = None

    @property
    def is_open(self) -> bool:
        return self._server is not None

    def open(self) -> None:
        if self._server is None:
            self.cut = threading.Event()
            self._server = _Server(("127.0.0.1", self.port), _handler(self, self.cut))
            self.port = self._server.server_address[1]
            threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Nothing is accepted any more and no answer leaves."""
        if self._server is not None:
            self.cut.set()
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A host that hangs up is no error of ours."""


def _agreed(request: bytes) -> bytes:
    """successful-ok to a request that nothing is done about (RFC 8010 3.1)."""
    charset = b"\x01\x47\x00\x12attributes-charset\x00\x05utf-8"
    language = b"\x48\x00\x1battributes-natural-language\x00\x02en"
    return request[:2] + b"\x00\x00" + request[4:8] + charset + language + b"\x03"


def _handler(front: Front, cut: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        """IPP 2.0 asks for it (RFC 8010 4), and a spooler waits for its "100 Continue"."""

        def do_POST(self) -> None:
            body = self._body()
            operation = struct.unpack(">H", body[2:4])[0] if len(body) >= 8 else 0
            kept = operation == CANCEL and front.faults.take("keeps_job") is not None
            answer = _agreed(body) if kept else self._forwarded(body)
            front.exchanges += 1
            if answer is None or cut.is_set():
                self.close_connection = True
                return
            if operation == CANCEL and not kept:
                front.on_cancel(_job_id(body))
            self._send(answer, OPERATIONS.get(operation, ""))

        def _body(self) -> bytes:
            """A spooler does not know a document's length beforehand: it sends pieces (RFC 9112 7.1)."""
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", "0")))
            body = b""
            while length := int(self.rfile.readline().split(b";")[0].strip() or b"0", 16):
                body += self.rfile.read(length)
                self.rfile.readline()
            while self.rfile.readline().strip():
                continue
            return body

        def _forwarded(self, body: bytes) -> bytes | None:
            try:
                with contextlib.closing(http.client.HTTPConnection("127.0.0.1", front.upstream(), timeout=30)) as way:
                    way.request("POST", self.path, body, {"Content-Type": "application/ipp"})
                    return way.getresponse().read()
            except (OSError, http.client.HTTPException):
                return None

        def _send(self, answer: bytes, tag: str) -> None:
            take = front.faults.take
            self.close_connection = True
            if take("mute", tag):
                cut.wait(HANG_S)
                return
            if late := take("late", tag):
                cut.wait(late.seconds("delay_s", 3.0))
            if take("not_http", tag):
                self.wfile.write(b"\x10\x04\x01 no such thing as HTTP\r\n\r\n")
                return
            if take("junk", tag):
                answer = random.Random(0x5A).randbytes(len(answer))
            length = len(answer)
            if take("half", tag):
                answer = answer[: length // 2]
            self.send_response(500 if take("http_error", tag) else 200)
            self.send_header("Content-Type", "application/ipp")
            self.send_header("Content-Length", str(length))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """The printer keeps its own log."""

    return Handler


def _job_id(body: bytes) -> int:
    """The value of the job-id attribute; 0 when there is none."""
    _before, found, value = body.partition(b"job-id\x00\x04")
    return int.from_bytes(value[:4], "big") if found else 0
