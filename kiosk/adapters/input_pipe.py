"""The input process behind the port `InputMethod`: started, asked over a pipe, started again when it dies.

Nothing that is asked or answered is logged. No call blocks; only the last question counts.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from kiosk.domain.input_port import OnFound
from kiosk.domain.ports import Clock
from kiosk.domain.timing import INPUT_RESTART_S, INPUT_SILENT_S
from kiosk.domain.typing_state import Ink, Suggestion

log = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[2]
_CLOSE_S = 2.0
_MOST_ANSWER = 65_536
_LOOK_S = 0.5
"""Between two looks whether an answer is overdue."""


class InputPipe:
    """Port `InputMethod`."""

    def __init__(self, clock: Clock, command: tuple[str, ...] = (sys.executable, "-m", "kiosk.input_worker")) -> None:
        self._command, self._clock = command, clock
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = threading.Event()
        self._id = 0
        self._waiting: OnFound | None = None
        """Who asked last."""
        self._asked_s = 0.0
        self._has_answered = False
        self.restarts = 0
        self._thread = threading.Thread(target=self._supervise, name="input-pipe", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The input process, for diagnostics."""
        return self._process.pid if self._process else None

    def pinyin(self, code: str, on_found: OnFound) -> None:
        self._ask({"op": "pinyin", "code": code}, on_found)

    def drawn(self, ink: Ink, on_found: OnFound) -> None:
        self._ask({"op": "drawn", "ink": ink}, on_found)

    def close(self) -> None:
        self._closed.set()
        with self._lock:
            process = self._process
            if process is not None and process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()  # its input ends, and so does it
        self._thread.join(_CLOSE_S)
        if self._thread.is_alive():
            self._end_process()
            self._thread.join(_CLOSE_S)

    def _ask(self, question: Mapping[str, object], on_found: OnFound) -> None:
        with self._lock:
            self._id += 1
            line = json.dumps({"id": self._id, **question}, ensure_ascii=False).encode() + b"\n"
            sent = self._written(line)
            self._waiting, self._asked_s = (on_found if sent else None), self._clock.now()
        if not sent:
            on_found(None)

    def _written(self, line: bytes) -> bool:
        """Whole or not at all: a pipe holds many questions, and one that is full is not read any more."""
        process = self._process
        if process is None or process.stdin is None:
            return False
        try:
            written = os.write(process.stdin.fileno(), line)
        except (OSError, ValueError):
            written = 0
        if written < len(line):
            process.kill()
        return written == len(line)

    def _supervise(self) -> None:
        failures = 0
        while not self._closed.is_set():
            self._has_answered = False
            try:
                self._run()
            except OSError as error:
                log.error("the input process does not start: %s", error)
            self._lost()
            if self._closed.is_set():
                return
            failures = 0 if self._has_answered else failures + 1
            log.warning("the input process has ended")
            if self._clock.wait(self._closed, INPUT_RESTART_S[min(failures, len(INPUT_RESTART_S) - 1)]):
                return
            self.restarts += 1

    def _run(self) -> None:
        """One life of the process."""
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
        process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
        )
        assert process.stdin is not None
        assert process.stdout is not None
        os.set_blocking(process.stdin.fileno(), False)
        with self._lock:
            self._process = process
        try:
            self._read(process.stdout.fileno())
        finally:
            with self._lock:
                self._process = None
            process.kill()
            process.wait()
            process.stdout.close()
            with contextlib.suppress(OSError):
                process.stdin.close()

    def _read(self, source: int) -> None:
        """Until the process ends, sends what is no answer, or does not answer at all."""
        buffer = b""
        while len(buffer) <= _MOST_ANSWER:
            if not select.select([source], [], [], _LOOK_S)[0]:
                if self._is_overdue():
                    log.warning("the input process is silent; it is ended")
                    return
                continue
            chunk = os.read(source, _MOST_ANSWER)
            if not chunk:
                return
            *lines, buffer = (buffer + chunk).split(b"\n")
            for line in lines:
                self._report(line)

    def _is_overdue(self) -> bool:
        with self._lock:
            return self._waiting is not None and self._clock.now() - self._asked_s > INPUT_SILENT_S

    def _report(self, line: bytes) -> None:
        try:
            answer = json.loads(line)
            ready = answer.get("ready")
            number = int(answer.get("id", 0))
            found = tuple(Suggestion(str(text), str(rest)) for text, rest in answer.get("found") or ())
        except (ValueError, TypeError, AttributeError):
            log.warning("the input process sent a line that is no answer")
            return
        if ready is not None:
            log.info("input: %s", ", ".join(map(str, ready)) or "nothing")
            return
        self._has_answered = True
        with self._lock:
            waiting = self._waiting if number == self._id else None
            if waiting is not None:
                self._waiting = None
        if waiting is not None:
            waiting(None if "error" in answer else found)

    def _lost(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting(None)

    def _end_process(self) -> None:
        with self._lock:
            if self._process is not None:
                self._process.kill()
