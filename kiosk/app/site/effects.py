"""Performers of effects for the life of a site."""

from __future__ import annotations

from kiosk.app.site.service import SiteService
from kiosk.app.visit.effect_tools import EffectTools, Post
from kiosk.domain.visit.machine import Ev, Event, VisitState
from kiosk.domain.visit.readiness import offer


class NearestEffects:
    def __init__(self, tools: EffectTools, site: SiteService):
        self._tools = tools
        self._site = site

    def ask(self, state: VisitState, event: Event, post: Post) -> None:
        """Only for what fails here now; where the answer does not come nothing is said of other places."""
        item = self._tools.catalogue.current().item(state.item_id)
        if offer(item, state.capabilities, is_identified=state.resident is not None).is_usable:
            return
        self._tools.ask(lambda: post(Event(Ev.NEAREST, self._site.nearest(item.item_id))))
