"""What a register said that is about nobody: kept in memory, and told again with its own date while it is silent.

Only registers that the table calls `kept`, and no longer than their answers are fresh. The ledger still says that the
register did not answer; whoever reads the answer sees of when it is.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from backoffice.clock import Clock
from backoffice.domain.facts.derive import Lookup
from backoffice.gateways.answers import SPECS
from backoffice.gateways.lookups import Asked, LookupGateway
from backoffice.gateways.questions import NO_GROUNDS, Grounds, Question

MOST = 256
"""Questions whose answers are kept; the one that was asked the longest ago goes first."""

_Key = tuple[tuple[str, str], ...]


class Keeping:
    """A `LookupGateway` before another. May be used from several threads."""

    def __init__(self, gateway: LookupGateway, clock: Clock) -> None:
        self._gateway = gateway
        self._clock = clock
        self._kept: OrderedDict[_Key, Lookup] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, lookups: Sequence[str], name: str, number: str, *, retries: int | None = None) -> Asked:
        return self._gateway.ask(lookups, name, number, retries=retries)

    def ask_all(
        self, questions: Sequence[Question], *, retries: int | None = None, grounds: Grounds = NO_GROUNDS
    ) -> Asked:
        """As the gateway behind it; in place of a silent register's silence what it said before, if it may stand."""
        asked = self._gateway.ask_all(questions, retries=retries, grounds=grounds)
        keys = {question.key: key for question in questions if (key := _key_of(question))}
        return Asked(self._with_kept(asked.lookups, keys), asked.calls) if keys else asked

    def _with_kept(self, lookups: Mapping[str, Lookup], keys: Mapping[str, _Key]) -> Mapping[str, Lookup]:
        told = dict(lookups)
        with self._lock:
            for name, key in keys.items():
                if name in told and told[name].state.answered:
                    self._keep(key, told[name])
                elif key in self._kept and self._may_stand(self._kept[key]):
                    told[name] = self._kept[key]
        return told

    def _keep(self, key: _Key, answer: Lookup) -> None:
        self._kept[key] = answer
        self._kept.move_to_end(key)
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)

    def _may_stand(self, answer: Lookup) -> bool:
        since = self._clock.now() - datetime.fromisoformat(answer.answered_at)
        age = since + timedelta(hours=answer.age_hours)
        return age <= timedelta(hours=SPECS[answer.lookup].fresh_hours)


def _key_of(question: Question) -> _Key:
    """What was asked; empty where nothing is kept, or a field is not known."""
    fields = question.subject.question(question.spec) if question.spec.kept else None
    return tuple(sorted({**fields, "lookup": question.lookup}.items())) if fields else ()
