"""A simulated power service with one supply: the lines of Network UPS Tools over TCP.

The link is a file that holds `ups@127.0.0.1:PORT`. Control: `power{state mains|battery|battery_low|ending}`,
`charge{percent}`, `runtime{s}`, unplug (the service ends), replug, faults.
"""

from __future__ import annotations

import contextlib
import select
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from drivers.sim.core import Twin
from drivers.sim.faultbook import LINE_FAULTS, BadControl, FaultBook
from drivers.sim.line import Wire, write_whole

NAME = "ups"
WORDS = {"mains": "OL CHRG", "battery": "OB DISCHRG", "battery_low": "OB DISCHRG LB", "ending": "FSD OB LB"}
ERRORS = {
    "stale": ("DATA-STALE", "the service has lost its supply: `ERR DATA-STALE`"),
    "no_driver": ("DRIVER-NOT-CONNECTED", "the supply's driver does not run: `ERR DRIVER-NOT-CONNECTED`"),
    "unknown_supply": ("UNKNOWN-UPS", "the service knows no supply of that name: `ERR UNKNOWN-UPS`"),
    "denied": ("ACCESS-DENIED", "the service refuses this host: `ERR ACCESS-DENIED`"),
}
OF_TCP = ("mute", "half", "late", "junk", "garble", "unplug", "hang")
"""A stream neither drops nor doubles bytes, has no speed and no echo."""


class TcpWire:
    """A listening socket and whoever is connected; answers go to whoever spoke last."""

    def __init__(self, link: Path) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.setblocking(False)
        self._ready = select.epoll()
        self._ready.register(self._server, select.EPOLLIN)
        self._fd = self._ready.fileno()
        self._clients: dict[int, socket.socket] = {}
        self.speaker: socket.socket | None = None
        self._sent = 0
        self._link = link
        write_whole(link, f"{NAME}@127.0.0.1:{self._server.getsockname()[1]}\n")

    @property
    def fd(self) -> int:
        return self._fd

    def put(self, data: bytes, now_s: float) -> None:
        # A client that does not read, or has gone, loses its answer; a twin never blocks.
        if self.speaker is not None:
            with contextlib.suppress(OSError):
                self._sent += self.speaker.send(data)

    def pump(self, now_s: float) -> int:
        sent, self._sent = self._sent, 0
        return sent

    def next_pump_s(self) -> float | None:
        return None

    def take(self, now_s: float) -> bytes:
        for fd, _events in self._ready.poll(0):
            if fd == self._server.fileno():
                self._welcome()
            elif data := self._hear(self._clients[fd]):
                return data
        return b""

    def hears_again_s(self) -> float:
        return 0.0

    def garbage(self, length: int) -> bytes:
        return bytes(length)

    def change_speed(self, baud: int) -> None:
        """A network has no speed."""

    def unplug(self) -> None:
        for client in (self._server, *self._clients.values()):
            client.close()
        self._ready.close()
        self._link.unlink(missing_ok=True)

    def _welcome(self) -> None:
        with contextlib.suppress(OSError):
            client, _address = self._server.accept()
            client.setblocking(False)
            self._clients[client.fileno()] = client
            self._ready.register(client, select.EPOLLIN)

    def _hear(self, client: socket.socket) -> bytes:
        try:
            data = client.recv(4096)
        except OSError:
            data = b""
        if data:
            self.speaker = client
            return data
        self._ready.unregister(client)
        del self._clients[client.fileno()]
        if self.speaker is client:
            self.speaker = None
        client.close()
        return b""


class UpsTwin(Twin):
    """See the module."""

    models = ("nut_ups",)
    default_baud = None
    own_faults: ClassVar[Mapping[str, str]] = {name: told for name, (_word, told) in ERRORS.items()}

    @classmethod
    def fault_names(cls, model: str) -> Mapping[str, str]:
        return {**{name: LINE_FAULTS[name] for name in OF_TCP}, **cls.own_faults}

    def __init__(self, settings: Mapping[str, object]) -> None:
        super().__init__(settings)
        self.faults = FaultBook(self.fault_names("nut_ups"))
        self._buffer = bytearray()
        self._variables = {
            "battery.charge": "100",
            "battery.runtime": "1500",
            "device.mfr": "Simulated",
            "device.model": 'Supply "1000"',
            "device.serial": "S0001",
            "ups.status": WORDS["mains"],
        }
        self.ops |= {"power": self._op_power, "charge": self._op_charge, "runtime": self._op_runtime}

    def make_line(self, link: Path) -> Wire:
        return TcpWire(link)

    def _put_in_turn(self, data: bytes, delay_s: float) -> None:
        """A late answer holds up nobody else, and goes nowhere when its connection has ended."""
        line = self.line
        asked_by = line.speaker if isinstance(line, TcpWire) else None

        def put() -> None:
            if isinstance(line, TcpWire) and line.speaker is asked_by:
                self.put(data)

        if delay_s:
            self.after(delay_s, put)
        else:
            put()

    def on_power_up(self) -> None:
        self._buffer.clear()

    def on_bytes(self, data: bytes) -> None:
        *lines, rest = bytes(self._buffer + data).split(b"\n")
        self._buffer = bytearray(rest[-1024:])
        for line in lines:
            self.send(self._answer(line.decode("ascii", "replace").split()), tag="answer")

    def status(self) -> dict[str, object]:
        return {**super().status(), "power": self._variables["ups.status"]}

    def _answer(self, words: list[str]) -> bytes:
        if words == ["LOGOUT"]:
            return b"OK Goodbye\n"
        if words[:2] != ["LIST", "VAR"] or len(words) != 3:
            return b"ERR UNKNOWN-COMMAND\n"
        for name, (error, _told) in ERRORS.items():
            if self.faults.take(name):
                return f"ERR {error}\n".encode()
        if words[2] != NAME:
            return b"ERR UNKNOWN-UPS\n"
        told = [f'VAR {NAME} {key} "{_escaped(value)}"' for key, value in sorted(self._variables.items())]
        return "\n".join([f"BEGIN LIST VAR {NAME}", *told, f"END LIST VAR {NAME}", ""]).encode()

    def _op_power(self, request: Mapping[str, object]) -> Mapping[str, object]:
        words = WORDS.get(str(request.get("state")))
        if words is None:
            raise BadControl(f"power: state is one of {', '.join(WORDS)}")
        self._variables["ups.status"] = words
        return {}

    def _op_charge(self, request: Mapping[str, object]) -> Mapping[str, object]:
        return self._set("battery.charge", request.get("percent"))

    def _op_runtime(self, request: Mapping[str, object]) -> Mapping[str, object]:
        return self._set("battery.runtime", request.get("s"))

    def _set(self, name: str, value: object) -> Mapping[str, object]:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise BadControl(f"{name} is a whole number")
        self._variables[name] = str(value)
        return {}


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


TWIN = UpsTwin
