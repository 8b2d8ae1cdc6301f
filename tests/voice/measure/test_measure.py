"""What measures the voice, in small: each gate is green for the built voice and red for a wrong one."""

from __future__ import annotations

import dataclasses
import json
import sys
import types
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from voices import languages
from voices.__main__ import main
from voices.measure import building, coverage, keys, language, latency, levels, numbers, report, sandhi, tones
from voices.measure.building import Pace, judge, judge_current, judge_pace
from voices.measure.capture import Captured, capture
from voices.measure.gate import Bench, Gate
from voices.measure.hear import EngineMouth, Heard, initial
from voices.pipeline import accent as accents
from voices.pipeline import pitch
from voices.prompts import Words
from voices.worker import loudness
from voices.worker.espeak import Espeak

RATE = 22050
ACCENTS = accents.names()


class FlatMouth:
    """Speaks everything on one note."""

    def speak(self, voice: str, syllables: Sequence[str]) -> Heard:
        length_s = 0.25 * len(syllables)
        rimes = [(0.25 * at + 0.05, 0.25 * at + 0.2) for at in range(len(syllables))]
        return Heard(voiced(np.full(int(length_s * RATE), 120.0)), RATE, tuple(rimes))


class OtherMouth:
    """Speaks with another accent's voice than the one that is asked for."""

    def __init__(self, mouth: EngineMouth, voice: str) -> None:
        self._mouth = mouth
        self._voice = voice

    def speak(self, voice: str, syllables: Sequence[str]) -> Heard:
        return self._mouth.speak(self._voice, syllables)


def voiced(hz: pitch.Samples) -> pitch.Samples:
    """Pulses at this pitch through a soft resonance."""
    phase = np.cumsum(hz) / RATE
    pulses = np.diff(np.floor(phase), prepend=0.0)
    at = np.arange(220) / RATE
    wave = np.convolve(pulses, np.exp(-at * 300) * np.sin(2 * np.pi * 700 * at))[: len(hz)]
    return np.asarray(0.5 * wave / np.abs(wave).max())


@pytest.fixture(scope="module")
def mouth(voice_dir: Path) -> EngineMouth:
    return EngineMouth(voice_dir)


def failed(gates: Sequence[Gate]) -> set[str]:
    return {gate.name.rsplit(": ", 1)[-1] for gate in gates if not gate.passed}


# ---- the instrument ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("low", "high", "seconds"), [(157, 105, 0.11), (105, 157, 0.11), (100, 100, 0.2)])
def test_the_tracker_follows_a_known_glide_even_within_a_checked_syllable(low: int, high: int, seconds: float) -> None:
    hz = np.geomspace(low, high, int(seconds * RATE))
    around = np.zeros(1000)
    found = pitch.track(np.concatenate([around, voiced(hz), around]), RATE)
    heard = pitch.contour(found)
    true = 12 * np.log2(np.interp(np.linspace(0.08, 0.92, 7), np.linspace(0, 1, len(hz)), hz) / 55)
    assert len(found.voiced()) * found.step_s > 0.8 * seconds, "the middle of a fast fall is lost"
    assert np.abs(heard - true).max() < 0.8


def test_an_initial_is_told_from_the_rime_whatever_tone_code_the_syllable_has() -> None:
    assert [initial(text) for text in ("tshiann5", "ng7", "ngoo2", "ai3", "m7", "phah1")] == [
        "tsh",
        "",
        "ng",
        "",
        "",
        "ph",
    ]


# ---- tones ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ACCENTS)
def test_seven_tones_on_eight_rhymes_follow_their_table(name: str, mouth: EngineMouth, tmp_path: Path) -> None:
    toned = tones.measure(mouth, accents.load(name), tones.FAST)
    gates = tones.judge(toned)
    assert not failed(gates), gates
    assert len(toned.tones) == 7 * 8
    tones.draw(toned, tmp_path / "tones.png")
    assert (tmp_path / "tones.png").stat().st_size > 5000


