"""Our driver through pyttsx3's own public calls: what the stock espeak driver cannot do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import pyttsx3

from voices.prompts import load_words
from voices.worker import click, driver, sound
from voices.worker.espeak import Espeak
from voices.worker.layers import Ready
from voices.worker.protocol import Command
from voices.worker.sink import Clip
from voices.worker.speaker import Speaker


class CapturingSink:
    """Keeps what it is fed; `gate` lets a test hold the sound."""

    fault = ""

    def __init__(self) -> None:
        self.clips: list[tuple[Clip, bytes, bool]] = []
        self.bare: list[bytes] = []
        """Sound that belongs to no clip."""
        self.fed = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self._now: tuple[Clip, list[bytes]] | None = None

    def begin(self, clip: Clip) -> None:
        self._now = (clip, [])

    def write(self, pcm: bytes, cancelled: threading.Event) -> bool:
        (self._now[1] if self._now else self.bare).append(pcm)
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
def studio(espeak: Espeak, sink: CapturingSink) -> driver.SpeechEngine:
    return driver.SpeechEngine(espeak, sink)


@pytest.fixture
def engine(studio: driver.SpeechEngine) -> pyttsx3.Engine:
    driver.register(studio)
    made = pyttsx3.Engine(driver.NAME)  # `init` gives one that is still alive
    made.setProperty("voice", "nan-tongan")
    return made


@pytest.fixture
def errors(engine: pyttsx3.Engine) -> list[tuple[str, Exception]]:
    told: list[tuple[str, Exception]] = []
    engine.connect("error", lambda name, exception: told.append((name, exception)))
    return told


def samples(sink: CapturingSink, at: int = 0) -> sound.Samples:
    return np.frombuffer(sink.clips[at][1], dtype=np.int16)


def said(engine: pyttsx3.Engine, text: str) -> None:
    engine.say(text)
    engine.runAndWait()


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
        said(engine, "ho2")
    assert len(sink.clips) == 3


def test_stop_from_another_thread_interrupts_and_drops_what_waits(engine: pyttsx3.Engine, sink: CapturingSink) -> None:
    sink.gate.clear()
    stopper = threading.Thread(target=lambda: (sink.fed.wait(5), engine.stop()))
    stopper.start()
    engine.say("tshiann2 tan5 tsit6 e7 " * 20)
    engine.say("ho2")
    engine.runAndWait()
    stopper.join()
    ((_, pcm, completed),) = sink.clips
    assert not completed
    assert len(pcm) <= 2 * 882, "one piece of 40 ms"
    sink.gate.set()
    said(engine, "ho2")
    assert sink.clips[-1][2], "heard again"


@pytest.mark.parametrize("rate", [64, 127, 254])
def test_each_word_is_told_as_it_is_fed(engine: pyttsx3.Engine, sink: CapturingSink, rate: int) -> None:
    text = "tshiann2 tan5 tsit6 e7"
    told: list[str] = []
    pieces: list[int] = []

    def started(name: str, location: int, length: int) -> None:
        told.append(text[location - 1 : location - 1 + length])
        pieces.append(len(sink._now[1]) if sink._now else -1)

    engine.connect("started-word", started)
    engine.setProperty("rate", rate)
    said(engine, text)
    assert told == text.split()
    assert pieces == sorted(set(pieces)), "one after the other, each before its sound"
    assert pieces[0] == 0
    assert pieces[-1] * 2 * 882 < len(sink.clips[0][1])


def test_the_voices_are_listed_with_their_languages(engine: pyttsx3.Engine, espeak: Espeak) -> None:
    listed = {voice.id: voice.languages for voice in engine.getProperty("voices")}
    assert listed == {"nan-tongan": ["nan"], "nan-xiamen": ["nan"], "cmn": ["cmn"]}
    for voice in listed:
        engine.setProperty("voice", voice)
        engine.runAndWait()
        assert engine.getProperty("voice") == voice


def test_a_press_is_one_soft_click_as_loud_as_the_voice_is_set() -> None:
    common, louder, loudest = (click.samples(22_050, gain_db).astype(float) for gain_db in (0.0, 6.0, 60.0))
    assert -32 < 20 * np.log10(np.abs(common).max() / 32_768) < -26, "heard, and far softer than a word"
    assert np.abs(louder).max() == pytest.approx(2 * np.abs(common).max(), rel=0.01)
    assert np.abs(loudest).max() <= 32_767
    sounding = np.flatnonzero(common)
    assert sounding[-1] < 0.02 * 22_050 < len(common), "over in 20 ms, then silence"


def test_a_press_while_something_is_said_is_heard_at_once_within_it(
    engine: pyttsx3.Engine, studio: driver.SpeechEngine, sink: CapturingSink
) -> None:
    """What is said stands still here, so that what is heard beside it can be told apart."""
    rate = studio.engine.sample_rate
    studio.ready = Ready(np.zeros(rate // 4, np.int16), "", "")
    pressed = studio.click = click.samples(rate, 0.0)
    said(engine, "ho2")
    heard, piece = samples(sink), rate * driver.BUFFER_MS // 1000
    assert np.abs(heard[:piece]).max() == np.abs(pressed).max() and (heard[:piece] == pressed[:piece]).all()
    assert not heard[piece:].any() and studio.click is None, "once"


@pytest.mark.parametrize("step", [1, sound.DEFAULT_STEP])
def test_a_press_in_silence_is_the_click_alone_at_the_volume_that_is_set(
    studio: driver.SpeechEngine, sink: CapturingSink, step: int
) -> None:
    speaker = Speaker(load_words(), studio, "tongan", lambda event: None)
    speaking = threading.Thread(target=speaker.run)
    speaking.start()
    speaker.obey(Command("volume", number=step))
    speaker.obey(Command("click"))
    assert sink.fed.wait(10)
    speaker.quit()
    speaking.join(10)
    assert sink.bare == [click.samples(studio.engine.sample_rate, sound.VOLUME_DB[step - 1]).tobytes()]
    assert not sink.clips


def test_without_the_built_data_only_mandarin_is_listed() -> None:
    ask = (
        "import pyttsx3; from voices.worker import driver, sinks; from voices.worker.espeak import Espeak\n"
        "driver.register(driver.SpeechEngine(Espeak(None), sinks.NullSink()))\n"
        "print([voice.id for voice in pyttsx3.init(driver.NAME).getProperty('voices')])"
    )
    found = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "['cmn']"


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("voice", "nan-nowhere", "nan-tongan"),
        ("voice", None, "nan-tongan"),
        ("rate", "fast", 127),
        ("rate", float("nan"), 127),
        ("volume", None, 1.0),
        ("volume", True, 1.0),
        ("pitch", 3, None),
    ],
)
def test_a_wrong_property_is_an_error_and_changes_nothing(
    engine: pyttsx3.Engine, errors: list[tuple[str, Exception]], name: str, value: object, kept: object
) -> None:
    engine.setProperty(name, value)
    engine.runAndWait()
    assert isinstance(errors[0][1], KeyError if kept is None else ValueError)
    if kept is not None:
        assert engine.getProperty(name) == kept


def test_numbers_out_of_range_are_clipped_as_pyttsx3_promises(engine: pyttsx3.Engine) -> None:
    for name, value, kept in (("rate", 10, 63.5), ("rate", 1000, 254), ("volume", 7, 1), ("volume", -1, 0)):
        engine.setProperty(name, value)
        engine.runAndWait()
        assert engine.getProperty(name) == kept


def test_the_volume_is_heard(engine: pyttsx3.Engine, sink: CapturingSink) -> None:
    said(engine, "ho2")
    engine.setProperty("volume", 0.5)
    said(engine, "ho2")
    loud, soft = (sound.level_dbfs(samples(sink, at))[0] for at in (0, 1))
    assert loud - soft == pytest.approx(6, abs=0.3)


def test_each_file_is_its_own_and_speech_is_heard_again_afterwards(
    engine: pyttsx3.Engine, sink: CapturingSink, tmp_path: Path
) -> None:
    texts = ("ho2", "pai5 tui7", "tshiann2 tan5 tsit6 e7")
    files = [tmp_path / f"{at}.wav" for at in range(len(texts))]
    for text, file in zip(texts, files, strict=True):
        engine.save_to_file(text, str(file))
    engine.say("ho2")
    engine.runAndWait()
    lengths = []
    for file in files:
        with wave.open(str(file)) as found:
            assert (found.getnchannels(), found.getsampwidth(), found.getframerate()) == (1, 2, 22050)
            lengths.append(found.getnframes())
    assert 0 < lengths[0] < lengths[1] < lengths[2]
    assert lengths[0] == pytest.approx(len(samples(sink)), rel=0.02), "what is said is what is saved"
    assert len(sink.clips) == 1


def test_a_file_that_cannot_be_written_is_an_error_and_the_rest_is_said(
    engine: pyttsx3.Engine, sink: CapturingSink, errors: list[tuple[str, Exception]], tmp_path: Path
) -> None:
    engine.save_to_file("ho2", str(tmp_path / "nowhere" / "a.wav"), "file")
    engine.say("ho2", "speech")
    engine.runAndWait()
    ((name, error),) = errors
    assert name == "file"
    assert isinstance(error, OSError)
    assert len(sink.clips) == 1


def test_the_engines_own_silence_is_cut_off(engine: pyttsx3.Engine, sink: CapturingSink, espeak: Espeak) -> None:
    said(engine, "sa1")
    loud = np.flatnonzero(np.abs(samples(sink).astype(int)) > 200)
    assert loud[0] / espeak.sample_rate < 0.08
    assert (len(samples(sink)) - loud[-1]) / espeak.sample_rate < 0.08


# ---- the same calls with both drivers, each in a process of its own --------------------------------------------

CALLS = """
import json, os, sys, threading, time
import pyttsx3
if sys.argv[1] == "ours":
    from pathlib import Path
    from voices.worker import driver, sinks
    from voices.worker.alsa import AlsaSink
    from voices.worker.espeak import Espeak
    driver.register(driver.SpeechEngine(Espeak(Path(os.environ["VOICE"])), AlsaSink(22050)))
    engine = pyttsx3.init(driver.NAME)
