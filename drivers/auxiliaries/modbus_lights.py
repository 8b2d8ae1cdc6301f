"""Guide lights on a Modbus RTU board: a lamp a coil, or a lamp a register.

XFS4IoT Lights. A board that has no rates of its own is blinked from here. Every change is read back, so that a lamp
that is told to be lit is known to be lit as far as the board can know.
"""

from __future__ import annotations

from collections.abc import Mapping

from drivers import settings
from drivers.api import DeviceState, DeviceStatus, Flash, LightPosition, Lights
from drivers.auxiliaries._blinker import Blinker
from drivers.auxiliaries._modbus_board import KEYS, MAX_ADDRESS, ModbusBoard, addresses
from drivers.codec import modbus_wire
from drivers.codec.modbus import Table
from drivers.transport.modbus_unit import ModbusUnit

_IN_ORDER = {position.value: number for number, position in enumerate(LightPosition)}
_OUTPUTS = {"coils": Table.COIL, "registers": Table.HOLDING}
_ON_OFF = {Flash.OFF: 0, Flash.CONTINUOUS: 1}


class ModbusLights:
    """See `drivers.api.Lights`. Settings, besides those of every Modbus board (unit 1 when not named):

    - `positions`: lamp -> address, such as `{ cardReader = 0, statusBad = 6 }`; all seven in order when missing.
    - `outputs`: `coils` or `registers`.
    - `rates`: flash rate -> value to write, such as `{ off = 0, continuous = 1, slow = 2 }`; what the board
      does not have (`slow`, `medium`, `quick`) is blinked from here.
    """

    def __init__(self, table: Mapping[str, object]) -> None:
        settings.only(table, *KEYS, "positions", "outputs", "rates")
        self._outputs = _OUTPUTS[settings.one_of(table, "outputs", *_OUTPUTS)]
        self._address = _positions(table)
        self._rates = _rates(table, self._outputs)
        self._board = ModbusBoard(table, "lights", unit=1)
        # The blinking is no command of anyone: a cancel must not end it, and it must not look busy.
        self._blink_unit = ModbusUnit(self._board.port, self._board.baud, self._board.unit.unit, "blinking lights")
        self._blinker = Blinker(self._blink)
        self._steady: dict[LightPosition, int] = {}

    def open(self) -> None:
        """Prove the board by reading its lamps, and put them all out.

        :raises DeviceError: DEV-001…003, or BRD-001…004 when it has not these outputs.
        """
        self._still()
        self._blink_unit.open()
        try:
            with self._board.opening():
                self._all_off()
        except BaseException:
            self._blink_unit.close()
            raise

    def set(self, position: LightPosition, flash: Flash) -> None:
        if position not in self._address:
            return
        with self._board.unit.command():
            self._blinker.drop(position)
            own_rate = self._rates.get(flash)
            self._put(position, self._rates[Flash.CONTINUOUS] if own_rate is None else own_rate)
            if own_rate is None:
                del self._steady[position]
                self._blinker.begin(position, flash)

    def status(self) -> DeviceStatus:
        """Also puts right what the board has lost, by a loss of power for example."""
        return self._board.look(self._look)

    def cancel(self) -> None:
        self._board.unit.cancel()

    def reset(self) -> None:
        """All lamps out. :raises DeviceError:"""
        self._still()
        with self._board.unit.command():
            self._all_off()

    def close(self) -> None:
        """The lamps stay as they are: the board may be needed by whoever opens it next."""
        self._blink_unit.close()
        self._board.unit.close()
        self._blinker.end()

    def _still(self) -> None:
        self._blink_unit.cancel()
        self._blinker.end()

    def _all_off(self) -> None:
        self._steady.clear()
        for position in self._address:
            self._put(position, self._rates[Flash.OFF])

    def _put(self, position: LightPosition, value: int) -> None:
        self._steady[position] = value
        self._board.put(self._outputs, self._address[position], value)

    def _look(self) -> DeviceStatus:
        for position, value in self._steady.items():
            if self._board.values(self._outputs, self._address[position]) != (value,):
                self._put(position, value)
        trouble = self._blinker.trouble
        if trouble is not None:
            raise trouble
        return DeviceStatus(DeviceState.ONLINE)

    def _blink(self, position: LightPosition, lit: bool) -> None:
        with self._blink_unit.command():
            if self._blinker.blinks(position):  # it may have been set while this waited for its turn
                value = self._rates[Flash.CONTINUOUS if lit else Flash.OFF]
                self._board.send(self._blink_unit, self._outputs, self._address[position], value)


def _positions(table: Mapping[str, object]) -> dict[LightPosition, int]:
    named = addresses(table, "positions", _IN_ORDER)
    if unknown := sorted(set(named) - set(_IN_ORDER)):
        raise settings.SettingsError(f"positions: unknown {', '.join(unknown)}; known: {', '.join(_IN_ORDER)}")
    if len(set(named.values())) != len(named):
        raise settings.SettingsError("positions: two lamps have the same address")
    return {LightPosition(name): address for name, address in named.items()}


def _rates(table: Mapping[str, object], outputs: Table) -> dict[Flash, int]:
    named = addresses(table, "rates", {})
    known = [flash.value for flash in Flash]
    if unknown := sorted(set(named) - set(known)):
        raise settings.SettingsError(f"rates: unknown {', '.join(unknown)}; known: {', '.join(known)}")
    highest = 1 if outputs is Table.COIL else MAX_ADDRESS
    if any(value > highest for value in named.values()):
        raise settings.SettingsError("rates: a coil takes 0 or 1")
    return {**_ON_OFF, **{Flash(name): value for name, value in named.items()}}


DEVICE_CLASS = "lights"
DESCRIBE = modbus_wire.describe


def DRIVER(table: Mapping[str, object]) -> Lights:
    """Make the driver from its devices.toml table. :raises ValueError: for unusable settings."""
    return ModbusLights(table)