def test_tones_on_one_note_or_from_another_accent_or_language_fail(mouth: EngineMouth) -> None:
    tongan, few = accents.load("tongan"), (tones.OPEN[:3], tones.CHECKED[:3])
    everything = {"contour", "error", "identified"}
    assert failed(tones.judge(tones.measure(FlatMouth(), tongan, few))) == everything
    for voice in ("nan-xiamen", "cmn"):
        toned = tones.measure(OtherMouth(mouth, voice), tongan, few)
        assert failed(tones.judge(toned)) == everything, voice


# ---- sandhi -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ACCENTS)
def test_every_pair_and_group_has_the_tones_of_the_printed_table(name: str) -> None:
    rows = sandhi.rows(name)
    pairs = {row.sound for row in rows if row.kind == "pair"}
    seven = ("sa1", "sa2", "sa3", "sak4", "sa5", "sa7", "sak8")
    assert {f"{first} {second}" for first in seven for second in seven} <= pairs
    groups = [row for row in rows if row.kind != "pair"]
    assert len(groups) >= 60
    assert all(3 <= len(row.wanted) <= 5 for row in groups)
    gate = sandhi.judge_symbols(accents.load(name), rows)
    assert gate.passed, gate.details


def test_the_groups_have_neutral_syllables_suffixes_triples_and_every_coda() -> None:
    rows = sandhi.rows("tongan")
    assert {"words", "numbers", "phrases", "suffix", "triple"} <= {row.kind for row in rows}
    assert sum("0" in row.wanted for row in rows) >= 10
    text = " ".join(row.sound.replace("-", " ") for row in rows if row.kind != "pair")
    for coda in "ptkh":
        for tone in "48":
            assert f"{coda}{tone} " in text, (coda, tone)


def test_a_wrong_table_fails_as_symbols(mouth: EngineMouth) -> None:
    tongan, xiamen = accents.load("tongan"), accents.load("xiamen")
    assert not sandhi.judge_symbols(xiamen, sandhi.rows("tongan")).passed
    mistaken = dataclasses.replace(tongan, sandhi={**tongan.sandhi, "5": "7"})
    wrong = sandhi.wrong_symbols(mistaken, sandhi.rows("tongan"))
    assert "银行卡 gun5-hang5-khah4" in wrong
    assert "公安局 kong1-an1-kiok8" not in wrong


@pytest.mark.parametrize("name", ACCENTS)
def test_what_is_heard_in_groups_is_what_the_table_wants(name: str, mouth: EngineMouth, tmp_path: Path) -> None:
    syllables, line = sandhi.listen(mouth, accents.load(name), sandhi.rows(name)[::10])
    gate = sandhi.judge_sound(name, syllables)
    assert gate.passed, gate.details
    assert len(syllables) > 35
    sandhi.draw(name, syllables, line, tmp_path)
    assert len(list(tmp_path.glob("*.png"))) == 2


def test_groups_on_one_note_or_with_another_accent_s_voice_fail(mouth: EngineMouth) -> None:
    tongan, few = accents.load("tongan"), sandhi.rows("tongan")[::20]
    for wrong in (FlatMouth(), OtherMouth(mouth, "nan-xiamen")):
        syllables, _ = sandhi.listen(wrong, tongan, few)
        assert not sandhi.judge_sound("tongan", syllables).passed


# ---- loudness ---------------------------------------------------------------------------------------------------


def hum(db: float, silence_s: float = 0.0) -> levels.Level:
    wave = loudness.level(np.asarray(20000 * voiced(np.full(RATE, 120.0)), dtype=np.int16), RATE) / 32768
    samples = np.concatenate([np.zeros(int(silence_s * RATE)), wave * 10 ** (db / 20)])
    return levels.level("tongan", "some.key", "some text", samples, RATE)


def test_loud_soft_late_and_clipped_clauses_fail_by_name() -> None:
    assert failed(levels.judge("tongan", [hum(0.0)] * 3)) == set()
    assert failed(levels.judge("tongan", [hum(0.0), hum(2.0)])) == {"clauses"}
    assert failed(levels.judge("tongan", [hum(0.0), hum(-2.0)])) == {"clauses"}
    assert failed(levels.judge("tongan", [hum(0.0), hum(0.0, silence_s=0.1)])) == {"silence before"}
    clipped = dataclasses.replace(hum(0.0), true_peak_dbtp=-1.9)
    (gate,) = (gate for gate in levels.judge("tongan", [clipped]) if not gate.passed)
    assert gate.name == "loudness tongan: true peak"
    assert "some.key" in str(gate.details)


