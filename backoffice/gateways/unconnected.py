"""No registers: a server without an address for the look-ups asks nobody, and so every question goes to a human."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from backoffice.clock import Clock, iso
from backoffice.domain.facts.derive import Lookup, LookupState
from backoffice.gateways.lookups import Asked, Call
from backoffice.gateways.questions import NO_GROUNDS, Grounds, Question, Subject, permitted


class Unconnected:
    """Fulfils `LookupGateway`; the call ledger says that nothing was asked."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

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
        """:raises PurposeRefused: as any gateway."""
        permitted(lookups, grounds)
        subject = Subject(name, number, details or {})
        return self.ask_all([Question(code, subject) for code in lookups], retries=retries, grounds=grounds)

    def ask_all(
        self, questions: Sequence[Question], *, retries: int | None = None, grounds: Grounds = NO_GROUNDS
    ) -> Asked:
        """:raises PurposeRefused: as any gateway."""
        permitted([question.lookup for question in questions], grounds)
        at = iso(self._clock.now())
        answers: dict[str, Lookup] = {}
        calls: list[Call] = []
        for question in questions:
            evidence_id, named = str(uuid.uuid4()), grounds.named_for(question.spec)
            answers[question.key] = Lookup(question.lookup, LookupState.NOT_ASKED, {}, evidence_id, at, named)
            calls.append(Call(evidence_id, question.lookup, 0, LookupState.NOT_ASKED, 0, at, question.about, named))
        return Asked(answers, tuple(calls))
