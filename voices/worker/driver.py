"""Our driver behind pyttsx3's public API: streaming, interruptible, silent about nothing.

`register()` puts it where `pyttsx3.init(NAME)` looks. The stock espeak driver buffers a whole utterance,
plays it through a shell and cannot be stopped (nateshmbhat/pyttsx3 issue 138); this one renders through
`Espeak`, feeds a `Sink` in 40 ms pieces and stops at the next piece.
"""

from __future__ import annotations

import math
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from pyttsx3.voice import Voice

from voices import languages
from voices.worker import click, loudness, render, sound
from voices.worker.espeak import BUFFER_MS, EngineError, Espeak
from voices.worker.layers import LIVE, Ready
from voices.worker.render import Word
from voices.worker.sink import LEAD_S, Clip, Sink
from voices.worker.sound import Samples

NAME = "tshupinn"
NOMINAL_WORDS = 127
"""pyttsx3's rate, words a minute, at the common pace (100 %), whichever voice speaks."""
RATES = (NOMINAL_WORDS * render.PERCENT[0] / 100, NOMINAL_WORDS * render.PERCENT[1] / 100)
"""Slowest and fastest rate in pyttsx3's words a minute."""
GAINS_DB = (-60.0, 24.0)
PAUSES_S = (0.0, 5.0)
_SOFTEST = 1e-3


class Proxy(Protocol):
    """What pyttsx3 gives a driver."""

    def setBusy(self, busy: bool) -> None: ...  # pyttsx3's name

    def notify(self, topic: str, **kwargs: object) -> None: ...


@dataclass(slots=True)
class SpeechEngine:
    """The engine and the sink that a driver uses; whoever speaks sets it before `pyttsx3.init`."""

    engine: Espeak
    sink: Sink
    paused: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)
    """Set from any thread: silent at the next piece."""
    clip: Clip | None = None
    """What the next utterance is, for the sink's own record; None when nobody asks."""
    ready: Ready | None = None
    """The clip that is heard as the next utterance instead of the engine."""
    click: Samples | None = None
    """A press to be heard with the next piece; None when there is none."""
    still_wanted: Callable[[], bool] = lambda: True
    """Asked once more when an utterance begins: a stop that came a moment earlier must not be lost."""


_studio: SpeechEngine | None = None


def voices(engine: Espeak) -> list[Voice]:
    """The voices that speak on this machine: the accents that were built, then the engine's own."""
    known = (Voice(each.engine, each.name, [each.language.code]) for each in languages.every_voice())
    return [voice for voice in known if _speaks(engine, voice.id)]


def _speaks(engine: Espeak, voice: str) -> bool:
    try:
        engine.set_voice(voice)
    except EngineError:
        return False
    return True


