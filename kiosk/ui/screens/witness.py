"""What was written, for a witness to look at."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class WitnessScreen(Screen):
    """Sizes in `witness.kv`."""
