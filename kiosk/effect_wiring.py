"""Performers of the subjects' own effects: the part of the composition root for them."""

from __future__ import annotations

from kiosk.app.effect_tools import EffectTools, Handlers


def make_effects(tools: EffectTools) -> Handlers:
    """Which effect is performed by whom, beside the visit's own."""
    return {}
