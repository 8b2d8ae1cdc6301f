"""Where the samples go: a sound card, a virtual one at any pace, or nowhere.

The virtual sink writes a line about each clause that it was really fed.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from voices.worker.alsa import AlsaSink
from voices.worker.sink import LEAD_S, Clip, Pace, Sink, SinkError, wait
from voices.worker.sound import level_dbfs
from voices.worker.wave_sink import WaveSink

__all__ = ["LEAD_S", "AlsaSink", "Clip", "NullSink", "PacedSink", "Sink", "SinkError", "create"]


class NullSink:
    """Takes everything at once."""

    fault = ""

    def begin(self, clip: Clip) -> None:
        return

    def write(self, pcm: bytes, cancelled: threading.Event) -> bool:
        return not cancelled.is_set()

    def end(self, completed: bool) -> None:
        return

    def close(self) -> None:
        return


@dataclass(slots=True)
class PacedSink:
    """A virtual sound card: consumes at `speed` x real time, one JSON line per clause that it was fed.

    `first_sample_s` and `stopped_s` are when the clause's first sample is heard and when it is silent again, on
    the system's monotonic clock, which every process reads alike.
    """

    file: Path
    rate: int
    speed: float
    fault: str = ""
    _pace: Pace = field(init=False)
    _clip: Clip | None = None
    _first_s: float = 0.0
    _fed: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._pace = Pace(self.rate, self.speed)
        self.file.parent.mkdir(parents=True, exist_ok=True)

    def begin(self, clip: Clip) -> None:
        self._clip, self._fed = clip, []

    def write(self, pcm: bytes, cancelled: threading.Event) -> bool:
        if cancelled.is_set():
            return False
        if self._clip is not None:
            self._first_s = self._first_s if self._fed else self._pace.next_s()
            self._fed.append(pcm)
        return wait(self._pace.feed(len(pcm) // 2), cancelled)

    def end(self, completed: bool) -> None:
        clip, self._clip = self._clip, None
        stopped_s = self._pace.due_s if completed else time.monotonic()
        unheard = 0.0 if completed else self._pace.drop()
        if clip is None or not self._fed:
            return
        samples = np.frombuffer(b"".join(self._fed), dtype=np.int16)
        heard = max(len(samples) - int(unheard * self.rate), 0)
        rms, peak = level_dbfs(samples[:heard])
        line = {
            "key": clip.key,
            "lang": clip.lang,
            "text": clip.text,
            "route": clip.route,
            "duration_s": round(heard / self.rate, 3),
            "rms_dbfs": rms,
            "peak_dbfs": peak,
            "layer": clip.layer,
            "pack": clip.pack,
            "completed": completed,
            "first_sample_s": round(self._first_s, 4),
            "stopped_s": round(stopped_s, 4),
        }
        with self.file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")

    def close(self) -> None:
        return


def create(spec: str, rate: int) -> Sink:
    """`alsa`, `alsa:DEVICE`, `paced:SPEED:FILE.jsonl`, `wave:FOLDER` or `null`.

    :raises SinkError: unknown or malformed.
    """
    kind, _, rest = spec.partition(":")
    if kind == "null":
        return NullSink()
    if kind == "alsa":
        return AlsaSink(rate, rest or "default")
    if kind == "wave" and rest:
        return WaveSink(Path(rest), rate)
    speed, _, file = rest.partition(":")
    if kind == "paced" and file:
        try:
            return PacedSink(Path(file), rate, float(speed))
        except ValueError as error:
            raise SinkError(f"the speed is no number: {spec}") from error
    raise SinkError(f"unknown sink: {spec}")
