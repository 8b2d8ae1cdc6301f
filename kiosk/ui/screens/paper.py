"""A certificate on its way to paper."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class PaperScreen(Screen):
    """Sizes in `paper.kv`."""
