"""An uninterruptible power supply through the system's power service (Network UPS Tools).

XFS4IoT Auxiliaries ups. The service owns the supply's cable; here it is only asked, and never told to shut anything
down: what the terminal does about it is the kiosk's decision.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from drivers import faults, settings
from drivers.api import (
    CompletionCode,
    DeviceError,
    DeviceIdentity,
    DeviceState,
    DeviceStatus,
    PowerReading,
    PowerState,
    Ups,
)
from drivers.codec import nut, nut_wire
from drivers.transport.nut_tcp import NutLink

POLL_S = 1.0
"""The service looks at a USB supply every two seconds; it tells nobody unasked."""
_FAULT_OF_STATE = {PowerState.BATTERY: faults.UPS_BATTERY, PowerState.BATTERY_LOW: faults.UPS_LOW}
_STATE_OF = {
    faults.DEV_LOST: DeviceState.NO_DEVICE,
    faults.DEV_NOT_FOUND: DeviceState.NO_DEVICE,
    faults.DEV_SILENT: DeviceState.OFFLINE,
}


class NutUps:
    """See `drivers.api.Ups`. Settings: `port`, as `ups@127.0.0.1:3493` or a path of a file that holds that."""

    def __init__(self, table: Mapping[str, object]) -> None:
        settings.only(table, "port")
        try:
            self._link = NutLink(settings.text(table, "port"))
        except ValueError as error:
            raise settings.SettingsError(str(error)) from error
        self._told: PowerState | None = None

    def open(self) -> None:
        """Connect and ask once. A service without fresh word of its supply is there all the same.

        :raises DeviceError: DEV-001…004, UPS-004.
        """
        self._link.open()
        self._told = None
        try:
            self._state()
        except DeviceError:
            self._link.close()
            raise

    def power(self) -> PowerReading:
        return nut.reading_of(self._variables())

    def wait_change(self, timeout_s: float) -> PowerReading | None:
        """A supply that the service has no fresh word of is UNKNOWN here. :raises DeviceError: DEV-002…005, UPS-004."""
        deadline_s = time.monotonic() + timeout_s
        with self._link.interrupt.command():
            while True:
                reading = self._state()
                if reading.state is not self._told:
                    self._told = reading.state
                    return reading
                left_s = deadline_s - time.monotonic()
                if left_s <= 0:
                    return None
                self._link.interrupt.pause(min(left_s, POLL_S))

    def status(self) -> DeviceStatus:
        """UPS-001 on battery, UPS-002 when that is low, UPS-003 when nobody knows."""
        with self._link.interrupt.idle() as free:
            if not free:
                return DeviceStatus(DeviceState.DEVICE_BUSY)
            try:
                fault = _FAULT_OF_STATE.get(self.power().state)
            except DeviceError as error:
                if error.completion is CompletionCode.CANCELED:
                    lost = not self._link.is_open
                    return DeviceStatus(DeviceState.NO_DEVICE if lost else DeviceState.DEVICE_BUSY)
                state = _STATE_OF.get(error.fault, DeviceState.HARDWARE_ERROR)
                return DeviceStatus(state, faults=frozenset({error.fault.code}))
        return DeviceStatus(DeviceState.ONLINE, faults=frozenset({fault.code} if fault else ()))

    def identity(self) -> DeviceIdentity:
        """:raises DeviceError:"""
        told = self._variables()
        maker = told.get("device.mfr", told.get("ups.mfr", ""))
        model = told.get("device.model", told.get("ups.model", ""))
        serial = told.get("device.serial", told.get("ups.serial", ""))
        return DeviceIdentity(f"{maker} {model}".strip(), told.get("ups.firmware", ""), serial)

    def cancel(self) -> None:
        self._link.interrupt.cancel()

    def reset(self) -> None:
        """Ask anew over a new connection. :raises DeviceError:"""
        self._link.open()
        self._state()

    def close(self) -> None:
        self._link.close()

    def _variables(self) -> dict[str, str]:
        with self._link.interrupt.command():
            return self._link.variables()

    def _state(self) -> PowerReading:
        try:
            return self.power()
        except DeviceError as error:
            if error.fault is not faults.UPS_STALE:
                raise
            return PowerReading(PowerState.UNKNOWN)


DEVICE_CLASS = "ups"
DESCRIBE = nut_wire.describe


def DRIVER(table: Mapping[str, object]) -> Ups:
    """Make the driver from its devices.toml table. :raises ValueError: for unusable settings."""
    return NutUps(table)
