"""The audit chains of the terminals: each is followed link by link, and its head is held in the town's own chain.

Who takes a terminal's store away, or writes another one, cannot make a chain that goes on from the head held here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from backoffice.calls.once import lock_device
from backoffice.clock import iso
from backoffice.domain.terminal_chain import ChainHead, LinksError, TerminalLink, follow
from backoffice.identity import journal
from backoffice.identity.standing_place import site_of
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables import tables
from backoffice.store.tables.identity import terminal_chain

HELD, ALARM, SEEN = "terminal_chain_held", "terminal_chain_alarm", "terminal_chain_seen"


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one terminal's chain, for who audits."""

    device: str
    head: ChainHead
    told_at: str
    alarm: str
    """What did not follow, until somebody has said that it was looked into; empty: nothing."""
    alarm_at: str
    agrees: bool
    """False: the row is not what the town's chain last noted of this terminal."""


def take(office: Office, device: str, links: Sequence[TerminalLink]) -> dict[str, Any]:
    """Follow these links; answers the head that is held now. The same links again change nothing.

    :raises Problem: audit_links.
    """
    site = site_of(office, device)

    def work(connection: Connection) -> dict[str, Any]:
        lock_device(connection, device)
        held = _held(connection, device)
        try:
            head, alarm = follow(held or ChainHead(), links)
        except LinksError as cause:
            raise Problem("audit_links", str(cause)) from cause
        if head != (held or ChainHead()):
            now = iso(office.clock.now())
            values: dict[str, Any] = {"seq": head.seq, "digest": head.digest, "told_at": now}
            told = {"device": device, "seq": str(head.seq), "digest": head.digest}
            if alarm is not None and held is not None:
                values |= {"alarm": alarm.value, "alarm_at": now}
                told |= {"alarm": alarm.value, "held_seq": str(held.seq), "held_digest": held.digest}
            if held is None:
                connection.execute(insert(terminal_chain).values(device=device, **values))
            else:
                connection.execute(update(terminal_chain).where(terminal_chain.c.device == device).values(**values))
            journal.note(office, connection, site[:9] if site else None, ALARM if alarm else HELD, device, **told)
        return {"seq": head.seq, "digest": head.digest}

    return office.database.transact(work)


def looked_into(office: Office, device: str, by: str) -> bool:
    """Somebody knows why the chain did not follow; False: there is no alarm."""
    site = site_of(office, device)

    def work(connection: Connection) -> bool:
        where = (terminal_chain.c.device == device) & terminal_chain.c.alarm.is_not(None)
        done = connection.execute(update(terminal_chain).where(where).values(alarm=None, alarm_at=None)).rowcount > 0
        if done:
            journal.note(office, connection, site[:9] if site else None, SEEN, by, device=device)
        return done

    return office.database.transact(work)


def standings(connection: Connection) -> list[Standing]:
    """Of every terminal that has told its chain."""
    noted = _noted(connection)
    rows = connection.execute(select(terminal_chain).order_by(terminal_chain.c.device))
    return [
        Standing(
            row.device,
            ChainHead(row.seq, row.digest),
            row.told_at,
            row.alarm or "",
            row.alarm_at or "",
            noted.get(row.device) == ChainHead(row.seq, row.digest),
        )
        for row in rows
    ]


def _held(connection: Connection, device: str) -> ChainHead | None:
    query = select(terminal_chain.c.seq, terminal_chain.c.digest).where(terminal_chain.c.device == device)
    row = connection.execute(query).one_or_none()
    return None if row is None else ChainHead(row.seq, row.digest)


def _noted(connection: Connection) -> dict[str, ChainHead]:
    """By terminal the newest head in the keyed chains: a terminal may have moved from town to town."""
    found: dict[str, ChainHead] = {}
    query = select(tables.audit.c.entry).where(tables.audit.c.entry.like('%"terminal_chain_%'))
    entries = [json.loads(entry) for entry in connection.execute(query).scalars()]
    for entry in sorted((one for one in entries if one["event"] in (HELD, ALARM)), key=lambda one: str(one["at"])):
        found[entry["device"]] = ChainHead(int(entry["seq"]), entry["digest"])
    return found
