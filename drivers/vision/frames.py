"""Pictures from a camera: what one is, and the slot that holds the newest.

A frame stays compressed until somebody needs it: at 15 frames a second decoding alone would cost as much as
reading codes, and the motion gate needs an eighth of the size, which JPEG gives for a tenth of the price.
"""

from __future__ import annotations

import hashlib
import threading
import time
from functools import cached_property
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""Rows, columns (, blue-green-red), 8 bits."""
THUMB_FACTOR = 8
_REDUCED = {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4, 8: cv2.IMREAD_REDUCED_COLOR_8}


class NoPicture(ValueError):
    """The bytes are no picture that can be decoded."""


class Frame:
    """One picture: `bgr` and `gray` in full size, `thumb` grey at an eighth (160x90 for 1280x720). The repr shows
    no content.

    :param source: JPEG bytes, or pixels (`Picture`).
    """

    def __init__(self, source: bytes | Picture, t_monotonic: float, seq: int) -> None:
        self._source = source
        self.t_monotonic = t_monotonic
        self.seq = seq

    @cached_property
    def bgr(self) -> Picture:
        """:raises NoPicture:"""
        if isinstance(self._source, bytes):
            return _decoded(self._source, cv2.IMREAD_COLOR)
        return self._source if self._source.ndim == 3 else _as_picture(cv2.cvtColor(self._source, cv2.COLOR_GRAY2BGR))

    @cached_property
    def gray(self) -> Picture:
        """:raises NoPicture:"""
        if isinstance(self._source, bytes):
            return _decoded(self._source, cv2.IMREAD_GRAYSCALE)
        return self._source if self._source.ndim == 2 else _as_picture(cv2.cvtColor(self._source, cv2.COLOR_BGR2GRAY))

    @cached_property
    def thumb(self) -> Picture:
        """:raises NoPicture:"""
        if isinstance(self._source, bytes):
            return _decoded(self._source, cv2.IMREAD_REDUCED_GRAYSCALE_8)
        height, width = self.gray.shape[0] // THUMB_FACTOR, self.gray.shape[1] // THUMB_FACTOR
        return _as_picture(cv2.resize(self.gray, (max(1, width), max(1, height)), interpolation=cv2.INTER_AREA))

    def reduced_bgr(self, least_px: int) -> Picture:
        """In colour, smaller by up to 8 and still `least_px` wide where the picture is. :raises NoPicture:"""
        wide_px = self.thumb.shape[1] * THUMB_FACTOR
        factor = next((one for one in (8, 4, 2) if wide_px // one >= least_px), 1)
        if isinstance(self._source, bytes) and factor > 1:
            return _decoded(self._source, _REDUCED[factor])
        return self.bgr

    @cached_property
    def digest(self) -> bytes:
        """The same for the same picture: a living sensor never sends two equal ones, it has noise."""
        source = self._source if isinstance(self._source, bytes) else np.ascontiguousarray(self._source).data
        return hashlib.blake2b(source, digest_size=16).digest()

    def jpeg(self, quality: int = 90) -> bytes:
        """The picture as JPEG, as the camera made it where it did. :raises NoPicture:"""
        if isinstance(self._source, bytes):
            return self._source
        done, data = cv2.imencode(".jpg", self._source, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if not done:
            raise NoPicture("cannot be compressed")
        return bytes(data.tobytes())

    def __repr__(self) -> str:
        return f"Frame({self.seq})"


def _as_picture(pixels: object) -> Picture:
    return np.asarray(pixels, dtype=np.uint8)


def _decoded(data: bytes, flags: int) -> Picture:
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise NoPicture(type(error).__name__) from error
    if pixels is None:
        raise NoPicture(f"{len(data)} bytes are no picture")
    return _as_picture(pixels)


class SourceError(Exception):
    """A camera that cannot be opened or has gone."""


class SourceMissing(SourceError):
    """There is no camera at the address."""


class SourceDenied(SourceError):
    """The camera is there, but this user may not open it."""


class SourceSilent(SourceError):
    """The camera is there and sends nothing."""


class SourceGarbled(SourceError):
    """What the camera sends is no picture."""


class FrameSource(Protocol):
    """A camera. One thread uses it."""

    def open(self) -> None:
        """:raises SourceError:"""

    def read(self, timeout_s: float) -> Frame:
        """The next frame. :raises SourceError: also when none came in time."""

    def close(self) -> None: ...


class LatestFrame:
    """One slot between the thread that captures and those that look: the newest picture, never a queue of old ones."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._taken = True
        self._closed = False
        self.dropped = 0
        """Frames that nobody took before a newer one came."""

    def put(self, frame: Frame) -> None:
        with self._changed:
            self.dropped += not self._taken
            self._frame, self._taken = frame, False
            self._changed.notify_all()

    def take(self, timeout_s: float) -> Frame | None:
        """The newest frame that was not taken yet; None when none came in time or the slot was closed."""
        end_s = time.monotonic() + timeout_s
        with self._changed:
            while self._taken and not self._closed:
                left_s = end_s - time.monotonic()
                if left_s <= 0 or not self._changed.wait(left_s):
                    break
            if self._taken or self._closed:
                return None
            self._taken = True
            return self._frame

    def close(self) -> None:
        """Wake whoever waits; nothing is given out any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
