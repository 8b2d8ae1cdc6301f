"""Screens for the life of a site between visits."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.site.state import Nearest, SiteToday, Span
from kiosk.domain.speech import Arg, ArgKind, Line, Utterance
from kiosk.domain.view.parts import Fact, Over, Screen, View
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.words import Overlay, Step

INVITATION = "attract.touch"
"""Stands on the screen that waits in both languages."""


def window_facts(here: SiteToday) -> tuple[Fact, ...]:
    """When people sit at the window today; one row for each time, nothing where it was never told."""
    labels = ("site.window", "site.window.then")
    return tuple(Fact(labels[min(at, 1)], Arg(ArgKind.TEXT, hours_shown(span))) for at, span in enumerate(here.spans))


def hours_shown(span: Span) -> str:
    return f"{span[0]}–{span[1]}"


def window_line(here: SiteToday) -> tuple[Line, ...]:
    """Whether somebody is there, and that the machine works all the same when nobody is."""
    if not here.is_known:
        return ()
    if here.is_open:
        return (Line("site.somebody"),)
    opens = (Line("site.opens", {"date": Arg(ArgKind.DATE, here.next_day), "time": Arg(ArgKind.TIME, here.next_time)}),)
    return (Line("site.nobody"), *(opens if here.next_day else ()))


def notice_line(here: SiteToday) -> tuple[Line, ...]:
    return (Line("site.notice", {"text": Arg(ArgKind.TEXT, here.notice)}),) if here.notice else ()


def _attract(state: VisitState, base: View) -> View:
    """Said once when it comes, by day: whoever still stands there has not found the way in. By night no sound."""
    here = base.here
    return View(
        base.step,
        Overlay.ATTRACT,
        Line(INVITATION),
        body=(*window_line(here), *notice_line(here)),
        facts=window_facts(here),
        picture="house",
        say=(Utterance(Line(INVITATION)),),
        is_silent=here.is_night,
        here=here,
    )


def with_site(shown: View, here: SiteToday) -> View:
    """The first screen with the window's hours; only that nobody sits there is also said."""
    away = () if here.is_open else window_line(here)[:1]
    return replace(shown, body=(*shown.body, *away), facts=(*shown.facts, *window_facts(here)))


def nearest_line(near: Nearest | None) -> tuple[Line, ...]:
    """Where else it can be done; nothing while nobody has said."""
    if near is None:
        return ()
    site = near.best
    if site is None:
        return (Line("nearest.nowhere"),)
    place = {"place": Arg(ArgKind.PLACE, site.name)}
    if not site.next_day:
        return (Line("nearest.now", place),)
    when = {"date": Arg(ArgKind.DATE, site.next_day), "time": Arg(ArgKind.TIME, site.next_time)}
    return (Line("nearest.later", {**place, **when}),)


def nearest_facts(near: Nearest | None) -> tuple[Fact, ...]:
    """How to get there and whom to ring; a distance only between two places that were surveyed."""
    site = near.best if near else None
    if site is None:
        return ()
    far = Fact("nearest.metres", Arg(ArgKind.COUNT, str(site.distance_m)))
    return (
        Fact("nearest.address", Arg(ArgKind.TEXT, site.address)),
        Fact("nearest.phone", Arg(ArgKind.PHONE, site.phone)),
        *((far,) if site.distance_m else ()),
    )


SCREENS: dict[Step, Screen] = {}
OVERLAYS: dict[Overlay, Over] = {Overlay.ATTRACT: _attract}
