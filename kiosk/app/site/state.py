"""What works at this terminal, told to the back office: at once when it changes, and every minute all the same.

Nothing of it is kept for later: when the network is back the state of then counts, not that of now.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from drivers.api import Device
from drivers.faults import Fault
from kiosk.app.capabilities import look, why_unusable
from kiosk.app.device_hub import DeviceEvent, DeviceWorker
from kiosk.domain.ports import BackOffice, Clock
from kiosk.domain.timing import HEARTBEAT_S
from kiosk.domain.visit.readiness import Capability

log = logging.getLogger(__name__)

CLASSES = (
    *("id_card", "chip_card", "id_face", "receipt_printer", "document_printer", "code_scanner", "document_scanner"),
    *("portrait", "headphone", "keypad", "lights"),
)
"""Device classes that the contract knows."""
TARGET = "/v1/site-state"

Workers = Mapping[str, DeviceWorker[Device]]
Figures = Callable[[], Mapping[str, float]]


def health_of(worker: DeviceWorker[Any]) -> str:
    """`warning`: it can be used and something is to be done, e.g. the paper is low."""
    if why_unusable(worker):
        return "fault"
    fault: Fault | None = worker.fault
    return "ok" if fault is None else "warning"


class SiteStateReport:
    """
    :param figures: what else is measured of this terminal, by name; recorded with each heartbeat.
    :param lacking: capability -> code, of what no device gives and this machine does not have.
    :param beside: what else goes to the back office with each heartbeat that it has heard.
    """

    def __init__(
        self,
        site: str,
        workers: Workers,
        back_office: BackOffice,
        clock: Clock,
        figures: Figures,
        record: Callable[[str, Mapping[str, object]], None],
        lacking: Callable[[], Mapping[Capability, str]] = dict,
        beside: Callable[[], None] = lambda: None,
    ):
        self._site = site
        self._workers = workers
        self._back_office = back_office
        self._clock = clock
        self._figures = figures
        self._record = record
        self._lacking = lacking
        self._beside = beside
        self._changed = threading.Event()
        self._stopping = False
        self._told: Mapping[str, object] = {}
        self._thread = threading.Thread(target=self._run, name="site-state", daemon=True)

    def state(self) -> dict[str, object]:
        """Devices and capabilities as the contract wants them; no time, so that two can be compared."""
        devices = {name: health_of(self._workers[name]) if name in self._workers else "not_fitted" for name in CLASSES}
        usable = sorted(capability.value for capability in look(self._workers, self._lacking()).usable)
        return {"site": self._site, "devices": devices, "capabilities": usable}

    def device_changed(self, event: DeviceEvent) -> None:
        """A listener of the status bus."""
        self.changed()

    def changed(self) -> None:
        self._changed.set()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._changed.set()

    def _run(self) -> None:
        due_s = self._clock.now()
        while not self._stopping:
            self._changed.clear()
            is_due = self._clock.now() >= due_s
            if is_due:
                due_s = self._clock.now() + HEARTBEAT_S
                self._record("heartbeat", {"figures": dict(self._figures())})
            state = self.state()
            if is_due or state != self._told:
                was_heard = self._tell(state)
                if is_due and was_heard:
                    self._beside()
            self._clock.wait(self._changed, max(due_s - self._clock.now(), 0.0))

    def _tell(self, state: dict[str, object]) -> bool:
        """An answer that does not come is no error here: the next heartbeat tells the state of then."""
        body = {**state, "observed_at": self._clock.wall().isoformat(timespec="milliseconds")}
        reply = self._back_office.post(TARGET, body, f"state-{uuid.uuid4().hex}")
        if reply.status == 201:
            self._told = state
        elif reply.status:
            log.warning("the state of this terminal was not taken: %s %s", reply.status, reply.body.get("code", ""))
        return reply.status == 201
