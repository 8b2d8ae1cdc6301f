"""The outbox: what must reach the back office, item by item, never twice and never silently stuck."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ItemKind(StrEnum):
    CASE = "case"
    RATING = "rating"
    CALL = "call"


class ItemState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    """A request may have reached the server: ask before sending again."""
    DELIVERED = "delivered"
    REJECTED = "rejected"
    """The server refuses it for good: a clerk must look; it stays visible and exportable."""


@dataclass(frozen=True, slots=True, repr=False)
class OutboxItem:
    """kind + attachments + order + consent version (and the pinned item version)."""

    key: str
    """Unique: the case number for a case, `<case number>/rating`, `<case number>/call/<n>`."""
    kind: ItemKind
    case_no: str
    order: int
    """Items of one case are delivered in this order; other cases never wait for it."""
    body: Mapping[str, object]
    created_at: str
    """ISO 8601 wall time with offset, as this terminal believed it."""
    item_version: int = 0
    consent_version: str = ""
    attachments: tuple[str, ...] = ()
    """sha256 digests of files that must be complete at the server before this item."""
    state: ItemState = ItemState.QUEUED
    attempts: int = 0
    next_try_s: float = 0.0
    """Clock.now() before which it is not tried again; 0 after a restart."""
    last_problem: str = ""
    """Problem code of the last answer, e.g. `clock_skew`, `no_answer`."""
    receipt: Mapping[str, object] = field(default_factory=dict)
    """The server's answer."""

    def __repr__(self) -> str:
        return f"OutboxItem({self.kind.value}, {self.state.value}, attempts={self.attempts})"
