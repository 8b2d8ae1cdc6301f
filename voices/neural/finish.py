"""What is done to the decoder's sound: codas cut off, voice bars damped, ends faded, syllables made even."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from voices.neural import plan
from voices.neural.recipe import Finish, Recipe
from voices.neural.tracks import Span

Samples = npt.NDArray[np.float64]
_RAMP_S = 0.020
_END_FADE_S = 0.045


def shaped(samples: Samples, spans: Sequence[Span], recipe: Recipe, frame: int) -> Samples:
    """:param frame: samples of a frame."""
    rate = frame * 40
    made = _voice_bars(samples, spans, recipe.finish, frame, rate)
    made = made * _levels(made, spans, recipe.finish, frame, rate)
    return made * _gates(len(made), spans, recipe, frame, rate)


def _gates(count: int, spans: Sequence[Span], recipe: Recipe, frame: int, rate: int) -> Samples:
    """Unreleased stops end in silence, phrases in a fade; before and after all there is nothing."""
    gain = np.ones(count)
    for span in spans:
        this = plan.spoken(span.word)
        if this.checked:
            delay_ms, length_ms = recipe.finish.coda_fade_ms[this.coda]
            start = span.vowel_end * frame + int(delay_ms / 1000 * rate)
            _fade(gain, start, int(length_ms / 1000 * rate), span.end * frame)
        if span.final:
            length = int(_END_FADE_S * rate)
            stop = (span.end + recipe.timing.afterglow + recipe.timing.tail) * frame
            _fade(gain, span.end * frame - length // 3, length, stop)
    if spans:
        gain[: max(0, (spans[0].start - 1) * frame)] = 0
        gain[(spans[-1].end + recipe.timing.afterglow) * frame :] = 0
    return gain


def _fade(gain: Samples, start: int, length: int, stop: int) -> None:
    """Down to nothing within `length`, and nothing until `stop`."""
    stop = min(stop, len(gain))
    slope = np.cos(np.linspace(0, np.pi / 2, length)) ** 2
    part = gain[start : min(start + length, stop)]
    part *= slope[: len(part)]
    gain[start + length : stop] = 0


def _levels(samples: Samples, spans: Sequence[Span], shape: Finish, frame: int, rate: int) -> Samples:
    """A gain for each syllable that lies far from the median of all, with ramps between."""
    if not spans:
        return np.ones(len(samples))
    loud = [_rms_db(samples[span.rime * frame : span.vowel_end * frame]) for span in spans]
    middle = float(np.median(loud))
    places, gains = [], []
    for span, level in zip(spans, loud, strict=True):
        far = level - middle
        wanted = float(np.clip(far, -shape.level_within_db, shape.level_within_db)) - far
        wanted = float(np.clip(wanted, -shape.level_most_db, shape.level_most_db))
        ramp = min(int(_RAMP_S * rate), (span.end - span.start) * frame // 2)
        places += [span.start * frame + ramp, span.end * frame - ramp]
        gains += [wanted, wanted]
    return np.asarray(10 ** (np.interp(np.arange(len(samples)), places, gains) / 20))


def _rms_db(samples: Samples) -> float:
    return float(10 * np.log10(np.mean(samples**2) + 1e-9)) if len(samples) else -90.0


def _voice_bars(samples: Samples, spans: Sequence[Span], shape: Finish, frame: int, rate: int) -> Samples:
    """The voice behind closed lips or tongue: low and weak, without the formants that an open mouth has."""
    made = samples.copy()
    for span in spans:
        initial = plan.spoken(span.word).initial
        if initial not in shape.voice_bar_db:
            continue
        start, stop = span.start * frame, span.rime * frame
        weight = np.clip(np.minimum(np.arange(stop - start), np.arange(stop - start)[::-1]) / (0.008 * rate), 0, 1)
        around = samples[max(0, start - frame) : stop + frame]
        low = _below(around, shape.voice_bar_hz, rate)[start - max(0, start - frame) :][: stop - start]
        damped = low * 10 ** (shape.voice_bar_db[initial] / 20)
        made[start:stop] = samples[start:stop] * (1 - weight) + damped * weight
    return made


def _below(samples: Samples, corner_hz: float, rate: int) -> Samples:
    """Low-pass of zero phase, second-order Butterworth in size."""
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / rate)
    return np.asarray(np.fft.irfft(spectrum / np.sqrt(1 + (hz / corner_hz) ** 4), len(samples)))
