"""Our driver behind pyttsx3's public API: streaming, interruptible, silent about nothing.

`register()` puts it where `pyttsx3.init(NAME)` looks. The stock espeak driver buffers a whole utterance,
plays it through a shell and cannot be stopped (nateshmbhat/pyttsx3 issue 138); this one renders through
`Espeak`, feeds a `Sink` in 40 ms pieces and stops at the next piece.
"""

from __future__ import annotations

import sys
import threading
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from voices.worker import sound
from voices.worker.espeak import BUFFER_MS, SLOWEST, Espeak
from voices.worker.sinks import Clip, Sink

NAME = "tshupinn"
NOMINAL_WORDS = 127
"""The engine's rate at 100 %: 165 characters a minute in Mandarin."""
RATES = (50, 200)
"""Slowest and fastest rate in per cent of the nominal one."""


class Proxy(Protocol):
    """What pyttsx3 gives a driver."""

    def setBusy(self, busy: bool) -> None: ...  # pyttsx3's name

    def notify(self, topic: str, **kwargs: object) -> None: ...


@dataclass(slots=True)
class Studio:
    """The engine and the sink that a driver uses; the worker sets it before `pyttsx3.init`."""

    engine: Espeak
    sink: Sink
    paused: threading.Event = field(default_factory=threading.Event)
    clip: Clip | None = None
    """What the next utterance is, for the sink's own record; None when nobody asks."""
    still_wanted: Callable[[], bool] = lambda: True
    """Asked once more when an utterance begins: a stop that came a moment earlier must not be lost."""


_studio: Studio | None = None


class Driver:
    """pyttsx3's driver interface.

    Properties: voice (engine name), rate (per cent), volume (0 to 1), gain_db, pause_s (silence before).
    """

    def __init__(self, proxy: Proxy, studio: Studio) -> None:
        self._proxy = proxy
        self._studio = studio
        self._cancelled = threading.Event()
        self._looping = threading.Event()
        self._ended_early = False
        self._properties: dict[str, object] = {"voice": "", "rate": 100, "volume": 1.0, "gain_db": 0.0, "pause_s": 0.0}

    def destroy(self) -> None:
        self._cancelled.set()

    def say(self, text: str) -> None:
        """Pause, render and feed; returns when the utterance was fed or stopped.

        `started-utterance` is sent when the first sound is about to be fed, after the pause.
        """
        self._cancelled.clear()
        self._proxy.setBusy(True)
        completed = False
        try:
            if self._studio.still_wanted() and self._silence(float(str(self._properties["pause_s"]))):
                completed = self._speak(text)
        finally:
            self._proxy.notify("finished-utterance", completed=completed)
            self._proxy.setBusy(False)

    def _speak(self, text: str) -> bool:
        samples = self._render(text)
        clip = self._studio.clip or Clip("", "", text, "speaker", "espeak", 0)
        self._studio.sink.begin(clip)
        self._proxy.notify("started-utterance")
        completed = False
        try:
            completed = self._feed(samples)
        finally:
            self._studio.sink.end(completed)
        return completed

    def _render(self, text: str) -> sound.Samples:
        """The whole clause; the engine needs about a thousandth of its length."""
        engine = self._studio.engine
        percent = min(max(int(str(self._properties["rate"])), RATES[0]), RATES[1])
        words = round(NOMINAL_WORDS * percent / 100)
        engine.set_voice(str(self._properties["voice"]))
        engine.set_rate(words)
        pieces: list[bytes] = []

        def keep(pcm: bytes) -> bool:
            pieces.append(pcm)
            return not self._cancelled.is_set()

        engine.synthesise(text, keep)
        samples = sound.trim(np.frombuffer(b"".join(pieces), dtype=np.int16), engine.sample_rate)
        if words < SLOWEST and len(samples):
            samples = sound.stretch(samples, SLOWEST / words, engine.sample_rate)
        level = 20 * float(np.log10(max(float(str(self._properties["volume"])), 1e-3)))
        return sound.gain(samples, float(str(self._properties["gain_db"])) + level)

    def _feed(self, samples: sound.Samples) -> bool:
        piece = self._studio.engine.sample_rate * BUFFER_MS // 1000
        for at in range(0, len(samples), piece):
            if not self._go_on() or not self._studio.sink.write(samples[at : at + piece].tobytes(), self._cancelled):
                return False
        return not self._cancelled.is_set()

    def _silence(self, seconds: float) -> bool:
        """Feed a pause; False when it was stopped."""
        return self._feed(np.zeros(int(seconds * self._studio.engine.sample_rate), dtype=np.int16))

    def _go_on(self) -> bool:
        """Hold while paused; False when cancelled."""
        while self._studio.paused.is_set():
            if self._cancelled.wait(BUFFER_MS / 1000):
                return False
        return not self._cancelled.is_set()

    def stop(self) -> None:
        """From any thread: silent at the next piece."""
        self._cancelled.set()

    def getProperty(self, name: str) -> object:  # pyttsx3's name
        if name == "voices":
            return []
        return self._properties[name]

    def setProperty(self, name: str, value: object) -> None:  # pyttsx3's name
        if name not in self._properties:
            raise KeyError(name)
        self._properties[name] = value

    def startLoop(self) -> None:  # pyttsx3's name
        """Work off what is queued, then wait for `endLoop`."""
        self._looping.clear()
        self._proxy.setBusy(False)
        # pyttsx3 may run the queued endLoop inside setBusy: then the loop is over before it begins.
        if not self._ended_early:
            self._looping.wait()
        self._ended_early = False

    def endLoop(self) -> None:  # pyttsx3's name
        self._ended_early = True
        self._looping.set()

    def iterate(self) -> Iterator[None]:
        self._proxy.setBusy(False)
        yield


def _build(proxy: Proxy) -> Driver:
    if _studio is None:
        raise RuntimeError("set up the studio before pyttsx3.init")
    return Driver(proxy, _studio)


def register(studio: Studio) -> None:
    """Make `pyttsx3.init(NAME)` find this driver."""
    global _studio  # pyttsx3 builds drivers from a module without arguments
    _studio = studio
    module = types.ModuleType(f"pyttsx3.drivers.{NAME}")
    module.buildDriver = _build  # type: ignore[attr-defined]  # the name that pyttsx3 looks for
    sys.modules[module.__name__] = module
