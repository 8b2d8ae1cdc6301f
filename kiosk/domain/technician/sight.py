"""What a camera sees now, on its way to the technician's screen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Sight:
    """It may show somebody's card: never logged, never in a state or a view, gone with its page."""

    width_px: int
    height_px: int
    rgb: bytes
    """Rows from the top, three bytes a pixel."""

    def __repr__(self) -> str:
        return f"Sight({self.width_px}x{self.height_px} px, ***)"
