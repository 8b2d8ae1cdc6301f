"""A process of ours that is spoken to in lines of JSON: started, written to without waiting, replaced when it dies.

What is asked and answered is its subject's (`speech_pipe`, `input_pipe`); nothing of it is logged here.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import subprocess
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

from kiosk.domain.ports import Clock

log = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[3]
_CLOSE_S = 2.0
"""How long the process may take to end when the kiosk ends."""
_MOST_LINE = 65_536
"""Bytes; whoever sends more without an end of line is not understood any more."""


class LinePipe(ABC):
    """One process at a time, watched by one thread. No call blocks: a process that no longer reads or answers is ended
    and replaced.
    """

    def __init__(self, name: str, command: Sequence[str], clock: Clock, restart_s: Sequence[float]) -> None:
        """:param name: for logs. :param restart_s: waits before it is started again, the last one repeating; one that
        dies before it `has_worked` waits longer each time.
        """
        self._name, self._command = name, command
        self._clock, self._restart_s = clock, restart_s
        self._pipe = threading.Lock()
        """Guards the process; whoever holds a lock of a subject may take it, never the other way round."""
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = threading.Event()
        self.has_worked = False
        """Whether the present process has done what it is for."""
        self.restarts = 0
        self.started_s = clock.now()
        """When the present process was started."""
        self._thread = threading.Thread(target=self._supervise, name=f"{name}-pipe", daemon=True)

    @property
    def pid(self) -> int | None:
        """The process, for diagnostics."""
        process = self._process
        return process.pid if process else None

    @property
    @abstractmethod
    def look_s(self) -> float:
        """After so much silence it is looked whether something is overdue."""

    @abstractmethod
    def is_overdue(self) -> bool:
        """Whether a silent process hangs."""

    @abstractmethod
    def report(self, line: bytes) -> None:
        """One line of the process, without its end."""

    @abstractmethod
    def lost(self) -> None:
        """The process has ended, or did not start; whatever it was to do is not done."""

    def start(self) -> None:
        """Once everything of the subject is in its place."""
        self._thread.start()

    def send(self, message: Mapping[str, object]) -> bool:
        """Whole or not at all: a pipe holds many lines, and one that is full is not read any more."""
        line = json.dumps(message, ensure_ascii=False).encode() + b"\n"
        with self._pipe:
            process = self._process
            if process is None or process.stdin is None:
                return False
            try:
                written = os.write(process.stdin.fileno(), line)
            except (OSError, ValueError):
                written = 0
            if written < len(line):
                log.warning("the %s process does not read; it is ended", self._name)
                process.kill()
            return written == len(line)

    def close(self) -> None:
        """The end of its input is the process's end; one that does not see it is killed."""
        self._closed.set()
        with self._pipe:
            process = self._process
            if process is not None and process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()
        self._thread.join(_CLOSE_S)
        if self._thread.is_alive():
            with self._pipe:
                if self._process is not None:
                    self._process.kill()
            self._thread.join(_CLOSE_S)

    def _supervise(self) -> None:
        failures = 0
        while not self._closed.is_set():
            self.has_worked = False
            try:
                self._run()
            except OSError as error:
                log.error("the %s process does not start: %s", self._name, error)
            self.lost()
            if self._closed.is_set():
                return
            failures = 0 if self.has_worked else failures + 1
            log.warning("the %s process has ended", self._name)
            wait_s = self._restart_s[min(max(failures - 1, 0), len(self._restart_s) - 1)]
            if self._clock.wait(self._closed, wait_s):
                return
            self.restarts += 1

    def _run(self) -> None:
        """One life of the process."""
        self.started_s = self._clock.now()
        process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment())
        assert process.stdin is not None
        assert process.stdout is not None
        os.set_blocking(process.stdin.fileno(), False)
        with self._pipe:
            self._process = process
        try:
            self._read(process.stdout.fileno())
        finally:
            with self._pipe:
                self._process = None
            process.kill()
            process.wait()
            process.stdout.close()
            with contextlib.suppress(OSError):
                process.stdin.close()

    def _read(self, source: int) -> None:
        """Until the process ends, sends a line without end, or is silent although something is awaited."""
        buffer = b""
        while len(buffer) <= _MOST_LINE:
            if not select.select([source], [], [], self.look_s)[0]:
                if self.is_overdue():
                    log.warning("the %s process is silent; it is ended", self._name)
                    return
                continue
            chunk = os.read(source, _MOST_LINE)
            if not chunk:
                return
            *lines, buffer = (buffer + chunk).split(b"\n")
            for line in lines:
                self.report(line)


def told_at_once(command: Sequence[str], ending: str, within_s: float) -> list[Mapping[str, object]]:
    """What a process of ours tells by itself before it ends.

    :param ending: its whole input. :raises OSError: it does not start. :raises subprocess.TimeoutExpired:
    """
    done = subprocess.run(
        command,
        input=ending.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=within_s,
        env=_environment(),
        check=False,
    )
    told = (json.loads(line) for line in done.stdout.splitlines())
    return [line for line in told if isinstance(line, dict)]


def _environment() -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path}
