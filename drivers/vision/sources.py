"""The cameras that are spoken to: V4L2 devices, and network cameras that send MJPEG over HTTP."""

from __future__ import annotations

import base64
import http.client
import itertools
import logging
import os
import select
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import cv2
import numpy as np

from drivers.codec.mjpeg_stream import JpegSplitter, NoPictures, boundary_is_multipart
from drivers.vision.frames import (
    Frame,
    FrameSource,
    SourceDenied,
    SourceError,
    SourceGarbled,
    SourceMissing,
    SourceSilent,
)

_LOG = logging.getLogger(__name__)

SILENT_S: Final = 2.0
"""A camera that sends nothing for so long has to be opened again."""
CONNECT_S: Final = 3.0
_CHUNK_BYTES: Final = 65536
_MOST_BEHIND_BYTES: Final = 8 << 20


def make_source(port: str, width: int, height: int, fps: int) -> FrameSource:
    """The camera that `port` names: an http(s) address, a V4L2 device path or its index, or a file that holds one.

    :raises SourceMissing: when there is no such file or device, or it names none. :raises SourceDenied:
    """
    address = resolved(port)
    if urlsplit(address).scheme in ("http", "https"):
        return HttpSource(address)
    return V4l2Source(address, width, height, fps)


def resolved(port: str) -> str:
    """The address itself. A file is read each time: whoever finds the camera again writes its new address there.

    :raises SourceMissing: or SourceDenied.
    """
    if "://" in port or port.isdecimal():
        return port
    try:
        if stat.S_ISCHR(os.stat(port).st_mode):  # noqa: PTH116 - the kind of node is asked for, links are followed
            return port
        words = Path(port).read_text(encoding="ascii").split()
    except PermissionError as error:
        raise SourceDenied(type(error).__name__) from error
    except (OSError, ValueError) as error:
        raise SourceMissing(type(error).__name__) from error
    if not words or ("://" not in words[0] and not words[0].startswith("/dev/")):
        raise SourceMissing("the file holds no camera's address")
    return words[0]


class HttpSource:
    """A network camera. User and password may stand in the address (RFC 7617)."""

    def __init__(self, address: str) -> None:
        self._parts = urlsplit(address)
        self._connection: http.client.HTTPConnection | None = None
        self._answer: http.client.HTTPResponse | None = None
        self._splitter = JpegSplitter()
        self._waiting: list[bytes] = []
        self._count: Iterator[int] = itertools.count(1)

    def open(self) -> None:
        self.close()
        https = self._parts.scheme == "https"
        kind = http.client.HTTPSConnection if https else http.client.HTTPConnection
        connection = kind(self._parts.hostname or "", self._parts.port, timeout=CONNECT_S)
        self._connection = connection
        target = (self._parts.path or "/") + (f"?{self._parts.query}" if self._parts.query else "")
        try:
            connection.request("GET", target, headers=self._headers())
            self._answer = connection.getresponse()
        except TimeoutError as error:
            raise SourceSilent("no answer") from error
        except (OSError, http.client.HTTPException) as error:
            raise _named(error) from error
        kind_of_answer = self._answer.headers.get("Content-Type", "")
        if self._answer.status != 200 or not boundary_is_multipart(kind_of_answer):
            raise SourceGarbled(f"HTTP {self._answer.status}, no MJPEG stream")
        self._splitter, self._waiting = JpegSplitter(), []

    def _headers(self) -> dict[str, str]:
        if self._parts.username is None:
            return {}
        word = f"{unquote(self._parts.username)}:{unquote(self._parts.password or '')}"
        return {"Authorization": "Basic " + base64.b64encode(word.encode()).decode()}

    def read(self, timeout_s: float) -> Frame:
        end_s = time.monotonic() + timeout_s
        received, patient = 0, True
        while not self._waiting or (received < _MOST_BEHIND_BYTES and self._has_more()):
            left_s = end_s - time.monotonic()
            if left_s <= 0 and not self._waiting and patient and received and self._splitter.is_within:
                # A picture is on its way, slowly: it gets the same time once more.
                end_s, patient = end_s + timeout_s, False
                continue
            if left_s <= 0 and not self._waiting:
                # Bytes without a picture are no silence: the camera talks, but not as a camera does.
                raise SourceGarbled(f"{received} bytes, no picture") if received else SourceSilent("no frame")
            data = self._received(max(left_s, 0.01))
            received += len(data)
            try:
                self._waiting += self._splitter.feed(data)
            except NoPictures as error:
                raise SourceGarbled(str(error)) from error
        newest, self._waiting = self._waiting[-1], []
        return Frame(newest, time.monotonic(), next(self._count))

    def _has_more(self) -> bool:
        """More has come meanwhile: what is looked at should be the newest, not what a buffer kept."""
        sock = self._connection.sock if self._connection is not None else None
        return sock is not None and bool(select.select([sock], [], [], 0)[0])

    def _received(self, timeout_s: float) -> bytes:
        if self._answer is None or self._connection is None:
            raise SourceError("not open")
        try:
            if self._connection.sock is not None:
                self._connection.sock.settimeout(timeout_s)
            data = self._answer.read1(_CHUNK_BYTES)
        except TimeoutError:
            return b""
        except (OSError, http.client.HTTPException) as error:
            raise _named(error) from error
        if not data:
            raise SourceError("the camera ended the stream")
        return data

    def close(self) -> None:
        answer, self._answer = self._answer, None
        connection, self._connection = self._connection, None
        if answer is not None:
            answer.close()
        if connection is not None:
            connection.close()


