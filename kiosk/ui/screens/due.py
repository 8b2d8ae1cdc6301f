"""What somebody is due and has not asked for."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class DueScreen(Screen):
    """Sizes in `due.kv`."""
