"""Rows of the machine for the life of a site between visits."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.site.state import Nearest
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.transition import Part, Row, on, together
from kiosk.domain.visit.words import Overlay, Step


def is_nobody_here(state: VisitState) -> bool:
    """On the first screen or the one that waits, whatever lies on a reader."""
    waits = Overlay.NONE if state.overlay is Overlay.ATTRACT else state.overlay
    return replace(state, card_seen=False, card_fault="", left=None, overlay=waits) == VisitState()


def _may_wait(state: VisitState) -> bool:
    """A card that is being read or was forgotten keeps the first screen, with what it says of it."""
    return is_nobody_here(state) and not state.card_seen and state.left is None


def _is_asked(state: VisitState, value: Nearest) -> bool:
    return value.item_id == state.item_id


PART = Part(
    table=together(
        on(
            Step.WELCOME,
            Ev.ATTRACT,
            Row(Step.WELCOME, change=lambda s: replace(s, overlay=Overlay.ATTRACT), when=_may_wait),
        ),
        on(Step.GUIDE, Ev.NEAREST, Row(Step.GUIDE, take=lambda s, v: replace(s, nearest=v), fits=_is_asked)),
    )
)
