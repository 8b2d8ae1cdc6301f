"""One textbook measure for each kind of contrast, each a number that has a phonetic name and a right direction.

Levels are in dB relative to the vowel of the same syllable, frequencies in Hz, lengths in ms at normal speed.
Sources are named with the contrasts (contrasts.toml).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from voices.measure.segments import formants
from voices.measure.segments.rendering import Mark, Rendering, Samples

_SILENCE_DB = -90.0
_STEP_S = 0.005
_BREATH_HZ = (1500.0, 9000.0)
_VOICE_BAR_HZ = (80.0, 500.0)
_WHOLE_HZ = (80.0, 9000.0)
_VOICE_S = (1 / 260, 1 / 80)
"""Periods of a speaking voice."""
_PERIODS_S = 0.030
"""Two periods of the lowest voice and a little."""
_PERIODIC = 0.55
_HEARD_DB = -45.0
_CLOSING_S = (0.016, 0.002)
"""The last moments before a coda closes, counted back from there."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A syllable inside its rendering, and how fast that was spoken."""

    rendering: Rendering
    mark: Mark
    percent: int = 100

    def level(self, start_s: float, end_s: float, band_hz: tuple[float, float]) -> float:
        """dB of the power in a band; a stretch outside the sound is silent."""
        piece = self.cut(start_s, end_s)
        if len(piece) < 64:
            return _SILENCE_DB
        power = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), 4096)) ** 2 / len(piece)
        at = np.fft.rfftfreq(4096, 1 / self.rendering.rate)
        inside = (at >= band_hz[0]) & (at < band_hz[1])
        return 10 * float(np.log10(np.sum(power[inside]) + 1e-9))

    def periodicity(self, start_s: float, end_s: float) -> float:
        """Best normalised autocorrelation at the lags of a human voice, 0 to 1; silence has none."""
        piece = self.cut(start_s, end_s)
        longest = min(int(self.rendering.rate * _VOICE_S[1]), int(0.6 * len(piece)))
        lags = np.arange(int(self.rendering.rate * _VOICE_S[0]), longest)
        if not len(lags):
            return 0.0
        energy = np.concatenate([[0.0], np.cumsum(piece**2)])
        products = np.correlate(piece, piece, "full")[len(piece) - 1 + lags]
        scores = products / (np.sqrt(energy[len(piece) - lags] * (energy[-1] - energy[lags])) + 1e-9)
        return max(0.0, float(np.max(scores)))

    def cut(self, start_s: float, end_s: float) -> Samples:
        rate = self.rendering.rate
        return self.rendering.samples[max(0, int(start_s * rate)) : max(0, int(end_s * rate))]

    @property
    def vowel(self) -> float:
        """Level shortly after the vowel's beginning, dB."""
        return self.level(self.mark.rime_start_s + 0.020, self.mark.rime_start_s + 0.090, _WHOLE_HZ)

    def inside(self, share: float) -> float:
        """Seconds at a share of the vowel's way."""
        return self.mark.rime_start_s + share * (self.mark.vowel_end_s - self.mark.rime_start_s)

    def track(self, start_s: float, end_s: float, band_hz: tuple[float, float]) -> Samples:
        """Levels of 10 ms windows every 5 ms, dB."""
        starts = np.arange(start_s, end_s, _STEP_S)
        return np.asarray([self.level(at, at + 2 * _STEP_S, band_hz) for at in starts])


def aspiration(of: Segment) -> float:
    """Breath just before the vowel."""
    rime = of.mark.rime_start_s
    return of.level(rime - 0.045, rime - 0.005, _BREATH_HZ) - of.vowel


def voice_bar(of: Segment) -> float:
    """Voice while the mouth is shut."""
    rime = of.mark.rime_start_s
    return of.level(rime - 0.070, rime - 0.015, _VOICE_BAR_HZ) - of.vowel


def murmur(of: Segment) -> float:
    """Sound between the lips' closing and opening: a nasal hums where a voiced stop is shut."""
    rime = of.mark.rime_start_s
    return of.level(rime - 0.060, rime - 0.010, (80.0, 3000.0)) - of.vowel


def nasal_zero(of: Segment) -> float:
    """Low sound over all the rest in the first half of the initial: the way through the nose damps what is high."""
    start, end = of.mark.start_s, (of.mark.start_s + of.mark.rime_start_s) / 2
    return of.level(start, end, (150.0, 500.0)) - of.level(start, end, (700.0, 5000.0))


def voicing(of: Segment) -> float:
    """How periodic the sound just before the vowel is, 0 to 1."""
    rime = of.mark.rime_start_s
    return of.periodicity(rime - 0.045, rime)


def breath_ms(of: Segment) -> float:
    """How long there is sound without voice before the vowel."""
    return 1000 * _breath_s(of) * of.percent / 100


