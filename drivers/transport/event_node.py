"""A Linux input device node, read only: no library, just the kernel's interface."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
import struct
import time
from pathlib import Path

from drivers import faults
from drivers.api import CompletionCode, DeviceError
from drivers.transport import tap
from drivers.transport.denied import fault_of_opening
from drivers.transport.interrupt import Interrupt

_LOG = logging.getLogger(__name__)
_NOT_EVDEV = (errno.ENOTTY, errno.EINVAL, errno.ENOSYS)
_FEW_BYTES = 8
KEYS_BYTES = 96
"""KEY_MAX + 1 bits (linux/input-event-codes.h)."""
READ_BYTES = 24 * 64
SILENCE_S = 0.05
"""The kernel gives whole events; half of one that pauses this long is noise and will not be finished."""


def _read_request(number: int, length: int = _FEW_BYTES) -> int:
    """`_IOC(_IOC_READ, 'E', number, length)` of asm-generic/ioctl.h."""
    return 2 << 30 | length << 16 | ord("E") << 8 | number


EVIOCGID = _read_request(0x02)
EVIOCGKEY = _read_request(0x18, KEYS_BYTES)
EVIOCGSW = _read_request(0x1B)
EVIOCGRAB = 1 << 30 | 4 << 16 | ord("E") << 8 | 0x90
"""`_IOW('E', 0x90, int)`."""


def _eviocgbit(event_type: int, length: int) -> int:
    return _read_request(0x20 + event_type, length)


class EventNode:
    """One node. `cancel` and `close` may come from another thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None
        self._was_lost = False
        self._heard_s = 0.0
        self.after_silence = False
        """Whether the node was silent before what `read_available` returned last."""
        self.interrupt = Interrupt()

    @property
    def is_open(self) -> bool:
        return self._fd is not None

    def open(self) -> None:
        """:raises DeviceError: DEV-001, DEV-006."""
        self.interrupt.reopen()
        with self.interrupt.command():
            self._drop()
            try:
                self._fd = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
            except OSError as error:
                raise DeviceError(fault_of_opening(error), str(error), CompletionCode.DEVICE_NOT_READY) from error
            if self._was_lost:
                _LOG.info("input node %s is back", self._path)
                self._was_lost = False

    def close(self) -> None:
        """End the running wait, then close. Safe from any thread and more than once."""
        self.interrupt.shut()
        with self.interrupt.alone():
            self._drop()

    def read_available(self, timeout_s: float) -> bytes:
        """Events that have come; empty when none came within `timeout_s`. :raises DeviceError: DEV-004, DEV-005."""
        fd = self._open_fd()
        if not self.interrupt.wait(fd, timeout_s):
            return b""
        try:
            data = os.read(fd, READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise self._lost(error) from error
        if not data:
            raise self._lost(None)
        now_s = time.monotonic()
        self.after_silence, self._heard_s = now_s - self._heard_s > SILENCE_S, now_s
        tap.heard(data)
        return data

    def switches(self) -> bytes | None:
        """The state of all switches as a bit field; None when the node is no evdev device and cannot be asked."""
        return self._ask(EVIOCGSW)

    def codes(self, event_type: int, length: int = _FEW_BYTES) -> bytes | None:
        """Which codes of that type the device has; None when it cannot be asked."""
        return self._ask(_eviocgbit(event_type, length), length)

    def keys_down(self) -> bytes | None:
        """Which keys are held now, as a bit field; None when it cannot be asked."""
        return self._ask(EVIOCGKEY, KEYS_BYTES)

    def vendor_and_product(self) -> tuple[int, int] | None:
        """What the device says it is; None when it cannot be asked."""
        told = self._ask(EVIOCGID)
        return None if told is None else struct.unpack_from("@HH", told, 2)

    def grab(self) -> None:
        """From now on its events reach nobody else. An other node than evdev's has nobody else.

        :raises DeviceError: KEY-001 when another program has grabbed it, DEV-004.
        """
        try:
            fcntl.ioctl(self._open_fd(), EVIOCGRAB, 1)
        except OSError as error:
            if error.errno == errno.EBUSY:
                raise DeviceError(faults.KEY_TAKEN, str(error), CompletionCode.DEVICE_NOT_READY) from error
            if error.errno not in _NOT_EVDEV:
                raise self._lost(error) from error

    def check_alive(self) -> None:
        """:raises DeviceError: DEV-004 when the node has vanished or is another one now."""
        fd = self._open_fd()
        try:
            same = os.path.samestat(os.fstat(fd), self._path.stat())
        except OSError as error:
            raise self._lost(error) from error
        if not same:
            raise self._lost(None)

    def _ask(self, request: int, length: int = _FEW_BYTES) -> bytes | None:
        try:
            return fcntl.ioctl(self._open_fd(), request, bytes(length))
        except OSError as error:
            if error.errno in _NOT_EVDEV:
                return None
            raise self._lost(error) from error

    def _open_fd(self) -> int:
        if self._fd is None:
            raise DeviceError(faults.DEV_LOST, "not open", CompletionCode.DEVICE_NOT_READY)
        return self._fd

    def _lost(self, error: OSError | None) -> DeviceError:
        self._drop()
        reason = str(error) if error else "the node ended"
        if not self._was_lost:
            _LOG.warning("input node %s lost: %s", self._path, reason)
            self._was_lost = True
        return DeviceError(faults.DEV_LOST, reason)

    def _drop(self) -> None:
        fd, self._fd = self._fd, None
        if fd is not None:
            with contextlib.suppress(OSError):
                os.close(fd)
