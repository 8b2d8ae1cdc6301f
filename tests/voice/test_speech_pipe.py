"""The kiosk's end of the pipe with the real speech process: started, killed, replaced, ended."""

from __future__ import annotations

import json
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import pytest

from kiosk.adapters.pipes.speech_pipe import SpeechPipe
from kiosk.adapters.words import VoicesWords
from kiosk.app.keys.generate import read_catalogue
from kiosk.app.speech.queue import SpeechQueue
from kiosk.domain.ports import VoiceEvent
from kiosk.domain.screens.compose import view
from kiosk.domain.speech import Arg, ArgKind, Lang, Line, Privacy, Utterance
from kiosk.domain.timing import VOICE_RESTART_S
from kiosk.domain.visit.machine import Step, VisitState

from .conftest import ROOT, WAIT_S


class QuickClock:
    """Restarts need not be waited for; keeps how long would have been."""

    def __init__(self) -> None:
        self.waits_s: list[float] = []

    def now(self) -> float:
        return time.monotonic()

    def wall(self) -> datetime:
        return datetime.now().astimezone()

    def call_later(self, delay_s: float, action: Callable[[], None]) -> threading.Timer:
        raise AssertionError("no timer is needed")

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        self.waits_s.append(timeout_s)
        return event.wait(min(timeout_s, 0.01))


class Ear:
    def __init__(self, pipe: SpeechPipe, clock: QuickClock | None = None) -> None:
        self.pipe = pipe
        self.clock = clock or QuickClock()
        self.news: queue.Queue[VoiceEvent] = queue.Queue()
        pipe.listen(self.news.put)

    def until(self, kind: str, key: str = "", wait_s: float = WAIT_S) -> VoiceEvent:
        end = time.monotonic() + wait_s
        while True:
            event = self.news.get(timeout=max(end - time.monotonic(), 0.01))
            if event.kind == kind and (not key or event.key == key):
                return event


@pytest.fixture
def ear(voice_dir: Path, tmp_path: Path) -> Iterator[Ear]:
    clock = QuickClock()
    pipe = SpeechPipe(voice_dir, f"paced:20:{tmp_path / 'speech.jsonl'}", "tongan", clock)
    heard = Ear(pipe, clock)
    heard.until("ready")
    yield heard
    pipe.close()


