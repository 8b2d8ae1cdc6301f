"""Which of the two lines of a hall."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class QueueScreen(Screen):
    """Sizes in `queue.kv`."""
