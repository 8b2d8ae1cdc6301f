"""The page's server: loopback only, for this page only, nothing larger than a verdict."""

from __future__ import annotations

import json
import secrets
import sys
import traceback
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from voices.review.desk import Desk, Refused

HOST = "127.0.0.1"
BODY_BYTES = 8_000
_FOLDER = Path(__file__).parent
_FILES = {
    "/": ("page.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
}
_TOKEN_MARK = "{token}"
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
    "frame-ancestors 'none'; base-uri 'none'",
}


class Server(ThreadingHTTPServer):
    """Serves one desk."""

    daemon_threads = True

    def __init__(self, desk: Desk, port: int) -> None:
        """:param port: 0 for any that is free. :raises OSError: the port is taken."""
        super().__init__((HOST, port), _Handler)
        self.desk = desk
        self.token = secrets.token_urlsafe(24)
        """Known to our page alone: a page of somebody else's cannot ask for anything that is noted."""
        self.hosts = {f"{name}:{self.server_port}" for name in (HOST, "localhost")}

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that goes away in the middle of an answer is none; everything else is shown."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            traceback.print_exc()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = 20
    server_version = "review"
    sys_version = ""

    def do_GET(self) -> None:  # the library's name
        if not self._is_ours():
            return
        asked = urlsplit(self.path)
        if asked.path in _FILES:
            self._file(*_FILES[asked.path])
        elif asked.path == "/api/items":
            self._answer(lambda query: self.server.desk.listing(query.get("reviewer", "")), self._query(asked.query))
        elif asked.path == "/api/sound":
            self._answer(self._sound, self._query(asked.query))
        else:
            self._error(HTTPStatus.NOT_FOUND, "没有这一页。")

    def do_POST(self) -> None:  # the library's name
        if not self._is_ours():
            return
        if not secrets.compare_digest(self.headers.get("X-Review-Token", "").encode(), self.server.token.encode()):
            self._error(HTTPStatus.FORBIDDEN, "请重新打开这个网页。")
            return
        body = self._body()
        if body is None:
            return
        if self.path == "/api/try":
            self._answer(self._try, body)
        elif self.path == "/api/verdict":
            self._answer(self._verdict, body)
        else:
            self._error(HTTPStatus.NOT_FOUND, "没有这一页。")

    def _sound(self, query: Mapping[str, Any]) -> bytes:
        return self.server.desk.sound(_text(query, "reviewer"), _number(query.get("item")))

    def _try(self, body: Mapping[str, Any]) -> bytes:
        return self.server.desk.attempt(
            _text(body, "reviewer"), _number(body.get("item")), _text(body, "han"), _text(body, "sound")
        )

    def _verdict(self, body: Mapping[str, Any]) -> Mapping[str, object]:
        texts = (_text(body, name) for name in ("verdict", "han", "sound", "note"))
        self.server.desk.judge(_text(body, "reviewer"), _number(body.get("item")), *texts)
        return {"noted": True}

    def _is_ours(self) -> bool:
        """Neither a name that was bent to this machine (DNS rebinding) nor another page may ask."""
        origin = self.headers.get("Origin")
        if self.headers.get("Host", "") in self.server.hosts and (
            origin is None or origin.removeprefix("http://") in self.server.hosts
        ):
            return True
        self._error(HTTPStatus.FORBIDDEN, f"请用 {self.server.url} 打开。")
        return False

    def _body(self) -> Mapping[str, Any] | None:
        try:
            size = int(self.headers.get("Content-Length", ""))
        except ValueError:
            size = -1
        if not 0 <= size <= BODY_BYTES:
            self._error(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE if size > BODY_BYTES else HTTPStatus.LENGTH_REQUIRED, "内容太长。"
            )
            return None
        if self.headers.get_content_type() != "application/json":
            self._error(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "请重新打开这个网页。")
            return None
        try:
            found = json.loads(self.rfile.read(size))
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            self._error(HTTPStatus.BAD_REQUEST, "收到的内容不完整,请再按一次。")
            return None
        return found

    def _query(self, query: str) -> Mapping[str, str]:
        try:
            return {name: values[0] for name, values in parse_qs(query, max_num_fields=8).items()}
        except ValueError:
            return {}

    def _answer(self, ask: Callable[[Mapping[str, Any]], object], given: Mapping[str, Any]) -> None:
        try:
            answer = ask(given)
        except Refused as refused:
            self._error(HTTPStatus.BAD_REQUEST, str(refused))
            return
        if isinstance(answer, bytes):
            self._send(HTTPStatus.OK, "audio/wav", answer)
        else:
            self._send(HTTPStatus.OK, "application/json", json.dumps(answer, ensure_ascii=False).encode())

    def _file(self, name: str, kind: str) -> None:
        text = (_FOLDER / name).read_text(encoding="utf-8")
        if name == "page.html":
            text = text.replace(_TOKEN_MARK, self.server.token)
        self._send(HTTPStatus.OK, kind, text.encode())

    def _error(self, status: HTTPStatus, what: str) -> None:
        self.close_connection = True
        self._send(status, "application/json", json.dumps({"error": what}, ensure_ascii=False).encode())

    def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: who reviewed what is in the results alone."""


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise Refused("收到的内容不完整,请再按一次。")
    return value


def _number(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 7:
        return int(value)
    raise Refused("没有这一条。请重新打开网页。")