def test_the_kiosk_hears_its_words_spoken(ear: Ear, tmp_path: Path) -> None:
    date = Utterance(Line("result.approved", {"date": Arg(ArgKind.DATE, "2026-12-15")}))
    ear.pipe.speak(1, (Utterance(Line("result.approved.title")), date), Lang.NAN)
    assert ear.until("clause").key == "result.approved.title"
    ear.until("done", "result.approved")
    lines = [json.loads(line) for line in (tmp_path / "speech.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["text"] for line in lines] == ["有批准矣!", "对2026年12月15日起,", "逐月的钱入您的社保卡。"]


def test_a_killed_speech_process_is_replaced_and_keeps_its_settings(ear: Ear) -> None:
    ear.pipe.set_headphone(True)
    before = ear.pipe.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    ear.until("lost")
    ear.until("ready")
    assert ear.pipe.pid not in (None, before)
    assert ear.pipe.restarts == 1
    private = Utterance(Line("bar.help"), Privacy.PRIVATE)
    ear.pipe.speak(1, (private,), Lang.NAN)
    assert ear.until("done").key == "bar.help", "the new process knows of the headphone"


def test_a_speech_process_that_hangs_is_replaced(ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    # Longer than a busy machine is silent by itself.
    monkeypatch.setattr("kiosk.adapters.pipes.speech_pipe.VOICE_SILENT_S", 1.5)
    before = ear.pipe.pid
    assert before is not None
    ear.pipe.speak(1, (Utterance(Line("bar.help")),), Lang.NAN)
    ear.until("done")
    os.kill(before, signal.SIGSTOP)
    ear.pipe.speak(2, (Utterance(Line("bar.help")),), Lang.NAN)
    ear.until("lost")
    monkeypatch.undo()
    ear.until("ready")
    ear.pipe.speak(3, (Utterance(Line("bar.help")),), Lang.NAN)
    ear.until("done")


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_the_next_process_speaks_as_the_one_before(ear: Ear, tmp_path: Path) -> None:
    """Rate, volume, the site's offset and the headphone are told again."""
    ear.pipe.set_rate(200)
    ear.pipe.set_volume(10)
    ear.pipe.set_loudness(-6)
    help_text = (Utterance(Line("bar.help")),)
    ear.pipe.speak(1, help_text, Lang.NAN)
    ear.until("done")
    assert ear.pipe.pid is not None
    os.kill(ear.pipe.pid, signal.SIGKILL)
    ear.until("lost")
    ear.until("ready")
    ear.pipe.speak(2, help_text, Lang.NAN)
    ear.until("done")
    before, after = lines(tmp_path / "speech.jsonl")
    assert after["duration_s"] == pytest.approx(before["duration_s"], rel=0.03)
    assert after["rms_dbfs"] == pytest.approx(before["rms_dbfs"], abs=0.5)
    assert before["rms_dbfs"] < -35, "12 dB softer and six more for the site"


def test_a_process_that_dies_at_once_is_tried_ever_more_rarely(voice_dir: Path) -> None:
    clock = QuickClock()
    pipe = SpeechPipe(voice_dir, "paced:no number:x", "tongan", clock)
    heard = Ear(pipe)
    for _ in range(len(VOICE_RESTART_S) + 1):
        heard.until("lost")
    pipe.close()
    assert clock.waits_s[: len(VOICE_RESTART_S)] == [*VOICE_RESTART_S]
    assert clock.waits_s == sorted(clock.waits_s)


def test_a_voice_that_is_not_built_is_told_by_its_language(tmp_path: Path) -> None:
    clock, told = QuickClock(), queue.Queue[Mapping[str, str]]()
    pipe = SpeechPipe(tmp_path / "nothing", "null", "tongan", clock, told.put)
    try:
        lacking = told.get(timeout=WAIT_S)
    finally:
        pipe.close()
    assert list(lacking) == ["nan"] and str(tmp_path / "nothing") in lacking["nan"]


@pytest.mark.proof
def test_a_process_that_has_spoken_is_replaced_soon(ear: Ear) -> None:
    for generation in (1, 2):
        ear.pipe.speak(generation, (Utterance(Line("bar.help")),), Lang.NAN)
        ear.until("done")
        assert ear.pipe.pid is not None
        os.kill(ear.pipe.pid, signal.SIGKILL)
        ear.until("ready")
    assert ear.clock.waits_s == [VOICE_RESTART_S[0]] * 2


def test_a_pause_is_no_silence_of_a_process_that_hangs(ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    # Before the process is listened to: a wait that has begun keeps its length.
    monkeypatch.setattr("kiosk.adapters.pipes.speech_pipe.VOICE_SILENT_S", 1.0)
    long = Utterance(Line("help.browse"))
    ear.pipe.speak(1, (*(long,) * 12, Utterance(Line("bar.help"))), Lang.NAN)
    ear.until("clause")
    ear.pipe.pause(True)
    with pytest.raises(queue.Empty):
        ear.until("lost", wait_s=2.5)
    monkeypatch.undo()
    ear.pipe.skip(1)
    ear.until("skipped")
    ear.until("done", "bar.help")
    assert ear.pipe.restarts == 0


def test_speaking_into_a_process_that_is_not_there_is_lost_and_does_not_block(ear: Ear) -> None:
    ear.pipe.close()
    began = time.monotonic()
    ear.pipe.speak(1, (Utterance(Line("bar.help")),), Lang.NAN)
    # The end of the pipe itself is told, too.
    assert any(ear.until("lost").generation == 1 for _ in range(5)), "the words that were lost are not told"
    assert time.monotonic() - began < WAIT_S / 2, "it waited for a process"
    assert ear.pipe.pid is None


def test_texts_without_a_reading_are_counted(ear: Ear, unread_key: str) -> None:
    ear.pipe.speak(1, (Utterance(Line(unread_key)),), Lang.NAN)
    ear.until("unspoken")
    assert ear.pipe.unspoken == 1


def test_closing_ends_the_process(ear: Ear) -> None:
    pid = ear.pipe.pid
    assert pid is not None
    ear.pipe.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_every_clause_of_a_screen_is_lit_as_it_is_spoken(ear: Ear) -> None:
    """From the speech process to what the screen is told: key and number of the shown clause, then nothing."""
    lit: queue.Queue[tuple[str | None, int]] = queue.Queue()
    speech = SpeechQueue(ear.pipe)
    speech.on_clause(lambda key, index: lit.put((key, index)))
    state = VisitState(step=Step.IDENTIFY, item_id="XA032")
    shown = view(state, read_catalogue(ROOT / "config" / "catalogue"))
    speech.show(state, shown)
    words = VoicesWords()
    for line in (utterance.line for utterance in shown.say):
        for index, _ in enumerate(words.clauses(Lang.NAN, line.key, line.args)):
            assert lit.get(timeout=WAIT_S) == (line.key, index)
    assert lit.get(timeout=WAIT_S) == (None, 0)


def test_the_words_adapter_gives_shown_text_cut_like_the_speech() -> None:
    words = VoicesWords()
    args = {"date": Arg(ArgKind.DATE, "2026-12-15")}
    assert list(words.clauses(Lang.CMN, "result.approved", args)) == ["从2026年12月15日起,", "每月的钱入您的社保卡。"]
    assert words.show(Lang.NAN, "choose.question", {}) == "阿公阿嬷,今仔日欲办啥?"
