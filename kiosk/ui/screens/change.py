"""Which answer is to be changed."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class ChangeScreen(Screen):
    """Sizes in `change.kv`."""
