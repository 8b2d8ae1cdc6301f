"""Where the install puts the faces that it has cut out for the screens (not in the repository, not in the wheel)."""

from __future__ import annotations

import os
from pathlib import Path

from kiosk.adapters.paths import share_dir


def fonts_dir() -> Path:
    """As named by KIOSK_FONT_DIR, else beside a checkout, else where an install puts them."""
    if named := os.environ.get("KIOSK_FONT_DIR"):
        return Path(named)
    checkout = share_dir() / "var" / "fonts"
    if checkout.is_dir():
        return checkout
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "tshu-pinn" / "fonts"
