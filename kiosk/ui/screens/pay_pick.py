"""One line of a bill."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class PayPickScreen(Screen):
    """Sizes in `pay_pick.kv`."""
