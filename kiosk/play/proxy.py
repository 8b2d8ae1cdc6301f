"""The network between kiosk and back office, as a cable that can be pulled at an exact byte.

A request is taken whole from the kiosk and handed on byte by byte up to the cut, so the back office
sees exactly N bytes of it; a reply likewise towards the kiosk. Both ends then get a reset, as when a
modem dies.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from kiosk.play.http_frames import Message, MessageReader

LinkState = Literal["up", "cut", "silent"]
_CONNECT_S = 5.0


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens once, to the next matching request.

    :param method: `""` = any. :param path: beginning of the path, `""` = any.
    """

    path: str = ""
    method: str = ""
    cut_at_byte: int | None = None
    drop_reply_at_byte: int | None = None
    delay_s: float = 0.0
    then_down: bool = True

    def matches(self, request: Message) -> bool:
        return request.path.startswith(self.path) and self.method in ("", request.method)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request as the proxy saw it; no body, no query, no header."""

    method: str
    path: str
    sent_bytes: int
    whole_bytes: int
    status: int
    """0 when no reply was taken from the back office."""
    reply_bytes: int
    """Bytes of the reply that reached the kiosk."""


class Proxy:
    """Listens on a free loopback port; `url` is what the kiosk is given."""

    def __init__(self, on_exchange: Callable[[Exchange], None] = lambda exchange: None):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.target: tuple[str, int] | None = None
        """Where the back office listens; it may change when it is started again."""
        self._on_exchange = on_exchange
        self._lock = threading.Lock()
        self._state: LinkState = "up"
        self._rules: list[Rule] = []
        self._open: set[socket.socket] = set()
        self._closed = threading.Event()
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()

    @property
    def state(self) -> LinkState:
        return self._state

    def set_state(self, state: LinkState) -> None:
        """`cut`: reset what is open and whatever comes; `silent`: take bytes and never answer; `up`."""
        with self._lock:
            self._state = state
            sockets = list(self._open) if state == "cut" else []
        for one in sockets:
            _reset(one)

    def arm(self, rule: Rule) -> None:
        """Apply `rule` to the next request that matches it, once."""
        with self._lock:
            self._rules.append(rule)

    @property
    def armed(self) -> int:
        """Rules that have met no request yet."""
        with self._lock:
            return len(self._rules)

    def close(self) -> None:
        self._closed.set()
        # accept() in another thread is not woken by close() alone.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            sockets = list(self._open)
        for one in sockets:
            _reset(one)

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._state == "cut":
                _reset(client)
                continue
            self._track(client)
            threading.Thread(target=self._serve, args=(client,), name="proxy-link", daemon=True).start()

    def _track(self, one: socket.socket) -> None:
        with self._lock:
            self._open.add(one)

    def _forget(self, *sockets: socket.socket | None) -> None:
        for one in sockets:
            if one is not None:
                with self._lock:
                    self._open.discard(one)
                one.close()

    def _serve(self, client: socket.socket) -> None:
        """Requests of one connection, one after the other, until either end stops or a rule cuts."""
        upstream: socket.socket | None = None
        reader = MessageReader(client)
        replies: MessageReader | None = None
        try:
            while (request := reader.read()) is not None:
                if self._state == "silent":
                    self._closed.wait(60.0)
                    return
                rule = self._take(request)
                if upstream is None:
                    upstream = self._connect()
                    if upstream is None:
                        _reset(client)
                        return
                    replies = MessageReader(upstream)
                assert replies is not None
                if not self._exchange(client, upstream, replies, request, rule):
                    return
        finally:
            self._forget(client, upstream)

    def _connect(self) -> socket.socket | None:
        if self.target is None:
            return None
        try:
            upstream = socket.create_connection(self.target, timeout=_CONNECT_S)
        except OSError:
            return None
        upstream.settimeout(None)
        upstream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._track(upstream)
        return upstream

    def _take(self, request: Message) -> Rule | None:
        with self._lock:
            for rule in self._rules:
                if rule.matches(request):
                    self._rules.remove(rule)
                    return rule
        return None

    def _exchange(
        self,
        client: socket.socket,
        upstream: socket.socket,
        replies: MessageReader,
        request: Message,
        rule: Rule | None,
    ) -> bool:
        """Carry one request and its reply; False when the connection is over."""
        cut = rule.cut_at_byte if rule else None
        part = request.raw if cut is None else request.raw[:cut]
        if not _send(upstream, part):
            self._break(client, upstream, request, part)
            return False
        if cut is not None:
            self._fall(rule)
            self._break(client, upstream, request, part, orderly=True)
            self._pull_the_rest(rule)
            return False
        reply = replies.read(is_reply=True, head_only=request.method == "HEAD")
        if reply is None:
            self._break(client, upstream, request, part)
            return False
        if rule and rule.delay_s:
            self._closed.wait(rule.delay_s)
        drop = rule.drop_reply_at_byte if rule else None
        if drop is not None:
            self._fall(rule)
            passed = reply.raw[:drop]
            _send(client, passed)
            self._note(request, len(part), reply.status, len(passed))
            _end_after(client, passed)
            _reset(upstream)
            self._pull_the_rest(rule)
            return False
        sent = _send(client, reply.raw)
        self._note(request, len(part), reply.status, len(reply.raw) if sent else 0)
        return sent and not reply.closes and not request.closes

    def _fall(self, rule: Rule | None) -> None:
        """Nothing new is taken from now on."""
        if rule is not None and rule.then_down:
            with self._lock:
                self._state = "cut"

    def _pull_the_rest(self, rule: Rule | None) -> None:
        """Other connections die with the line, once what was to arrive has arrived."""
        if rule is not None and rule.then_down and self._state == "cut":
            self.set_state("cut")

    def _break(
        self, client: socket.socket, upstream: socket.socket, request: Message, sent: bytes, *, orderly: bool = False
    ) -> None:
        """End both sides; `orderly`: the back office still gets every byte that was sent before the cut."""
        self._note(request, len(sent), 0, 0)
        _reset(client)
        if orderly:
            _end_after(upstream, sent)
        else:
            _reset(upstream)

    def _note(self, request: Message, sent: int, status: int, reply_bytes: int) -> None:
        self._on_exchange(Exchange(request.method, request.path, sent, len(request.raw), status, reply_bytes))


def _send(target: socket.socket, data: bytes) -> bool:
    try:
        target.sendall(data)
    except OSError:
        return False
    return True


def _end_after(target: socket.socket, sent: bytes) -> None:
    """Bytes that were handed over must arrive: a reset would throw away what the peer has not read yet."""
    if not sent:
        _reset(target)
        return
    deadline_s = time.monotonic() + 2.0
    try:
        target.shutdown(socket.SHUT_WR)
        target.settimeout(0.2)
        while time.monotonic() < deadline_s:
            with contextlib.suppress(TimeoutError):
                if not target.recv(65_536):
                    return
    except OSError:
        # The other end, or our own close, was faster.
        return


def _reset(target: socket.socket) -> None:
    """Close with RST: the other side learns at once that the line is dead."""
    with contextlib.suppress(OSError):
        target.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        target.close()
