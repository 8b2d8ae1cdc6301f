"""From Chao tone letters to the engine: pitch numbers, envelopes, and the accent's tone table as source text."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from voices.pipeline.accent import Accent

# The engine's pitch numbers are not linear in semitones; these five are evenly spaced to the ear at the
# voice's pitch range (measured on the built voice).
_PITCH = {1: 8, 2: 24, 3: 42, 4: 62, 5: 84}
_POINTS = 128

# Shape of the way from the first to the last level: (position, share of the way), linear between.
_EASE = ((0.0, 0.0), (0.2, 0.03), (0.35, 0.14), (0.5, 0.35), (0.65, 0.6), (0.8, 0.82), (0.9, 0.94), (1.0, 1.0))


def envelope_name(levels: Sequence[int]) -> str:
    return f"nan/{'-'.join(str(level) for level in levels)}"


def pitch_range(levels: Sequence[int]) -> tuple[int, int]:
    """The engine's pitch numbers of the lowest and the highest level."""
    return _PITCH[min(levels)], _PITCH[max(levels)]


def envelope(levels: Sequence[int]) -> bytes:
    """128 bytes: 0 is the lowest level of the tone, 255 the highest."""
    low, high = min(levels), max(levels)
    if low == high:
        return bytes([128] * _POINTS)
    shares = [(level - low) / (high - low) for level in levels]
    return bytes(round(255 * _at(shares, n / (_POINTS - 1))) for n in range(_POINTS))


def _at(shares: Sequence[float], position: float) -> float:
    """Follow the levels: two are joined by an eased line; three, each pair in half of the time."""
    spans = len(shares) - 1
    span = min(int(position * spans), spans - 1)
    inside = position * spans - span
    return shares[span] + (shares[span + 1] - shares[span]) * _eased(inside)


def _eased(x: float) -> float:
    for (x0, y0), (x1, y1) in itertools.pairwise(_EASE):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return 1.0


def table_source(accent: Accent, segments: str) -> str:
    """The accent's phoneme table: the segments' table with tones 0 to 9."""
    lines = [f"phonemetable {accent.table} {segments}"]
    for code, levels in accent.contours.items():
        low, high = pitch_range(levels)
        lines += [
            f"phoneme {code}",
            "  stress",
            f"  Tone({low}, {high}, {envelope_name(levels)}, NULL)",
            "endphoneme",
        ]
    return "\n".join(lines)
