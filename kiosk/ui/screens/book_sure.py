"""Day and hour once more, before the place is taken."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class BookSureScreen(Screen):
    """Sizes in `book_sure.kv`."""
