"""What she has brought is being kept, then sent."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class BringSendScreen(Screen):
    """Sizes in `bring_send.kv`."""
