"""What registers say, or why there is no answer."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class FoundScreen(Screen):
    """Sizes in `found.kv`."""
