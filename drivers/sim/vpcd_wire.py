"""A card in a slot of the virtual reader `vpcd`: one TCP connection while the card is in.

Each message is its length in two bytes, big endian, and its content. A message of one byte is the reader's
(off, on, reset, ask for the ATR), a longer one an APDU. Source: the virtual smart card's manual.
"""

from __future__ import annotations

import contextlib
import socket

CONNECT_S = 2.0
TAKE_BYTES = 4096


class VpcdWire:
    """See `drivers.sim.line.Wire`. The contacts are far quicker than anything that is timed; nothing is paced."""

    def __init__(self, host: str, port: int) -> None:
        """:raises OSError: when no virtual reader listens there."""
        self._socket = socket.create_connection((host, port), CONNECT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._fd = self._socket.fileno()
        self._pulled = False

    @property
    def fd(self) -> int:
        """The same number after `unplug`, so that a loop can stop watching it."""
        return self._fd

    @property
    def has_ended(self) -> bool:
        """The reader's side has closed: reader or service has gone."""
        return self._pulled

    def put(self, data: bytes, now_s: float) -> None:
        with contextlib.suppress(OSError):
            self._socket.sendall(data)

    def pump(self, now_s: float) -> int:
        return 0

    def next_pump_s(self) -> float | None:
        return None

    def take(self, now_s: float) -> bytes:
        try:
            # The virtual reader sends in small pieces and waits for each to be confirmed.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            data = self._socket.recv(TAKE_BYTES)
        except OSError:
            data = b""
        self._pulled = not data
        return data

    def hears_again_s(self) -> float:
        return 0.0

    def garbage(self, length: int) -> bytes:
        return bytes(length)

    def change_speed(self, baud: int) -> None:
        """A card and its reader agree on their speed by themselves."""

    def unplug(self) -> None:
        self._socket.close()
