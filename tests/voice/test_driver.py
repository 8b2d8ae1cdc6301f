"""Our driver through pyttsx3's own public calls: what the stock espeak driver cannot do."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import pyttsx3

from voices.pipeline import pitch
from voices.worker import driver, sound
from voices.worker.espeak import EngineError, Espeak
from voices.worker.sinks import Clip


class CapturingSink:
    """Keeps what it is fed; `gate` lets a test hold the sound."""

    def __init__(self) -> None:
        self.clips: list[tuple[Clip, bytes, bool]] = []
        self.fed = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self._now: tuple[Clip, list[bytes]] | None = None

    def begin(self, clip: Clip) -> None:
        self._now = (clip, [])

    def write(self, pcm: bytes, cancelled: threading.Event) -> bool:
        if self._now:
            self._now[1].append(pcm)
        self.fed.set()
        while not self.gate.wait(0.01):
            if cancelled.is_set():
                return False
        return not cancelled.is_set()

    def end(self, completed: bool) -> None:
        assert self._now is not None
        clip, pieces = self._now
        self.clips.append((clip, b"".join(pieces), completed))
        self._now = None

    def close(self) -> None:
        return


@pytest.fixture(scope="module")
def espeak(voice_dir: Path) -> Espeak:
    return Espeak(voice_dir)


@pytest.fixture
def sink() -> CapturingSink:
    return CapturingSink()


@pytest.fixture
def engine(espeak: Espeak, sink: CapturingSink) -> object:
    driver.register(driver.Studio(espeak, sink))
    made = pyttsx3.Engine(driver.NAME)
    made.setProperty("voice", "nan-tongan")
    return made


def samples(sink: CapturingSink, at: int = 0) -> sound.Samples:
    return np.frombuffer(sink.clips[at][1], dtype=np.int16)


def test_two_texts_in_a_row_are_both_said_in_order(engine: pyttsx3.Engine, sink: CapturingSink) -> None:
    finished: list[tuple[str, bool]] = []
    engine.connect("finished-utterance", lambda name, completed: finished.append((name, completed)))
    engine.say("ho2", "first")
    engine.say("pai5 tui7", "second")
    engine.runAndWait()
    assert finished == [("first", True), ("second", True)]
    assert [completed for _, _, completed in sink.clips] == [True, True]
    assert len(samples(sink, 1)) > len(samples(sink, 0)) > 0


def test_run_and_wait_can_be_called_again(engine: pyttsx3.Engine, sink: CapturingSink) -> None:
    for _ in range(3):
        engine.say("ho2")
        engine.runAndWait()
    assert len(sink.clips) == 3


def test_stop_from_another_thread_interrupts(engine: pyttsx3.Engine, sink: CapturingSink) -> None:
    sink.gate.clear()
    stopper = threading.Thread(target=lambda: (sink.fed.wait(5), engine.stop()))
    stopper.start()
    engine.say("tshiann5 tan5 tsit6 e7 " * 20)
    engine.runAndWait()
    stopper.join()
    (_, pcm, completed) = sink.clips[0]
    assert not completed
    assert len(pcm) <= 2 * 882, "one piece of 40 ms"


def test_an_unknown_voice_is_reported_as_an_error(engine: pyttsx3.Engine, sink: CapturingSink) -> None:
    errors: list[Exception] = []
    engine.connect("error", lambda name, exception: errors.append(exception))
    engine.setProperty("voice", "nan-nowhere")
    engine.say("ho2")
    engine.runAndWait()
    assert isinstance(errors[0], EngineError)
    assert sink.clips == []


def test_half_speed_is_twice_as_long_at_the_same_pitch(
    engine: pyttsx3.Engine, sink: CapturingSink, espeak: Espeak
) -> None:
    for percent in (100, 50, 150):
        engine.setProperty("rate", percent)
        engine.say("sa1 sa1 sa1 sa1")
        engine.runAndWait()
    lengths = [len(samples(sink, at)) for at in range(3)]
    heights = [float(np.median(pitch.track(samples(sink, at) / 32768, espeak.sample_rate).voiced())) for at in range(3)]
    assert 1.75 < lengths[1] / lengths[0] < 2.25
    assert lengths[2] < 0.8 * lengths[0]
    assert all(abs(height / heights[0] - 1) < 0.03 for height in heights), heights


def test_the_engines_own_silence_is_cut_off(engine: pyttsx3.Engine, sink: CapturingSink, espeak: Espeak) -> None:
    engine.say("sa1")
    engine.runAndWait()
    loud = np.flatnonzero(np.abs(samples(sink).astype(int)) > 200)
    assert loud[0] / espeak.sample_rate < 0.08
    assert (len(samples(sink)) - loud[-1]) / espeak.sample_rate < 0.08


def test_no_gain_breaks_the_peaks() -> None:
    tone = (np.sin(np.arange(22050) / 5) * 30000).astype(np.int16)
    for decibels in (0.0, 8.0, 20.0):
        _, peak = sound.level_dbfs(sound.gain(tone, decibels))
        assert peak <= -2.0
    quiet = sound.gain(tone, -20.0)
    assert sound.level_dbfs(quiet)[0] == pytest.approx(sound.level_dbfs(tone)[0] - 20, abs=0.2)