def _named(error: Exception) -> SourceError:
    if isinstance(error, ConnectionRefusedError | socket.gaierror):
        return SourceMissing(type(error).__name__)
    if isinstance(error, http.client.BadStatusLine | http.client.UnknownProtocol):
        return SourceGarbled(type(error).__name__)
    return SourceError(type(error).__name__)


class V4l2Source:
    """A camera at a USB port (UVC), through the kernel's V4L2.

    MJPG is asked for first: uncompressed 720p fills a USB 2 cable at 10 frames a second, and the picture comes
    undecoded. What a camera does not know it ignores, so everything is read back and told once.
    """

    def __init__(self, device: str, width: int, height: int, fps: int) -> None:
        self._device = device
        self._wanted = (width, height, fps)
        self._capture: cv2.VideoCapture | None = None
        self._count: Iterator[int] = itertools.count(1)

    def open(self) -> None:
        self.close()
        width, height, fps = self._wanted
        name: str | int = int(self._device) if self._device.isdecimal() else self._device
        waits = [cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(SILENT_S * 1000)]
        capture = cv2.VideoCapture(name, cv2.CAP_V4L2, waits)
        if not capture.isOpened():
            # A kernel or build that refuses the time-out refuses to open at all.
            capture = cv2.VideoCapture(name, cv2.CAP_V4L2)
        if not capture.isOpened():
            raise SourceDenied("no permission") if self._is_denied() else SourceMissing("V4L2 does not open it")
        self._capture = capture
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        capture.set(cv2.CAP_PROP_FPS, fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)
        got = [round(capture.get(prop)) for prop in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)]
        _LOG.info("camera %s gives %dx%d at %.0f fps", self._device, *got, capture.get(cv2.CAP_PROP_FPS))

    def _is_denied(self) -> bool:
        """OpenCV does not say why it could not open a node."""
        node = f"/dev/video{self._device}" if self._device.isdecimal() else self._device
        try:
            os.close(os.open(node, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC))
        except PermissionError:
            return True
        except OSError:
            return False
        return False

    def read(self, timeout_s: float) -> Frame:
        """The kernel's own time-out rules; `timeout_s` cannot shorten it."""
        if self._capture is None:
            raise SourceError("not open")
        began_s = time.monotonic()
        done, pixels = self._capture.read()
        if not done or pixels is None:
            waited = time.monotonic() - began_s >= min(timeout_s, SILENT_S) / 2
            raise SourceSilent("no frame") if waited else SourceError("the camera has gone")
        raw = np.asarray(pixels, dtype=np.uint8)
        # Without conversion an MJPG frame is one row of bytes; a camera without MJPG gives pixels.
        compressed = (raw.ndim == 2 and raw.shape[0] == 1) or raw.ndim == 1
        return Frame(raw.tobytes() if compressed else raw, time.monotonic(), next(self._count))

    def close(self) -> None:
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()
