"""What she said is kept, and its slip."""

from __future__ import annotations

from kiosk.ui.screens.print import PrintScreen


class DraftSlipScreen(PrintScreen):
    """Sizes in `draft_slip.kv`."""
