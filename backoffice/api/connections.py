"""Connections: how many there may be, and how long one may stand still in each part of a request.

How fast a body comes and how much memory it takes is `api.requests`; this is what lies below: nobody holds a place by
sending half a header, by never ending what was refused, or by not taking the answer.
"""

from __future__ import annotations

import asyncio
import tomllib
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from backoffice.api.problems import MEDIA_TYPE, problem_body
from backoffice.identity.limits import FILE, LimitsError
from backoffice.paths import config_dir
from backoffice.problems.problem import busy

IDLE_S = 5
"""A connection without a request; a terminal trusts one for 2 s."""
HEADERS_S = 10.0
"""From the connection, or from the first byte of a later request, to the end of its headers."""
REST_S = 10.0
"""For the rest of a body that was answered before it was whole, so that the caller can read why."""
STALLED_S = 30.0
"""Of an answer that the other side does not take: 64 KiB of it pass a line of 64 kbit/s in 8 s."""


@dataclass(frozen=True, slots=True)
class Caps:
    connections: int = 512
    connections_per_address: int = 128


def read_caps(path: Path | None = None) -> Caps:
    """`[server]`. :raises LimitsError: unknown name, or a number that is none. :raises OfficeFilesMissing:"""
    file = path or config_dir() / FILE
    table = tomllib.loads(file.read_text(encoding="utf-8")).get("server", {})
    names = sorted(field.name for field in fields(Caps))
    fits = isinstance(table, dict) and all(type(value) is int and 1 <= value <= 60_000 for value in table.values())
    if not fits or set(table) - set(names):
        raise LimitsError(f"{file}: [server] may have {' and '.join(names)}, whole numbers from 1 to 60000")
    return Caps(**table)


class Crowd:
    """Who is connected now."""

    def __init__(self, caps: Caps, is_proxy: Callable[[str], bool]) -> None:
        self._caps, self._is_proxy = caps, is_proxy
        self._of: Counter[str] = Counter()
        self._all = 0

    def enter(self, address: str) -> bool:
        """False when there is no place. A proxy that is named brings many callers: only the sum limits it."""
        full = self._all >= self._caps.connections
        crowded = self._of[address] >= self._caps.connections_per_address and not self._is_proxy(address)
        if full or crowded:
            if not self._of[address]:
                del self._of[address]
            return False
        self._all += 1
        self._of[address] += 1
        return True

    def leave(self, address: str) -> None:
        self._all -= 1
        self._of[address] -= 1
        if not self._of[address]:
            del self._of[address]


def protocol(crowd: Crowd) -> type[H11Protocol]:
    """What speaks HTTP on each connection of one server."""

    class Guarded(_Watched):
        people = crowd

    return Guarded


class _Watched(H11Protocol):
    people: Crowd

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._inside = False
        self._address = ""
        self._due: asyncio.TimerHandle | None = None
        self._waits_for = ""
        self._stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn itself
        super().connection_made(transport)
        self._address = self.client[0] if self.client else "?"
        self._inside = self.people.enter(self._address)
        if not self._inside:
            transport.write(_no_place())
            transport.close()
            return
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._inside:
            self._inside = False
            self.people.leave(self._address)
        for timer in (self._due, self._stalled):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._inside:
            return
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(STALLED_S, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _watch(self) -> None:
        """One timer for what is waited for now; the same wait is not begun anew by another byte."""
        awaited, within_s = self._awaited()
        if awaited == self._waits_for:
            return
        if self._due is not None:
            self._due.cancel()
        self._waits_for = awaited
        self._due = self.loop.call_later(within_s, self._give_up) if awaited else None

    def _awaited(self) -> tuple[str, float]:
        if self.transport.is_closing():
            return "", 0.0
        answered = self.cycle is not None and self.cycle.response_complete
        theirs = self.conn.their_state
        if theirs is h11.IDLE and (self.cycle is None or (answered and self.timeout_keep_alive_task is None)):
            return "headers", HEADERS_S
        if theirs is h11.SEND_BODY and answered:
            return "rest", REST_S
        return "", 0.0

    def _give_up(self) -> None:
        self._due = None
        if not self.transport.is_closing():
            self.transport.close()


def _no_place() -> bytes:
    body = problem_body(busy(), str(uuid.uuid4()))
    head = f"HTTP/1.1 503 Service Unavailable\r\nContent-Type: {MEDIA_TYPE}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Retry-After: 2\r\nConnection: close\r\n\r\n".encode() + body
