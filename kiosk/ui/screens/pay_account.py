"""The consent to take it from the card's account."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class PayAccountScreen(Screen):
    """Sizes in `pay_account.kv`."""
