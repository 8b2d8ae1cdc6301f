"""Is this you?"""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class ConfirmWhoScreen(Screen):
    """Sizes in `confirm_who.kv`."""

    is_kept = True
