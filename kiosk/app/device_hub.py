"""One worker thread a device: the only owner of its driver. Results of an old visit are dropped.

A worker opens its device, reopens it with back-off when it is lost, logs once on loss and once on
return, and runs one command at a time; `cancel` ends the running one.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from drivers.api import Device, DeviceError, DeviceState, DeviceStatus
from drivers.faults import CATALOGUE, DEV_CANCELLED, DEV_NOT_FOUND, Fault
from kiosk.domain.ports import Clock
from kiosk.domain.timing import RECONNECT_S

log = logging.getLogger(__name__)

D = TypeVar("D", bound=Device)


@dataclass(frozen=True, slots=True)
class DeviceEvent:
    """A change on the status bus: a device came, went, or reported a fault."""

    device: str
    state: DeviceState
    fault: Fault | None = None


StatusListener = Callable[[DeviceEvent], None]


@dataclass(frozen=True, slots=True)
class _Job(Generic[D]):
    run: Callable[[D], None]
    on_lost: Callable[[], None] | None = None


class DeviceWorker(threading.Thread, Generic[D]):
    """Owns one driver. `run_soon(job)` queues a command; a newer one cancels the running one when asked."""

    def __init__(self, name: str, device: D, clock: Clock, on_status: StatusListener, idle_poll_s: float | None = None):
        super().__init__(name=f"device-{name}", daemon=True)
        self._name = name
        self._device = device
        self._clock = clock
        self._on_status = on_status
        self._idle_poll_s = idle_poll_s
        self._jobs: queue.SimpleQueue[_Job[D] | None] = queue.SimpleQueue()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._opened = False
        self._fault_now: Fault | None = None
        self._known_online = False
        self.cancelled = threading.Event()
        """Set while what runs should end; a job looks at it between its device calls."""

    @property
    def is_open(self) -> bool:
        """True while the device has answered and is not lost."""
        return self._opened

    @property
    def fault(self) -> Fault | None:
        """What is wrong with the device now, as far as it is known."""
        return self._fault_now

    @property
    def is_closing(self) -> bool:
        return self._closing.is_set()

    def run_soon(
        self,
        job: Callable[[D], None],
        *,
        cancel_running: bool = False,
        on_lost: Callable[[], None] | None = None,
    ) -> None:
        """Queue a command.

        :param on_lost: for what must not wait until a lost device is back: called instead of `job` when the
            device is lost before its turn. Without it the job waits.
        """
        if cancel_running:
            self.cancel()
        self._jobs.put(_Job(job, on_lost))
        if not self._opened:
            self._give_up_waiting()
        self._wake.set()

    def _give_up_waiting(self) -> None:
        """Whoever cannot wait for a lost device is told; the others stay in their order."""
        waiting: list[_Job[D] | None] = []
        while not self._jobs.empty():
            waiting.append(self._jobs.get())
        for job in waiting:
            if job is not None and job.on_lost is not None:
                job.on_lost()
            else:
                self._jobs.put(job)

    def cancel(self) -> None:
        """End the running command and forget those that wait."""
        while not self._jobs.empty():
            self._jobs.get()
        self.cancelled.set()
        self._device.cancel()

    def close(self) -> None:
        self._closing.set()
        self.cancel()
        self._jobs.put(None)
        self._wake.set()
        if self.is_alive():
            self.join(timeout=3.0)

    def run(self) -> None:
        attempt = 0
        while not self._closing.is_set():
            if not self._opened and not self._open():
                self._clock.wait(self._closing, RECONNECT_S[min(attempt, len(RECONNECT_S) - 1)])
                attempt += 1
                continue
            attempt = 0
            self._one_job()
        self._close_device()

    def _open(self) -> bool:
        try:
            self._device.open()
        except DeviceError as error:
            self._report(DeviceState.NO_DEVICE, error.fault, str(error))
            return False
        self._opened = True
        self._report(DeviceState.ONLINE, None, "")
        return True

    def _one_job(self) -> None:
        if self._jobs.empty():
            woken = self._clock.wait(self._wake, self._idle_poll_s or 3600.0)
            self._wake.clear()
            if not woken and self._idle_poll_s is not None:
                self._poll()
            return
        job = self._jobs.get()
        if job is None:
            return
        self.cancelled.clear()
        try:
            job.run(self._device)
        except DeviceError as error:
            self._failed(error, job)

    def _poll(self) -> None:
        status = self._device.status()
        if status.state in (DeviceState.NO_DEVICE, DeviceState.OFFLINE, DeviceState.POWER_OFF):
            self._lose(status.state, _fault_of(status))
        else:
            self._report(status.state, _fault_of(status), "")

    def _failed(self, error: DeviceError, job: _Job[D]) -> None:
        if error.fault is DEV_CANCELLED:
            return
        if error.fault.code.startswith("DEV-"):
            self._lose(DeviceState.NO_DEVICE, error.fault)
            if not self.cancelled.is_set() and self._jobs.empty():
                # Nothing newer is wanted: it goes on when the device is back.
                self._jobs.put(job)
        else:
            self._report(DeviceState.ONLINE, error.fault, str(error))

    def _lose(self, state: DeviceState, fault: Fault | None) -> None:
        self._close_device()
        self._report(state, fault or DEV_NOT_FOUND, "lost")
        self._give_up_waiting()

    def _close_device(self) -> None:
        self._opened = False
        self._device.close()

    def _report(self, state: DeviceState, fault: Fault | None, detail: str) -> None:
        """Tell the bus only what is new."""
        if fault is self._fault_now and state is DeviceState.ONLINE and self._known_online:
            return
        if fault is not None and fault is self._fault_now:
            return
        self._known_online = state is DeviceState.ONLINE
        self._fault_now = fault
        if fault is None:
            log.info("%s is %s", self._name, state.value)
        else:
            log.warning("%s is %s: %s %s", self._name, state.value, fault.code, detail)
        self._on_status(DeviceEvent(self._name, state, fault))


def _fault_of(status: DeviceStatus) -> Fault | None:
    for code in sorted(status.faults):
        return CATALOGUE.get(code)
    return None
