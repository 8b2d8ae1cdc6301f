"""What the terminal does about its power: on battery the visit that goes on is finished and none begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from drivers.api import DeviceError, PowerReading, PowerState, Ups
from drivers.faults import UPS_BATTERY, UPS_LOW, Fault
from kiosk.app.device_hub import DeviceWorker
from kiosk.app.watches.following import LOOK_S, follow


@dataclass(frozen=True, slots=True)
class PowerAdvice:
    """What a state of the power means for visits."""

    may_begin: bool
    """A new visit may begin. The one that goes on is never ended: its case is safe from its commit on."""
    is_ending: bool
    """The power is about to fail: what still waits in memory is brought into the store now."""
    fault: Fault | None = None
    """Why, for the resident: the text `fault.<name>`."""


_ADVICE: Mapping[PowerState, PowerAdvice] = {
    PowerState.BATTERY: PowerAdvice(may_begin=False, is_ending=False, fault=UPS_BATTERY),
    PowerState.BATTERY_LOW: PowerAdvice(may_begin=False, is_ending=True, fault=UPS_LOW),
}
_CARRY_ON = PowerAdvice(may_begin=True, is_ending=False)


def advice(state: PowerState) -> PowerAdvice:
    """A supply that nobody hears of is no reason to close: most halls have none."""
    return _ADVICE.get(state, _CARRY_ON)


class PowerWatch:
    """Follows the supply; `why_not` is asked when a visit is about to begin.

    :param record: for the observer: `power` with state, charge and runtime.
    :param flush: called once each time the power is about to fail.
    :param changed: called when `why_not` may say something else.
    """

    def __init__(
        self,
        worker: DeviceWorker[Ups] | None,
        record: Callable[[str, Mapping[str, object]], None],
        flush: Callable[[], None] = lambda: None,
        changed: Callable[[], None] = lambda: None,
    ):
        self._worker = worker
        self._record = record
        self._flush = flush
        self._changed = changed
        self._advice = _CARRY_ON

    def start(self) -> None:
        if self._worker is not None:
            follow(self._worker, self._look)

    def why_not(self) -> str:
        """Text key of why no visit may begin now; empty when one may."""
        fault = self._advice.fault
        return f"fault.{fault.name}" if fault is not None else ""

    def _look(self, ups: Ups) -> None:
        try:
            reading = ups.wait_change(LOOK_S)
        except DeviceError:
            # What was known of the power is worth nothing now; the worker deals with the service itself.
            self._advice = _CARRY_ON
            self._changed()
            raise
        if reading is not None:
            self._take(reading)

    def _take(self, reading: PowerReading) -> None:
        before, self._advice = self._advice, advice(reading.state)
        facts = {"charge_percent": reading.charge_percent, "runtime_s": reading.runtime_s}
        self._record("power", {"state": reading.state.value, **facts})
        if self._worker is not None:
            self._worker.note(self._advice.fault)
        self._changed()
        if self._advice.is_ending and not before.is_ending:
            self._flush()
