"""The next days with a place left."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class BookDayScreen(Screen):
    """Sizes in `book_day.kv`."""
