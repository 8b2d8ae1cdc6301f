"""Performers of the subjects' own effects: the part of the composition root for them."""

from __future__ import annotations

from kiosk.app.effect_tools import EffectTools, Handlers
from kiosk.app.site_effects import NearestEffects
from kiosk.app.site_service import SiteService
from kiosk.domain.visit import Do


def make_effects(tools: EffectTools, site: SiteService) -> Handlers:
    """Which effect is performed by whom, beside the visit's own."""
    return {Do.ASK_NEAREST: NearestEffects(tools, site).ask}
