"""Screens for bills and payments, appointments."""

from __future__ import annotations

from kiosk.domain.view_parts import Over, Screen
from kiosk.domain.visit_words import Overlay, Step

SCREENS: dict[Step, Screen] = {}
OVERLAYS: dict[Overlay, Over] = {}
