"""Where a terminal speaks from: only of the site that it was enrolled for, whatever a request says."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from backoffice.clock import iso
from backoffice.identity import journal
from backoffice.identity.devices import ACTIVE, TerminalEntryError
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables import tables
from backoffice.store.tables.identity import device_site, device_standing

FORMER_KEPT = timedelta(days=400)
"""What a terminal noted while it was offline still comes from the site where it stood then, as long as its keys do."""


def need_own_site(office: Office, device: str, site: str) -> None:
    """A terminal that was registered by its key alone belongs to the first site that it names.

    :raises Problem: site_not_own.
    """
    if site[:9] not in office.tables.towns:
        return  # The use case says so: nobody is bound to what does not exist.
    with office.database.read() as connection:
        bound = _may_name(office, connection, device, site)
    if bound is None:
        bound = office.database.transact(lambda connection: _bind_first(office, connection, device, site))
    if not bound:
        raise Problem("site_not_own")


def site_of(office: Office, device: str) -> str | None:
    query = select(device_site.c.site).where((device_site.c.device == device) & device_site.c.left_at.is_(None))
    with office.database.read() as connection:
        found: str | None = connection.execute(query).scalar_one_or_none()
    return found


def put_site(office: Office, connection: Connection, device: str, site: str) -> None:
    """The terminal's site from now on."""
    now = iso(office.clock.now())
    others = (device_site.c.device == device) & (device_site.c.site != site) & device_site.c.left_at.is_(None)
    connection.execute(update(device_site).where(others).values(left_at=now))
    own = (device_site.c.device == device) & (device_site.c.site == site)
    if connection.execute(update(device_site).where(own).values(left_at=None)).rowcount == 0:
        connection.execute(insert(device_site).values(device=device, site=site, since=now))


def place_device(office: Office, device: str, site: str) -> None:
    """A registered terminal stands there: whoever holds the server says so.

    :raises TerminalEntryError: no such site.
    """
    if not re.fullmatch(r"[0-9]{12}", site, re.ASCII) or site[:9] not in office.tables.towns:
        raise TerminalEntryError(f"{site} is no site of this district: twelve digits, of one of its towns")
    office.database.transact(lambda connection: _put_placed(office, connection, device, site, "command line"))


def _put_placed(office: Office, connection: Connection, device: str, site: str, by: str) -> None:
    put_site(office, connection, device, site)
    where = device_standing.c.device == device
    if connection.execute(update(device_standing).where(where).values(site=site)).rowcount == 0:
        row = {"device": device, "site": site, "state": ACTIVE, "changed_at": iso(office.clock.now())}
        connection.execute(insert(device_standing).values(**row, changed_by=by, row_version=1))
    journal.note(office, connection, site[:9], "terminal_placed", by, device=device, site=site)


def _may_name(office: Office, connection: Connection, device: str, site: str) -> bool | None:
    """None: it was never placed anywhere."""
    rows = connection.execute(
        select(device_site.c.site, device_site.c.left_at).where(device_site.c.device == device)
    ).all()
    if not rows:
        return None
    oldest = office.clock.now() - FORMER_KEPT
    return any(
        row.site == site and (row.left_at is None or datetime.fromisoformat(row.left_at) > oldest) for row in rows
    )


def _bind_first(office: Office, connection: Connection, device: str, site: str) -> bool:
    # Two first requests at once: the second one sees where the first one put it.
    connection.execute(select(tables.device.c.device).where(tables.device.c.device == device).with_for_update())
    bound = _may_name(office, connection, device, site)
    if bound is not None:
        return bound
    _put_placed(office, connection, device, site, device)
    return True