else:
    engine = pyttsx3.init("espeak")
engine.setProperty("voice", "cmn")
found = {}

def heard():
    played = os.environ["PLAYED"]
    return os.path.getsize(played) if os.path.exists(played) else 0

def last_words():
    engine.stop()
    print(json.dumps(found), file=sys.stderr, flush=True)
    os._exit(0)

finished = []
engine.connect("finished-utterance", lambda name, completed: finished.append([name, completed]))
"""
"""What both are asked; `heard()` is how many bytes reached the stand-in player."""

LONG = "请把身份证放在这里，灯亮的地方。" * 6


def asked(which: str, calls: str, voice_dir: Path, tmp_path: Path) -> dict[str, object]:
    """Run `calls` in a process with the stock driver or ours; a stand-in `aplay` keeps and takes its time."""
    folder = tmp_path / which
    folder.mkdir()
    player = folder / "aplay"
    # 0.2 s a call, whatever it is given, and until it has read all.
    player.write_text(
        '#!/bin/sh\nfor last; do case "$last" in *.wav) cat "$last" >> "$PLAYED";; esac; done\n'
        'case "$*" in *raw*) cat >> "$PLAYED";; *) sleep 0.2;; esac\n'
    )
    player.chmod(0o755)
    env = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "PLAYED": str(folder / "played")}
    env |= {"VOICE": str(voice_dir), "TO": str(folder)}
    try:
        done = subprocess.run(
            [sys.executable, "-c", CALLS + calls + "\nlast_words()", which],
            cwd=Path(__file__).resolve().parents[2],
            env=env,
            capture_output=True,
            text=True,
            timeout=20,
        )
    except subprocess.TimeoutExpired:
        # The stock driver's loop and a stop from elsewhere can wait for each other for ever.
        assert which == "stock"
        return {}
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stderr.splitlines()[-1])
    return found


Ask = Callable[[str, str], dict[str, object]]


@pytest.fixture
def ask(voice_dir: Path, tmp_path: Path) -> Ask:
    return lambda which, calls: asked(which, calls, voice_dir, tmp_path)


def test_the_stock_driver_keeps_only_the_last_of_two_texts(ask: Ask) -> None:
    calls = 'engine.say("好", "a"); engine.say("好", "b"); engine.runAndWait(); found["finished"] = finished'
    assert ask("ours", calls)["finished"] == [["a", True], ["b", True]]
    assert ask("stock", calls)["finished"] != [["a", True], ["b", True]]


@pytest.mark.proof
def test_the_stock_driver_writes_only_one_of_two_files(ask: Ask) -> None:
    calls = """
