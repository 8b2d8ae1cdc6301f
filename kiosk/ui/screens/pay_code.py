"""A helper's payment code is shown to the scanner."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class PayCodeScreen(Screen):
    """Sizes in `pay_code.kv`."""
