"""The hours of that day with a place left."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class BookTimeScreen(Screen):
    """Sizes in `book_time.kv`."""
