"""The gateway to the shared-data look-ups: time-out, one retry, a ledger entry for every question.

A register that does not answer in time leaves its facts unknown; it never makes anybody ineligible.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import httpx

from backoffice.clock import Clock, iso
from backoffice.domain.facts import Lookup, LookupState
from backoffice.gateways.answers import SPECS, Garbage, Values, read_answer

TIMEOUT_S = 2.0
"""For a whole answer, not for each packet of it."""
RETRIES = 1
_MAX_ANSWER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Call:
    """One entry of the call ledger: no names, no numbers."""

    evidence_id: str
    lookup: str
    attempts: int
    state: LookupState
    took_ms: int
    at: str


@dataclass(frozen=True, slots=True)
class Asked:
    lookups: Mapping[str, Lookup]
    calls: tuple[Call, ...]


class LookupGateway(Protocol):
    def ask(self, lookups: Sequence[str], name: str, number: str, *, retries: int = RETRIES) -> Asked:
        """Ask these registers about one person, side by side; blocks for at most 2 x (1 + retries) time-outs."""


class HttpLookups:
    """Look-ups over HTTP: `POST <base>/lookups/<code>`. One instance may be used from several threads."""

    def __init__(self, base_url: str, clock: Clock, timeout_s: float = TIMEOUT_S) -> None:
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._timeout_s = timeout_s
        self._tls = ssl.create_default_context()

    def ask(self, lookups: Sequence[str], name: str, number: str, *, retries: int = RETRIES) -> Asked:
        return asyncio.run(self._ask_all(lookups, {"name": name, "number": number}, retries))

    async def _ask_all(self, lookups: Sequence[str], person: Mapping[str, str], retries: int) -> Asked:
        async with httpx.AsyncClient(
            base_url=self._base_url, verify=self._tls, trust_env=False, timeout=self._timeout_s
        ) as client:
            first = [lookup for lookup in lookups if lookup != "L28"]
            if "L28" in lookups and "L16" not in first:
                first.append("L16")
            answers = await asyncio.gather(*(self._ask(client, lookup, person, retries) for lookup in first))
            pairs = dict(zip(first, answers, strict=True))
            if "L28" in lookups:
                # The bank is asked about the account that the card register names; without it there is no question.
                card = pairs["L16"][0]
                if card.state is LookupState.ANSWERED:
                    question = {**person, "account_ref": str(card.values["account_ref"])}
                    pairs["L28"] = await self._ask(client, "L28", question, retries)
        return Asked({code: pair[0] for code, pair in pairs.items()}, tuple(pair[1] for pair in pairs.values()))

    async def _ask(
        self, client: httpx.AsyncClient, lookup: str, person: Mapping[str, str], retries: int
    ) -> tuple[Lookup, Call]:
        question = {name: person[name] for name in SPECS[lookup].asks}
        begun = time.monotonic()
        state, values, attempts = LookupState.NOT_ASKED, None, 0
        while attempts <= retries and not state.answered:
            attempts += 1
            state, values = await self._once(client, lookup, question)
        evidence_id, at = str(uuid.uuid4()), iso(self._clock.now())
        took_ms = round((time.monotonic() - begun) * 1000)
        return (
            Lookup(lookup, state, values or {}, evidence_id, at),
            Call(evidence_id, lookup, attempts, state, took_ms, at),
        )

    async def _once(
        self, client: httpx.AsyncClient, lookup: str, question: Mapping[str, str]
    ) -> tuple[LookupState, Values | None]:
        try:
            async with asyncio.timeout(self._timeout_s):
                body = await _fetch(client, f"/lookups/{lookup}", question)
            values = read_answer(lookup, json.loads(body))
        except (TimeoutError, httpx.TimeoutException):
            return LookupState.TIMEOUT, None
        except httpx.HTTPError:
            return LookupState.ERROR, None
        except (Garbage, ValueError, RecursionError):
            return LookupState.GARBAGE, None
        return (LookupState.NOT_FOUND, None) if values is None else (LookupState.ANSWERED, values)


async def _fetch(client: httpx.AsyncClient, path: str, question: Mapping[str, str]) -> bytes:
    """:raises Garbage: an endless answer."""
    async with client.stream("POST", path, json=dict(question)) as response:
        response.raise_for_status()
        body = b""
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _MAX_ANSWER_BYTES:
                raise Garbage("too long")
        return body
