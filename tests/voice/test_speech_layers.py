"""Clips before the live engine: the language's own only, a broken one never silent, and told of once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voices.packs.manifest import Header
from voices.packs.take import RECORDED, RENDERED, Take
from voices.packs.writer import PackWriter
from voices.prompts import Words
from voices.reading import Reading
from voices.worker import loudness
from voices.worker.layers import Layers

from .conftest import StartWorker, Worker

RATE = 48_000
KEYS = ("take_card.lift", "take_card.keep")


def tone(hertz: float, seconds: float = 0.8, rate: int = RATE) -> np.ndarray[Any, np.dtype[np.int16]]:
    """A steady voice-like sound that is known again by its pitch."""
    at = np.arange(int(seconds * rate)) / rate
    return np.asarray(sum(np.sin(2 * np.pi * hertz * n * at) / n for n in range(1, 6)) * 4000, dtype=np.int16)


class Memory:
    """Takes in memory; counts what it is asked."""

    def __init__(self, **takes: Take) -> None:
        self.takes = takes
        self.asked: list[tuple[str, str, str, int]] = []

    def find(self, lang: str, accent: str, key: str, index: int, reading: Reading) -> Take | None:
        self.asked.append((lang, accent, key, index))
        return self.takes.get(lang)


READING = Reading("好", "ho2")


def test_a_clip_comes_at_the_rate_of_the_sink() -> None:
    told: list[str] = []
    takes = Memory(nan=Take(tone(200), RATE, RECORDED, "one"))
    found = Layers(takes, 22050, told.append).find("nan", "tongan", "bar.help", 0, READING)
    assert found is not None
    assert (found.layer, found.pack) == (RECORDED, "one")
    assert len(found.samples) == pytest.approx(0.8 * 22050, abs=2)
    spectrum = np.abs(np.fft.rfft(found.samples))
    assert np.argmax(spectrum) / 0.8 == pytest.approx(200, abs=2)
    assert takes.asked == [("nan", "tongan", "bar.help", 0)]
    assert told == []


class Broken:
    """A shelf that fails whatever it is asked."""

    def find(self, lang: str, accent: str, key: str, index: int, reading: Reading) -> Take | None:
        raise RuntimeError("the disk is gone")


@pytest.mark.parametrize(
    "takes",
    [
        Broken(),
        Memory(nan=Take(tone(200)[:10], RATE, RECORDED, "short")),
        Memory(nan=Take(np.zeros(9000, dtype=np.int16), RATE, RECORDED, "silent")),
        Memory(nan=Take(tone(200).astype(float), RATE, RECORDED, "floats")),  # on purpose
        Memory(nan=Take(tone(200).reshape(-1, 2), RATE, RECORDED, "stereo")),
        Memory(nan=Take(tone(200), 0, RECORDED, "no rate")),
        Memory(nan=Take(tone(200), RATE, "dreamt", "layer")),
    ],
)
def test_a_clip_that_cannot_be_used_is_told_of_once_and_the_engine_speaks(takes: Broken | Memory) -> None:
    told: list[str] = []
    layers = Layers(takes, 22050, told.append)
    for _ in range(3):
        assert layers.find("nan", "tongan", "bar.help", 0, READING) is None
    assert len(told) == 1
    assert "bar.help" in told[0]


def test_what_the_shelf_finds_out_is_told_once() -> None:
    told: list[str] = []
    troubles = ["pack a is not used"]
    layers = Layers(Memory(), 22050, told.append, troubles)
    for _ in range(2):
        layers.find("nan", "tongan", "bar.help", 0, READING)
    troubles.append("pack b: clip broken")
    layers.find("nan", "tongan", "bar.help", 0, READING)
    assert told == ["pack a is not used", "pack b: clip broken"]


# ---- through the process, with real packs on a real shelf ------------------------------------------------------

HEADER = {"licence": "CC0-1.0", "rate": RATE}
PERSON = {"kind": RECORDED, "speaker": "s1", "consent": "folder 1"}
MACHINE = {"kind": RENDERED, "engine": "test 1"}
REVIEWERS = ("reviewer one", "reviewer two")
Pack = Callable[..., Path]


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    return tmp_path / "packs"


@pytest.fixture
def make_pack(words: Words, packs: Path) -> Pack:
    def make(name: str, lang: str, hertz: float, keys: Sequence[str] = KEYS, **kind: str) -> Path:
        header = Header(
            id=name, language=lang, accent="tongan" if lang == "nan" else "", **HEADER, **kind
        )  # fields by name
        with PackWriter(packs, header, date(2026, 11, 1)) as pack:
            for key in keys:
                for index, clause in enumerate(words.spoken(lang, key, {})):
                    pack.add(key, index, clause.reading, tone(hertz), REVIEWERS, "2026-11-01")
            return pack.finish()

    return make


def heard(worker: Worker, lang: str, generation: int) -> list[tuple[str, str, str]]:
    before = len(worker.fed())
    worker.speak(generation, *KEYS, lang=lang)
    worker.done(KEYS[-1], generation)
    return [(line["lang"], line["layer"], line["pack"]) for line in worker.fed()[before:]]


def test_a_person_s_voice_outranks_a_rendering_and_this_the_engine(
    start_worker: StartWorker, make_pack: Pack, packs: Path
) -> None:
    make_pack("machine", "nan", 150, **MACHINE)
    make_pack("person", "nan", 250, KEYS[:1], **PERSON)
    worker = start_worker(more=("--packs", str(packs)))
    assert heard(worker, "nan", 1) == [
        ("nan", RECORDED, "person"),
        ("nan", RECORDED, "person"),
        ("nan", RENDERED, "machine"),
    ]
    clauses = [event for event in worker.events if event["ev"] == "clause"]
    assert [event["layer"] for event in clauses] == [RECORDED, RECORDED, RENDERED]
    assert heard(worker, "cmn", 2) == [("cmn", "espeak", "")] * 3


def test_after_the_switch_no_clip_of_the_other_language_is_heard(
    start_worker: StartWorker, make_pack: Pack, packs: Path
) -> None:
    make_pack("minnan", "nan", 150, **PERSON)
    make_pack("mandarin", "cmn", 250, **PERSON)
    worker = start_worker(more=("--packs", str(packs)))
    for generation in range(1, 7):
        lang, pack = (("nan", "minnan"), ("cmn", "mandarin"))[generation % 2]
        assert set(heard(worker, lang, generation)) == {(lang, RECORDED, pack)}


def test_packs_in_the_data_folder_are_found_and_a_broken_one_is_said(
    start_worker: StartWorker, make_pack: Pack, packs: Path, voice_dir: Path, tmp_path: Path
) -> None:
    make_pack("person", "nan", 250, **PERSON)
    broken = make_pack("broken", "nan", 150, **MACHINE)
    next(broken.glob("*.tsv")).write_text("nonsense", encoding="utf-8")
    data = tmp_path / "data"
    data.mkdir()
    (data / "espeak-ng-data").symlink_to(voice_dir / "espeak-ng-data")
    shutil.move(packs, data / "packs")
    worker = start_worker(data=data)
    assert [event["ev"] for event in worker.events] == ["error", "ready"]
    assert "broken" in worker.events[0]["what"]
    assert {layer for _, layer, _ in heard(worker, "nan", 1)} == {RECORDED}


def test_a_broken_clip_is_said_once_and_the_next_layer_speaks(
    start_worker: StartWorker, make_pack: Pack, packs: Path
) -> None:
    pack = make_pack("person", "nan", 250, **PERSON)
    make_pack("machine", "nan", 150, KEYS[:1], **MACHINE)
    for clip in pack.glob("**/*.wav"):
        clip.write_bytes(clip.read_bytes()[:100])
    worker = start_worker(more=("--packs", str(packs)))
    for generation in (1, 2):
        layers = [layer for _, layer, _ in heard(worker, "nan", generation)]
        assert layers == [RENDERED, RENDERED, "espeak"]
    errors = [event["what"] for event in worker.events if event["ev"] == "error"]
    assert len(errors) == len(set(errors)) == 3, "each broken clip once"


def test_a_clip_obeys_rate_volume_and_stop_as_the_engine_does(
    start_worker: StartWorker, make_pack: Pack, packs: Path
) -> None:
    make_pack("person", "nan", 250, **PERSON)
    worker = start_worker(more=("--packs", str(packs)))
    for generation, (percent, step) in enumerate(((100, 13), (50, 13), (200, 13), (100, 10)), start=1):
        worker.send(op="rate", percent=percent)
        worker.send(op="volume", step=step)
        worker.speak(generation, KEYS[1])
        worker.done(KEYS[1], generation)
    common, slow, fast, soft = worker.fed()
    assert common["duration_s"] == pytest.approx(0.8, abs=0.02)
    assert slow["duration_s"] == pytest.approx(1.6, abs=0.04)
    assert fast["duration_s"] == pytest.approx(0.4, abs=0.02)
    assert soft["rms_dbfs"] == pytest.approx(common["rms_dbfs"] - 12, abs=0.3)
    slow_worker = start_worker(speed=1.0, more=("--packs", str(packs)))
    slow_worker.speak(1, KEYS[1])
    slow_worker.until(lambda event: event["ev"] == "clause")
    slow_worker.send(op="stop", gen=2)
    assert not slow_worker.done(KEYS[1], 1)["completed"]
    assert all(line["duration_s"] < 0.5 for line in slow_worker.fed())


def test_a_clip_is_as_loud_as_the_engine() -> None:
    take = tone(180)
    assert loudness.integrated(loudness.level(take, RATE), RATE) == pytest.approx(-20, abs=0.5)
