"""The gate in front of every route: size, signature, freshness, first time. Plain ASGI, so nothing slips past."""

from __future__ import annotations

import logging
import uuid

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backoffice.api.problems import busy, problem_response
from backoffice.devices import Authenticator
from backoffice.problem import Problem
from backoffice.store.database import DatabaseBusy

_log = logging.getLogger(__name__)

MAX_BODY_BYTES = 256 * 1024
SIGNED_HEADERS = ("device", "seq", "nonce", "time", "signature")


class SignedRequests:
    """Hands `device` and `body_hash` on in the request's state; answers everything else with a problem."""

    def __init__(self, app: ASGIApp, authenticator: Authenticator) -> None:
        self._app = app
        self._authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["request_id"] = str(uuid.uuid4())
        started = _Started(send)
        try:
            body = await _read(receive)
            scope.setdefault("state", {}).update(await self._check(scope, body))
            await self._app(scope, _replay(body, receive), started)
        except Problem as problem:
            await problem_response(problem, scope["request_id"])(scope, receive, send)
        except DatabaseBusy:
            await problem_response(busy(), scope["request_id"])(scope, receive, send)
        except Exception as failure:
            # Type and place only: a message could carry what a card said.
            _log.error("request %s failed: %s at %s", scope["request_id"], type(failure).__name__, _place(failure))
            if not started.begun:
                await problem_response(Problem("internal"), scope["request_id"])(scope, receive, send)

    async def _check(self, scope: Scope, body: bytes) -> dict[str, str]:
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            key = name.decode("latin-1").lower()
            if key in SIGNED_HEADERS and key in headers:
                raise Problem("unsigned", "a signed header stands twice")
            headers[key] = value.decode("latin-1")
        query = scope.get("query_string", b"")
        target = scope["raw_path"].decode("latin-1") + (f"?{query.decode('latin-1')}" if query else "")
        device = await run_in_threadpool(self._authenticator.check, scope["method"], target, body, headers)
        return {"device": device, "body_hash": self._authenticator.body_hash(body)}


class _Started:
    """Remembers whether an answer has begun: only before that can another one be sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def __call__(self, message: Message) -> None:
        self.begun = self.begun or message["type"] == "http.response.start"
        await self._send(message)


async def _read(receive: Receive) -> bytes:
    """The whole body. :raises Problem: too_large."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return body
        body += bytes(message.get("body", b""))
        if len(body) > MAX_BODY_BYTES:
            raise Problem("too_large", f"at most {MAX_BODY_BYTES} bytes")
        if not message.get("more_body", False):
            return body


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _place(failure: BaseException) -> str:
    trace = failure.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else "?"
