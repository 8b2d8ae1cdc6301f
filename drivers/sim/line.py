"""The wire itself: a pseudo terminal at an ordinary path, with bytes that take their real time.

A pty is as fast as memory; a UART is not. Both directions are therefore paced at 10 bits a byte
(8N1). The host's speed setting is honoured: a host that opens the port at another speed sees and
sends garbage, as on copper.
"""

from __future__ import annotations

import contextlib
import os
import random
import termios
import tty
from pathlib import Path
from typing import Protocol

BITS_PER_BYTE = 10
SLICE_S = 0.002
"""Bytes are handed over in slices of this length: finer than any deadline, coarse enough for two cores."""


def write_whole(path: Path, text: str) -> None:
    """A file under its name holds all of `text` (ASCII): a product that reads it at that moment finds no half of it."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text, encoding="ascii")
    fresh.replace(path)


class Wire(Protocol):
    """What a twin's loop needs of the wire; `Line` is the ordinary one and says what each method does."""

    @property
    def fd(self) -> int: ...

    def put(self, data: bytes, now_s: float) -> None: ...

    def pump(self, now_s: float) -> int: ...

    def next_pump_s(self) -> float | None: ...

    def take(self, now_s: float) -> bytes: ...

    def hears_again_s(self) -> float: ...

    def garbage(self, length: int) -> bytes: ...

    def change_speed(self, baud: int) -> None: ...

    def unplug(self) -> None: ...


class Line:
    """One plugged-in cable. `baud` None means no line speed (an input device node)."""

    def __init__(self, link: Path, baud: int | None) -> None:
        self._baud = baud
        self._link = link
        self._master, self._slave = os.openpty()
        tty.setraw(self._master)
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        if baud is not None:
            self._set_speed(baud)
        self._pending = bytearray()
        self._sent_until_s = 0.0
        self._heard_until_s = 0.0
        self._noise = random.Random(0x5A)
        self._publish()

    def _set_speed(self, baud: int) -> None:
        # A port nobody has configured has the device's own speed, so only a wrong setting garbles.
        attributes = termios.tcgetattr(self._slave)
        attributes[4] = attributes[5] = getattr(termios, f"B{baud}")
        termios.tcsetattr(self._slave, termios.TCSANOW, attributes)

    def change_speed(self, baud: int) -> None:
        """The device's own speed from now on; the host's setting stays as it is."""
        self._baud = baud

    def _publish(self) -> None:
        # Renamed into place so that a waiting host never sees a half-made link.
        fresh = self._link.with_name(self._link.name + ".new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(self._slave))
        fresh.replace(self._link)

    @property
    def fd(self) -> int:
        return self._master

    def _byte_s(self) -> float:
        return 0.0 if self._baud is None else BITS_PER_BYTE / self._baud

    def speeds_agree(self) -> bool:
        if self._baud is None:
            return True
        return bool(termios.tcgetattr(self._slave)[4] == getattr(termios, f"B{self._baud}"))

    def garbage(self, length: int) -> bytes:
        """What a receiver at the wrong speed makes of `length` bytes."""
        return self._noise.randbytes(length)

    def put(self, data: bytes, now_s: float) -> None:
        """Queue bytes for the host; they leave from now on at the line's speed."""
        if not self._pending:
            self._sent_until_s = max(self._sent_until_s, now_s)
        self._pending += data

    def pump(self, now_s: float) -> int:
        """Hand the host every byte whose time has come; returns how many left."""
        byte_s = self._byte_s()
        due = len(self._pending) if byte_s == 0 else min(len(self._pending), int((now_s - self._sent_until_s) / byte_s))
        if due <= 0:
            return 0
        chunk = bytes(self._pending[:due])
        del self._pending[:due]
        self._sent_until_s += due * byte_s
        # A host that does not read loses bytes, as a UART's overrun does; a twin never blocks.
        with contextlib.suppress(BlockingIOError):
            os.write(self._master, chunk if self.speeds_agree() else self.garbage(due))
        return due

    def next_pump_s(self) -> float | None:
        """When `pump` has something to do again; None when nothing is queued."""
        if not self._pending:
            return None
        byte_s = self._byte_s()
        return self._sent_until_s + max(byte_s, min(SLICE_S, byte_s * len(self._pending)))

    def drop_pending(self) -> None:
        self._pending.clear()

    def take(self, now_s: float) -> bytes:
        """What the host has sent and the wire has carried by now."""
        byte_s = self._byte_s()
        limit = 4096
        if byte_s:
            limit = max(1, int(SLICE_S / byte_s))
        try:
            data = os.read(self._master, limit)
        except BlockingIOError:
            return b""
        # A receiver goes on while this process is late: what a busy machine held up is caught up with, a slice at most.
        self._heard_until_s = max(self._heard_until_s, now_s - SLICE_S) + len(data) * byte_s
        return data if self.speeds_agree() else self.garbage(len(data))

    def hears_again_s(self) -> float:
        """From when `take` may be called again: the wire is busy carrying what was taken until then."""
        return self._heard_until_s

    def unplug(self) -> None:
        """Pull the cable: the path vanishes and an open port breaks."""
        with contextlib.suppress(FileNotFoundError):
            if self._link.readlink() == Path(os.ttyname(self._slave)):
                self._link.unlink()
        os.close(self._slave)
        os.close(self._master)