def test_two_voices_of_unlike_loudness_fail() -> None:
    assert levels.apart({"tongan": [hum(0.0)], "cmn": [hum(1.0)]}).passed
    assert not levels.apart({"tongan": [hum(0.0)], "cmn": [hum(-2.5)]}).passed


def test_a_silent_clause_is_no_clause() -> None:
    with pytest.raises(ValueError, match="nothing is to be heard"):
        levels.level("cmn", "some.key", "some text", np.zeros(RATE), RATE)


# ---- the worker: loudness and language of what it is really fed -------------------------------------------------


@pytest.fixture(scope="module")
def said(voice_dir: Path) -> dict[str, list[Captured]]:
    """The same few texts of both packs, as the worker's sink was fed them."""
    items = [keys.Item(key, {}) for key in TEXTS]
    return {lang: capture(voice_dir, lang, "tongan" if lang == "nan" else "", items) for lang in languages.codes()}


TEXTS = ("take_card.lift", "identify.lay_card", "confirm.no", "welcome.invite")


def test_clauses_from_the_worker_are_as_loud_as_wanted_in_both_languages(said: dict[str, list[Captured]]) -> None:
    found = {
        lang: [levels.level(lang, clip.key, clip.text, clip.samples, clip.rate) for clip in clips]
        for lang, clips in said.items()
    }
    for lang, measured in found.items():
        assert not failed(levels.judge(lang, measured)), levels.judge(lang, measured)
    assert levels.apart(found).passed


def test_each_language_is_heard_as_itself_and_swapped_packs_fail(
    said: dict[str, list[Captured]], voice_dir: Path, words: Words
) -> None:
    engine, items = Espeak(voice_dir), [keys.Item(key, {}) for key in TEXTS]
    references = {lang: language.render_all(engine, words, lang, "tongan", items) for lang in languages.codes()}
    for lang, other in (("nan", "cmn"), ("cmn", "nan")):
        assert language.judge(lang, language.compare(said[lang], references)).passed
        swapped = language.judge(lang, language.compare(said[other], references))
        assert not swapped.passed
        assert swapped.measured.startswith("0 of ")
    assert not language.judge("nan", []).passed, "nothing heard is no Minnan"


# ---- latency, cost, coverage ------------------------------------------------------------------------------------


AFTER_A_TOUCH_MS = 300
"""What the access list allows; `voices measure` holds the voice to a sixth of it."""


def test_each_trial_is_begun_and_stopped_once_in_both_languages(
    voice_dir: Path, record_property: Callable[[str, object], None]
) -> None:
    trials = latency.measure(voice_dir, 4)
    assert len(trials) == 4
    assert {trial.lang for trial in trials} == set(languages.codes())
    assert all(trial.first_s > 0 for trial in trials), "heard before it was asked for"
    slowest_ms = max(trial.first_s for trial in trials) * 1000
    record_property("figure", f"slowest first sample of {len(trials)}: {slowest_ms:.0f} ms")
    assert slowest_ms <= AFTER_A_TOUCH_MS


def test_slow_first_samples_and_slow_stops_fail() -> None:
    quick = latency.Trial("some.key", "nan", 0.02, 0.03)
    slow = dataclasses.replace(quick, first_s=0.06)
    assert failed(latency.judge([quick] * 20)) == set()
    assert failed(latency.judge([quick] * 18 + [slow] * 2)) == {"first sample"}
    assert failed(latency.judge([quick] * 18 + [dataclasses.replace(quick, stop_s=0.2)] * 2)) == {"stop"}


def test_what_costs_too_much_or_is_stale_fails() -> None:
    assert failed(judge(59.0, 4_000_000)) == set()
    assert failed(judge(61.0, 4_000_001)) == {"time", "data folder"}
    assert judge_pace(Pace("cmn", 100.0, 0.9, 5.0)).passed and not judge_pace(Pace("cmn", 100.0, 1.1, 1.1)).passed
    assert not judge_current(False).passed


