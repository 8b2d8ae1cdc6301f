"""Whether she goes on where she was."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class DraftOfferScreen(Screen):
    """Sizes in `draft_offer.kv`."""
