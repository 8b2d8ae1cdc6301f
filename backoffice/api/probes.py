"""Does the office live? Asked by load balancers and monitoring, which have no terminal's key and no login."""

from __future__ import annotations

import hmac
import logging
import os
import threading
import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Scope

from backoffice.api.gates import Admission, Check
from backoffice.documents.fonts import fonts_gap
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.failures import DatabaseBusy, DatabaseUnusable

HEALTH = "/public/v1/health"
METRICS = "/metrics"
TOKEN = "BACKOFFICE_METRICS_TOKEN"
"""Environment variable; without it only this machine itself reads the figures."""
GOOD_FOR_S = 1.0
"""Whoever asks more often than that costs the database nothing."""
_LOOPBACK = frozenset(("127.0.0.1", "::1"))
_FORWARDED = frozenset((b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip"))
_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_log = logging.getLogger(__name__)


class Pulse:
    """Whether the database answers, asked once a second at most."""

    def __init__(self, office: Office, now_s: Callable[[], float] = time.monotonic) -> None:
        self._office, self._now_s = office, now_s
        self._lock = threading.Lock()
        self._until_s = 0.0
        self._beats = False

    def beats(self) -> bool:
        with self._lock:
            if self._now_s() >= self._until_s:
                self._beats = self._ask()
                self._until_s = self._now_s() + GOOD_FOR_S
            return self._beats

    def _ask(self) -> bool:
        try:
            with self._office.database.read() as connection:
                # A row of a table: the connection alone may outlive the database.
                return connection.execute(text("SELECT version_num FROM alembic_version")).first() is not None
        except (DatabaseBusy, DatabaseUnusable, SQLAlchemyError, OSError) as failure:
            _log.error("the database does not answer: %s", type(failure).__name__)
            return False


class Figures:
    """Counts by route and status; no caller, number or name is in them."""

    def __init__(self, pulse: Pulse) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "backoffice_requests", "Requests answered", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "backoffice_request_seconds", "Time to the answer", ("route",), registry=self.registry, buckets=_SECONDS
        )
        up = Gauge("backoffice_database_up", "1 while the database answers", registry=self.registry)
        up.set_function(lambda: float(pulse.beats()))
        papers = Gauge("backoffice_papers_up", "1 while the faces of papers are here", registry=self.registry)
        papers.set_function(lambda: float(not fonts_gap()))

    def count(self, method: str, route: str, status: int, took_s: float) -> None:
        """:param route: as it is written in the contract, `-` for none; a path would hold case numbers."""
        self._requests.labels(method if method.isalpha() and method.isupper() else "-", route, str(status)).inc()
        self._seconds.labels(route).observe(took_s)


def readers_of_figures(token: str | None = None) -> Check:
    """Who shows the token; where none is set, who asks on this machine itself and not through a proxy."""
    wanted = os.environ.get(TOKEN, "") if token is None else token

    async def check(scope: Scope) -> Admission:
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        if wanted:
            shown = [value for name, value in headers if name == b"authorization"]
            if len(shown) != 1 or not hmac.compare_digest(shown[0], b"Bearer " + wanted.encode()):
                raise Problem("no_session", headers={"WWW-Authenticate": "Bearer"})
            return Admission({})
        client = scope.get("client")
        if not client or client[0] not in _LOOPBACK or any(name in _FORWARDED for name, _ in headers):
            raise Problem("forbidden", f"figures are for this machine itself, or for whom {TOKEN} is given")
        return Admission({})

    return check
