"""The speech process behind the port `Voice`: started, fed over a pipe, started again when it dies.

The process (`python -m voices worker`) holds the speech engine; nothing of it is loaded here. No call blocks:
the pipe is written without waiting, and a process that no longer reads or answers is ended and replaced.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kiosk.adapters.pipes.line_pipe import LinePipe
from kiosk.domain.ports import Clock, VoiceEvent
from kiosk.domain.speech import Lang, Utterance
from kiosk.domain.timing import VOICE_RESTART_S, VOICE_SILENT_S

log = logging.getLogger(__name__)

_FINAL = ("done", "skipped", "withheld", "unspoken")


class SpeechPipe(LinePipe):
    """Port `Voice`."""

    def __init__(
        self,
        data_dir: Path,
        sink: str,
        accent: str,
        clock: Clock,
        on_lacking: Callable[[Mapping[str, str]], None] = lambda lacking: None,
    ) -> None:
        """:param data_dir: folder of the built Minnan voice. :param sink: see `python -m voices worker --help`.
        :param on_lacking: told with each start which language (`nan`, `cmn`) cannot be spoken here, and why.
        """
        self._on_lacking = on_lacking
        super().__init__("speech", command_of(data_dir, sink, accent), clock, VOICE_RESTART_S)
        self._lock = threading.Lock()
        self._listeners: list[Callable[[VoiceEvent], None]] = []
        self._settings: dict[str, Mapping[str, object]] = {}
        self._awaited = 0
        """Texts that were sent and not yet reported as finished."""
        self._generation = 0
        self._paused = False
        self.unspoken = 0
        """Texts that had no reading in the chosen language since the start."""
        self.start()

    # ---- port Voice --------------------------------------------------------------------------------------

    def speak(self, generation: int, utterances: Sequence[Utterance], lang: Lang) -> None:
        items = [_item(utterance) for utterance in utterances]
        with self._lock:
            self._generation, self._awaited, self._paused = generation, len(items), False
        if not self.send({"op": "speak", "gen": generation, "items": items, "lang": lang.value}):
            self.lost()

    def stop(self, generation: int) -> None:
        with self._lock:
            self._generation, self._awaited, self._paused = generation, 0, False
        self.send({"op": "stop", "gen": generation})

    def pause(self, on: bool) -> None:
        self._paused = on
        self.send({"op": "pause", "on": on})

    def skip(self, generation: int) -> None:
        self._paused = False
        self.send({"op": "skip", "gen": generation})

    def click(self) -> None:
        self.send({"op": "click"})

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
        self.send({"op": "quit"})
        super().close()

    # ---- the process -------------------------------------------------------------------------------------

    def _set(self, name: str, command: Mapping[str, object]) -> None:
        """A setting outlives the process: a new one is told again."""
        self._settings[name] = command
        self.send(command)

    @property
    def look_s(self) -> float:
        return VOICE_SILENT_S

    def is_overdue(self) -> bool:
        return self._awaited > 0 and not self._paused

    def report(self, line: bytes) -> None:
        try:
            event = json.loads(line)
            kind = str(event["ev"])
            told = VoiceEvent(kind, int(event.get("gen", 0)), str(event.get("key", "")), int(event.get("index", 0)))
            lacking = {str(lang): str(why) for lang, why in (event.get("lacking") or {}).items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            log.warning("the speech process sent a line that is no event")
            return
        if kind == "error":
            log.warning("speech: %s", event.get("what"))
        if kind == "ready" or lacking:
            self._on_lacking(lacking)
        if kind == "ready":
            for command in list(self._settings.values()):
                self.send(command)
        if kind == "unspoken":
            self.unspoken += 1
        if kind == "foreign":
            log.info("said by the other language's voice: a value of %s", told.key)
        if kind in _FINAL:
            self.has_worked = True
            with self._lock:
                if told.generation == self._generation:
                    self._awaited = max(self._awaited - 1, 0)
        self._tell(told)

    def lost(self) -> None:
        with self._lock:
            self._awaited, self._paused = 0, False
            generation = self._generation
        self._tell(VoiceEvent("lost", generation))

    def _tell(self, event: VoiceEvent) -> None:
        for listener in self._listeners:
            listener(event)


def command_of(data_dir: Path, sink: str, accent: str) -> tuple[str, ...]:
    how = ("--data", str(data_dir), "--sink", sink, "--accent", accent)
    return (sys.executable, "-m", "voices", "worker", *how)


def _item(utterance: Utterance) -> dict[str, object]:
    args = {name: {"kind": arg.kind.value, "value": arg.value} for name, arg in utterance.line.args.items()}
    return {"key": utterance.line.key, "args": args, "privacy": utterance.privacy.value}
