"""The network side of the simulated camera: MJPEG over HTTP on loopback, at the pace of its sensor.

The camera's picture is made at its own rate whether somebody looks or not; each viewer gets the newest one.
"""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from drivers.sim.faultbook import FaultBook

BOUNDARY = "picture"
CAMERA_FAULTS = {
    "freeze": "the same picture is sent again",
    "black": "the picture is black but for the sensor's noise",
    "washed_out": "the picture is white all over",
    "wrong_size": "the picture is 640 x 480",
    "garbage_frame": "the picture's compressed data is spoiled",
    "drop_frames": "`at` (default 3) of every `at` + 1 pictures are not sent",
    "mute": "no picture is sent",
    "wrong_baud": "what is sent is no MJPEG stream at all",
    "slow": "one picture comes each `delay_s` (default 1) seconds",
    "disconnect": "the connection breaks in the middle of a picture",
    "refuse": "a new viewer is refused with HTTP 503",
}
"""Armed with a count they hold for so many pictures, with -1 until `clear`."""

NextPicture = Callable[[], bytes]


class MjpegServer:
    """Serves while plugged in; keeps its port over unplugging."""

    def __init__(self, faults: FaultBook, fps: float, render: NextPicture) -> None:
        """`render` makes the next picture; it is called from the sensor's thread."""
        self.faults = faults
        self.port = 0
        self.frames = 0
        """Pictures that the sensor made."""
        self.sent = 0
        """Pictures that viewers got."""
        self._fps = fps
        self._render = render
        self._server: _Server | None = None
        self._sensor: threading.Thread | None = None
        self._changed = threading.Condition()
        self._picture: bytes | None = None
        self._running = threading.Event()

    @property
    def is_open(self) -> bool:
        return self._server is not None

    @property
    def viewers(self) -> int:
        return len(self._server.connections) if self._server else 0

    def open(self) -> None:
        if self._server is None:
            self._running = threading.Event()
            self._running.set()
            self._server = _Server(("127.0.0.1", self.port), _handler(self, self._running))
            self.port = self._server.server_address[1]
            threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
            self._sensor = threading.Thread(target=self._expose, args=(self._running,), daemon=True)
            self._sensor.start()

    def close(self) -> None:
        """Every viewer's connection breaks; nothing listens any more."""
        server, self._server = self._server, None
        if server is None:
            return
        self._running.clear()
        server.cut()
        server.shutdown()
        server.server_close()
        if self._sensor is not None:
            self._sensor.join()

    def _expose(self, running: threading.Event) -> None:
        """One picture each tick; a tick that comes late is not made up for."""
        due_s = time.monotonic()
        while running.is_set():
            slow = self.faults.take("slow")
            due_s = max(due_s + (slow.seconds("delay_s", 1.0) if slow else 1 / self._fps), time.monotonic())
            picture = self._render()
            if running.is_set() and (left_s := due_s - time.monotonic()) > 0:
                time.sleep(left_s)
            with self._changed:
                self.frames += 1
                self._picture = picture
                self._changed.notify_all()

    def next_picture(self, after: int, running: threading.Event) -> tuple[int, bytes] | None:
        """The newest picture, once there is one newer than number `after`; None when the cable was pulled."""
        with self._changed:
            while running.is_set():
                if self.frames > after and self._picture is not None:
                    return self.frames, self._picture
                self._changed.wait(0.2)
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(address, handler)

    def cut(self) -> None:
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A viewer that hangs up is no error of ours."""


def _handler(camera: MjpegServer, running: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        server: _Server

        def setup(self) -> None:
            super().setup()
            # A small buffer, as such cameras have: a viewer that does not read gets new pictures, not old ones.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 18)
            self.server.connections.add(self.connection)

        def finish(self) -> None:
            self.server.connections.discard(self.connection)
            with contextlib.suppress(OSError):
                super().finish()

        def do_GET(self) -> None:
            self.close_connection = True
            if camera.faults.take("refuse"):
                self.send_error(503)
                return
            self.send_response(200)
            self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            number = camera.frames
            while (found := camera.next_picture(number, running)) is not None:
                number, picture = found
                if not self._send(number, picture):
                    return

        def _send(self, number: int, picture: bytes) -> bool:
            take = camera.faults.take
            if take("mute"):
                return True
            if drop := camera.faults.first("drop_frames"):
                take("drop_frames")
                if number % (drop.number("at", 3) + 1):
                    return True
            if take("wrong_baud"):
                self.wfile.write(random.Random(number).randbytes(4096).replace(b"\xff", b"\x00"))
                return True
            if take("garbage_frame"):
                # The marks stay, the content goes: what a bad cable leaves of a picture.
                picture = picture[:20] + random.Random(number).randbytes(len(picture) - 40) + picture[-20:]
            head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n".encode()
            if take("disconnect"):
                self.wfile.write(head + picture[: len(picture) // 2])
                return False
            self.wfile.write(head + picture + b"\r\n")
            camera.sent += 1
            return True

        def log_message(self, format: str, *args: object) -> None:
            """A camera keeps no log here."""

    return Handler
