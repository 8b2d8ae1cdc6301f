"""How loud a clip is, and making it as loud as packs are: EBU R 128 / ITU-R BS.1770-4."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr

from voices.packs.errors import PackError
from voices.packs.manifest import TARGET_LUFS
from voices.packs.wav import Samples
from voices.worker import loudness

PEAK_DBTP = loudness.CEILING_DBTP
"""True peak that no clip may pass."""
TOLERANCE_LU = 1.0
_LIMITED_MOST_DB = 10.0
"""A peak that stands out more than this is a pop or a knock and not speech."""
_OVERSAMPLING = 4


@dataclass(frozen=True, slots=True)
class Level:
    lufs: float
    peak_dbtp: float


def measure(samples: Samples, rate: int) -> Level:
    """:raises PackError: nothing but silence."""
    lufs = loudness.integrated(samples, rate)
    if lufs <= loudness.SILENT_LUFS:
        raise PackError("there is nothing to hear in the clip; say it again, louder")
    between = soxr.resample(samples.astype(np.float64) / 32768, rate, _OVERSAMPLING * rate, quality="HQ")
    return Level(round(lufs, 2), round(20 * float(np.log10(np.abs(between).max())), 2))


def normalise(samples: Samples, rate: int) -> Samples:
    """At TARGET_LUFS with no true peak above PEAK_DBTP.

    :raises PackError: silence, or peaks so far above the speech that they are no speech.
    """
    level = measure(samples, rate)
    over_db = level.peak_dbtp + TARGET_LUFS - level.lufs - PEAK_DBTP
    if over_db > _LIMITED_MOST_DB:
        raise PackError("a knock or a pop is far louder than the speech; say it again, a hand farther away")
    return loudness.level(samples, rate, TARGET_LUFS)


def check(level: Level) -> None:
    """:raises PackError: the level is not that of packs."""
    if abs(level.lufs - TARGET_LUFS) > TOLERANCE_LU:
        raise PackError(f"the clip has {level.lufs:.1f} LUFS; packs have {TARGET_LUFS:.0f} ± {TOLERANCE_LU:.0f}")
    if level.peak_dbtp > PEAK_DBTP:
        raise PackError(f"the clip peaks at {level.peak_dbtp:.1f} dBTP; packs stay below {PEAK_DBTP:.0f}")
