"""The gate of `/v1/`: only a terminal's signed, fresh and first-time request passes."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from backoffice.api.requests import single_headers
from backoffice.devices import Authenticator

SIGNED_HEADERS = ("device", "seq", "nonce", "time", "signature")


class SignedRequests:
    """Hands `device` on in the request's state."""

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator

    async def check(self, scope: Scope, body: bytes) -> dict[str, Any]:
        """:raises Problem: unsigned, unknown_signer, suspended, clock_skew, replayed."""
        headers = single_headers(scope, SIGNED_HEADERS, "unsigned")
        query = scope.get("query_string", b"")
        target = scope["raw_path"].decode("latin-1") + (f"?{query.decode('latin-1')}" if query else "")
        device = await run_in_threadpool(self._authenticator.check, scope["method"], target, body, headers)
        return {"device": device}
