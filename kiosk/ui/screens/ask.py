"""One question, one clear answer."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class AskScreen(Screen):
    """Sizes in `ask.kv`."""

    is_kept = True
