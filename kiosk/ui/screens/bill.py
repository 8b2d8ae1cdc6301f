"""What is owed, before anything is paid."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class BillScreen(Screen):
    """Sizes in `bill.kv`."""
