"""What kinds of ESC/POS printers differ in, and what a slip's encoder must know of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drivers import settings
from drivers.codec.escpos import jobs
from drivers.codec.escpos.fonts import DEFAULT_BOLD, DEFAULT_REGULAR, FontBook, FontFace
from drivers.codec.escpos.raster import BAND_ROWS


@dataclass(frozen=True, slots=True)
class Make:
    """What one kind of printer does differently."""

    width_dots: int
    end_of_slip: bytes
    """Feeds the last line past the cutter and cuts."""
    cutter_way_dots: int
    """From the head to the cutter: how much paper `end_of_slip` feeds."""
    queued_question: bytes
    """Asks for the paper sensors when its turn comes in the receive buffer (one byte, bits as GS r 1)."""
    native_qr: bool = True
    band_rows: int = BAND_ROWS
    buffer_bytes: int = 0
    """The receive buffer, where a long slip may not fit into it: never more than that is sent unanswered."""
    reports_unasked: bool = False
    """Has an automatic status (GS a), which its switches may turn on."""
    tells_who_it_is: bool = False
    """Answers GS I 65, 67, 68."""


def options(table: Mapping[str, object], make: Make) -> jobs.EscposOptions:
    """:raises SettingsError: a wrong width, scale or font."""
    return jobs.EscposOptions(
        width_dots=settings.whole(table, "width_dots", make.width_dots),
        smooth_from_scale=settings.whole(table, "smooth_from_scale", 3),
        fonts=FontBook((*_face(table, "font"), *DEFAULT_REGULAR), (*_face(table, "bold_font"), *DEFAULT_BOLD)),
        native_qr=make.native_qr,
        band_rows=make.band_rows,
    )


def _face(table: Mapping[str, object], key: str) -> tuple[FontFace, ...]:
    """A font file from the settings comes before the system's; `<key>_face` counts the faces of a .ttc from 0."""
    if key not in table:
        return ()
    face = table.get(f"{key}_face", 0)
    if isinstance(face, bool) or not isinstance(face, int) or face < 0:
        raise settings.SettingsError(f"{key}_face must be a whole number")
    return (FontFace(settings.text(table, key), face),)