class Driver:
    """pyttsx3's driver interface.

    Properties: voice (id of one of `voices`), rate (words a minute, see RATES), volume (0 to 1); our own: gain_db,
    pause_s (silence before). Numbers outside their range are clipped, as pyttsx3 has it; anything else is refused.
    """

    def __init__(self, proxy: Proxy, studio: SpeechEngine) -> None:
        self._proxy = proxy
        self._studio = studio
        self._looping = threading.Event()
        self._ended_early = False
        self._voices = voices(studio.engine)
        self._voice = self._voices[0].id if self._voices else ""
        self._numbers = {"rate": float(NOMINAL_WORDS), "volume": 1.0, "gain_db": 0.0, "pause_s": 0.0}

    def destroy(self) -> None:
        self._studio.cancelled.set()

    def say(self, text: str) -> None:
        """Render, pause and feed; returns when the utterance was fed or stopped.

        `started-utterance` is sent when the first sound is about to be fed, after the pause.
        """
        self._studio.cancelled.clear()
        self._proxy.setBusy(True)
        completed = False
        try:
            if self._studio.still_wanted():
                begun_s, words = time.monotonic(), list[Word]()
                samples = self._sound(text, words)
                # What rendering took beyond the sink's lead was already silence.
                late_s = max(time.monotonic() - begun_s - LEAD_S, 0.0)
                completed = self._silence(late_s) and self._play(samples, text, words)
        except (EngineError, OSError) as error:
            # Told here: pyttsx3 would tell it after the next utterance, and with that one's name.
            self._proxy.notify("error", exception=error)
        finally:
            self._proxy.notify("finished-utterance", completed=completed)
            self._proxy.setBusy(False)

    def save_to_file(self, text: str, filename: str) -> None:  # pyttsx3's name
        """A wave file with the utterance; nothing is heard and the next `say` is as if there had been none.

        It appears whole or not at all.
        """
        self._studio.cancelled.clear()
        self._proxy.setBusy(True)
        completed = False
        try:
            self._proxy.notify("started-utterance")
            samples = self._sound(text)
            completed = self._go_on()
            if completed:
                sound.write_wave(Path(filename), samples, self._studio.engine.sample_rate)
        except (EngineError, OSError) as error:
            completed = False
            self._proxy.notify("error", exception=error)
        finally:
            self._proxy.notify("finished-utterance", completed=completed)
            self._proxy.setBusy(False)

    def _sound(self, text: str, words: list[Word] | None = None) -> Samples:
        studio, percent = self._studio, self._numbers["rate"] / NOMINAL_WORDS * 100
        rate = studio.engine.sample_rate
        if studio.ready is not None:
            samples = render.take_sound(studio.ready.samples, rate, percent)
        else:
            samples = render.engine_sound(
                studio.engine, self._voice, text, percent, lambda: not studio.cancelled.is_set(), words
            )
        softer_db = 20 * math.log10(max(self._numbers["volume"], _SOFTEST))
        return loudness.limit(samples, rate, self._numbers["gain_db"] + softer_db)

    def _play(self, samples: Samples, text: str, words: Sequence[Word]) -> bool:
        if not self._go_on():
            return False
        sink = self._studio.sink
        sink.begin(self._studio.clip or Clip("", "", text, "speaker", LIVE, 0))
        self._proxy.notify("started-utterance")
        completed = False
        try:
            completed = self._feed(samples, words)
        finally:
            sink.end(completed)
        return completed and not sink.fault

    def _feed(self, samples: Samples, words: Sequence[Word] = ()) -> bool:
        piece = self._studio.engine.sample_rate * BUFFER_MS // 1000
        for at in range(0, len(samples), piece):
            for word in (word for word in words if at <= word.sample < at + piece):
                self._proxy.notify("started-word", location=word.location, length=word.length)
            pressed, self._studio.click = self._studio.click, None
            part = samples[at : at + piece] if pressed is None else click.mixed(samples[at : at + piece], pressed)
            if not self._go_on() or not self._studio.sink.write(part.tobytes(), self._studio.cancelled):
                return False
        return not self._studio.cancelled.is_set()

    def _silence(self, passed_s: float) -> bool:
        """Feed the rest of the pause; False when it was stopped."""
        rest_s = max(self._numbers["pause_s"] - passed_s, 0.0)
        return self._feed(np.zeros(int(rest_s * self._studio.engine.sample_rate), dtype=np.int16))

    def _go_on(self) -> bool:
        """Hold while paused; False when cancelled."""
        while self._studio.paused.is_set():
            if self._studio.cancelled.wait(BUFFER_MS / 1000):
                return False
        return not self._studio.cancelled.is_set()

    def stop(self) -> None:
        """From any thread: silent at the next piece."""
        self._studio.cancelled.set()

    def getProperty(self, name: str) -> object:  # pyttsx3's name
        """:raises KeyError: no such property."""
        if name == "voices":
            return list(self._voices)
        return self._voice if name == "voice" else self._numbers[name]

    def setProperty(self, name: str, value: object) -> None:  # pyttsx3's name
        """:raises KeyError: no such property. :raises ValueError: no such voice, or no number."""
        if name == "voice":
            self._voice = _known(str(value), self._voices)
        elif name in self._numbers:
            self._numbers[name] = _clipped(name, value)
        else:
            raise KeyError(name)

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


_LIMITS: Mapping[str, tuple[float, float]] = {
    "rate": RATES,
    "volume": (0.0, 1.0),
    "gain_db": GAINS_DB,
    "pause_s": PAUSES_S,
}


def _known(voice: str, known: Sequence[Voice]) -> str:
    ids = [each.id for each in known]
    if voice not in ids:
        raise ValueError(f"no voice {voice}; there is {', '.join(ids) or 'none'}")
    return voice


def _clipped(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} is a number, not {value!r}")
    low, high = _LIMITS[name]
    return min(max(float(value), low), high)


def _build(proxy: Proxy) -> Driver:
    if _studio is None:
        raise RuntimeError("set up the studio before pyttsx3.init")
    return Driver(proxy, _studio)


def register(studio: SpeechEngine) -> None:
    """Make `pyttsx3.init(NAME)` find this driver."""
    global _studio  # pyttsx3 builds drivers from a module without arguments
    _studio = studio
    module = types.ModuleType(f"pyttsx3.drivers.{NAME}")
    module.buildDriver = _build  # type: ignore[attr-defined]  # the name that pyttsx3 looks for
    sys.modules[module.__name__] = module
