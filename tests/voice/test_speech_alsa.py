"""The sound card through the real `aplay`, with a card of ALSA's own that keeps what it plays."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from voices.worker import alsa
from voices.worker.alsa import AlsaSink
from voices.worker.sink import Clip

from .conftest import WAIT_S, StartWorker

RATE = 22050
PIECE = RATE // 25
CLIP = Clip("bar.help", "nan", "叫人", "speaker", "espeak", 1)
GOING_ON = threading.Event()


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the card `keeping` played; ALSA knows no other card."""
    played = tmp_path / "played.raw"
    config = tmp_path / "asound.conf"
    keeping = f'pcm.keeping {{ type file\n file "{played}"\n format "raw"\n slave.pcm "nothing" }}'
    config.write_text(f"{keeping}\npcm.nothing {{ type null }}\n")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(config))
    return played


@pytest.fixture
def sink() -> Iterator[AlsaSink]:
    made = AlsaSink(RATE, "keeping")
    yield made
    made.close()


def noise(seconds: float, seed: int = 7) -> bytes:
    return np.random.default_rng(seed).integers(-9000, 9000, int(RATE * seconds)).astype("<i2").tobytes()


def feed(sink: AlsaSink, pcm: bytes, cancelled: threading.Event = GOING_ON) -> bool:
    return all(sink.write(pcm[at : at + 2 * PIECE], cancelled) for at in range(0, len(pcm), 2 * PIECE))


def pid_of(sink: AlsaSink) -> int:
    assert sink._player is not None
    return sink._player.pid


def test_what_is_fed_comes_out_of_the_player_bit_by_bit(sink: AlsaSink, card: Path) -> None:
    clauses = [noise(0.3, 1), noise(0.25, 2)]
    for pcm in clauses:
        sink.begin(CLIP)
        assert feed(sink, pcm)
        sink.end(True)
        assert sink.fault == ""
    sink.finish()
    out = card.read_bytes()
    first = out.index(clauses[0])
    second = out.index(clauses[1], first + len(clauses[0]))
    between = out[first + len(clauses[0]) : second]
    assert first == 0
    assert not any(between), "only silence between the clauses"
    assert not any(out[second + len(clauses[1]) :])


def test_the_end_of_the_words_is_not_kept_back_until_the_next_ones(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With a stand-in that plays whole periods of 330 frames only, as the real player does with this buffer."""
    played, player = tmp_path / "played.raw", tmp_path / "aplay"
    player.write_text(f'#!/bin/sh\nexec dd bs=660 iflag=fullblock of="{played}" status=none\n')
    player.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    sink, pcm = AlsaSink(RATE), noise(0.2, 9)[:-150]
    sink.begin(CLIP)
    assert feed(sink, pcm)
    sink.end(True)
    give_up_s = time.monotonic() + WAIT_S
    while not played.exists() or pcm not in played.read_bytes():
        assert time.monotonic() < give_up_s, "the last words wait in the player"
        assert not GOING_ON.wait(0.02)
    sink.close()


def test_a_stop_ends_the_player_and_the_next_clause_has_a_new_one(sink: AlsaSink, card: Path) -> None:
    cancelled = threading.Event()
    sink.begin(CLIP)
    assert feed(sink, noise(0.1), cancelled)
    before = pid_of(sink)
    cancelled.set()
    assert not feed(sink, noise(1.0), cancelled)
    sink.end(False)
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)
    pcm = noise(0.2, 3)
    sink.begin(CLIP)
    assert feed(sink, pcm)
    sink.end(True)
    sink.finish()
    assert pcm in card.read_bytes()


def test_a_player_that_dies_in_a_clause_is_replaced_and_goes_on(sink: AlsaSink, card: Path) -> None:
    sink.begin(CLIP)
    assert feed(sink, noise(0.1))
    os.kill(pid_of(sink), signal.SIGKILL)
    rest = noise(0.4, 5)
    assert feed(sink, rest)
    sink.end(True)
    assert sink.fault == ""
    sink.finish()
    assert rest[-8000:] in card.read_bytes(), "the end of the clause was heard"


def test_a_player_that_hangs_is_replaced(sink: AlsaSink, card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alsa, "_STUCK_S", 0.1)
    sink.begin(CLIP)
    assert feed(sink, noise(0.1))
    before = pid_of(sink)
    os.kill(before, signal.SIGSTOP)
    assert feed(sink, noise(0.6))
    assert sink.fault == ""
    assert pid_of(sink) != before


def test_a_card_that_is_not_there_is_a_fault_that_names_it_and_the_clause_keeps_its_pace(card: Path) -> None:
    sink = AlsaSink(RATE, "nowhere")
    sink.begin(CLIP)
    assert feed(sink, noise(0.5))
    sink.end(True)
    assert "nowhere" in sink.fault
    assert "No such file or directory" in sink.fault
    sink.close()


def test_without_the_player_the_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    sink = AlsaSink(RATE)
    sink.begin(CLIP)
    assert feed(sink, noise(0.1))
    assert "alsa-utils" in sink.fault


def test_a_worker_without_a_card_says_so_once_and_the_screen_still_follows(start_worker: StartWorker) -> None:
    worker = start_worker(sink="alsa:nowhere", env={**os.environ, "ALSA_CONFIG_PATH": os.devnull})
    worker.send(op="rate", percent=200)
    worker.speak(1, "take_card.lift", "bar.help")
    assert not worker.done("bar.help", 1)["completed"], "nobody heard it"
    errors = [event["what"] for event in worker.events if event["ev"] == "error"]
    assert len(errors) == 1
    assert "nowhere" in errors[0]
    clauses = [event for event in worker.events if event["ev"] == "clause"]
    assert [(event["key"], event["index"]) for event in clauses] == [
        *(("take_card.lift", 0), ("take_card.lift", 1), ("bar.help", 0)),
    ]
    assert clauses[1]["at"] - clauses[0]["at"] > 0.4, "in time with the words"


@pytest.mark.proof
def test_a_worker_speaks_through_the_real_player(start_worker: StartWorker, card: Path) -> None:
    worker = start_worker(sink="alsa:keeping")
    worker.speak(1, "bar.help")
    assert worker.done("bar.help", 1)["completed"]
    assert worker.close() == 0
    played = np.frombuffer(card.read_bytes(), dtype="<i2")
    loud = np.flatnonzero(np.abs(played.astype(int)) > 400)
    assert (loud[-1] - loud[0]) / RATE > 0.3
    assert not [event for event in worker.events if event["ev"] == "error"]
