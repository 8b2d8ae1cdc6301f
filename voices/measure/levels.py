"""Loudness of every spoken clause of both packs, through the worker, its driver and its nominal volume.

Measured with a library's meter (ITU-R BS.1770-4, EBU R 128), not with the code that sets the level. A clause shorter
than the standard's block of 400 ms is repeated without a gap until it fills one: the mean square stays its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from voices import languages
from voices.measure import keys, plots
from voices.measure.capture import each
from voices.measure.gate import Bench, Gate
from voices.pipeline import pitch
from voices.prompts import load_words

TARGET_LUFS, MOST_OFF_LU = -20.0, 1.5
CEILING_DBTP = -2.0
MOST_SILENCE_S = 0.080
MOST_APART_LU = 2.0
_BLOCK_S = 0.4
_AUDIBLE = 10 ** (-40 / 20)
"""First sample that counts as sound: 40 dB below full scale, 20 below the programme."""
_OVERSAMPLING = 4
_EVERY = 24
"""Of how many texts one is measured in the quick run."""

Samples = pitch.Samples


@dataclass(frozen=True, slots=True)
class Level:
    """One clause. `voice` is a Minnan accent or `cmn`; true_peak_dbtp four times oversampled; silence_s before it."""

    voice: str
    key: str
    text: str
    lufs: float
    true_peak_dbtp: float
    silence_s: float
    duration_s: float


def level(voice: str, key: str, text: str, samples: Samples, rate: int) -> Level:
    """:param samples: mono, -1…1. :raises ValueError: there is nothing to be heard."""
    # The measuring libraries belong to those who develop; whoever only speaks has not got them.
    import pyloudnorm
    from scipy.signal import resample_poly

    loud = np.flatnonzero(np.abs(samples) > _AUDIBLE)
    if not len(loud):
        raise ValueError(f"{voice} {key}: nothing is to be heard of {text!r}")
    block = int(np.ceil(_BLOCK_S * rate)) + 1
    filled = samples if len(samples) >= block else np.tile(samples, -(-block // len(samples)))
    lufs = float(pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(filled))
    peak = float(np.abs(resample_poly(samples, _OVERSAMPLING, 1)).max())
    return Level(voice, key, text, lufs, 20 * float(np.log10(peak)), int(loud[0]) / rate, len(samples) / rate)


def gates(bench: Bench) -> list[Gate]:
    words, known = load_words(), keys.load()
    found: dict[str, list[Level]] = {}
    for voice in languages.every_voice():
        items = list(keys.spoken(words, voice.language.code, known))
        chosen = items[::_EVERY] if bench.fast else items
        found[voice.label] = record(bench.data, voice.language.code, voice.accent, chosen)
    draw(found, bench.out / "loudness.png")
    return [gate for voice, levels in found.items() for gate in judge(voice, levels)] + [apart(found)]


def record(data: Path, lang: str, accent: str, items: Sequence[keys.Item]) -> list[Level]:
    """Let a worker say the items and measure each clause that its sink was fed.

    :raises WorkerError: it ended or was silent. :raises ValueError: a clause is missing or silent.
    """
    clips = each(data, lang, accent, items)
    return [level(accent or lang, clip.key, clip.text, clip.samples, clip.rate) for clip in clips]


def judge(voice: str, levels: Sequence[Level]) -> list[Gate]:
    off = [one for one in levels if abs(one.lufs - TARGET_LUFS) > MOST_OFF_LU]
    high = [one for one in levels if one.true_peak_dbtp > CEILING_DBTP]
    late = [one for one in levels if one.silence_s >= MOST_SILENCE_S]
    loudest, softest = (chosen(one.lufs for one in levels) for chosen in (max, min))
    middle = median(one.lufs for one in levels)
    return [
        Gate(
            f"loudness {voice}: clauses",
            f"{TARGET_LUFS:.0f} ± {MOST_OFF_LU} LUFS",
            f"{softest:.1f} … {loudest:.1f}, median {middle:.1f} ({len(levels)} clauses, {len(off)} off)",
            not off,
            {"median_lufs": middle, "off": _named(off)},
        ),
        Gate(
            f"loudness {voice}: true peak",
            f"<= {CEILING_DBTP:.0f} dBTP",
            f"{max(one.true_peak_dbtp for one in levels):.2f} dBTP",
            not high,
            {"high": _named(high)},
        ),
        Gate(
            f"loudness {voice}: silence before",
            f"< {MOST_SILENCE_S * 1000:.0f} ms",
            f"{max(one.silence_s for one in levels) * 1000:.0f} ms at most",
            not late,
            {"late": _named(late)},
        ),
    ]


def apart(found: dict[str, list[Level]]) -> Gate:
    medians = {voice: median(one.lufs for one in levels) for voice, levels in found.items()}
    distance = max(medians.values()) - min(medians.values())
    return Gate(
        "loudness: voices apart",
        f"medians <= {MOST_APART_LU:.0f} LU apart",
        f"{distance:.2f} LU ({', '.join(f'{voice} {value:.1f}' for voice, value in medians.items())})",
        distance <= MOST_APART_LU,
        {"medians_lufs": medians},
    )


def _named(levels: Sequence[Level]) -> list[str]:
    return [f"{one.key} {one.text}: {_figures(one)}" for one in levels]


def _figures(one: Level) -> str:
    return f"{one.lufs:.1f} LUFS, {one.true_peak_dbtp:.2f} dBTP, silence {one.silence_s * 1000:.0f} ms"


def draw(found: dict[str, list[Level]], path: Path) -> None:
    """A histogram a voice: how many clauses are how loud."""
    wanted = (TARGET_LUFS - MOST_OFF_LU, TARGET_LUFS + MOST_OFF_LU)
    rows = {voice: [one.lufs for one in levels] for voice, levels in found.items()}
    plots.histograms(path, "Clauses by loudness, LUFS", rows, wanted)
