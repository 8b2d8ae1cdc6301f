"""Looking up, so that she need not type."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class PrepareScreen(Screen):
    """Sizes in `prepare.kv`."""
