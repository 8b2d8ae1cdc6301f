"""What every device on a Modbus board does the same way: settings, opening with proof, states, confirmed writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from drivers import faults, settings
from drivers.api import CompletionCode, DeviceError, DeviceState, DeviceStatus
from drivers.codec.modbus import Table, read, write
from drivers.transport.modbus_unit import ModbusUnit

KEYS = ("port", "baud", "unit", "single_writes")
MAX_ADDRESS = 0xFFFF
_STATE_OF = {
    faults.DEV_LOST: DeviceState.NO_DEVICE,
    faults.DEV_SILENT: DeviceState.OFFLINE,
    faults.BRD_BUSY: DeviceState.DEVICE_BUSY,
    faults.DEV_CANCELLED: DeviceState.DEVICE_BUSY,
}


class ModbusBoard:
    """One unit for one purpose. Settings: `port`, `baud` (9600), `unit` (1-247), `single_writes` (false).

    `single_writes` is for boards that know only the functions 05 and 06.
    """

    def __init__(self, table: Mapping[str, object], purpose: str, unit: int) -> None:
        number = settings.whole(table, "unit", unit)
        if number > 247:
            raise settings.SettingsError("unit must be 1 to 247")
        self._single = settings.flag(table, "single_writes", False)
        self.port, self.baud = settings.text(table, "port"), settings.whole(table, "baud", 9600)
        self.unit = ModbusUnit(self.port, self.baud, number, purpose)

    @contextmanager
    def opening(self) -> Iterator[None]:
        """The line is open inside; when the proof inside fails, it is closed again."""
        self.unit.open()
        try:
            with self.unit.command():
                yield
        except BaseException:
            self.unit.close()
            raise

    def values(self, table: Table, address: int, count: int = 1) -> tuple[int, ...]:
        """:raises DeviceError:"""
        return self.unit.ask(read(self.unit.unit, table, address, count)).values

    def put(self, table: Table, address: int, value: int) -> None:
        """Write one value and read what became of it. :raises DeviceError: BRD-004 when it did not stay."""
        with self.unit.command():
            self.send(self.unit, table, address, value)
            if self.values(table, address) != (value,):
                raise DeviceError(faults.BRD_NOT_SET, f"address {address}", CompletionCode.HARDWARE_ERROR)

    def send(self, unit: ModbusUnit, table: Table, address: int, value: int) -> None:
        """Write one value, confirmed by the board's answer alone."""
        unit.ask(write(unit.unit, table, address, (value,), single=self._single))

    def look(self, ask: Callable[[], DeviceStatus]) -> DeviceStatus:
        """For `status`: what `ask` found, or the state that its failure means. Never raises DeviceError."""
        if self.unit.is_busy:
            return DeviceStatus(DeviceState.DEVICE_BUSY)
        if not self.unit.is_open:
            return DeviceStatus(DeviceState.NO_DEVICE, faults=frozenset({faults.DEV_LOST.code}))
        try:
            with self.unit.command():
                return ask()
        except DeviceError as error:
            state = _STATE_OF.get(error.fault, DeviceState.HARDWARE_ERROR)
            cancelled = error.completion is CompletionCode.CANCELED
            return DeviceStatus(state, faults=frozenset() if cancelled else frozenset({error.fault.code}))


def addresses(table: Mapping[str, object], key: str, default: Mapping[str, int]) -> dict[str, int]:
    """A table of names and addresses. :raises SettingsError:"""
    found = table.get(key, default)
    if not isinstance(found, Mapping):
        raise settings.SettingsError(f"{key} must be a table of names and addresses")
    return {str(name): address(found, name, 0) for name in found}


def address(table: Mapping[str, object], key: str, default: int) -> int:
    """:raises SettingsError: when no address of the protocol."""
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_ADDRESS:
        raise settings.SettingsError(f"{key} must be an address, 0 to {MAX_ADDRESS}")
    return value
