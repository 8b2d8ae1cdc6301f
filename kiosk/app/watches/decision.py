"""Accepted is not decided: asks for the decision of a case while somebody stands there and waits for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from kiosk.domain.outbox import OutboxItem
from kiosk.domain.ports import BackOffice, Clock
from kiosk.domain.timing import DECISION_POLL_S

log = logging.getLogger(__name__)

OnReceipt = Callable[[Mapping[str, object]], None]


@dataclass(slots=True)
class _Open:
    """A delivered case without a decision."""

    item: OutboxItem
    asked: int
    due_s: float


class DecisionWatch:
    """Thread-safe; `poll` and `delivered` are called by the outbox thread only."""

    def __init__(self, back_office: BackOffice, clock: Clock, tell: Callable[[str, OutboxItem], None]) -> None:
        self._back_office, self._clock, self._tell = back_office, clock, tell
        self._lock = threading.Lock()
        self._open: dict[str, _Open] = {}
        self._decided: dict[str, Mapping[str, object]] = {}
        self._listeners: dict[str, list[OnReceipt]] = {}

    def listen(self, case_no: str, on_decision: OnReceipt) -> None:
        with self._lock:
            known = self._decided.get(case_no)
            if known is None:
                self._listeners.setdefault(case_no, []).append(on_decision)
        if known is not None:
            on_decision(known)

    def forget(self, case_no: str) -> None:
        """The visit has ended: nobody is told any more, nothing of the answer stays."""
        with self._lock:
            self._open.pop(case_no, None)
            self._decided.pop(case_no, None)
            self._listeners.pop(case_no, None)

    def delivered(self, item: OutboxItem) -> None:
        """A case has arrived; its receipt may hold the decision already."""
        if item.receipt.get("decision") is not None:
            self._decide(item, item.receipt)
            return
        with self._lock:
            self._open[item.case_no] = _Open(item, 0, self._clock.now() + DECISION_POLL_S[0])

    def poll(self) -> None:
        """Ask for every case whose time has come and for which somebody listens."""
        now_s = self._clock.now()
        with self._lock:
            ready = [o for case_no, o in self._open.items() if o.due_s <= now_s and case_no in self._listeners]
        for entry in ready:
            reply = self._back_office.ask(entry.item)
            if reply.status == 200 and reply.body.get("decision") is not None:
                self._decide(entry.item, reply.body)
                continue
            entry.asked = min(entry.asked + 1, len(DECISION_POLL_S) - 1)
            entry.due_s = self._clock.now() + DECISION_POLL_S[entry.asked]

    def next_due_s(self, now_s: float, longest_s: float) -> float:
        with self._lock:
            times = [o.due_s - now_s for case_no, o in self._open.items() if case_no in self._listeners]
        return max(0.0, min([longest_s, *times]))

    def _decide(self, item: OutboxItem, body: Mapping[str, object]) -> None:
        with self._lock:
            self._open.pop(item.case_no, None)
            self._decided[item.case_no] = body
            listeners = self._listeners.pop(item.case_no, [])
        self._tell("decided", item)
        call_all([partial(listener, body) for listener in listeners])


def call_all(calls: Sequence[Callable[[], None]]) -> None:
    """Tell everybody; one listener's fault is logged and hinders no other, nor the outbox."""
    for call in calls:
        try:
            call()
        except Exception:
            log.exception("a listener of the outbox failed")
