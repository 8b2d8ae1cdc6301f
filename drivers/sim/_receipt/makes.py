"""The kinds of receipt printers that the twin can be: what each is built of and which commands it has not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Build:
    """One kind of printer."""

    width_dots: int
    speed_mm_s: int
    buffer_bytes: int
    cutter_distance_dots: int
    lacks: frozenset[bytes] = frozenset()
    """The first two bytes of commands that it does not know; it prints what follows as text."""
    says: Mapping[int, str] = field(default_factory=dict)
    """GS I n -> text."""


BUILDS: Mapping[str, Build] = {
    "escpos_80mm": Build(
        width_dots=576,
        speed_mm_s=150,
        buffer_bytes=65536,
        cutter_distance_dots=96,
        says={65: "2.31", 66: "TSHUPINN", 67: "TWIN-80", 68: "K80-000123"},
    ),
    # A panel printer: no GS r, GS a, GS I, GS (, GS V; it answers ESC v and cuts with ESC i and ESC m.
    "escpos_58mm": Build(
        width_dots=384,
        speed_mm_s=90,
        buffer_bytes=4096,
        cutter_distance_dots=88,
        lacks=frozenset((b"\x1dr", b"\x1da", b"\x1dI", b"\x1d(", b"\x1dV")),
    ),
}
