"""What a terminal tells about its devices. A row is added only when something is different from the last one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from backoffice.calls.once import Answer, Call, answered, lock_device, remember
from backoffice.clock import iso
from backoffice.geography.stored import sites_on
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables.district import site_state

ROUTE = "site-state"


@dataclass(frozen=True, slots=True)
class Report:
    site: str
    devices: Mapping[str, str]
    """Device class -> health."""
    capabilities: frozenset[str]
    observed_at: str


def report_state(office: Office, call: Call, report: Report) -> Answer:
    """Keep a terminal's state if it has changed. An older report than the last one changes nothing.

    :raises Problem: idempotency_mismatch, site_unknown.
    """

    def work(connection: Connection) -> Answer:
        lock_device(connection, call.device)
        known = answered(office, connection, call, ROUTE)
        if known is not None:
            return known
        today = office.clock.now().date()
        if report.site not in {site.code for site in sites_on(connection, today)}:
            raise Problem("site_unknown")
        table = site_state
        query = select(table).where(table.c.device == call.device).order_by(table.c.n.desc()).limit(1)
        last = connection.execute(query).one_or_none()
        if last is not None and not _is_news(last, report):
            # No row, not even the key: the same report may come again. That the terminal lives is noted all the same.
            _seen(office, connection, last, report)
            return {"changed": False, "received_at": iso(office.clock.now())}
        answer: Answer = {"changed": True, "received_at": iso(office.clock.now())}
        connection.execute(
            insert(table).values(
                device=call.device,
                n=1 if last is None else last.n + 1,
                site=report.site,
                devices=_devices(report),
                capabilities=_capabilities(report),
                observed_at=report.observed_at,
                received_at=answer["received_at"],
                seen_at=answer["received_at"],
            )
        )
        remember(office, connection, call, ROUTE, 201, answer)
        return answer

    return office.database.transact(work)


def _is_news(last: Row[tuple[object, ...]], report: Report) -> bool:
    before = (last.site, last.devices, last.capabilities)
    later = datetime.fromisoformat(report.observed_at) > datetime.fromisoformat(last.observed_at)
    return later and before != (report.site, _devices(report), _capabilities(report))


def _seen(office: Office, connection: Connection, last: Row[Any], report: Report) -> None:
    """A report of before the last change says nothing of now."""
    if datetime.fromisoformat(report.observed_at) < datetime.fromisoformat(last.observed_at):
        return
    newest = (site_state.c.device == last.device) & (site_state.c.n == last.n)
    connection.execute(update(site_state).where(newest).values(seen_at=iso(office.clock.now())))


def _devices(report: Report) -> str:
    return json.dumps(dict(report.devices), sort_keys=True)


def _capabilities(report: Report) -> str:
    return json.dumps(sorted(report.capabilities))
