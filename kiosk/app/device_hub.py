"""One worker thread a device: the only owner of its driver.

A worker opens its device, reopens it with back-off when it is lost, logs once on loss and once on
return, and runs one command at a time; `cancel` ends the running one within a tenth of a second. What
a worker finds out goes to the status bus; how often its device did what was asked is its health.
Results are posted with the visit they belong to, and `VisitService` drops those of an old one.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from drivers.api import CompletionCode, Device, DeviceError, DeviceState, DeviceStatus
from drivers.faults import CATALOGUE, DEV_CANCELLED, DEV_LOST, DEV_NOT_FOUND, Fault, Recovery
from kiosk.domain.ports import Clock
from kiosk.domain.timing import CANCEL_AGAIN_S, RECONNECT_S

log = logging.getLogger(__name__)

D = TypeVar("D", bound=Device)


HEALTH_COUNT = 50
"""Health is the share of the last so many commands and polls that succeeded."""


@dataclass(frozen=True, slots=True)
class Health:
    """How often a device lately did what was asked. Nothing asked yet counts as healthy."""

    succeeded: int
    asked: int

    @property
    def ratio(self) -> float:
        return self.succeeded / self.asked if self.asked else 1.0


@dataclass(frozen=True, slots=True)
class DeviceEvent:
    """A change on the status bus: a device came, went, or reported a fault."""

    device: str
    state: DeviceState
    fault: Fault | None = None
    health: Health = Health(0, 0)


StatusListener = Callable[[DeviceEvent], None]


class StatusBus:
    """Tells every listener each change, on the thread that found it. Listeners only hand on."""

    def __init__(self) -> None:
        self._listeners: list[StatusListener] = []

    def subscribe(self, listener: StatusListener) -> None:
        """Before the workers start."""
        self._listeners.append(listener)

    def publish(self, event: DeviceEvent) -> None:
        for listener in self._listeners:
            listener(event)


@dataclass(frozen=True, slots=True, eq=False)
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
        self._lock = threading.Lock()
        """Guards which jobs wait and which one runs: a cancel meets either of them, never the moment between."""
        self._jobs: deque[_Job[D]] = deque()
        self._running: _Job[D] | None = None
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._opened = False
        self._fault_now: Fault | None = None
        self._known_online = False
        self._failures = 0
        """Times it was lost or not found since it last did what was asked."""
        self._outcomes: deque[bool] = deque(maxlen=HEALTH_COUNT)
        self.cancelled = threading.Event()
        """Set while what runs should end; a job looks at it between its device calls."""

    @property
    def device_name(self) -> str:
        """The device's table in devices.toml."""
        return self._name

    @property
    def is_open(self) -> bool:
        """True while the device has answered and is not lost."""
        return self._opened

    @property
    def fault(self) -> Fault | None:
        """What is wrong with the device now, as far as it is known."""
        return self._fault_now

    @property
    def health(self) -> Health:
        outcomes = list(self._outcomes)
        return Health(sum(outcomes), len(outcomes))

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
        with self._lock:
            self._jobs.append(_Job(job, on_lost))
        if not self._opened:
            self._give_up_waiting()
        self._wake.set()

    def run_later(self, delay_s: float, job: Callable[[D], None]) -> None:
        """Queue a command when `delay_s` seconds have passed."""
        self._clock.call_later(delay_s, lambda: self.run_soon(job))

    def _give_up_waiting(self) -> None:
        """Whoever cannot wait for a lost device is told; the others stay in their order."""
        with self._lock:
            given_up = [job.on_lost for job in self._jobs if job.on_lost is not None]
            self._jobs = deque(job for job in self._jobs if job.on_lost is None)
        for on_lost in given_up:
            on_lost()

    def cancel(self) -> None:
        """End the running command and forget those that wait."""
        with self._lock:
            self._jobs.clear()
            running = self._running
            if running is not None:
                self.cancelled.set()
        if running is not None:
            self._end(running)

    def _end(self, job: _Job[D]) -> None:
        """A cancel between two calls of a job ends neither of them: it is given again until the job has ended."""
        if self._running is not job:
            return
        self._device.cancel()
        if self._running is job and not self._closing.is_set():
            self._clock.call_later(CANCEL_AGAIN_S, lambda: self._end(job))

    def note(self, fault: Fault | None) -> None:
        """For a job that deals with its device's faults itself: what its last call came to."""
        self._outcomes.append(fault is None)
        if self._opened:
            self._report(DeviceState.ONLINE, fault if fault is not None and _stays(fault) else None, "noted")

    def close(self) -> None:
        self._closing.set()
        self.cancel()
        self._wake.set()
        if self.is_alive():
            self.join(timeout=3.0)

    def run(self) -> None:
        while not self._closing.is_set():
            if not self._opened and not self._open():
                self._failures += 1
                self._back_off()
                continue
            self._one_job()
            if not self._opened and self._failures > 1:
                # It opens and fails at once, again and again.
                self._back_off()
        self._close_device()

    def _back_off(self) -> None:
        self._clock.wait(self._closing, RECONNECT_S[min(self._failures, len(RECONNECT_S)) - 1])

    def _open(self) -> bool:
        try:
            self._device.open()
        except DeviceError as error:
            self._outcomes.append(False)
            if not (self._fault_now is DEV_LOST and error.fault is DEV_NOT_FOUND):
                # That a lost device is missing now is the same loss: told once.
                self._report(DeviceState.NO_DEVICE, error.fault, str(error))
            return False
        self._opened = True
        self._outcomes.append(True)
        self._report(DeviceState.ONLINE, None, "")
        return True

    def _one_job(self) -> None:
        job = self._take()
        if job is None:
            woken = self._clock.wait(self._wake, self._idle_poll_s or 3600.0)
            self._wake.clear()
            if not woken and self._idle_poll_s is not None:
                self._poll()
            return
        try:
            job.run(self._device)
            self._outcomes.append(True)
            self._failures = 0
        except DeviceError as error:
            self._failed(error, job)
        except Exception as error:
            # A mistake in a driver must not leave the terminal without the device: it is opened anew. The place is
            # logged and no value, which could be somebody's.
            log.error("%s: %s at %s", self._name, type(error).__name__, _place(error))
            self._failed(DeviceError(DEV_LOST, type(error).__name__), job)
        finally:
            with self._lock:
                self._running = None

    def _take(self) -> _Job[D] | None:
        with self._lock:
            if self._closing.is_set() or not self._jobs:
                return None
            self.cancelled.clear()
            self._running = self._jobs.popleft()
            return self._running

    def _poll(self) -> None:
        status = self._device.status()
        if status.state is DeviceState.DEVICE_BUSY:
            return
        self._outcomes.append(status.state is DeviceState.ONLINE)
        if status.state in (DeviceState.NO_DEVICE, DeviceState.OFFLINE, DeviceState.POWER_OFF):
            self._lose(status.state, fault_of(status))
        else:
            self._report(status.state, fault_of(status), "")

    def _failed(self, error: DeviceError, job: _Job[D]) -> None:
        if error.fault is DEV_CANCELLED:
            return
        if error.completion is not CompletionCode.USER_ERROR:
            self._outcomes.append(False)
        if error.fault.code.startswith("DEV-"):
            self._lose(DeviceState.NO_DEVICE, error.fault)
            with self._lock:
                if not self.cancelled.is_set() and not self._jobs:
                    # Nothing newer is wanted: it goes on when the device is back.
                    self._jobs.append(job)
        else:
            self._report(DeviceState.ONLINE, error.fault, str(error))

    def _lose(self, state: DeviceState, fault: Fault | None) -> None:
        self._failures += 1
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
        self._on_status(DeviceEvent(self._name, state, fault, self.health))


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"


def _stays(fault: Fault) -> bool:
    """A card that is laid down badly says nothing of the reader; a broken reader is broken for the next one, too."""
    return fault.recovery in (Recovery.WITHDRAW_CAPABILITY, Recovery.RECONNECT)


def fault_of(status: DeviceStatus) -> Fault | None:
    """The one that keeps it from being used, before one that only asks for a hand soon."""
    known = [CATALOGUE[code] for code in sorted(status.faults) if code in CATALOGUE]
    return min(known, key=lambda fault: fault.recovery is not Recovery.WITHDRAW_CAPABILITY, default=None)
