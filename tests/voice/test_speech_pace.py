"""Pace and loudness, measured on the samples: seven rates at one pitch, fifteen volumes, every clause alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import soxr

from kiosk.domain.speech import RATES, VOLUME_DEFAULT, VOLUME_STEPS
from voices.pipeline import accent as accents
from voices.pipeline import pitch
from voices.prompts import Words
from voices.worker import loudness, render, sound
from voices.worker.espeak import Espeak

KEYS = ("welcome.invite", "choose.question", "identify.lay_card", "help.browse", "bar.cannot.hint", "idle.question")
VOICES = ("nan-tongan", "nan-xiamen", "cmn")
CEILING_DBTP = -2.0


@pytest.fixture(scope="module")
def espeak(voice_dir: Path) -> Espeak:
    return Espeak(voice_dir)


@pytest.fixture(scope="module")
def clauses(words: Words) -> Mapping[str, Sequence[tuple[int, str]]]:
    """Voice -> number of characters and the engine's text of some clauses."""
    found: dict[str, list[tuple[int, str]]] = {voice: [] for voice in VOICES}
    for voice, parts in found.items():
        lang, _, name = voice.partition("-")
        for key in KEYS:
            for clause in words.spoken(lang, key, {}):
                reading = clause.reading
                text = (
                    accents.surface_text(accents.load(name), reading.script, reading.sound) if name else reading.sound
                )
                parts.append((sum("一" <= sign <= "鿿" for sign in reading.script), text.strip(",。?! ")))
    return found


def spoken(espeak: Espeak, voice: str, texts: Sequence[tuple[int, str]], percent: float) -> list[sound.Samples]:
    return [render.engine_sound(espeak, voice, text, percent) for _, text in texts]


def height_hz(clips: Sequence[sound.Samples], rate: int) -> float:
    """Median pitch of all voiced parts."""
    return float(np.median(pitch.track(np.concatenate(clips) / 32768, rate).voiced()))


@pytest.mark.parametrize("voice", VOICES)
def test_the_common_pace_is_165_characters_a_minute(
    voice: str, espeak: Espeak, clauses: Mapping[str, Sequence[tuple[int, str]]]
) -> None:
    clips = spoken(espeak, voice, clauses[voice], 100)
    minutes = sum(len(clip) for clip in clips) / espeak.sample_rate / 60
    pace = sum(count for count, _ in clauses[voice]) / minutes
    print(f"{voice}: {pace:.0f} characters a minute")
    assert pace == pytest.approx(165, abs=15)


@pytest.mark.parametrize("voice", ["nan-tongan", "cmn"])
def test_seven_rates_keep_their_promise_at_one_pitch(
    voice: str, espeak: Espeak, clauses: Mapping[str, Sequence[tuple[int, str]]]
) -> None:
    keep_their_promise(espeak, voice, clauses[voice][:1])


@pytest.mark.proof
@pytest.mark.parametrize("voice", VOICES)
def test_seven_rates_keep_their_promise_in_many_clauses(
    voice: str, espeak: Espeak, clauses: Mapping[str, Sequence[tuple[int, str]]]
) -> None:
    keep_their_promise(espeak, voice, clauses[voice])


def keep_their_promise(espeak: Espeak, voice: str, texts: Sequence[tuple[int, str]]) -> None:
    assert len(RATES) == 7
    assert (RATES[0], RATES[-1]) == render.PERCENT
    common = spoken(espeak, voice, texts, 100)
    length, height = sum(map(len, common)), height_hz(common, espeak.sample_rate)
    for percent in RATES:
        clips = spoken(espeak, voice, texts, percent)
        ratio = sum(map(len, clips)) / length * percent / 100
        pitch_ratio = height_hz(clips, espeak.sample_rate) / height
        print(f"{voice} {percent} %: length {ratio:.3f} of what is wanted, pitch {pitch_ratio:.3f}")
        assert ratio == pytest.approx(1, abs=0.02)
        assert pitch_ratio == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("percent", [50, 80, 125, 200])
def test_a_clip_is_stretched_both_ways_at_one_pitch(percent: float, espeak: Espeak) -> None:
    """A steady voice: what comes out must be as high and as loud as what went in."""
    rate = espeak.sample_rate
    at = np.arange(2 * rate) / rate
    voice = sum(np.sin(2 * np.pi * 140 * n * at) / n for n in range(1, 12)) * (0.7 + 0.3 * np.sin(2 * np.pi * 3 * at))
    source = np.asarray(voice * 5000, dtype=np.int16)
    out = render.take_sound(source, rate, percent)
    assert len(out) == pytest.approx(len(source) * 100 / percent, rel=0.01)
    track = pitch.track(out / 32768, rate).voiced()
    assert float(np.median(track)) == pytest.approx(140, rel=0.01)
    assert float(np.std(track)) < 3, "no roughness"
    assert loudness.integrated(out, rate) == pytest.approx(-20, abs=0.5)


def test_a_stretch_by_nothing_changes_nothing_and_silence_stays_silence() -> None:
    noise = np.asarray(np.random.default_rng(7).normal(0, 3000, 11025), dtype=np.int16)
    assert np.array_equal(sound.stretch(noise, 1, 22050), noise)
    assert not sound.stretch(np.zeros(5000, dtype=np.int16), 1.6, 22050).any()
    assert len(sound.stretch(noise[:0], 2, 22050)) == 0
    assert len(sound.stretch(noise[:30], 2, 22050)) == 60, "shorter than a window"


def test_every_clause_is_at_one_loudness_and_the_languages_agree(
    espeak: Espeak, clauses: Mapping[str, Sequence[tuple[int, str]]]
) -> None:
    levels: dict[str, list[float]] = {}
    for voice in VOICES:
        clips = spoken(espeak, voice, clauses[voice], 100)
        levels[voice] = [loudness.integrated(clip, espeak.sample_rate) for clip in clips]
        assert max(abs(level + 20) for level in levels[voice]) <= 1.5, levels[voice]
    means = [float(np.mean(found)) for found in levels.values()]
    assert max(means) - min(means) <= 2


def test_the_volume_has_fifty_decibels_in_steps_of_five_at_most_and_no_peak_above_the_ceiling(
    espeak: Espeak, clauses: Mapping[str, Sequence[tuple[int, str]]]
) -> None:
    assert (len(sound.VOLUME_DB), sound.DEFAULT_STEP) == (VOLUME_STEPS, VOLUME_DEFAULT)
    for voice in VOICES:
        clip = max(spoken(espeak, voice, clauses[voice], 100), key=len)
        steps = [loudness.limit(clip, espeak.sample_rate, decibels) for decibels in sound.VOLUME_DB]
        heard = [sound.level_dbfs(step)[0] for step in steps]
        print(f"{voice}: {heard} dBFS")
        assert heard[-1] - heard[0] >= 50
        rises = np.diff(heard)
        assert rises.min() > 0
        assert rises.max() <= 5
        assert heard[3] - heard[0] == pytest.approx(12, abs=0.3), "a step 12 dB above the lowest"
        assert max(true_peak_db(step) for step in steps) <= CEILING_DBTP


def true_peak_db(samples: sound.Samples) -> float:
    """By four times the samples, as ITU-R BS.1770 annex 2 has it, through another resampler than the limiter's."""

    return 20 * float(np.log10(np.abs(soxr.resample(samples / 32768, 1, 4)).max()))
