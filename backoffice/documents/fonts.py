"""The faces that papers are set in: by file, those that the install cut out for the screens."""

from __future__ import annotations

import os
from pathlib import Path

from backoffice.paths import OfficeFilesMissing

FACES = ("sc-regular.otf", "sc-bold.otf")
_HOW = "build them with the kiosk's install, or name their folder in KIOSK_FONT_DIR"


def font_dir() -> Path:
    """As KIOSK_FONT_DIR names it, else beside a checkout, else as installed. :raises OfficeFilesMissing:"""
    named = os.environ.get("KIOSK_FONT_DIR")
    base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    checkout = Path(__file__).resolve().parents[2] / "var" / "fonts"
    places = [Path(named)] if named else [checkout, base / "tshu-pinn" / "fonts"]
    for place in places:
        if all((place / face).is_file() for face in FACES):
            return place
    raise OfficeFilesMissing(f"{' and '.join(FACES)} not found in {', '.join(map(str, places))}: {_HOW}")


def fonts_gap() -> str:
    """What whoever starts the server must be told when no paper can be made; empty when the faces are there."""
    try:
        font_dir()
    except OfficeFilesMissing as cause:
        return f"no paper can be made until the faces are here: {cause}. Everything else is served"
    return ""