def test_a_spelled_syllable_and_a_missing_text_are_told(voice_dir: Path, words: Words) -> None:
    engine = Espeak(voice_dir)
    engine.set_voice("nan-tongan")
    given = {"tsiah1": "some.key", "xyz1": "wrong.key", "sa": "no.tone"}
    assert set(coverage.misspoken(engine.phonemes, given)) == {"xyz1", "sa"}
    assert coverage.alike(engine.phonemes, {"ji7": "", "li7": "", "ti7": ""}) == {engine.phonemes("li1"): ["ji", "li"]}
    known = {"bar.help": {}, "no.such.text": {}}
    gate = coverage.judge(coverage.count(words, "nan", known))
    assert not gate.passed
    assert gate.details["missing"] == ["no.such.text"]


def test_two_values_that_sound_alike_and_one_without_a_reading_fail() -> None:
    assert numbers.judge("nan", 3, numbers.pairs_alike({"1": "tsit8", "2": "nng7", "3": "sann1"}), []).passed
    alike = numbers.pairs_alike({"101": "tsit8 pah4 it4", "102": "tsit8 pah4 ji7", "110": "tsit8 pah4 it4"})
    assert alike == ["101 and 110: tsit8 pah4 it4"]
    assert not numbers.judge("nan", 3, alike, []).passed
    assert not numbers.judge("nan", 3, [], ["count 7"]).passed


# ---- the report -------------------------------------------------------------------------------------------------


def test_a_measurement_that_is_missing_breaks_or_is_empty_is_a_row_that_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bench = Bench(tmp_path / "no voice", tmp_path)
    modules = {"absent": "voices.measure.no_such_module", "broken": "voices.measure.tones", "empty": "empty_measure"}
    monkeypatch.setattr(report, "MODULES", modules)
    empty = types.ModuleType("empty_measure")
    empty.gates = lambda bench: []  # made up here
    monkeypatch.setitem(sys.modules, "empty_measure", empty)
    gates = report.run(bench)
    assert [(gate.name, gate.passed) for gate in gates] == [("absent", False), ("broken", False), ("empty", False)]
    assert "no_such_module" in gates[0].measured
    assert "no gate" in gates[2].measured


def test_the_report_is_a_table_and_a_file_with_what_a_reader_asks_next(tmp_path: Path) -> None:
    gates = [Gate("tones", ">= 98 %", "100 %", True), Gate("sandhi 同安", "100 %", "97 %", False, {"wrong": ["代志"]})]
    head, rule, first, second = report.table(gates).splitlines()
    assert [cell.strip() for cell in head.split("|")] == ["gate", "wanted", "measured", "pass"]
    assert first.endswith("yes") and second.endswith("NO") and set(rule) == {"-", "+"}
    report.write(gates, Bench(tmp_path, tmp_path / "out"))
    written = json.loads((tmp_path / "out" / report.FILE).read_text(encoding="utf-8"))
    assert [row["passed"] for row in written] == [True, False]
    assert written[1]["details"] == {"wrong": ["代志"]}


@pytest.mark.parametrize(("wrong", "measured"), [(False, "coverage,build,numbers"), (True, "coverage,build")])
def test_the_command_s_end_says_whether_all_gates_pass(
    wrong: bool,
    measured: str,
    monkeypatch: pytest.MonkeyPatch,
    voice_dir: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if wrong:
        monkeypatch.setattr(building, "MOST_REAL_TIME", 0.0)
    command = ["measure", "--data", str(voice_dir), "--out", str(tmp_path), "--fast", "--only", measured]
    assert main(command) == wrong
    printed = capsys.readouterr().out
    assert ("NO" in printed) == wrong
    assert "status machine" in printed
    assert main(["measure", "--data", str(tmp_path / "nothing")]) == 1
    assert "voices build" in capsys.readouterr().err


def test_checking_the_texts_counts_them_and_who_confirmed_them(
    voice_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--data", str(voice_dir)]) == 0, capsys.readouterr().out
    printed = capsys.readouterr().out
    for expected in ("cmn: ", "nan: ", "tongan: ", "xiamen: ", " machine, 0 reviewed, 0 recorded", "0 spelled out"):
        assert expected in printed
