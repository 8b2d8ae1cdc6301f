"""Which layer a clause comes from: a recorded or rendered clip of this language and accent, else the live engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from voices.packs.take import RECORDED, RENDERED, Take, Takes
from voices.reading import Reading
from voices.worker import sound
from voices.worker.sound import Samples

LIVE = "espeak"
"""The layer that is always there."""
_SHORTEST_S = 0.05


@dataclass(frozen=True, slots=True)
class Ready:
    """A clip at the sink's rate."""

    samples: Samples
    layer: str
    pack: str


class Layers:
    """Looks clips up; one that cannot be used is told of once and the next layer speaks."""

    def __init__(
        self, takes: Takes | None, rate: int, tell: Callable[[str], None], troubles: Sequence[str] = ()
    ) -> None:
        """:param rate: of the sink, Hz. :param tell: gets what is wrong with a pack, each message once.
        :param troubles: what the takes' owner finds out about its packs; grows while clips are looked up.
        """
        self._takes = takes
        self._troubles = troubles
        self._rate = rate
        self._tell = tell
        self._complained: set[str] = set()

    def find(self, lang: str, accent: str, key: str, index: int, reading: Reading) -> Ready | None:
        """The clip of a clause, or None: then the live engine speaks. Parameters as `Takes.find` has them."""
        if self._takes is None:
            return None
        try:
            take = self._takes.find(lang, accent, key, index, reading)
            self._hear_troubles()
            return self._ready(take) if take is not None else None
        except Exception as error:  # a pack comes from outside: whatever is wrong with it, she hears the next layer
            self._complain(f"clip {lang} {key}: {type(error).__name__} {error}")
            return None

    def _ready(self, take: Take) -> Ready:
        if take.layer not in (RECORDED, RENDERED):
            raise ValueError(f"pack {take.pack}: no layer {take.layer}")
        if take.samples.ndim != 1 or take.samples.dtype != np.int16 or take.rate <= 0:
            raise ValueError(f"pack {take.pack}: not 16-bit mono")
        if len(take.samples) < _SHORTEST_S * take.rate or not take.samples.any():
            raise ValueError(f"pack {take.pack}: nothing is to be heard")
        return Ready(sound.resample(take.samples, take.rate, self._rate), take.layer, take.pack)

    def _hear_troubles(self) -> None:
        for trouble in self._troubles:
            self._complain(trouble)

    def _complain(self, what: str) -> None:
        if what not in self._complained:
            self._complained.add(what)
            self._tell(what)
