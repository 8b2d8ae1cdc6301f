"""Screens for what a slip's code can do, and for drafts."""

from __future__ import annotations

from kiosk.domain.bring import view as view_bring
from kiosk.domain.drafts import view as view_drafts
from kiosk.domain.slip import view as view_slips
from kiosk.domain.view.parts import Over, Screen
from kiosk.domain.visit.words import Overlay, Step

SCREENS: dict[Step, Screen] = {**view_bring.SCREENS, **view_drafts.SCREENS}
OVERLAYS: dict[Overlay, Over] = {**view_drafts.OVERLAYS, **view_slips.OVERLAYS}
