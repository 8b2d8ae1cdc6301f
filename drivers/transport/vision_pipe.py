"""The process that sees, behind pipes: one a camera, shared by all drivers that name it, started again when it dies.

`python -m drivers.vision` holds OpenCV and the code readers; nothing of them is loaded here. A picture that crashes
a decoder, or a camera that hangs in the kernel, ends that process and not the kiosk. It ends with this one: its
standard input is a pipe from here.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import os
import select
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from drivers import faults
from drivers.api import CompletionCode, DeviceError
from drivers.faults import Fault
from drivers.transport import tap
from drivers.transport.interrupt import Interrupt

_LOG = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[2]
RESTART_S = (0.1, 0.5, 1.0, 2.0, 5.0)
LIVED_WELL_S = 30.0
FIRST_WORD_S = 20.0
"""Loading the decoders on a busy machine."""
ENDS_S = 2.0
"""Between the end of its output and its own."""
SILENT_S = 6.0
"""The process tells a sign of life every second; one that hangs in a decoder is ended."""
SLICE_S, STALL_S = 0.5, 1.0
"""A wait of half a second that takes longer than both together was the machine's standing still, not the process's."""
LOOK_S = 8.0
"""The process answers a look within 3.5 s, when it has the time of a processor."""
MAX_REPLIES = 32
CHUNK_BYTES = 1 << 16
MAX_LINE_BYTES = 64 << 20
"""A few pictures of 12 megapixels as base64."""

Reply = Mapping[str, object]


class Session:
    """One operation that runs in the process, from `VisionPipe.start` to `close`; it outlives the process."""

    def __init__(self, pipe: VisionPipe, number: int, request: Mapping[str, object]) -> None:
        self.number = number
        self.request = request
        self._pipe = pipe
        self._replies: deque[tuple[float, Reply]] = deque(maxlen=MAX_REPLIES)
        self._signal: int | None = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._lock = threading.Lock()

    def wait(self, interrupt: Interrupt, timeout_s: float, max_age_s: float = float("inf")) -> Reply | None:
        """What the operation says next; None when it says nothing in time. Replies older than `max_age_s` are skipped.

        :raises DeviceError: DEV-001…004 as soon as the camera is known to be gone; CAM-001…005 when it still sees
            nothing at the time-out; CANCELED.
        """
        end_s = time.monotonic() + timeout_s
        while True:
            self._clear()
            while self._replies:
                came_s, reply = self._replies.popleft()
                if reply.get("ev") == "failed":
                    raise DeviceError(faults.CAM_WORKER, f"{self.request.get('op')}: {reply.get('what')}")
                if time.monotonic() - came_s <= max_age_s:
                    return reply
            fault, left_s = self._pipe.fault, end_s - time.monotonic()
            if fault is not None and (left_s <= 0 or fault.code.startswith("DEV-")):
                raise DeviceError(fault, "camera", CompletionCode.DEVICE_NOT_READY)
            if left_s <= 0:
                return None
            self.pause(interrupt, left_s)

    def take(self) -> Reply | None:
        """What came, without waiting."""
        self._clear()
        return self._replies.popleft()[1] if self._replies else None

    def pause(self, interrupt: Interrupt, timeout_s: float) -> None:
        """Until something comes or the camera's state changes. :raises DeviceError: CANCELED."""
        interrupt.wait(self._signal, timeout_s)

    def close(self) -> None:
        """Stop the operation and forget what it said."""
        self._pipe.forget(self)
        with self._lock:
            self._replies.clear()
            signal, self._signal = self._signal, None
            if signal is not None:
                os.close(signal)

    def post(self, reply: Reply | None) -> None:
        """From the pipe's thread: a reply, or only something to look at."""
        with self._lock:
            if self._signal is not None:
                if reply is not None:
                    self._replies.append((time.monotonic(), reply))
                os.eventfd_write(self._signal, 1)

    def _clear(self) -> None:
        with self._lock:
            if self._signal is None:
                raise DeviceError(faults.DEV_CANCELLED, "closed", CompletionCode.CANCELED)
            with contextlib.suppress(BlockingIOError):
                os.eventfd_read(self._signal)


