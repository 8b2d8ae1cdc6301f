"""The gateway to the shared-data look-ups: per-register patience, retries, breakers, and a ledger of every question.

A register that does not answer in time leaves its facts unknown; it never makes anybody ineligible.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

import httpx

from backoffice.clock import Clock, iso
from backoffice.domain.facts.derive import APPLICANT, Lookup, LookupState
from backoffice.gateways.answers import SPECS, Garbage, Spec, Stale, Values, read_answer
from backoffice.gateways.breaker import Breaker
from backoffice.gateways.questions import NO_GROUNDS, Grounds, Question, Subject, permitted
from backoffice.gateways.trust import trusted

DEADLINE_S = 7.0
"""For all questions about one person together; below the kiosk's own patience of 8 s."""
_PAUSE_S = 0.05
"""Before the first retry; doubles, times 0.5 to 1.5."""
_MAX_ANSWER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Call:
    """One entry of the call ledger: no names, no numbers."""

    evidence_id: str
    lookup: str
    attempts: int
    """0 = not asked: known to be out of order, or no time was left."""
    state: LookupState
    took_ms: int
    at: str
    about: str = APPLICANT
    """The role of whoever was asked about."""
    grounds: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    lookups: Mapping[str, Lookup]
    """By key: `L08`, or `deceased.L08` about a second person."""
    calls: tuple[Call, ...]


class LookupGateway(Protocol):
    def ask(self, lookups: Sequence[str], name: str, number: str, *, retries: int | None = None) -> Asked:
        """Ask these registers about one person, side by side; blocks for at most `DEADLINE_S`."""

    def ask_all(
        self, questions: Sequence[Question], *, retries: int | None = None, grounds: Grounds = NO_GROUNDS
    ) -> Asked:
        """Ask about several subjects, side by side; blocks for at most `DEADLINE_S`."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Where time and chance come from; `pause` waits that many seconds."""

    monotonic: Callable[[], float] = time.monotonic
    pause: Callable[[float], Awaitable[object]] = asyncio.sleep
    chance: random.Random = field(default_factory=random.Random)


class HttpLookups:
    """Look-ups over HTTP: `POST <base>/lookups/<code>`. One instance may be used from several threads."""

    def __init__(
        self,
        base_url: str,
        clock: Clock,
        timeout_s: float | None = None,
        deadline_s: float = DEADLINE_S,
        timing: Timing | None = None,
    ) -> None:
        """:param timeout_s: an upper limit for every register's own time-out."""
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._timeout_s = timeout_s
        self._deadline_s = deadline_s
        self._timing = timing or Timing()
        self._breakers = {code: Breaker(self._timing.monotonic) for code in SPECS}
        self._tls = trusted()

    def ask(
        self,
        lookups: Sequence[str],
        name: str,
        number: str,
        *,
        retries: int | None = None,
        details: Mapping[str, str] | None = None,
        grounds: Grounds = NO_GROUNDS,
    ) -> Asked:
        """Ask side by side. A look-up whose question lacks a field is left out of the answer.

        :param retries: at most so many further attempts, where the table allows more.
        :raises PurposeRefused: nothing was asked.
        """
        subject = Subject(name, number, details or {})
        # Only what exists can be a question; `permitted` says what does not.
        permitted(lookups, grounds)
        return self.ask_all([Question(code, subject) for code in lookups], retries=retries, grounds=grounds)

    def ask_all(
        self, questions: Sequence[Question], *, retries: int | None = None, grounds: Grounds = NO_GROUNDS
    ) -> Asked:
        """Ask side by side. A look-up whose question lacks a field is left out of the answer.

        :raises PurposeRefused: nothing was asked.
        """
        permitted([question.lookup for question in questions], grounds)
        return asyncio.run(_Round(self, retries, grounds).run(questions))

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self._base_url, verify=self._tls, trust_env=False, timeout=None)

    def patience_s(self, spec: Spec) -> float:
        return spec.timeout_s if self._timeout_s is None else min(spec.timeout_s, self._timeout_s)

    def breaker(self, lookup: str) -> Breaker:
        return self._breakers[lookup]

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def timing(self) -> Timing:
        return self._timing

    @property
    def deadline_s(self) -> float:
        return self._deadline_s


class _Said(NamedTuple):
    """What one register said at last."""

    state: LookupState
    values: Values | None = None
    age_hours: int = 0


