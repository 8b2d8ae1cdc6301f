"""Where the paper for deductions is signed with a finger."""

from __future__ import annotations

from kiosk.ui.screens.sign import SignScreen


class PaySignScreen(SignScreen):
    """Sizes in `pay_sign.kv`."""
