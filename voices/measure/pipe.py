"""The speech worker as the kiosk has it: a process of its own behind its pipe of JSON lines."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 120.0
"""For one event; a whole language is rendered as one task."""
_END_S = 10.0

Event = Mapping[str, object]


class WorkerError(RuntimeError):
    """The worker ended or was silent; the message holds what it said last."""


class Pipe:
    """Send commands, read events. A reader thread empties the pipe, so that the worker never waits for us."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._news: queue.Queue[Event | None] = queue.Queue()
        self._last: Event = {}
        self._reader = threading.Thread(target=self._read, name="worker's events", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._news.put(json.loads(line))
        self._news.put(None)

    def send(self, **command: object) -> float:
        """:returns: the monotonic clock when the command was written; the pipe's own time counts.
        :raises WorkerError: the worker has ended.
        """
        assert self._process.stdin is not None
        line = json.dumps(command, ensure_ascii=False) + "\n"
        written_s = time.monotonic()
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except OSError as error:
            raise WorkerError(f"the speech worker has ended; it said last: {self._last}") from error
        return written_s

    def until(self, wanted: Callable[[Event], bool], wait_s: float = WAIT_S) -> Event:
        """Read on to the first event that fits. :raises WorkerError: it ended, or nothing fits in time."""
        end_s = time.monotonic() + wait_s
        while (event := self.next(max(end_s - time.monotonic(), 0.0))) is not None:
            if wanted(event):
                return event
        raise WorkerError(f"the speech worker was silent for {wait_s:.0f} s; it said last: {self._last}")

    def next(self, wait_s: float) -> Event | None:
        """The next event; None when there is none in time. :raises WorkerError: the worker has ended."""
        try:
            event = self._news.get(timeout=wait_s)
        except queue.Empty:
            return None
        if event is None:
            raise WorkerError(f"the speech worker has ended; it said last: {self._last}")
        self._last = event
        return event

    def close(self) -> None:
        """The end of its input ends the worker; one that does not end is killed."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._process.stdout.close()


@contextlib.contextmanager
def worker(data: Path, sink: str, accent: str, more: Sequence[str] = ()) -> Iterator[Pipe]:
    """A worker that is ready to speak.

    :param sink: as `voices worker --sink` takes it.
    :raises WorkerError: it does not become ready.
    """
    command = [sys.executable, "-m", "voices", "worker", "--data", str(data), "--accent", accent, "--sink", sink, *more]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    )
    pipe = Pipe(process)
    try:
        pipe.until(lambda event: event["ev"] == "ready")
        yield pipe
    finally:
        pipe.close()
