"""The speech process behind the port `Voice`: started, fed over a pipe, started again when it dies.

The process (`python -m voices worker`) holds the speech engine; nothing of it is loaded here. No call blocks:
the pipe is written without waiting, and a process that no longer reads or answers is ended and replaced.
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
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kiosk.domain.ports import Clock, VoiceEvent
from kiosk.domain.speech import Lang, Utterance
from kiosk.domain.timing import VOICE_RESTART_S, VOICE_SILENT_S

log = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[2]
_CLOSE_S = 2.0
"""How long the process may take to end when the kiosk ends."""
_FINAL = ("done", "skipped", "withheld", "unspoken")


class SpeechPipe:
    """Port `Voice`."""

    def __init__(self, data_dir: Path, sink: str, accent: str, clock: Clock) -> None:
        """:param data_dir: folder of the built Minnan voice. :param sink: see `python -m voices worker --help`."""
        self._command = [sys.executable, "-m", "voices", "worker"]
        self._command += ["--data", str(data_dir), "--sink", sink, "--accent", accent]
        self._clock = clock
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = threading.Event()
        self._listeners: list[Callable[[VoiceEvent], None]] = []
        self._settings: dict[str, Mapping[str, object]] = {}
        self._awaited = 0
        """Texts that were sent and not yet reported as finished."""
        self._generation = 0
        self._paused = False
        self._has_spoken = False
        """Whether the present process has brought a text to its end."""
        self.unspoken = 0
        """Texts that had no reading in the chosen language since the start."""
        self.restarts = 0
        self._thread = threading.Thread(target=self._supervise, name="speech-pipe", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The speech process, for diagnostics."""
        return self._process.pid if self._process else None

    # ---- port Voice --------------------------------------------------------------------------------------

    def speak(self, generation: int, utterances: Sequence[Utterance], lang: Lang) -> None:
        items = [_item(utterance) for utterance in utterances]
        with self._lock:
            self._generation, self._awaited, self._paused = generation, len(items), False
        if not self._send({"op": "speak", "gen": generation, "items": items, "lang": lang.value}):
            self._lost()

    def stop(self, generation: int) -> None:
        with self._lock:
            self._generation, self._awaited, self._paused = generation, 0, False
        self._send({"op": "stop", "gen": generation})

    def pause(self, on: bool) -> None:
        self._paused = on
        self._send({"op": "pause", "on": on})

    def skip(self, generation: int) -> None:
        self._paused = False
        self._send({"op": "skip", "gen": generation})

    def click(self) -> None:
        self._send({"op": "click"})

    def set_rate(self, percent: int) -> None:
        self._set("rate", {"op": "rate", "percent": percent})

    def set_volume(self, step: int) -> None:
        self._set("volume", {"op": "volume", "step": step})

    def set_loudness(self, offset_db: int) -> None:
        """What this terminal's loudspeaker needs over the common level, in decibels (technician mode)."""
        self._set("loudness", {"op": "loudness", "offset_db": offset_db})

    def set_headphone(self, plugged: bool) -> None:
        self._set("headphone", {"op": "headphone", "plugged": plugged})

    def listen(self, on_event: Callable[[VoiceEvent], None]) -> None:
        self._listeners.append(on_event)

    def close(self) -> None:
        self._closed.set()
        self._send({"op": "quit"})
        self._thread.join(_CLOSE_S)
        if self._thread.is_alive():
            self._end_process()
            self._thread.join(_CLOSE_S)

    # ---- the process -------------------------------------------------------------------------------------

    def _set(self, name: str, command: Mapping[str, object]) -> None:
        """A setting outlives the process: a new one is told again."""
        self._settings[name] = command
        self._send(command)

    def _send(self, command: Mapping[str, object]) -> bool:
        line = json.dumps(command, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            process = self._process
            if process is None or process.stdin is None:
                return False
            try:
                written = os.write(process.stdin.fileno(), line)
            except (OSError, ValueError):
                written = 0
        if written < len(line):
            log.warning("the speech process does not read; it is ended")
            self._end_process()
            return False
        return True

    def _supervise(self) -> None:
        failures = 0
        while not self._closed.is_set():
            self._has_spoken = False
            try:
                self._run()
            except OSError as error:
                log.error("the speech process does not start: %s", error)
            self._lost()
            if self._clock.wait(self._closed, VOICE_RESTART_S[min(failures, len(VOICE_RESTART_S) - 1)]):
                return
            failures = 0 if self._has_spoken else failures + 1
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
            self._read(process, process.stdout.fileno())
        finally:
            with self._lock:
                self._process = None
            process.kill()
            process.wait()
            process.stdout.close()
            with contextlib.suppress(OSError):
                process.stdin.close()

    def _read(self, process: subprocess.Popen[bytes], source: int) -> None:
        """Report what the process says until it ends, or is silent although something is awaited."""
        buffer = b""
        while True:
            if not select.select([source], [], [], VOICE_SILENT_S)[0]:
                if self._awaited and not self._paused:
                    log.warning("the speech process is silent; it is ended")
                    return
                continue
            chunk = os.read(source, 65536)
            if not chunk:
                return
            *lines, buffer = (buffer + chunk).split(b"\n")
            for line in lines:
                self._report(line)

    def _report(self, line: bytes) -> None:
        try:
            event = json.loads(line)
            kind = str(event["ev"])
            told = VoiceEvent(kind, int(event.get("gen", 0)), str(event.get("key", "")), int(event.get("index", 0)))
        except (ValueError, KeyError, TypeError):
            log.warning("the speech process sent a line that is no event")
            return
        if kind == "error":
            log.warning("speech: %s", event.get("what"))
        if kind == "ready":
            for command in list(self._settings.values()):
                self._send(command)
        if kind == "unspoken":
            self.unspoken += 1
        if kind == "foreign":
            log.info("said by the other language's voice: a value of %s", told.key)
        if kind in _FINAL:
            self._has_spoken = True
            with self._lock:
                if told.generation == self._generation:
                    self._awaited = max(self._awaited - 1, 0)
        self._tell(told)

    def _lost(self) -> None:
        with self._lock:
            self._awaited, self._paused = 0, False
            generation = self._generation
        self._tell(VoiceEvent("lost", generation))

    def _tell(self, event: VoiceEvent) -> None:
        for listener in self._listeners:
            listener(event)

    def _end_process(self) -> None:
        with self._lock:
            if self._process is not None:
                self._process.kill()


def _item(utterance: Utterance) -> dict[str, object]:
    args = {name: {"kind": arg.kind.value, "value": arg.value} for name, arg in utterance.line.args.items()}
    return {"key": utterance.line.key, "args": args, "privacy": utterance.privacy.value}
