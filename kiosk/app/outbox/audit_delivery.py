"""The terminal's audit chain, brought to the back office link by link: what is held there is out of its reach."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Protocol

from kiosk.domain.audit import GENESIS, AuditEvent
from kiosk.domain.outbox import StoreError
from kiosk.domain.ports import BackOffice

log = logging.getLogger(__name__)

TARGET = "/v1/audit-links"
MOST_LINKS = 64
"""Of one request, by the contract."""
MOST_REQUESTS = 8
"""With one heartbeat: a long time without a network is told in several."""


class Chain(Protocol):
    def audit_after(self, seq: int, most: int) -> Sequence[AuditEvent]:
        """The events that follow number `seq`, at most so many."""


class AuditDelivery:
    """Call it again and again; the back office says how far it has come, also after this program began anew."""

    def __init__(self, chain: Chain, back_office: BackOffice):
        self._chain = chain
        self._back_office = back_office
        self._held: tuple[int, str] | None = None
        """Number and digest of the last link that is held there; None: it has not said yet."""

    def deliver(self) -> None:
        """What is not held there yet. An answer that does not come is no error: the next call goes on."""
        try:
            for _ in range(MOST_REQUESTS):
                if self._held is None and not self._send(()):
                    return
                links = self._due()
                if not links or not self._send(links):
                    return
        except StoreError as error:
            log.warning("the audit chain could not be read: %s", error.code)

    def _due(self) -> Sequence[AuditEvent]:
        seq, digest = self._held or (0, GENESIS)
        if seq and not self._holds(seq, digest):
            # This store is another one than the back office knows: it must see the whole chain, and say so.
            seq = 0
        return self._chain.audit_after(seq, MOST_LINKS)

    def _holds(self, seq: int, digest: str) -> bool:
        found = self._chain.audit_after(seq - 1, 1)
        return bool(found) and (found[0].seq, found[0].digest) == (seq, digest)

    def _send(self, links: Sequence[AuditEvent]) -> bool:
        reply = self._back_office.post(TARGET, {"links": [_body_of(link) for link in links]})
        seq, digest = reply.body.get("seq"), reply.body.get("digest")
        if reply.status == 200 and isinstance(seq, int) and isinstance(digest, str):
            self._held = (seq, digest)
            return True
        # Asked anew the next time: what is held there may be something else by then.
        self._held = None
        if reply.status:
            log.warning("the audit chain was not taken: %s %s", reply.status, reply.body.get("code", ""))
        return False


def _body_of(link: AuditEvent) -> Mapping[str, object]:
    return {
        "seq": link.seq,
        "at": link.at,
        "kind": link.kind.value,
        "facts": dict(link.facts),
        "previous": link.previous,
    }
