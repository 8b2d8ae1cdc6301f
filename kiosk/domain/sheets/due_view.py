"""The screen of what somebody is due: told once, after the card, and declined with one touch."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.event import Event
from kiosk.domain.sheets.state import Due
from kiosk.domain.speech import Line, Privacy, Utterance
from kiosk.domain.view.parts import Choice, View
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.readiness import offer_here
from kiosk.domain.visit.state import Chosen, VisitState

MOST_DUES = 3
"""Cards on the screen: more would be a list, not news."""


def due(state: VisitState, catalogue: Catalogue) -> View:
    dues = shown_dues(state.sheets.dues, catalogue)
    if not dues:
        return View(state.step, state.overlay, Line("prepare.looking"), picture="look_up", working=True)
    shown = View(
        state.step,
        state.overlay,
        Line("due.question"),
        body=(Line("due.touch"),),
        cards=tuple(_card(state, each, catalogue) for each in dues),
        choices=(Choice(Line("due.not_now"), Event(Ev.NO)),),
    )
    reasons = (Utterance(each.reason, Privacy.PRIVATE) for each in dues)
    return replace(shown, say=(Utterance(shown.question), Utterance(Line("due.touch")), *reasons))


def shown_dues(dues: tuple[Due, ...], catalogue: Catalogue) -> tuple[Due, ...]:
    """Those that this release knows, at most as many as are looked at."""
    known = {item.item_id for item in catalogue.items}
    return tuple(each for each in dues if each.item_id in known)[:MOST_DUES]


def _card(state: VisitState, due: Due, catalogue: Catalogue) -> Choice:
    """Straight into the item: the card is known already."""
    item = catalogue.item(due.item_id)
    offered = offer_here(item, state.capabilities, is_identified=True)
    chosen = Chosen(item.item_id, item.version, item.consent_version, offered.is_carried)
    return Choice(Line(f"item.{item.item_id}.name"), Event(Ev.CHOSEN, chosen), icon=item.category, hint=due.reason)
