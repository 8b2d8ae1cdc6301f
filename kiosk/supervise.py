"""`kiosk supervise`: keep the terminal alive where no service manager does.

The terminal tells this process over systemd's own protocol (`kiosk.adapters.sd_notify`) that its screen draws. Ten
seconds without a word and it is killed and started again; one that dies is started again after a wait that grows; one
that cannot be configured is left alone until somebody has looked.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

log = logging.getLogger(__name__)

SILENT_S = 10.0
"""The screen has not drawn for so long: whatever the process still does, nobody can use it."""
START_S = 60.0
"""The first word after a start: reading the store, the fonts, the first frame on a slow board."""
AGAIN_S = (0.0, 1.0, 5.0, 15.0, 60.0)
"""Before it is started again; from the beginning after it has been alive for `STEADY_S`. The last one repeats."""
STEADY_S = 60.0
END_S = 10.0
"""After SIGTERM, to finish what is under way."""
_TICK_S = 0.2
_EXTENDS = b"EXTEND_TIMEOUT_USEC="
"""It draws that it is closed."""


class Supervisor:
    """
    :param no_restart: exit codes after which nothing is started again.
    :param told: what happened, for the log and tests: started, alive, silent, ended.
    """

    def __init__(
        self,
        command: Sequence[str],
        no_restart: frozenset[int],
        told: Callable[[str], None] = lambda what: None,
        silent_s: float = SILENT_S,
        start_s: float = START_S,
    ) -> None:
        self._command = list(command)
        self._no_restart = no_restart
        self._told = told
        self._silent_s, self._start_s = silent_s, start_s
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._stopping = False
        self.pid: int | None = None

    def stop(self) -> None:
        """From a signal or another thread: end the terminal and return from `run`."""
        self._stopping = True
        with contextlib.suppress(BlockingIOError):
            os.write(self._wake_write, b"x")

    def run(self) -> int:
        """Until `stop`, or until the terminal ends with 0 or one of `no_restart`; returns its exit code."""
        tries = 0
        with tempfile.TemporaryDirectory(prefix="kiosk-supervise-") as folder, _listener(Path(folder)) as beats:
            while True:
                self._rest(AGAIN_S[min(tries, len(AGAIN_S) - 1)])
                if self._stopping:
                    return 0
                began_s = time.monotonic()
                code = self._watch(beats)
                if self._stopping or code == 0 or code in self._no_restart:
                    return code
                steady = time.monotonic() - began_s >= STEADY_S
                tries = 1 if steady else tries + 1
                log.error("the terminal ended (%s); it is started again", code)

    def _watch(self, beats: socket.socket) -> int:
        """One life of the terminal."""
        environment = {**os.environ, "NOTIFY_SOCKET": beats.getsockname()}
        environment.pop("WATCHDOG_PID", None)
        process = subprocess.Popen(self._command, env=environment, start_new_session=True)
        self.pid = process.pid
        self._told("started")
        due_s = time.monotonic() + self._start_s
        while (code := process.poll()) is None:
            if self._stopping:
                return _end(process)
            if self._heard(beats):
                due_s = time.monotonic() + self._silent_s
                self._told("alive")
            elif time.monotonic() > due_s:
                self._told("silent")
                log.error("the screen has stood still for %.0f s: killed", self._silent_s)
                _kill_all(process)
                due_s = float("inf")
        _kill_all(process)  # what it started (the voice, what sees) does not outlive it
        self._told("ended")
        return code

    def _heard(self, beats: socket.socket) -> bool:
        """Wait a little; True when the terminal has said that its screen draws."""
        select.select([beats.fileno(), self._wake_read], [], [], _TICK_S)
        heard = False
        with contextlib.suppress(BlockingIOError):
            while True:
                said = beats.recv(4096).split(b"\n")
                heard = b"WATCHDOG=1" in said or any(one.startswith(_EXTENDS) for one in said) or heard
        return heard

    def _rest(self, seconds: float) -> None:
        if seconds and not self._stopping:
            select.select([self._wake_read], [], [], seconds)


@contextlib.contextmanager
def _listener(folder: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as beats:
        beats.bind(str(folder / "notify"))
        beats.setblocking(False)
        yield beats


def _end(process: subprocess.Popen[bytes]) -> int:
    process.terminate()
    try:
        return process.wait(END_S)
    except subprocess.TimeoutExpired:
        _kill_all(process)
        return process.wait()


def _kill_all(process: subprocess.Popen[bytes]) -> None:
    """The terminal and what it started: they are one session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def run(config: str | None, no_restart: frozenset[int]) -> int:
    """The terminal under supervision until SIGTERM or SIGINT. Returns its exit code."""
    command = [sys.executable, "-m", "kiosk", "run", *(["--config", config] if config else [])]
    supervisor = Supervisor(command, no_restart)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervisor.stop())
    return supervisor.run()
