"""Take the card back before anything else."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class TakeCardScreen(Screen):
    """Sizes in `take_card.kv`."""

    is_kept = True
