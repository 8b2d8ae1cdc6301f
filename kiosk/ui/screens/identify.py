"""Lay the card on the tray that glows."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class IdentifyScreen(Screen):
    """Sizes in `identify.kv`."""

    is_kept = True
