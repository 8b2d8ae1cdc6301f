"""A worker of the hub with a reader whose card and faults the test decides."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

import pytest

from drivers.api import CompletionCode, DeviceError, DeviceState, DeviceStatus, IdCard
from drivers.faults import DEV_CANCELLED
from kiosk.adapters.clock_socket import SteeredClock
from kiosk.app.device_hub import DeviceEvent, DeviceWorker
from kiosk.app.identify.card_watch import CardWatch
from kiosk.app.identify.residents import of_id_card
from kiosk.domain.visit.machine import CardPlace, Event, Resident


class Reader:
    """A reader whose card and faults the test decides; commands block like a real one until they end."""

    def __init__(self) -> None:
        self.opens: list[Exception | None] = []
        self.opened = 0
        self.present = threading.Event()
        self.gone = threading.Event()
        self.reads: queue.SimpleQueue[IdCard | DeviceError] = queue.SimpleQueue()
        self._cancel = threading.Event()

    def open(self) -> None:
        self.opened += 1
        if self.opens and (error := self.opens.pop(0)):
            raise error

    def status(self) -> DeviceStatus:
        return DeviceStatus(DeviceState.ONLINE)

    def cancel(self) -> None:
        self._cancel.set()

    def reset(self) -> None: ...

    def close(self) -> None: ...

    def wait_card(self, timeout_s: float) -> bool:
        return self._until(self.present, timeout_s)

    def read(self, timeout_s: float) -> IdCard:
        answer = self.reads.get(timeout=timeout_s)
        if isinstance(answer, DeviceError):
            raise answer
        return answer

    def wait_removed(self, timeout_s: float) -> bool:
        return self._until(self.gone, timeout_s)

    def _until(self, event: threading.Event, timeout_s: float) -> bool:
        self._cancel.clear()
        for _ in range(round(timeout_s / 0.01)):
            if event.wait(0.01):
                return True
            if self._cancel.is_set():
                self._cancel.clear()
                raise DeviceError(DEV_CANCELLED, completion=CompletionCode.CANCELED)
        return False


class Bench:
    def __init__(self) -> None:
        self.clock = SteeredClock()
        self.reader = Reader()
        self.bus: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.worker: DeviceWorker[Reader] = DeviceWorker("id_card", self.reader, self.clock, self.bus.put)
        self.cards = CardWatch(self.worker, CardPlace.ID_CARD, self._resident, self.clock)

    def _resident(self, card: IdCard) -> Resident:
        return of_id_card(card, self.clock.wall().date())

    def next(self) -> Event:
        return self.events.get(timeout=5)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.worker.close()
    bench.clock.close()
