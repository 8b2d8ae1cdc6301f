"""A service that this terminal cannot carry to its end: what to bring and who does it."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class GuideScreen(Screen):
    """Sizes in `guide.kv`."""

    is_kept = True
