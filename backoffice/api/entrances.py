"""Which gate stands before which paths: terminals sign, staff show a session, the rest of the world sees `/public`."""

from __future__ import annotations

import re
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from backoffice.api.gates import KIB, Gate
from backoffice.api.requests import single_headers
from backoffice.api.signing import SignedRequests
from backoffice.devices import Authenticator
from backoffice.identity.sessions import staff_of
from backoffice.office import Office
from backoffice.problem import Problem

TERMINAL, STAFF, PUBLIC = "/v1/", "/staff/v1/", "/public/v1/"
UPLOADS = "/v1/uploads"

_BEARER = re.compile(r"Bearer ([A-Za-z0-9_-]{43})", re.ASCII)


def entrances(office: Office) -> tuple[Gate, ...]:
    async def staff(scope: Scope, _: bytes) -> dict[str, Any]:
        headers = single_headers(scope, ("authorization",), "no_session")
        found = _BEARER.fullmatch(headers.get("authorization", ""))
        if found is None:
            raise Problem("no_session", headers={"WWW-Authenticate": "Bearer"})
        return {"staff": await run_in_threadpool(staff_of, office, found.group(1))}

    async def anybody(scope: Scope, _: bytes) -> dict[str, Any]:
        return {"address": address_of(scope)}

    return (
        Gate(TERMINAL, SignedRequests(Authenticator(office)).check, larger=((UPLOADS, 8 * KIB * KIB),)),
        Gate(STAFF, staff, 1 * KIB * KIB),
        Gate(PUBLIC, anybody, 16 * KIB),
    )


def address_of(scope: Scope) -> str:
    """The peer's; what a header claims about it is not believed."""
    client = scope.get("client")
    return client[0] if client else "?"
