"""Where the samples go: a sound card, a virtual one at any pace, or nowhere.

A sink takes PCM in small pieces and returns when a piece is nearly due, so that a stop is heard at once.
`begin` and `end` frame one clause; the virtual sink writes a line about each clause that it was really fed.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from voices.worker.sound import level_dbfs

LEAD_S = 0.06
"""How far ahead of the ear a sink is fed: what is still heard after a stop."""


class SinkError(RuntimeError):
    """The sink cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One clause on its way; `lang` is the pack's that made the sound, `layer` how it was made."""

    key: str
    lang: str
    text: str
    route: str
    layer: str
    generation: int


class Sink(Protocol):
    def begin(self, clip: Clip) -> None: ...

    def write(self, pcm: bytes, cancelled: threading.Event) -> bool:
        """Take 16-bit mono samples; blocks until they are nearly due. False when cancelled."""

    def end(self, completed: bool) -> None:
        """The clause is over: `completed` when all of it was fed."""

    def close(self) -> None: ...


@dataclass(slots=True)
class _Pace:
    """The clock of a virtual card: how long to wait so that at most LEAD_S of sound is ahead of the ear."""

    rate: int
    speed: float
    due_s: float = 0.0

    def ahead_s(self) -> float:
        """Seconds of real time until all that was fed is heard."""
        return max(self.due_s - time.monotonic(), 0.0)

    def feed(self, samples: int) -> float:
        """Account for `samples`; returns how long the feeder must wait."""
        self.due_s = max(self.due_s, time.monotonic()) + samples / self.rate / self.speed
        return max(self.ahead_s() - LEAD_S / self.speed, 0.0)

    def drop(self) -> float:
        """Forget what is still ahead of the ear; returns its seconds of sound."""
        ahead = self.ahead_s() * self.speed
        self.due_s = 0.0
        return ahead


class NullSink:
    """Takes everything at once."""

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
    """A virtual sound card: consumes at `speed` x real time, one JSON line per clause that it was fed."""

    file: Path
    rate: int
    speed: float
    _pace: _Pace = field(init=False)
    _clip: Clip | None = None
    _fed: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._pace = _Pace(self.rate, self.speed)
        self.file.parent.mkdir(parents=True, exist_ok=True)

    def begin(self, clip: Clip) -> None:
        self._clip, self._fed = clip, []

    def write(self, pcm: bytes, cancelled: threading.Event) -> bool:
        if cancelled.is_set():
            return False
        if self._clip is not None:
            self._fed.append(pcm)
        wait_s = self._pace.feed(len(pcm) // 2)
        return not cancelled.wait(wait_s) if wait_s > 0 else not cancelled.is_set()

    def end(self, completed: bool) -> None:
        clip, self._clip = self._clip, None
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
            "completed": completed,
        }
        with self.file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")

    def close(self) -> None:
        return


@dataclass(slots=True)
class AlsaSink:
    """The sound card through `aplay`: a child with a small buffer, ended by its own process id to be silent at once."""

    rate: int
    device: str = "default"
    _child: subprocess.Popen[bytes] | None = None
    _pace: _Pace = field(init=False)

    def __post_init__(self) -> None:
        self._pace = _Pace(self.rate, 1.0)

    def begin(self, clip: Clip) -> None:
        """:raises SinkError: no player on this machine."""
        if self._child is None or self._child.poll() is not None:
            self._start()

    def _start(self) -> None:
        command = ["aplay", "-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", str(self.rate)]
        command += ["-D", self.device, "--buffer-time=60000"]
        try:
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        except OSError as error:
            raise SinkError("no player: install the package alsa-utils") from error
        assert child.stdin is not None
        with contextlib.suppress(OSError):
            # The pipe's own buffer would hold 1.5 s of sound that cannot be called back.
            fcntl.fcntl(child.stdin, fcntl.F_SETPIPE_SZ, 4096)
        self._child = child

    def write(self, pcm: bytes, cancelled: threading.Event) -> bool:
        """:raises SinkError: the player ended by itself."""
        if cancelled.is_set() or self._child is None or self._child.stdin is None:
            return False
        try:
            self._child.stdin.write(pcm)
        except OSError as error:
            self._drop_child()
            raise SinkError("the sound card does not take sound") from error
        wait_s = self._pace.feed(len(pcm) // 2)
        return not cancelled.wait(wait_s) if wait_s > 0 else not cancelled.is_set()

    def end(self, completed: bool) -> None:
        if not completed:
            self._pace.drop()
            self._drop_child()

    def _drop_child(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        if child.stdin is not None:
            with contextlib.suppress(OSError):
                child.stdin.close()
        child.wait()

    def close(self) -> None:
        self._drop_child()


def create(spec: str, rate: int) -> Sink:
    """`alsa`, `alsa:DEVICE`, `paced:SPEED:FILE.jsonl` or `null`.

    :raises SinkError: unknown or malformed.
    """
    kind, _, rest = spec.partition(":")
    if kind == "null":
        return NullSink()
    if kind == "alsa":
        return AlsaSink(rate, rest or "default")
    speed, _, file = rest.partition(":")
    if kind == "paced" and file:
        try:
            return PacedSink(Path(file), rate, float(speed))
        except ValueError as error:
            raise SinkError(f"the speed is no number: {spec}") from error
    raise SinkError(f"unknown sink: {spec}")
