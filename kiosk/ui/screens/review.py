"""Everything once more, before it is sent."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class ReviewScreen(Screen):
    """Sizes in `review.kv`."""

    is_kept = True
