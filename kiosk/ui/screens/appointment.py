"""The slip of an appointment was shown: what to do with it."""

from __future__ import annotations

from kiosk.ui.screens.base import Screen


class AppointmentScreen(Screen):
    """Sizes in `appointment.kv`."""
