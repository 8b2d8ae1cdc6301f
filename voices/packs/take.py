"""A take: the sound of one clause as a pack holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from voices.reading import Reading

RECORDED, RENDERED = "recorded", "rendered"
"""Layers, the first outranks the second; both outrank the live engine."""


@dataclass(frozen=True, slots=True)
class Take:
    """`samples`: 16-bit mono at `rate` Hz, loudness as packs have it (-20 LUFS)."""

    samples: npt.NDArray[np.int16]
    rate: int
    layer: str
    pack: str
    """Identifier of the pack, for diagnostics."""


class Takes(Protocol):
    """Where clips are looked up while speaking: quick, from memory or a mapped file, never an exception."""

    def find(self, lang: str, accent: str, key: str, index: int, reading: Reading) -> Take | None:
        """The best take of clause `index` of prompt `key`, or None when there is none or its text has changed.

        :param accent: name of the accent; empty for a language without accents.
        :param reading: what the clause says now, values filled in; a clip of other words is stale and not found.
        """
        ...
