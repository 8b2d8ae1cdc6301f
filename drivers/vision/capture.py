"""Keeps one camera open on a thread of its own and puts its newest picture into the slot."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from drivers import faults
from drivers.faults import Fault
from drivers.vision.frames import (
    Frame,
    FrameSource,
    LatestFrame,
    SourceDenied,
    SourceError,
    SourceGarbled,
    SourceMissing,
    SourceSilent,
)
from drivers.vision.sources import SILENT_S

_LOG = logging.getLogger(__name__)

BACK_OFF_S = (0.1, 0.25, 0.5, 1.0, 2.0)
FAULT_OF_ERROR: tuple[tuple[type[SourceError], Fault], ...] = (
    (SourceMissing, faults.DEV_NOT_FOUND),
    (SourceDenied, faults.DEV_DENIED),
    (SourceSilent, faults.DEV_SILENT),
    (SourceGarbled, faults.DEV_GARBLED),
    (SourceError, faults.DEV_LOST),
)


OnTrouble = Callable[[Fault, float], None]
"""Called from the capture's thread when opening or reading failed: why, and when that try began (or broke off)."""


class _OpenAgain(Exception):
    """It was asked for; the camera did nothing wrong now."""


class Capture(threading.Thread):
    """Opens, reads, and opens again with back-off; says once that a camera was lost and once that it is back."""

    def __init__(self, make: Callable[[], FrameSource], latest: LatestFrame, on_trouble: OnTrouble) -> None:
        super().__init__(name="camera", daemon=True)
        self._make = make
        self._latest = latest
        self._on_trouble = on_trouble
        self._stopping = threading.Event()
        self._reopen = threading.Event()
        self._hurry = threading.Event()
        self._since_s = 0.0
        self._failures = 0
        self._is_lost = False

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._one_life()
            except _OpenAgain:
                continue
            except SourceError as error:
                self._failed(error)
                self._hurry.wait(BACK_OFF_S[min(self._failures, len(BACK_OFF_S)) - 1])

    def _one_life(self) -> None:
        self._hurry.clear()
        self._since_s = time.monotonic()
        source = self._make()
        try:
            source.open()
            self._reopen.clear()
            while not self._stopping.is_set():
                frame = self._read(source)
                if self._reopen.is_set():
                    raise _OpenAgain
                if self._is_lost:
                    _LOG.info("the camera is back")
                self._failures, self._is_lost = 0, False
                self._latest.put(frame)
        finally:
            source.close()

    def _read(self, source: FrameSource) -> Frame:
        try:
            return source.read(SILENT_S)
        except SourceError:
            self._since_s = time.monotonic()
            raise

    def _failed(self, error: SourceError) -> None:
        self._failures += 1
        fault = next(fault for kind, fault in FAULT_OF_ERROR if isinstance(error, kind))
        if not self._is_lost:
            _LOG.warning("camera lost: %s (%s)", fault.code, error)
            self._is_lost = True
        self._on_trouble(fault, self._since_s)

    def open_again(self) -> None:
        """Close and open the camera after its next frame; from any thread."""
        self._reopen.set()

    def hurry(self) -> None:
        """Try now, not only at the end of the back-off; from any thread."""
        self._hurry.set()

    def stop(self) -> None:
        """Ask the thread to end; a camera that hangs in the kernel is left behind with the process."""
        self._stopping.set()
        self._hurry.set()