for name in ("a", "b"):
    engine.save_to_file("好", os.environ["TO"] + f"/{name}.wav")
engine.runAndWait()
found["files"] = sorted(name for name in os.listdir(os.environ["TO"]) if name.endswith(".wav"))
"""
    assert ask("ours", calls)["files"] == ["a.wav", "b.wav"]
    assert ask("stock", calls)["files"] != ["a.wav", "b.wav"]


@pytest.mark.proof
def test_the_stock_driver_is_silent_after_a_file(ask: Ask) -> None:
    calls = """
engine.save_to_file("好", os.environ["TO"] + "/a.wav")
engine.runAndWait()
engine.say("好")
engine.runAndWait()
for _ in range(100):
    if heard(): break
    time.sleep(0.02)  # the player is a process of its own: its file is all that can be asked
found["heard"] = heard()
"""
    assert ask("ours", calls)["heard"] > 5000
    assert ask("stock", calls)["heard"] == 0


def test_the_stock_driver_cannot_be_stopped_from_another_thread(ask: Ask) -> None:
    """Ours ends the utterance at once and says so; the stock driver reports that all was said, or never comes back."""
    calls = f"""
started = threading.Event()
engine.connect("started-utterance", lambda name: started.set())
stopper = threading.Thread(target=lambda: (started.wait(), engine.stop()))
stopper.start()
engine.say("{LONG}", "long")
engine.runAndWait()
found["finished"] = finished
"""
    assert ask("ours", calls)["finished"] == [["long", False]]
    assert ask("stock", calls).get("finished") != [["long", False]]


@pytest.mark.proof
def test_the_stock_driver_has_no_minnan_voice(ask: Ask) -> None:
    calls = 'found["languages"] = sorted({lang for v in engine.getProperty("voices") for lang in v.languages})'
    assert ask("ours", calls)["languages"] == ["cmn", "nan"]
    stock = ask("stock", calls)["languages"]
    assert isinstance(stock, list)
    assert "nan" not in stock
