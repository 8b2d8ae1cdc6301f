"""好差评: five faces; after one of them what was good or bad, for whoever wants to say it."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.speech import Line
from kiosk.domain.view.parts import PAGE_SIZE, Choice, View
from kiosk.domain.visit.machine import Ev, Event, VisitState

LOW = 2
"""Up to this level (5 is best) something was wrong: then it can be registered here, too."""


def rate(state: VisitState, catalogue: Catalogue) -> View:
    if state.aid.level:
        return _labels(state, catalogue)
    levels = tuple(
        Choice(Line(f"rate.{level}"), Event(Ev.RATED, level), icon=f"face_{level}") for level in (5, 4, 3, 2, 1)
    )
    skip = Choice(Line("rate.skip"), Event(Ev.SKIP))
    return View(state.step, state.overlay, Line("rate.question"), choices=(*levels, skip))


def _labels(state: VisitState, catalogue: Catalogue) -> View:
    """The level counts already; nothing is chosen beforehand, and nothing need be."""
    aid = state.aid
    codes = [code for code, level in catalogue.rating_labels if level == aid.level]
    last = max((len(codes) - 1) // PAGE_SIZE, 0)
    page = min(max(aid.label_page, 0), last)
    cards = tuple(
        Choice(
            Line(f"rate.label.{code}"),
            Event(Ev.LABEL, code),
            icon="box_ticked" if code in aid.labels else "box",
            chosen=code in aid.labels,
        )
        for code in codes[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]
    )
    pager = []
    if page > 0:
        pager.append(Choice(Line("browse.previous"), Event(Ev.PAGE, page - 1)))
    if page < last:
        pager.append(Choice(Line("browse.next"), Event(Ev.PAGE, page + 1)))
    is_low = aid.level <= LOW
    hint = () if not cards else (Line("rate.labels.bad" if is_low else "rate.labels.good"),)
    done = Choice(Line("rate.done"), Event(Ev.RATING_DONE), likely=True, icon="tick")
    other = Choice(Line("rate.change"), Event(Ev.RATED, 0))
    shown = View(state.step, state.overlay, Line("rate.taken"), body=hint, choices=(done, other))
    return replace(shown, cards=cards, pager=tuple(pager), red_bar=is_low)
