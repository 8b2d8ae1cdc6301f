"""Ends a blocking wait from another thread at once, and keeps commands from overlapping."""

from __future__ import annotations

import contextlib
import os
import select
import threading
from collections.abc import Iterator

from drivers import faults
from drivers.api import CompletionCode, DeviceError

BEGINS_S = 0.05
"""A command has begun by then, also on a busy machine."""


class Interrupt:
    """A self-pipe with a flag. One command runs at a time; `cancel` ends it, `shut` also refuses the next."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._wanted = threading.Event()
        self._shut = threading.Event()
        self._depth = 0
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)

    @contextlib.contextmanager
    def command(self) -> Iterator[None]:
        """The running command. A cancel from before it began does not concern it. Nests within one thread."""
        with self._lock:
            if self._depth == 0:
                self._clear()
            self._depth += 1
            try:
                self.check()
                yield
            finally:
                self._depth -= 1

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no command runs and hold the next one off."""
        with self._lock:
            yield

    @contextlib.contextmanager
    def idle(self) -> Iterator[bool]:
        """True, with commands held off, when none is running; False at once when one is.

        A command that is just beginning still forgets earlier cancels: it counts as running only when it has, so that
        whoever was told that one runs can cancel it.
        """
        free = self._lock.acquire(blocking=False)
        if not free and self._depth == 0:
            free = self._lock.acquire(timeout=BEGINS_S)
        try:
            yield free
        finally:
            if free:
                self._lock.release()

    def cancel(self) -> None:
        self._wanted.set()
        self._wake()

    def shut(self) -> None:
        """End the running command and refuse the next until `reopen`."""
        self._shut.set()
        self._wake()

    def reopen(self) -> None:
        self._shut.clear()

    def check(self) -> None:
        """:raises DeviceError: CANCELED when the running command is to end."""
        if self._wanted.is_set() or self._shut.is_set():
            raise DeviceError(faults.DEV_CANCELLED, completion=CompletionCode.CANCELED)

    def wait(self, readable: int | None, timeout_s: float, writable: int | None = None) -> bool:
        """Wait until a descriptor is ready; False at the time-out. :raises DeviceError: CANCELED."""
        reads = [self._reader] if readable is None else [readable, self._reader]
        ready_r, ready_w, _ = select.select(reads, [] if writable is None else [writable], [], max(0.0, timeout_s))
        self.check()
        return bool(ready_w) or readable in ready_r

    def pause(self, seconds: float) -> None:
        """A pause that a cancel ends. :raises DeviceError: CANCELED."""
        self.wait(None, seconds)

    def _wake(self) -> None:
        # A full pipe wakes as well as a byte does.
        with contextlib.suppress(BlockingIOError):
            os.write(self._writer, b"!")

    def _clear(self) -> None:
        self._wanted.clear()
        with contextlib.suppress(BlockingIOError):
            while os.read(self._reader, 512):
                pass

    def __del__(self) -> None:
        for fd in (self._reader, self._writer):
            with contextlib.suppress(OSError):
                os.close(fd)
