"""The slip."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class PrintScreen(Screen):
    """Sizes in `print.kv`."""
