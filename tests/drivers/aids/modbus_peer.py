"""pymodbus's own server as the other side: `python modbus_peer.py PORT BAUD`. Two units, as boards of their own."""

from __future__ import annotations

import asyncio
import sys

from pymodbus import FramerType
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice


def _unit(number: int) -> SimDevice:
    coils = [SimData(0, values=False, count=16, datatype=DataType.BITS)]
    inputs = [SimData(0, values=[True] + [False] * 15, datatype=DataType.BITS)]
    holding = [SimData(0, values=0, count=16, datatype=DataType.REGISTERS)]
    measured = [SimData(0, values=0xFFF6, count=1, datatype=DataType.REGISTERS)]
    return SimDevice(number, simdata=(coils, inputs, holding, measured))


async def _serve(port: str, baud: int) -> None:
    server = ModbusSerialServer([_unit(1), _unit(2)], framer=FramerType.RTU, port=port, baudrate=baud)
    await server.serve_forever(background=True)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


asyncio.run(_serve(sys.argv[1], int(sys.argv[2])))
