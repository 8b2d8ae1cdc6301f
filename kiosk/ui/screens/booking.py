"""While the place is taken; or why it could not be."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class BookingScreen(Screen):
    """Sizes in `booking.kv`."""