def _breath_s(of: Segment) -> float:
    rime = of.mark.rime_start_s
    for count, end in enumerate(np.arange(rime, rime - 0.200, -_STEP_S)):
        start = end - _PERIODS_S
        quiet = of.level(start, end, _WHOLE_HZ) < of.vowel + _HEARD_DB
        if quiet or of.periodicity(start, end) > _PERIODIC:
            return count * _STEP_S
    return 0.200


def burst(of: Segment) -> float:
    """First moment of the sound without voice over its last: a release is strong and fades, breath grows."""
    rime = of.mark.rime_start_s
    start = rime - max(_breath_s(of), 0.030)
    return of.level(start, start + 0.015, _WHOLE_HZ) - of.level(rime - 0.030, rime - 0.004, _WHOLE_HZ)


def burst_hz(of: Segment) -> float:
    """Centre of gravity of the sound between the release and the vowel."""
    rime = of.mark.rime_start_s
    piece = of.cut(rime - 0.025, rime)
    power = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), 1024)) ** 2
    at = np.fft.rfftfreq(1024, 1 / of.rendering.rate)
    return float(np.sum(at * power) / (np.sum(power) + 1e-12))


def friction_ms(of: Segment) -> float:
    """How long the hiss before the vowel lasts."""
    rime = of.mark.rime_start_s
    levels = of.track(rime - 0.300, rime - 0.010, (2500.0, 9000.0))[::-1]
    loud = levels > np.max(levels) - 20
    quiet = np.flatnonzero(~loud)
    count = int(quiet[0]) if len(quiet) else len(loud)
    return 1000 * _STEP_S * count * of.percent / 100


def vowel_ms(of: Segment) -> float:
    """Length of the vowel."""
    return 1000 * (of.mark.vowel_end_s - of.mark.rime_start_s) * of.percent / 100


def nasality_low(of: Segment) -> float:
    """Nasal peak near 250 Hz over the first formant's region (P0 - A1 of Chen 1997), for open vowels."""
    start, end = of.inside(0.45), of.inside(0.9)
    return of.level(start, end, (150.0, 450.0)) - of.level(start, end, (600.0, 1300.0))


def nasality_round(of: Segment) -> float:
    """The same for a rounded mid vowel, whose first formant lies near 550 Hz."""
    start, end = of.inside(0.45), of.inside(0.9)
    return of.level(start, end, (150.0, 350.0)) - of.level(start, end, (450.0, 700.0))


def nasality_middle(of: Segment) -> float:
    """Nasal peak near 950 Hz over the first formant (P1 - A1 of Chen 1997), for close vowels."""
    start, end = of.inside(0.45), of.inside(0.9)
    return of.level(start, end, (700.0, 1500.0)) - of.level(start, end, (150.0, 600.0))


def closing_hum(of: Segment) -> float:
    """Low sound over the first formant's region where the syllable ends: the mouth is shut, the nose open."""
    start, end = of.mark.end_s - 0.060, of.mark.end_s - 0.010
    return of.level(start, end, (150.0, 450.0)) - of.level(start, end, (600.0, 1300.0))


def pinch_at_end(of: Segment) -> float:
    """Second and third formant towards each other where the coda closes: the sign of the back of the tongue."""
    end = of.mark.vowel_end_s
    start, end = end - _CLOSING_S[0], end - _CLOSING_S[1]
    return formants.median(of.rendering, start, end, 3) - formants.median(of.rendering, start, end, 2)


def _formant(number: int, first: float, last: float) -> Callable[[Segment], float]:
    def measure(of: Segment) -> float:
        return formants.median(of.rendering, of.inside(first), of.inside(last), number)

    return measure


def _at_end(number: int) -> Callable[[Segment], float]:
    """Where a formant stands when the coda closes."""

    def measure(of: Segment) -> float:
        end = of.mark.vowel_end_s
        return formants.median(of.rendering, end - _CLOSING_S[0], end - _CLOSING_S[1], number)

    return measure


MEASURES: dict[str, Callable[[Segment], float]] = {
    "aspiration": aspiration,
    "voice_bar": voice_bar,
    "murmur": murmur,
    "nasal_zero": nasal_zero,
    "voicing": voicing,
    "breath_ms": breath_ms,
    "burst": burst,
    "burst_hz": burst_hz,
    "friction_ms": friction_ms,
    "vowel_ms": vowel_ms,
    "nasality_low": nasality_low,
    "nasality_round": nasality_round,
    "nasality_middle": nasality_middle,
    "f1": _formant(1, 0.30, 0.75),
    "f2": _formant(2, 0.30, 0.75),
    "f1_early": _formant(1, 0.05, 0.30),
    "f2_early": _formant(2, 0.05, 0.30),
    "f1_late": _formant(1, 0.70, 0.92),
    "f2_late": _formant(2, 0.70, 0.92),
    "f2_at_end": _at_end(2),
    "pinch_at_end": pinch_at_end,
    "closing_hum": closing_hum,
}
"""Name in contrasts.toml -> measure."""
