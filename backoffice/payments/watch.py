"""A thread that looks after payments whose end is not known, so that nobody waits for the nightly reconciliation."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from backoffice.gateways.payments import PaymentGateway
from backoffice.office import Office
from backoffice.payments.settling import open_payments, settle

_log = logging.getLogger(__name__)

SWEEP_S = 10.0
GRACE = timedelta(seconds=15)
"""Longer than any request that is still sending its order."""


class Watch:
    def __init__(self, office: Office, gateway: PaymentGateway, every_s: float = SWEEP_S) -> None:
        self._office = office
        self._gateway = gateway
        self._every_s = every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="payments-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            try:
                self.sweep()
            except Exception as problem:
                # The database may be busy: the next sweep finds the same payments. Only the type is told.
                _log.warning("looking after payments failed: %s", type(problem).__name__)

    def sweep(self) -> None:
        """Look at each once."""
        for reference in open_payments(self._office, GRACE):
            if self._stopping.is_set():
                return
            settle(self._office, self._gateway, reference)
