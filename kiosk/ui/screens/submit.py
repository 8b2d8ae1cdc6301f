"""Being kept, then being sent."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class SubmitScreen(Screen):
    """Sizes in `submit.kv`."""
