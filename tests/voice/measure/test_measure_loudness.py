"""The level that every clause gets: compared with the standard's own figures and with a library's meter."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from voices.worker import loudness

RATE = 22050


def tone(hz: float, seconds: float, peak: float = 1.0, rate: int = RATE) -> npt.NDArray[np.int16]:
    wave = peak * np.sin(2 * np.pi * hz * np.arange(int(rate * seconds)) / rate)
    return np.asarray(np.round(32767 * wave), dtype=np.int16)


def speech_like(seed: int, seconds: float) -> npt.NDArray[np.int16]:
    """Bursts of coloured noise with pauses between them."""
    noise = np.random.default_rng(seed).normal(size=int(RATE * seconds))
    body = np.convolve(noise, np.hanning(12), mode="same")
    swell = np.maximum(np.sin(np.arange(len(body)) / RATE * 2 * np.pi * 3), 0.0) ** 2
    wave = body * swell
    return np.asarray(32767 * wave / np.abs(wave).max(), dtype=np.int16)


def true_peak_dbtp(samples: npt.NDArray[np.int16]) -> float:
    return 20 * math.log10(float(np.abs(resample_poly(samples / 32768, 4, 1)).max()))


@pytest.mark.parametrize("rate", [22050, 24000, 48000])
def test_the_standard_s_own_tone_reads_as_the_standard_says(rate: int) -> None:
    """BS.1770-4: a 997 Hz sine at full scale in one channel is -3.01 LUFS."""
    assert loudness.integrated(tone(997, 3, rate=rate), rate) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize("seed", range(4))
def test_a_library_s_meter_reads_the_same(seed: int) -> None:
    samples = speech_like(seed, 1.0 + seed)
    library = pyloudnorm.Meter(RATE, "DeMan").integrated_loudness(samples / 32768)
    assert loudness.integrated(samples, RATE) == pytest.approx(library, abs=0.1)


@pytest.mark.parametrize("peak_db", [0.0, -12.0, -40.0])
@pytest.mark.parametrize("seed", range(3))
def test_whatever_it_was_it_is_as_loud_as_wanted_and_no_peak_passes(seed: int, peak_db: float) -> None:
    source = np.asarray(speech_like(seed, 1.5) * 10 ** (peak_db / 20), dtype=np.int16)
    out = loudness.level(source, RATE)
    assert len(out) == len(source)
    assert pyloudnorm.Meter(RATE, "DeMan").integrated_loudness(out / 32768) == pytest.approx(-20, abs=0.5)
    assert true_peak_dbtp(out) <= -2.0


def test_a_soft_beginning_and_an_end_between_two_blocks_leave_it_as_loud_for_both_ways_to_count() -> None:
    swell = 10 ** (-25 / 20 * np.linspace(1, 0, int(0.96 * RATE)))
    out = loudness.level(np.asarray(tone(300, 0.96, 0.5) * swell, dtype=np.int16), RATE) / 32768
    meter = pyloudnorm.Meter(RATE, "DeMan")
    whole_blocks = out[: len(out) // 2205 * 2205]
    for counted in (out, whole_blocks):
        assert meter.integrated_loudness(counted) == pytest.approx(-20, abs=1.3)


def test_clicks_are_limited_between_the_samples_too() -> None:
    clicks = np.asarray(tone(300, 1.0, 0.02), dtype=np.int16)
    clicks[2000::4000] = 32767
    clicks[2001::4000] = 32767
    assert true_peak_dbtp(clicks) > 0
    assert true_peak_dbtp(loudness.level(clicks, RATE)) <= -2.0
    assert true_peak_dbtp(loudness.limit(clicks, RATE, gain_db=12.0)) <= -2.0


def test_a_clip_shorter_than_a_block_is_levelled_as_one_block() -> None:
    out = loudness.level(tone(440, 0.15, 0.9), RATE)
    assert pyloudnorm.Meter(RATE, "DeMan").integrated_loudness(np.tile(out, 8) / 32768) == pytest.approx(-20, abs=0.5)


def test_a_soft_stretch_does_not_make_the_rest_louder() -> None:
    """The relative gate: silence and whispers are no part of the programme."""
    loud = tone(440, 3.0, 0.5)
    both = np.concatenate([loud, tone(440, 9.0, 0.003)])
    assert loudness.integrated(both, RATE) == pytest.approx(loudness.integrated(loud, RATE), abs=0.7)


@given(st.integers(0, 6000), st.integers(0, 32767))
@settings(max_examples=60, deadline=None)
def test_any_length_and_any_size_comes_back_as_long_and_below_the_ceiling(length: int, size: int) -> None:
    noise = np.random.default_rng(length).uniform(-size, size, length).astype(np.int16)
    out = loudness.level(noise, RATE)
    assert out.dtype == np.int16 and len(out) == length
    if loudness.integrated(noise, RATE) > loudness.SILENT_LUFS:
        assert length == 0 or true_peak_dbtp(out) <= -1.9
