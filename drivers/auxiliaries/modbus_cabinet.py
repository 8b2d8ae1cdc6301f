"""The cabinet on a Modbus RTU board: its door contact, its relays, its temperature.

XFS4IoT Auxiliaries cabinetDoor. A relay is told by name and read back.
"""

from __future__ import annotations

from collections.abc import Mapping

from drivers import faults, settings
from drivers.api import Cabinet, CabinetStatus, DeviceState, DeviceStatus
from drivers.auxiliaries._modbus_board import KEYS, ModbusBoard, address, addresses
from drivers.codec import modbus_wire
from drivers.codec.modbus import Table

_CONTACTS = {"inputs": Table.DISCRETE_INPUT, "coils": Table.COIL}
_REGISTERS = {"input": Table.INPUT, "holding": Table.HOLDING}
_SIGN_BIT = 0x8000


class ModbusCabinet:
    """See `drivers.api.Cabinet`. Settings, besides those of every Modbus board (unit 2 when not named):

    - `door`: address of the door contact (0); `door_in`: `inputs` or `coils`; `door_open_is`: the contact's value
      when the door is open (true: a contact that opens with the door, to a pull-up, is safe against a cut wire).
    - `relays`: name -> coil, such as `{ fan = 0 }`.
    - `temperature`: address of its register, none when missing; `temperature_in`: `input` or `holding`;
      `temperature_per_c`: counts a degree (10); `hot_c`: from where the cabinet is too hot (60).
    """

    def __init__(self, table: Mapping[str, object]) -> None:
        settings.only(
            table, *KEYS, "door", "door_in", "door_open_is", "relays", "temperature", "temperature_in",
            "temperature_per_c", "hot_c",
        )  # fmt: skip
        self._door = address(table, "door", 0)
        self._contacts = _CONTACTS[settings.one_of(table, "door_in", *_CONTACTS)]
        self._open_is = int(settings.flag(table, "door_open_is", True))
        self._relays = addresses(table, "relays", {})
        self._temperature = address(table, "temperature", 0) if "temperature" in table else None
        self._registers = _REGISTERS[settings.one_of(table, "temperature_in", *_REGISTERS)]
        self._per_c = settings.whole(table, "temperature_per_c", 10)
        self._hot_c = settings.whole(table, "hot_c", 60)
        self._board = ModbusBoard(table, "cabinet", unit=2)

    def open(self) -> None:
        """Prove the board by reading the cabinet; its relays stay as they are.

        :raises DeviceError: DEV-001…003, or BRD-001…003 when it has not these inputs.
        """
        with self._board.opening():
            self._read()

    def read(self) -> CabinetStatus:
        with self._board.unit.command():
            return self._read()

    def switch(self, relay: str, on: bool) -> None:
        if relay not in self._relays:
            raise ValueError(f"no relay {relay!r}; known: {', '.join(sorted(self._relays)) or 'none'}")
        self._board.put(Table.COIL, self._relays[relay], int(on))

    def status(self) -> DeviceStatus:
        """CAB-001 while the door is open, CAB-002 while it is too hot."""
        return self._board.look(self._look)

    def cancel(self) -> None:
        self._board.unit.cancel()

    def reset(self) -> None:
        """Ask anew; relays are never switched by a reset: one may be the printer's power. :raises DeviceError:"""
        self.read()

    def close(self) -> None:
        self._board.unit.close()

    def _read(self) -> CabinetStatus:
        (contact,) = self._board.values(self._contacts, self._door)
        return CabinetStatus(contact == self._open_is, self._temperature_c())

    def _temperature_c(self) -> float | None:
        if self._temperature is None:
            return None
        (count,) = self._board.values(self._registers, self._temperature)
        return (count - 2 * (count & _SIGN_BIT)) / self._per_c

    def _look(self) -> DeviceStatus:
        seen = self._read()
        hot = seen.temperature_c is not None and seen.temperature_c >= self._hot_c
        now = {fault.code for fault, holds in ((faults.CAB_DOOR, seen.door_open), (faults.CAB_HOT, hot)) if holds}
        return DeviceStatus(DeviceState.ONLINE, cover_open=seen.door_open, faults=frozenset(now))


DEVICE_CLASS = "cabinet"
DESCRIBE = modbus_wire.describe


def DRIVER(table: Mapping[str, object]) -> Cabinet:
    """Make the driver from its devices.toml table. :raises ValueError: for unusable settings."""
    return ModbusCabinet(table)
