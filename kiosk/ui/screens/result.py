"""What came of it."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class ResultScreen(Screen):
    """Sizes in `result.kv`."""

    is_kept = True