class VisionPipe:
    """The process for one camera. Made by `shared`, given back by `release`; all other calls are thread-safe."""

    _shared: ClassVar[dict[str, VisionPipe]] = {}
    _shared_lock: ClassVar[threading.Lock] = threading.Lock()

    @classmethod
    def shared(cls, port: str, *, width: int = 1280, height: int = 720, fps: int = 15) -> VisionPipe:
        """The process for the camera at `port`, started when nobody has it yet.

        :raises DeviceError: CAM-004 when it runs with another picture size already.
        """
        options = ["--camera", port, "--size", f"{width}x{height}", "--fps", str(fps)]
        with cls._shared_lock:
            pipe = cls._shared.get(port)
            if pipe is None:
                pipe = cls._shared[port] = cls(port, options)
            elif pipe.options != options:
                what = "another driver uses this camera with another size or rate"
                raise DeviceError(faults.CAM_SIZE, what, CompletionCode.UNSUPPORTED_DATA)
            pipe._users += 1
            return pipe

    def release(self) -> None:
        """Give it back; the process ends with its last user."""
        with self._shared_lock:
            self._users -= 1
            if self._users > 0:
                return
            del self._shared[self._port]
        self._end()

    def __init__(self, port: str, options: list[str]) -> None:
        """Use `shared`."""
        self.options = options
        self.restarts = 0
        self._port = port
        self._users = 0
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._sessions: dict[int, Session] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._fault: Fault | None = None
        self._first_word_s: float | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._supervise, name="vision-pipe", daemon=True)
        self._thread.start()

    @property
    def fault(self) -> Fault | None:
        """What is wrong with the camera or the process, as far as it is known."""
        return self._fault

    @property
    def pid(self) -> int | None:
        """The process, for diagnostics."""
        process = self._process
        return process.pid if process else None

    def start(self, op: str, request: Mapping[str, object]) -> Session:
        """Have the process run an operation of `drivers.vision.ops`, again when it was started anew."""
        with self._lock:
            number = next(self._numbers)
            session = Session(self, number, {**request, "do": "start", "op": op, "id": number})
            self._sessions[number] = session
            self._send(session.request)
        return session

    def forget(self, session: Session) -> None:
        """Stop the operation. `Session.close` calls this."""
        with self._lock:
            if self._sessions.pop(session.number, None) is not None:
                self._send({"do": "stop", "id": session.number})

    def look(self, interrupt: Interrupt) -> Fault | None:
        """Have new frames prove that the camera sees; what is wrong, or None.

        :raises DeviceError: CANCELED.
        """
        with self._lock:
            number = next(self._numbers)
            asking = Session(self, number, {"do": "look", "id": number})
            self._sessions[number] = asking
            self._send(asking.request)
        asked_s = time.monotonic()
        try:
            while (left_s := self._patience_s(asked_s)) > 0:
                if (reply := asking.take()) is not None:
                    return _fault_of(reply)
                asking.pause(interrupt, left_s)
            return self._fault or faults.CAM_WORKER
        finally:
            asking.close()

    def _patience_s(self, asked_s: float) -> float:
        """How much longer to wait for the answer to a look: it counts from the process's first word on."""
        now_s, began_s = time.monotonic(), self._first_word_s
        if began_s is None:
            return asked_s + FIRST_WORD_S - now_s
        return max(asked_s, began_s) + LOOK_S - now_s

    # --- the process ---

    def _send(self, request: Mapping[str, object]) -> None:
        """With the lock held. What cannot be sent is sent to the next process."""
        process = self._process
        if process is None or process.stdin is None:
            return
        line = json.dumps(request).encode() + b"\n"
        try:
            written = os.write(process.stdin.fileno(), line)
        except (OSError, ValueError):
            written = 0
        if written < len(line):
            process.kill()
            return
        tap.sent(line)

    def _supervise(self) -> None:
        failures = 0
        while not self._closed.is_set():
            began_s = time.monotonic()
            try:
                ended = self._one_life()
            except OSError as error:
                ended = f"does not start: {error}"
            if self._closed.is_set():
                return
            failures = 1 if time.monotonic() - began_s > LIVED_WELL_S else failures + 1
            _LOG.warning("the process that sees %s; it is started again", ended)
            self._set_fault(faults.CAM_WORKER)
            self._closed.wait(RESTART_S[min(failures, len(RESTART_S)) - 1])
            self.restarts += 1

    def _one_life(self) -> str:
        """Run the process; how it ended."""
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
        command = [sys.executable, "-m", "drivers.vision", *self.options]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
        )
        assert process.stdin is not None and process.stdout is not None
        os.set_blocking(process.stdin.fileno(), False)
        try:
            with self._lock:
                if self._closed.is_set():
                    return "is not wanted any more"
                self._process = process
                for session in self._sessions.values():
                    self._send(session.request)
            silent = self._read(process.stdout.fileno())
            return silent or f"ended with {process.wait(ENDS_S)}"
        except subprocess.TimeoutExpired:
            return "closed its output"
        finally:
            with self._lock:
                self._process, self._first_word_s = None, None
            process.kill()
            process.wait()
            process.stdout.close()
            with contextlib.suppress(OSError):
                process.stdin.close()

    def _read(self, source: int) -> str:
        """Pass on what the process says until it ends or falls silent; why it has to end, or nothing when it did."""
        pending: list[bytes] = []
        pending_bytes, patience_s = 0, FIRST_WORD_S
        while _readable(source, patience_s):
            if not (chunk := os.read(source, CHUNK_BYTES)):
                return ""
            self._first_word_s = self._first_word_s or time.monotonic()
            patience_s = SILENT_S
            *lines, rest = chunk.split(b"\n")
            for line in lines:
                self._pass_on(b"".join((*pending, line)))
                pending, pending_bytes = [], 0
            pending.append(rest)
            pending_bytes += len(rest)
            if pending_bytes > MAX_LINE_BYTES:
                return "sent a line without end"
        return f"said nothing for {patience_s:g} s"

    def _pass_on(self, line: bytes) -> None:
        try:
            reply = json.loads(line)
        except ValueError:
            reply = None
        if not isinstance(reply, dict):
            _LOG.warning("the process that sees sent a line that is no reply")
            return
        if reply.get("ev") == "alive":
            return
        tap.heard(line + b"\n")
        if reply.get("ev") == "camera":
            self._set_fault(_fault_of(reply))
            return
        number = reply.get("id")
        with self._lock:
            session = self._sessions.get(number) if isinstance(number, int) else None
        if session is not None:
            session.post(reply)

    def _set_fault(self, fault: Fault | None) -> None:
        self._fault = fault
        with self._lock:
            sessions = list(self._sessions.values())
        for session in sessions:
            session.post(None)

    def _end(self) -> None:
        with self._lock:
            self._closed.set()
            if self._process is not None:
                self._process.kill()
        if threading.current_thread() is not self._thread:
            self._thread.join()


def _readable(source: int, patience_s: float) -> bool:
    """Wait until something can be read. Time in which this process stood still, too, counts as one slice."""
    while patience_s > 0:
        began_s = time.monotonic()
        if select.select([source], [], [], min(SLICE_S, patience_s))[0]:
            return True
        took_s = time.monotonic() - began_s
        patience_s -= took_s if took_s <= SLICE_S + STALL_S else SLICE_S
    return False


def _fault_of(reply: Reply) -> Fault | None:
    code = reply.get("fault")
    return faults.CATALOGUE.get(code, faults.CAM_WORKER) if isinstance(code, str) else None
