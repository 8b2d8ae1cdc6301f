"""Screens for what is looked up, printed and explained, and what somebody is due."""

from __future__ import annotations

from kiosk.domain.view_parts import Over, Screen
from kiosk.domain.visit_words import Overlay, Step

SCREENS: dict[Step, Screen] = {}
OVERLAYS: dict[Overlay, Over] = {}
