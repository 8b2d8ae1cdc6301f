"""The gate of `/v1/`: only a terminal's signed, fresh and first-time request passes.

A body of more than `UNTOLD_BYTES` is told by its digest in a header, so the signature is checked before it is read.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from backoffice.api.gates import BODY_HASH, KIB, Admission
from backoffice.api.requests import declared_length, single_headers
from backoffice.identity.devices import Authenticator, signed_of
from backoffice.problems.problem import Problem

TOLD = "body-digest"
COVERED = ("idempotency-key", "if-match", "upload-length", "upload-metadata", "upload-offset")
"""What else of the headers says what is to be done; signed where it is sent, in this order."""
SIGNED_HEADERS = ("device", "seq", "nonce", "time", "signature", TOLD, *COVERED)
UNTOLD_BYTES = 16 * KIB

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


class SignedRequests:
    """Hands `device` on in the request's state."""

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator

    async def check(self, scope: Scope) -> Admission:
        """:raises Problem: unsigned, unknown_signer, suspended, clock_skew, replayed."""
        headers = single_headers(scope, SIGNED_HEADERS, "unsigned")
        told = headers.get(TOLD)
        if told is None:
            return self._by_its_body(scope, headers)
        if not _DIGEST.fullmatch(told):
            raise Problem("unsigned", "Body-Digest has 64 small hexadecimal digits")
        state = await self._signer(scope, told, headers)

        async def then(body: bytes) -> Mapping[str, Any]:
            if not hmac.compare_digest(self._authenticator.body_hash(body), told):
                raise Problem("unknown_signer", "The body is not the one that Body-Digest tells")
            return {BODY_HASH: told}

        return Admission(state, then=then)

    def _by_its_body(self, scope: Scope, headers: Mapping[str, str]) -> Admission:
        """A small body that was not told: it must be read before the signature can be checked."""
        signed_of(headers)
        if declared_length(scope) > UNTOLD_BYTES:
            raise Problem("unsigned", f"A body of more than {UNTOLD_BYTES} bytes is told in Body-Digest")

        async def then(body: bytes) -> Mapping[str, Any]:
            digest = self._authenticator.body_hash(body)
            return {**await self._signer(scope, digest, headers), BODY_HASH: digest}

        return Admission({}, UNTOLD_BYTES, then)

    async def _signer(self, scope: Scope, body_hash: str, headers: Mapping[str, str]) -> dict[str, Any]:
        query = scope.get("query_string", b"")
        target = scope["raw_path"].decode("latin-1") + (f"?{query.decode('latin-1')}" if query else "")
        covered = tuple(f"{name}:{headers[name]}" for name in COVERED if name in headers)
        check = self._authenticator.check
        device = await run_in_threadpool(check, scope["method"], target, body_hash, headers, covered)
        return {"device": device}
