"""Packs in the real speech process: a clip where its words are said, the engine where they have changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from voices.packs.writer import PackWriter
from voices.prompts import load_words

from ..conftest import StartWorker
from .packing import MINNAN, RECORDED, voice


def test_a_clip_is_played_for_its_words_and_never_for_others(
    start_worker: StartWorker, voice_dir: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "espeak-ng-data").symlink_to(voice_dir / "espeak-ng-data")
    (hear,) = load_words().spoken("nan", "welcome.start_nan", {})
    (other,) = load_words().spoken("nan", "welcome.start_cmn", {})
    with PackWriter(data / "packs", RECORDED) as pack:
        pack.add("welcome.start_nan", 0, hear.reading, voice(seconds=1.0), ("chen", "lin"))
        pack.finish()
    with PackWriter(data / "packs", MINNAN) as pack:
        former = replace(other.reading, sound=other.reading.sound.replace("1", "2", 1))
        pack.add("welcome.start_cmn", 0, former, voice(seconds=1.0))
        pack.finish()
    worker = start_worker(data=data)
    worker.speak(1, "welcome.start_nan", "welcome.start_cmn")
    worker.done("welcome.start_cmn", 1)
    layers = {event["key"]: event["layer"] for event in worker.events if event["ev"] == "clause"}
    assert layers == {"welcome.start_nan": "recorded", "welcome.start_cmn": "espeak"}
