"""What she has brought is there, or kept here."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class BringDoneScreen(Screen):
    """Sizes in `bring_done.kv`."""
