"""All services: categories, then the services of one."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class BrowseScreen(Screen):
    """Sizes in `browse.kv`."""

    is_kept = True
