"""What is missing, and whether she has it with her."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class BringScreen(Screen):
    """Sizes in `bring.kv`."""
