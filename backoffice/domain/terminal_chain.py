"""A terminal's own audit chain as it comes in: does it go on where it had come to?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

GENESIS = "0" * 64
"""What the first link names as the one before it."""


@dataclass(frozen=True, slots=True)
class TerminalLink:
    seq: int
    at: str
    kind: str
    facts: Mapping[str, str]
    previous: str

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON of all fields, as the contract tells."""
        fields: dict[str, Any] = {name: getattr(self, name) for name in ("seq", "at", "kind", "previous")}
        fields["facts"] = dict(self.facts)
        canonical = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ChainHead:
    seq: int = 0
    digest: str = GENESIS


class Alarm(StrEnum):
    """Why what came does not go on from what was held. Either may be a store that was replaced, or a forgery."""

    REWRITTEN = "rewritten"
    """A link that was held has another digest now."""
    SHORTENED = "shortened"
    """The chain ends before the last link that was held."""


class LinksError(ValueError):
    """These links are no piece of a chain, or one that leaves a gap."""


def follow(held: ChainHead, links: Sequence[TerminalLink]) -> tuple[ChainHead, Alarm | None]:
    """The head after these links; with an alarm it is that of the other chain that has come.

    :raises LinksError: they do not follow each other, or begin after the next one.
    """
    if not links:
        return held, None
    before = ChainHead(links[0].seq - 1, links[0].previous)
    known = {before.seq: before.digest}
    for link in links:
        if link.seq != before.seq + 1 or link.previous != before.digest:
            raise LinksError("each link follows the one before it")
        before = ChainHead(link.seq, link.digest)
        known[before.seq] = before.digest
    if (links[0].seq == 1) != (links[0].previous == GENESIS):
        raise LinksError("the first link, and it alone, follows nothing")
    if links[0].seq > held.seq + 1:
        raise LinksError("there is a gap: begin with the link after the one that is held")
    if before.seq < held.seq:
        return before, Alarm.SHORTENED
    return before, None if known[held.seq] == held.digest else Alarm.REWRITTEN
