"""Rows of the machine for the life of a site between visits."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.site.state import Nearest
from kiosk.domain.visit.rows import Part, Row
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.words import Ev, Overlay, Step


def is_nobody_here(state: VisitState) -> bool:
    """On the first screen or the one that waits, whatever lies on a reader."""
    waits = Overlay.NONE if state.overlay is Overlay.ATTRACT else state.overlay
    return replace(state, card_seen=False, card_fault="", left=None, overlay=waits) == VisitState()


def _may_wait(state: VisitState, value: object) -> bool:
    """A card that is being read or was forgotten keeps the first screen, with what it says of it."""
    return is_nobody_here(state) and not state.card_seen and state.left is None


def _is_asked(state: VisitState, value: object) -> bool:
    return isinstance(value, Nearest) and value.item_id == state.item_id


PART = Part(
    table={
        (Step.WELCOME, Ev.ATTRACT): (
            Row(Step.WELCOME, change=lambda s, v: {"overlay": Overlay.ATTRACT}, when=_may_wait),
        ),
        (Step.GUIDE, Ev.NEAREST): (Row(Step.GUIDE, change=lambda s, v: {"nearest": v}, when=_is_asked),),
    }
)
