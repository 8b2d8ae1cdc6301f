"""No card is here: what can be done all the same."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class NoCardScreen(Screen):
    """Sizes in `no_card.kv`."""
