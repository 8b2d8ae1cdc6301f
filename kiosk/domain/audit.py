"""The catalogue of audit events and their chain: one chain a device, no personal data in it.

Every event names the digest of the one before it, so that a line taken out, changed or put in
between is found by whoever holds a later digest: the back office is brought every link with the heartbeat.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

GENESIS = "0" * 64
"""What the first event of a device names as its forerunner."""


class AuditKind(StrEnum):
    """All that is recorded; a row more is a new kind, never free text."""

    STORE_OPENED = "store_opened"
    STORE_REPLACED = "store_replaced"
    """An unreadable store was set aside and a new one begun."""
    STORED = "stored"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    RETRIED = "retried"
    PURGED = "purged"
    STAFF_LOGIN = "staff_login"
    """Somebody wanted into technician mode: in, wrong or locked."""
    EXPORTED = "exported"
    """What had not been sent was written into a sealed file for the office."""
    IDLE_SWITCH = "idle_switch"
    """Staff said that nobody is to be hurried, or that all is as usual; no number: it ended by itself."""


FACTS: dict[AuditKind, frozenset[str]] = {
    AuditKind.STORE_OPENED: frozenset({"version"}),
    AuditKind.STORE_REPLACED: frozenset({"kept_as", "saved"}),
    AuditKind.STORED: frozenset({"key", "kind"}),
    AuditKind.DELIVERED: frozenset({"key"}),
    AuditKind.REJECTED: frozenset({"key", "problem"}),
    AuditKind.RETRIED: frozenset({"key"}),
    AuditKind.PURGED: frozenset({"key"}),
    AuditKind.STAFF_LOGIN: frozenset({"number", "result"}),
    AuditKind.EXPORTED: frozenset({"items"}),
    AuditKind.IDLE_SWITCH: frozenset({"number", "state"}),
}
"""The only facts a kind may carry: numbers of matters and of staff, and codes; never a resident."""


class AuditError(ValueError):
    """A fact outside the catalogue, or a chain that does not hold."""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    seq: int
    """1, 2, 3 … without gaps."""
    at: str
    """ISO 8601 wall time with offset, as the terminal believed it."""
    kind: AuditKind
    facts: Mapping[str, str]
    previous: str
    digest: str
    """SHA-256 over the canonical JSON of all fields above, hex."""


def link(previous: AuditEvent | None, at: str, kind: AuditKind, facts: Mapping[str, str]) -> AuditEvent:
    """The next event of the chain.

    :raises AuditError: a fact that the catalogue does not allow for this kind.
    """
    foreign = set(facts) - FACTS[kind]
    if foreign:
        raise AuditError(f"{kind.value} carries no {', '.join(sorted(foreign))}")
    seq = previous.seq + 1 if previous else 1
    before = previous.digest if previous else GENESIS
    return AuditEvent(seq, at, kind, dict(facts), before, _digest(seq, at, kind, facts, before))


def verify(events: Iterable[AuditEvent], start: AuditEvent | None = None) -> int:
    """Check a chain from its beginning, or from after `start`; returns how many events hold.

    :raises AuditError: names the first event that does not fit.
    """
    seq = start.seq if start else 0
    before = start.digest if start else GENESIS
    count = 0
    for event in events:
        fits = event.seq == seq + 1 and event.previous == before
        if not fits or event.digest != _digest(event.seq, event.at, event.kind, event.facts, event.previous):
            raise AuditError(f"audit chain broken at {event.seq}")
        seq, before, count = event.seq, event.digest, count + 1
    return count


def _digest(seq: int, at: str, kind: AuditKind, facts: Mapping[str, str], previous: str) -> str:
    fields = {"seq": seq, "at": at, "kind": kind.value, "facts": dict(facts), "previous": previous}
    canonical = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