class _Round:
    """All the questions of one case, against one deadline."""

    def __init__(self, gateway: HttpLookups, retries: int | None, grounds: Grounds) -> None:
        self._gateway = gateway
        self._retries = retries
        self._grounds = grounds
        self._timing = gateway.timing
        self._ends = self._timing.monotonic() + gateway.deadline_s

    async def run(self, questions: Sequence[Question]) -> Asked:
        wanted = {question.key: question for question in questions}
        # The bank is asked about the account that the card register names; without it there is no question.
        banks = [question for question in wanted.values() if _lacks_account(question)]
        for bank in banks:
            del wanted[bank.key]
            card = replace(bank, lookup="L16")
            wanted.setdefault(card.key, card)
        async with self._gateway.client() as client:
            pairs = await self._side_by_side(client, tuple(wanted.values()))
            known = [_with_account(bank, pairs) for bank in banks]
            pairs.update(await self._side_by_side(client, [bank for bank in known if bank is not None]))
        return Asked({key: pair[0] for key, pair in pairs.items()}, tuple(pair[1] for pair in pairs.values()))

    async def _side_by_side(
        self, client: httpx.AsyncClient, questions: Sequence[Question]
    ) -> dict[str, tuple[Lookup, Call]]:
        fields = [(question, question.subject.question(question.spec)) for question in questions]
        asked = [(question, known) for question, known in fields if known is not None]
        answers = await asyncio.gather(*(self._ask(client, question, known) for question, known in asked))
        return {question.key: answer for (question, _), answer in zip(asked, answers, strict=True)}

    async def _ask(
        self, client: httpx.AsyncClient, question: Question, fields: Mapping[str, str]
    ) -> tuple[Lookup, Call]:
        begun = self._timing.monotonic()
        code, grounds = question.lookup, self._grounds.named_for(question.spec)
        said, attempts = await self._attempts(client, question.spec, fields)
        evidence_id, at = str(uuid.uuid4()), iso(self._gateway.clock.now())
        took_ms = round((self._timing.monotonic() - begun) * 1000)
        return (
            Lookup(code, said.state, said.values or {}, evidence_id, at, grounds, said.age_hours),
            Call(evidence_id, code, attempts, said.state, took_ms, at, question.about, grounds),
        )

    async def _attempts(self, client: httpx.AsyncClient, spec: Spec, question: Mapping[str, str]) -> tuple[_Said, int]:
        breaker = self._gateway.breaker(spec.code)
        if not breaker.admits():
            return _Said(LookupState.NOT_ASKED), 0
        retries = spec.retries if self._retries is None else min(spec.retries, self._retries)
        said, attempts = _Said(LookupState.NOT_ASKED), 0
        reported = False
        try:
            while attempts <= retries and not said.state.answered and self._left_s() > 0:
                if attempts:
                    await self._pause(attempts)
                attempts += 1
                said = await self._once(client, spec, question)
            if attempts:
                # Garbage and stale data are no sign of a dead register.
                breaker.report(said.state not in (LookupState.TIMEOUT, LookupState.ERROR))
                reported = True
        finally:
            if not reported:
                breaker.withdraw()
        return said, attempts

    async def _pause(self, attempts: int) -> None:
        """Not all askers again at the same moment."""
        wished = _PAUSE_S * 2 ** (attempts - 1) * self._timing.chance.uniform(0.5, 1.5)
        await self._timing.pause(max(0.0, min(wished, self._left_s())))

    def _left_s(self) -> float:
        return self._ends - self._timing.monotonic()

    async def _once(self, client: httpx.AsyncClient, spec: Spec, question: Mapping[str, str]) -> _Said:
        try:
            # For a whole answer, not for each packet of it.
            async with asyncio.timeout(max(0.0, min(self._gateway.patience_s(spec), self._left_s()))):
                body = await _fetch(client, f"/lookups/{spec.code}", question)
            data = json.loads(body)
            values = read_answer(spec.code, data, question[spec.subject])
        except (TimeoutError, httpx.TimeoutException):
            return _Said(LookupState.TIMEOUT)
        except httpx.HTTPError:
            return _Said(LookupState.ERROR)
        except Stale:
            return _Said(LookupState.STALE)
        except (Garbage, ValueError, RecursionError):
            return _Said(LookupState.GARBAGE)
        return _Said(LookupState.NOT_FOUND if values is None else LookupState.ANSWERED, values, data["age_hours"])


def _lacks_account(question: Question) -> bool:
    return question.lookup == "L28" and "account_ref" not in question.subject.details


def _with_account(bank: Question, pairs: Mapping[str, tuple[Lookup, Call]]) -> Question | None:
    """The bank's question with the account that the card register named, if it did."""
    pair = pairs.get(replace(bank, lookup="L16").key)
    if pair is None or pair[0].state is not LookupState.ANSWERED:
        return None
    details = {**bank.subject.details, "account_ref": str(pair[0].values["account_ref"])}
    return replace(bank, subject=replace(bank.subject, details=details))


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
