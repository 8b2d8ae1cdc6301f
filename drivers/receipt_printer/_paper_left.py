"""How long the paper lasts, counted since the near-end sensor was seen to switch.

The sensor looks at the roll's side: how much paper is left when it switches depends on the core and on where
the sensor is set, so it is two bounds, not a number. What is counted as used is what was printed since the last
reading *before* the switch. When nobody saw it switch the lower bound is 0: nothing is promised.
"""

from __future__ import annotations

from drivers.api import PaperSupply, SlipsLeft
from drivers.codec.escpos.length import DOTS_PER_MM

LEAST_MM = 1500
MOST_MM = 8000
"""What a near-end sensor leaves, where devices.toml says nothing. Measure it once with a roll that runs out."""
SLIP_MM = 200
"""The longest slip that the kiosk lays out; a longer one that was printed counts instead."""


class PaperLeft:
    """One roll. Fed with readings and with what was printed."""

    def __init__(self, least_mm: int = LEAST_MM, most_mm: int = MOST_MM) -> None:
        """:raises ValueError: bounds the wrong way round."""
        if least_mm > most_mm:
            raise ValueError("near_end_least_mm is more than near_end_most_mm")
        self._least_mm = least_mm
        self._most_mm = most_mm
        self._slip_mm = float(SLIP_MM)
        self.forget()

    def forget(self) -> None:
        """Another roll may be in: nothing is known of it until it is seen full."""
        self._paper = PaperSupply.UNKNOWN
        self._seen_full = self._seen_low = False
        self._used_since_full_mm = self._used_since_low_mm = 0.0

    def saw(self, paper: PaperSupply, *, cover_open: bool = False) -> None:
        """A reading of the sensors. A roll is changed with the cover open, or when it has run out."""
        if cover_open or paper is PaperSupply.OUT:
            self.forget()
        if cover_open:
            return  # the roll is in somebody's hands: its sensors say nothing
        self._paper = paper
        if paper is PaperSupply.LOW:
            self._seen_low = True
        elif paper is PaperSupply.FULL and not self._seen_low:
            # Once low, FULL without an opened cover is a sensor that wavers at its edge: the count goes on.
            self._seen_full = True
            self._used_since_full_mm = 0.0

    def used(self, dots: int) -> None:
        """So much was, or may have been, printed and fed as one slip."""
        used_mm = dots / DOTS_PER_MM
        self._slip_mm = max(self._slip_mm, used_mm)
        self._used_since_full_mm += used_mm
        if self._seen_low:
            self._used_since_low_mm += used_mm

    def slips(self) -> SlipsLeft | None:
        """Bounds for slips of the longest kind; None while the sensor has not switched."""
        if self._paper is PaperSupply.OUT:
            return SlipsLeft(0, 0)
        if not self._seen_low:
            return None
        least_mm = self._least_mm - self._used_since_full_mm if self._seen_full else 0.0
        most_mm = self._most_mm - self._used_since_low_mm
        return SlipsLeft(self._whole_slips(least_mm), self._whole_slips(max(least_mm, most_mm)))

    def _whole_slips(self, left_mm: float) -> int:
        return max(0, int(left_mm / self._slip_mm))
