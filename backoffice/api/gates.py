"""In front of every route, by the path's first part: who may come in, and how much they may bring.

Plain ASGI, so nothing slips past: what no gate names does not exist. The log tells route, status and time, no value.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backoffice.api.problems import problem_response
from backoffice.api.requests import BodyRoom, CallerGone, Pace, declared_length, read_body, replay
from backoffice.problems.problem import Problem, passing
from backoffice.store.deadline import within

_log = logging.getLogger(__name__)

KIB = 1024
MAX_BODY_BYTES = 256 * KIB
ANSWER_WITHIN_S = 5.5
"""How long a request may wait for the database in all: a terminal hangs up at 8 s, and must hear 503 before."""

ROOM_BYTES = 24 * KIB * KIB
"""For all bodies that are being received at one moment; who finds no room is told to come again."""

BODY_HASH = "body_hash"
"""In the request's state: the digest of its body."""


@dataclass(frozen=True, slots=True)
class Admission:
    state: Mapping[str, Any]
    """Is added to the request's."""
    limit_bytes: int | None = None
    """Of the body, where this caller may bring less than the path allows."""
    then: Callable[[bytes], Awaitable[Mapping[str, Any]]] | None = None
    """What only the body can show: more state, or a Problem."""


Check = Callable[[Scope], Awaitable[Admission]]
"""Who is it? Asked by the headers alone, before any of the body is read; a Problem for whom it does not let in."""


Count = Callable[[str, str, int, float], None]
"""Told method, route, status and seconds of each answer."""


@dataclass(frozen=True, slots=True)
class Gate:
    prefix: str
    check: Check
    limit_bytes: int = MAX_BODY_BYTES
    larger: tuple[tuple[str, int], ...] = ()
    """Paths that begin so may bring more: (prefix, bytes)."""

    def limit(self, path: str) -> int:
        return next((size for prefix, size in self.larger if path.startswith(prefix)), self.limit_bytes)


class Gates:
    def __init__(
        self,
        app: ASGIApp,
        gates: tuple[Gate, ...],
        body_hash: Callable[[bytes], str],
        answer_within_s: float = ANSWER_WITHIN_S,
        room: BodyRoom | None = None,
        pace: Pace | None = None,
        count: Count | None = None,
    ) -> None:
        self._count = count
        self._app = app
        self._gates = gates
        self._body_hash = body_hash
        self._answer_within_s = answer_within_s
        self._room, self._pace = room or BodyRoom(ROOM_BYTES), pace or Pace()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # No other protocol is served; the server closes it.
        scope["request_id"] = str(uuid.uuid4())
        answer = _Answer(send, scope)
        problem: Problem | None = None
        try:
            await self._pass(scope, receive, answer)
        except CallerGone:
            _log.info("request %s broke off before its body was whole", scope["request_id"])
            return
        except Problem as found:
            problem = found
        except Exception as failure:
            problem = passing(failure)
            if problem is None or problem.code != "busy":
                # Type and place only: a message could carry what a card said.
                _log.error("request %s failed: %s at %s", scope["request_id"], type(failure).__name__, _place(failure))
            problem = problem or Problem("internal")
        if problem is not None and not answer.begun:
            await problem_response(problem, scope["request_id"])(scope, receive, answer)
        method, route, took_s = answer.log()
        if self._count is not None:
            self._count(method, route, answer.status, took_s)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The decoded path: the same that the router looks at, so that a gate and a route never differ.
        path: str = scope["path"]
        gate = next((gate for gate in self._gates if path.startswith(gate.prefix)), None)
        if gate is None:
            raise Problem("not_found")
        limit_bytes = gate.limit(path)
        if declared_length(scope) > limit_bytes:
            raise Problem("too_large", f"at most {limit_bytes} bytes")
        with within(self._answer_within_s):
            admitted = await gate.check(scope)
        if admitted.limit_bytes is not None:
            limit_bytes = min(limit_bytes, admitted.limit_bytes)
        # Outside of every deadline but its own: how fast a body comes is the line's doing, not the database's.
        body = await read_body(receive, limit_bytes, self._room, self._pace)
        with within(self._answer_within_s):
            state = scope.setdefault("state", {})
            state.update(admitted.state)
            if admitted.then is not None:
                state.update(await admitted.then(body))
            if BODY_HASH not in state:
                state[BODY_HASH] = self._body_hash(body)
            await self._app(scope, replay(body, receive), send)


class _Answer:
    """Remembers whether an answer has begun: only before that can another one be sent."""

    def __init__(self, send: Send, scope: Scope) -> None:
        self._send = send
        self._scope = scope
        self._began = time.monotonic()
        self.status = 0

    @property
    def begun(self) -> bool:
        return self.status != 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (b"request-id", self._scope["request_id"].encode())]
        await self._send(message)

    def log(self) -> tuple[str, str, float]:
        """Method, route and seconds, as they were noted."""
        route = self._scope.get("route")
        name = getattr(route, "path", "-")
        method, took_s = self._scope["method"][:8], time.monotonic() - self._began
        _log.info("%s %s %s %d %d ms", self._scope["request_id"], method, name, self.status, round(took_s * 1000))
        return method, name, took_s


def _place(failure: BaseException) -> str:
    trace = failure.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else "?"
