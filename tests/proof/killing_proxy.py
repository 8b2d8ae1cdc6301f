"""An HTTP proxy between kiosk and back office that can kill the kiosk while a request is under way."""

from __future__ import annotations

import http.client
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class KillingProxy:
    """`arm` names the moment: request_lost (the kiosk has sent it all, the server gets nothing),
    request_sent (it is with the server, no answer yet) or reply_lost (the server has answered, the
    kiosk does not get it)."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._lock = threading.Lock()
        self._moment, self._left, self._pid, self._on_hit = "", 0, 0, lambda: None
        self.posts: Counter[str] = Counter()
        """How often each item's POST reached the server."""
        self.lost_replies: list[str] = []
        """Items whose answer the kiosk was killed in front of."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def arm(self, moment: str, nth: int, pid: int, on_hit: Callable[[], None]) -> None:
        with self._lock:
            self._moment, self._left, self._pid, self._on_hit = moment, nth, pid, on_hit

    def disarm(self) -> None:
        with self._lock:
            self._moment = ""

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def at(self, moment: str) -> bool:
        """True when the kiosk was killed here."""
        with self._lock:
            if moment != self._moment:
                return False
            self._left -= 1
            if self._left:
                return False
            self._moment = ""
            self._on_hit()
            os.kill(self._pid, signal.SIGKILL)
            return True

    def _handler(proxy) -> type[BaseHTTPRequestHandler]:
        target = proxy._target

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.command == "POST" and proxy.at("request_lost"):
                    self.close_connection = True
                    return
                upstream = http.client.HTTPConnection(target.hostname or "", target.port, timeout=20)
                try:
                    headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
                    upstream.request(self.command, self.path, body or None, headers)
                    delivers = self.command == "POST"
                    if delivers:
                        proxy.posts[self.headers.get("Idempotency-Key", "")] += 1
                    if delivers and proxy.at("request_sent"):
                        upstream.getresponse().read()
                        self.close_connection = True
                        return
                    answer = upstream.getresponse()
                    content = answer.read()
                    if delivers and answer.status < 300 and proxy.at("reply_lost"):
                        proxy.lost_replies.append(self.headers["Idempotency-Key"])
                        self.close_connection = True
                        return
                    self._pass_on(answer, content)
                finally:
                    upstream.close()

            def _pass_on(self, answer: http.client.HTTPResponse, content: bytes) -> None:
                self.send_response(answer.status)
                for name in ("Content-Type", "ETag"):
                    if answer.headers[name]:
                        self.send_header(name, answer.headers[name])
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = _serve

            def handle(self) -> None:
                try:
                    super().handle()
                except OSError:
                    # The kiosk was killed: nobody is there to be answered.
                    self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        return Handler
