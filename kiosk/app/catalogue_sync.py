"""The catalogue in force: the last one that arrived, kept in the store, renewed while nobody is here."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.ports import BackOffice, Clock, Store
from kiosk.domain.timing import CATALOGUE_RENEW_S, CATALOGUE_RETRY_S

log = logging.getLogger(__name__)

EMPTY = Catalogue(0, (), (), ())
Parse = Callable[[Mapping[str, object]], Catalogue]


class CatalogueSync:
    """Fulfils `CatalogueSource`. A document that does not parse never replaces one that does."""

    def __init__(self, store: Store, back_office: BackOffice, clock: Clock, parse: Parse):
        self._store = store
        self._back_office = back_office
        self._clock = clock
        self._parse = parse
        self._current = self._stored()
        self._stopping = threading.Event()
        self._arrived = threading.Event()
        if self._current.items:
            self._arrived.set()
        self._thread = threading.Thread(target=self._run, name="catalogue", daemon=True)

    def current(self) -> Catalogue:
        return self._current

    def start(self) -> None:
        self._thread.start()

    def wait_first(self, timeout_s: float) -> bool:
        """True when there is a catalogue to show, stored or fetched."""
        return self._clock.wait(self._arrived, timeout_s)

    def stop(self) -> None:
        self._stopping.set()

    def _stored(self) -> Catalogue:
        kept = self._store.load_catalogue()
        return self._read(json.loads(kept[1])) or EMPTY if kept else EMPTY

    def _run(self) -> None:
        while not self._stopping.is_set():
            wait_s = CATALOGUE_RENEW_S if self._fetch() else CATALOGUE_RETRY_S
            self._clock.wait(self._stopping, wait_s)

    def _fetch(self) -> bool:
        reply = self._back_office.catalogue()
        if reply.status == 304:
            return True
        if reply.status != 200:
            return False
        arrived = self._read(reply.body)
        if arrived is None:
            return False
        if arrived != self._current:
            self._store.save_catalogue(arrived.release, json.dumps(dict(reply.body), ensure_ascii=False))
            self._current = arrived
        self._arrived.set()
        return True

    def _read(self, document: Mapping[str, object]) -> Catalogue | None:
        try:
            return self._parse(document)
        except ValueError as error:
            log.error("the catalogue cannot be used: %s", error)
            return None
