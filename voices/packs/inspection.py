"""Every clip of a pack looked at and measured: what `verify` tells and `import` insists on."""

from __future__ import annotations

from voices.packs import levels, wav
from voices.packs.errors import PackError
from voices.packs.row import Row
from voices.pipeline import tailo

FULL_SCALE_RUN = 3
"""So many samples at full scale in a row are clipping."""
_FULL = 32_767
_LENGTH_SLACK_S = 0.01


def clipped(samples: wav.Samples) -> bool:
    """Whether `FULL_SCALE_RUN` samples in a row stand at full scale."""
    full = (samples >= _FULL) | (samples <= -_FULL)
    run = full[: -(FULL_SCALE_RUN - 1)].copy()
    for shift in range(1, FULL_SCALE_RUN):
        run &= full[shift : len(full) - FULL_SCALE_RUN + 1 + shift]
    return bool(run.any())


def check_clip(row: Row, samples: wav.Samples, rate: int) -> None:
    """:raises PackError: the clip is not what its row says, or not at the level of packs."""
    where = f"{row.key} clause {row.index}"
    try:
        tailo.groups(row.tailo)
        levels.check(levels.measure(samples, rate))
    except (tailo.TailoError, PackError) as error:
        raise PackError(f"{where}: {error}") from error
    if clipped(samples):
        raise PackError(f"{where} is clipped; record it again")
    if abs(len(samples) / rate - row.duration_s) > _LENGTH_SLACK_S:
        raise PackError(f"{where} lasts {len(samples) / rate:.2f} s, its row says {row.duration_s}; make the pack anew")
