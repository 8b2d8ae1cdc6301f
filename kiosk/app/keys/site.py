"""Every text that tells of the site, for the list of all keys: the first screen and the waiting one at any hour."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.domain.site.state import Nearest, NearSite, SiteToday
from kiosk.domain.site.view import INVITATION, nearest_facts, nearest_line, notice_line, window_facts, window_line
from kiosk.domain.speech import Line
from kiosk.domain.view.parts import Fact

_OPEN = SiteToday(True, (("08:00", "12:00"), ("14:30", "17:30")), True, notice="a notice")
_CLOSED = SiteToday(True, (), False, "2026-11-25", "08:00")
_NEAR = NearSite("a place", "a street 1", "0592-0000000", 1200)
_OPENS = NearSite("a place", "a street 1", "0592-0000000", 1200, "2026-11-25", "08:00")


def lines() -> Iterator[Line]:
    yield Line(INVITATION)
    yield from (Line(f"choose.{paper}") for paper in ("paper_low", "paper_out", "no_slip"))
    for here in (_OPEN, _CLOSED):
        yield from (*window_line(here), *notice_line(here), *_labels(window_facts(here)))
    for near in (Nearest("XA001", _NEAR), Nearest("XA001", None, _OPENS), Nearest("XA001")):
        yield from (*nearest_line(near), *_labels(nearest_facts(near)))


def _labels(facts: tuple[Fact, ...]) -> Iterator[Line]:
    return (Line(fact.label) for fact in facts)
