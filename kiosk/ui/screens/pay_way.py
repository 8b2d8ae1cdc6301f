"""Three ways to pay without a telephone of one's own."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class PayWayScreen(Screen):
    """Sizes in `pay_way.kv`."""
