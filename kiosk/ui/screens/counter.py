"""While the office is asked for a number; or why there is none."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class CounterScreen(Screen):
    """Sizes in `counter.kv`."""
