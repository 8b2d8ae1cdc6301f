"""What is asked of a helper, and of the resident whom she helps."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class DeputyScreen(Screen):
    """Sizes in `deputy.kv`."""
