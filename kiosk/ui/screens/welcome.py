"""The first screen: the house, and one language or the other."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class WelcomeScreen(Screen):
    """Sizes in `welcome.kv`."""

    is_kept = True
