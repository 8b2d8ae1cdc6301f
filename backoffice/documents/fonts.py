"""The faces that papers are set in: by file, those that the install cut out for the screens."""

from __future__ import annotations

import os
from pathlib import Path

from backoffice.paths import NotInstalled

FACES = ("sc-regular.otf", "sc-bold.otf")
_HOW = "build them with the kiosk's install, or name their folder in KIOSK_FONT_DIR"


def font_dir() -> Path:
    """As named by KIOSK_FONT_DIR, else beside a checkout, else where an install puts them. :raises NotInstalled:"""
    named = os.environ.get("KIOSK_FONT_DIR")
    base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    checkout = Path(__file__).resolve().parents[2] / "var" / "fonts"
    places = [Path(named)] if named else [checkout, base / "tshu-pinn" / "fonts"]
    for place in places:
        if all((place / face).is_file() for face in FACES):
            return place
    raise NotInstalled(f"{' and '.join(FACES)} not found in {', '.join(map(str, places))}: {_HOW}")


def fonts_gap() -> str:
    """What whoever starts the server must be told when no paper can be made; empty when the faces are there."""
    try:
        font_dir()
    except NotInstalled as cause:
        return f"no paper can be made until the faces are here: {cause}. Everything else is served"
    return ""
