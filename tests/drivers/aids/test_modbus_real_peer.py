"""The same drivers against pymodbus's own server, a process of its own at the other end of a line."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers import faults, registry
from drivers.api import CabinetStatus, DeviceError, Flash, LightPosition
from drivers.sim.lifetime import ends_with_us

BAUD = 19200


class Cable:
    """Two ptys joined by a thread that hands every byte over: the kernel's own null modem."""

    def __init__(self) -> None:
        self._masters, self._slaves = zip(*(os.openpty() for _ in range(2)), strict=True)
        for fd in (*self._masters, *self._slaves):
            tty.setraw(fd)
        self._stop, self._stopped = os.pipe()
        self._thread = threading.Thread(target=self._carry)
        self._thread.start()

    @property
    def ends(self) -> tuple[str, str]:
        return os.ttyname(self._slaves[0]), os.ttyname(self._slaves[1])

    def cut(self) -> None:
        os.write(self._stopped, b"!")
        self._thread.join()
        for fd in (*self._masters, *self._slaves, self._stop, self._stopped):
            os.close(fd)

    def _carry(self) -> None:
        other = dict(zip(self._masters, reversed(self._masters), strict=True))
        while True:
            ready, _, _ = select.select([*self._masters, self._stop], [], [])
            if self._stop in ready:
                return
            for fd in ready:
                os.write(other[fd], os.read(fd, 4096))


@pytest.fixture(scope="module")
def line() -> Iterator[str]:
    cable = Cable()
    ours, theirs = cable.ends
    command = [sys.executable, str(Path(__file__).with_name("modbus_peer.py")), theirs, str(BAUD)]
    server = subprocess.Popen(ends_with_us(command), stdout=subprocess.PIPE)
    assert server.stdout is not None
    try:
        assert server.stdout.readline() == b"ready\n"
        yield ours
    finally:
        server.terminate()
        server.wait(5)
        server.stdout.close()
        cable.cut()


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("outputs", ["coils", "registers"])
def test_lamps_are_written_and_read_back(line: str, single: bool, outputs: str) -> None:
    table = {"port": line, "baud": BAUD, "single_writes": single, "outputs": outputs}
    lights: Any = registry.create("lights", "modbus_lights", table)
    lights.open()
    for flash in (Flash.CONTINUOUS, Flash.OFF, Flash.CONTINUOUS):
        lights.set(LightPosition.DOCUMENT_PRINTER, flash)
    lights.close()


def test_the_cabinet_of_the_other_unit(line: str) -> None:
    cabinet: Any = registry.create(
        "cabinet", "modbus_cabinet", {"port": line, "baud": BAUD, "relays": {"fan": 5}, "temperature": 0}
    )
    lights: Any = registry.create("lights", "modbus_lights", {"port": line, "baud": BAUD})
    lights.open()
    cabinet.open()
    assert cabinet.read() == CabinetStatus(True, -1.0)
    cabinet.switch("fan", True)
    cabinet.switch("fan", False)
    lights.close()
    assert cabinet.read().door_open
    cabinet.close()


@pytest.mark.parametrize("changed", [{"door": 40}, {"door": 3, "temperature": 7}, {"door_in": "coils", "door": 99}])
def test_what_the_server_refuses_is_named(line: str, changed: dict[str, object]) -> None:
    cabinet: Any = registry.create("cabinet", "modbus_cabinet", {"port": line, "baud": BAUD, **changed})
    with pytest.raises(DeviceError) as caught:
        cabinet.open()
    assert caught.value.fault is faults.BRD_REFUSED
