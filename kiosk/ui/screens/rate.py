"""How was it? Five faces."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class RateScreen(Screen):
    """Sizes in `rate.kv`."""

    is_kept = True
