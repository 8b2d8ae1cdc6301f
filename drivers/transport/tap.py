"""The one place where bytes on their way to and from a device can be watched: for `kiosk trace` and the self-test.

Every transport tells the tap what it moved. While nobody watches, nothing is kept: a reading's bytes are personal.
What is kept leaves this process only through a codec's description, which hides what is personal.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

from drivers.codec.wire import Direction, Passage


class Recording:
    """What passed while it ran, in order. The repr shows no byte."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()
        self._lock = threading.Lock()
        self._passages: list[Passage] = []

    def add(self, direction: Direction, data: bytes) -> None:
        with self._lock:
            self._passages.append(Passage(time.monotonic() - self._began_s, direction, data))

    def passages(self) -> tuple[Passage, ...]:
        """Everything so far; it stays until `forget`."""
        with self._lock:
            return tuple(self._passages)

    def forget(self) -> None:
        with self._lock:
            self._passages.clear()


_running: list[Recording] = []


@contextlib.contextmanager
def recording() -> Iterator[Recording]:
    """Watch all transports of this process; whoever traces has one device open."""
    watched = Recording()
    _running.append(watched)
    try:
        yield watched
    finally:
        _running.remove(watched)
        watched.forget()


def is_watched() -> bool:
    return bool(_running)


def sent(data: bytes | memoryview) -> None:
    """Bytes that the host's side has given away."""
    _tell(Direction.TO_DEVICE, data)


def heard(data: bytes) -> None:
    """Bytes that came from the device, also those that are thrown away unread."""
    _tell(Direction.FROM_DEVICE, data)


def _tell(direction: Direction, data: bytes | memoryview) -> None:
    if not data:
        return
    for watched in tuple(_running):
        watched.add(direction, bytes(data))
