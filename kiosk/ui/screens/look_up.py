"""Registers are being asked."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class LookUpScreen(Screen):
    """Sizes in `look_up.kv`."""
