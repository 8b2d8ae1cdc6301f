"""Giving a place back, asked once more."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class CancelSureScreen(Screen):
    """Sizes in `cancel_sure.kv`."""
