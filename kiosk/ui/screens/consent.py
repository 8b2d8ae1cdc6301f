"""Whether registers may be asked that only her own word opens."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class ConsentScreen(Screen):
    """Sizes in `consent.kv`."""
