"""Good-bye; everything of the visit goes."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class WipeScreen(Screen):
    """Sizes in `wipe.kv`."""
