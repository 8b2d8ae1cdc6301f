"""Which gate stands before which paths: terminals sign, staff show a session, the rest of the world sees `/public`."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from backoffice.api.gates import KIB, Admission, Check, Gate
from backoffice.api.probes import HEALTH, METRICS, readers_of_figures
from backoffice.api.requests import single_headers
from backoffice.api.signing import SignedRequests
from backoffice.identity.callers import Callers
from backoffice.identity.devices import Authenticator
from backoffice.identity.limits import FILE
from backoffice.identity.proxies import HEADER, Proxies
from backoffice.identity.sessions import staff_of
from backoffice.office import Office
from backoffice.problems.problem import Problem

TERMINAL, STAFF, PUBLIC = "/v1/", "/staff/v1/", "/public/v1/"
UPLOADS = "/v1/uploads"
PIECE_BYTES = KIB * KIB
"""Of one request to them; a file of more comes in several."""

_log = logging.getLogger(__name__)
_BEARER = re.compile(r"Bearer ([A-Za-z0-9_-]{43})", re.ASCII)


def entrances(office: Office, callers: Callers) -> tuple[Gate, ...]:
    return (
        Gate(TERMINAL, _terminals(office, callers), larger=((UPLOADS, PIECE_BYTES),)),
        Gate(STAFF, _staff(office, callers), 1 * KIB * KIB),
        Gate(PUBLIC, _anybody(callers), 16 * KIB),
        Gate(METRICS, readers_of_figures(), KIB),
    )


def _terminals(office: Office, callers: Callers) -> Check:
    signed = SignedRequests(Authenticator(office))

    async def counted(state: Mapping[str, Any]) -> Mapping[str, Any]:
        callers.terminals.take(state["device"])
        if callers.seen.note(state["device"]):
            await run_in_threadpool(callers.seen.write_day, state["device"])
        return state

    async def check(scope: Scope) -> Admission:
        admitted = await signed.check(scope)
        if admitted.state:
            return replace(admitted, state=await counted(admitted.state))
        shown = admitted.then
        assert shown is not None

        async def then(body: bytes) -> Mapping[str, Any]:
            return await counted(await shown(body))

        return replace(admitted, then=then)

    return check


def _staff(office: Office, callers: Callers) -> Check:
    async def check(scope: Scope) -> Admission:
        headers = single_headers(scope, ("authorization",), "no_session")
        found = _BEARER.fullmatch(headers.get("authorization", ""))
        if found is None:
            raise Problem("no_session", headers={"WWW-Authenticate": "Bearer"})
        staff = await run_in_threadpool(staff_of, office, found.group(1))
        callers.sessions.take(staff.session_id)
        return Admission({"staff": staff})

    return check


def _anybody(callers: Callers) -> Check:
    told = False

    async def check(scope: Scope) -> Admission:
        nonlocal told
        if not told and (peer := _unnamed_proxy(scope, callers.proxies)):
            told = True
            _log.warning(
                "%s names another caller in X-Forwarded-For, and nobody believes it: if that is your proxy, name it in "
                "trusted_proxies (config/%s); until then everybody behind it shares one limit of requests",
                *(peer, FILE),
            )
        address = address_of(scope, callers.proxies)
        if scope["path"] != HEALTH:
            # A probe costs next to nothing, and must not be refused for what its neighbours ask.
            callers.addresses.take(address)
        return Admission({"address": address})

    return check


def _unnamed_proxy(scope: Scope, proxies: Proxies) -> str | None:
    """The peer, when it forwards for others and is not named."""
    client, forwards = scope.get("client"), any(name == HEADER for name, _ in scope["headers"])
    return str(client[0]) if client and forwards and not proxies.named(client[0]) else None


def address_of(scope: Scope, proxies: Proxies) -> str:
    """The peer's, or whom a proxy that is named heard; what anybody else's header claims is not believed."""
    client = scope.get("client")
    if not client:
        return "?"
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    return proxies.caller(client[0], [value.decode("latin-1") for name, value in headers if name == HEADER])
