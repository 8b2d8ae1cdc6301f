"""While it is paid; or why it could not be."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class PayingScreen(Screen):
    """Sizes in `paying.kv`."""
