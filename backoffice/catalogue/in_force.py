"""The release in force, by the office's clock: it changes on its day without a restart or a query a request."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

from backoffice.catalogue.release import CatalogueError, release_of
from backoffice.catalogue.stored import releases, stored_release
from backoffice.clock import Clock
from backoffice.domain.items.item import Release
from backoffice.store.database import Database
from backoffice.store.failures import DatabaseBusy, DatabaseUnusable

_log = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(seconds=30)
"""How long another process's publication may stay unnoticed; releases are published days ahead."""


class Releases:
    """What has been published and matters from today on. Any thread may ask."""

    def __init__(self, clock: Clock, database: Database) -> None:
        """:raises CatalogueError: nothing was ever published, or what is in force cannot be read."""
        self._clock = clock
        self._database = database
        self._lock = threading.Lock()
        self._known: Mapping[int, Release] = {}
        self._looked_at: datetime | None = None
        self.refresh()

    def current(self) -> Release:
        """The newest release whose day has come; before the first one's day the first one."""
        if self._is_time_to_look() and self._lock.acquire(blocking=False):
            try:
                self._look()
            except (CatalogueError, DatabaseBusy, DatabaseUnusable) as problem:
                # What is in force stays in force: a database that is busy now is asked again in a while.
                _log.warning("releases were not looked up: %s", problem)
                self._looked_at = self._clock.now()
            finally:
                self._lock.release()
        return in_force(self._known, self._clock.now().date().isoformat())

    def refresh(self) -> None:
        """Notice a publication at once. :raises CatalogueError: it cannot be read."""
        with self._lock:
            self._look()

    def _is_time_to_look(self) -> bool:
        # A clock that was set back must not stop the looking.
        return self._looked_at is None or abs(self._clock.now() - self._looked_at) >= LOOK_AGAIN

    def _look(self) -> None:
        now = self._clock.now()
        today = now.date().isoformat()
        with self._database.read() as connection:
            published = {entry.release: entry.effective_from for entry in releases(connection)}
            wanted = [number for number, day in published.items() if day > today]
            wanted.append(number_in_force(published, today))
            found = {
                number: self._known.get(number) or release_of(stored_release(connection, number))
                for number in sorted(wanted)
            }
        self._known = found
        self._looked_at = now


def in_force(known: Mapping[int, Release], today: str) -> Release:
    """:param today: ISO 8601."""
    return known[number_in_force({number: release.effective_from for number, release in known.items()}, today)]


def number_in_force(published: Mapping[int, str], today: str) -> int:
    """:param published: release -> the day it takes effect. :raises CatalogueError: there is none at all."""
    if not published:
        raise CatalogueError("no release has been published")
    return max((number for number, day in published.items() if day <= today), default=min(published))
