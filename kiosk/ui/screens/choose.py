"""Home: what the village asks for most, then everything else."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class ChooseScreen(Screen):
    """Sizes in `choose.kv`."""

    is_kept = True
