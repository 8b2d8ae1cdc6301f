"""The site of this terminal: its hours by the back office, kept for days without a network; who is nearest."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from kiosk.app import contract
from kiosk.app.site import contract as site_contract
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.ports import BackOffice, CatalogueSource, Clock
from kiosk.domain.site.state import Nearest, Notice, Site, SiteToday, Span, site_today
from kiosk.domain.timing import NEAREST_KEPT_S, SITE_RENEW_S, SITE_RETRY_S, SITE_TICK_S

log = logging.getLogger(__name__)


class Keeper(Protocol):
    """Where the last answer is kept."""

    def read(self) -> Mapping[str, object]: ...

    def write(self, document: Mapping[str, object]) -> None:
        """:raises OSError:"""


@dataclass(frozen=True, slots=True)
class SiteRules:
    """What the terminal's own files say of the site."""

    code: str
    night: Span | None = None
    notices: Sequence[Notice] = ()


class SiteService:
    """
    :param changed: called on a thread of its own when what screens tell of the site is different.
    """

    def __init__(self, rules: SiteRules, back_office: BackOffice, clock: Clock, keeper: Keeper):
        self._rules = rules
        self._back_office = back_office
        self._clock = clock
        self._keeper = keeper
        self._site = site_contract.site_of_copy(keeper.read())
        self._nearest: dict[str, tuple[float, Nearest]] = {}
        """By item: when it was told, and what."""
        self._changed: Callable[[], None] = lambda: None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="site", daemon=True)

    def today(self) -> SiteToday:
        """Reckoned anew with each call: minutes pass without a network, too."""
        rules = self._rules
        return site_today(self._site, self._clock.wall(), night=rules.night, notices=rules.notices)

    def nearest(self, item_id: str) -> Nearest:
        """Where else an item can be done: the answer of now, or a recent one where none comes; blocks.

        :raises OSError: nobody answers, and nobody did within NEAREST_KEPT_S. :raises BadAnswer:
        """
        reply = self._back_office.get(f"/v1/sites/nearest?item_id={item_id}&site={self._rules.code}")
        if reply.status == 200:
            self._nearest[item_id] = self._clock.now(), site_contract.nearest_of(reply.body)
        told_s, nearest = self._nearest.get(item_id, (0.0, None))
        if nearest is None or self._clock.now() - told_s > NEAREST_KEPT_S:
            raise ConnectionError(f"the nearest site was not told: {reply.status}")
        return nearest

    def start(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        due_s, told = self._clock.now(), self.today()
        while not self._stopping.is_set():
            if self._clock.now() >= due_s:
                due_s = self._clock.now() + (SITE_RENEW_S if self._fetch() else SITE_RETRY_S)
            if (now := self.today()) != told:
                told = now
                self._changed()
            self._clock.wait(self._stopping, SITE_TICK_S)

    def _fetch(self) -> bool:
        """An answer that cannot be read never replaces one that could."""
        reply = self._back_office.get("/v1/sites")
        if reply.status != 200:
            return False
        try:
            site = site_contract.site_of(reply.body, self._rules.code)
        except contract.BadAnswer as error:
            log.error("the site's hours cannot be read: %s", error)
            return False
        if site != self._site:
            self._site = site
            self._keep(site)
        return True

    def _keep(self, site: Site) -> None:
        try:
            self._keeper.write(site_contract.site_to_json(site))
        except OSError as error:
            log.error("the site's hours are not kept for days without a network: %s", error)


class SiteCatalogue:
    """Fulfils `CatalogueSource`: what is offered, and the place where it is offered."""

    def __init__(self, catalogue: CatalogueSource, site: SiteService):
        self._catalogue = catalogue
        self._site = site

    def current(self) -> Catalogue:
        return replace(self._catalogue.current(), here=self._site.today())
