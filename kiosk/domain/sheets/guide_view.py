"""The screen of a service that is not done here now: where, when, what to bring, who may come, cost and time.

What the catalogue says is there without the network; what today's people and hours are comes with the way.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.catalogue import Catalogue, ServiceItem
from kiosk.domain.event import Event
from kiosk.domain.sheets.state import Directions
from kiosk.domain.site.view import nearest_facts, nearest_line
from kiosk.domain.speech import Arg, ArgKind, Line, Utterance
from kiosk.domain.view.parts import Choice, Fact, View
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.readiness import ON_PAPER, offer_here
from kiosk.domain.visit.state import VisitState

HOURS = "hours"
"""The catalogue's list of opening hours, by post."""
_BETWEEN = "\u3001"
"""Between the things to bring, as they are enumerated in Chinese."""


def guide(state: VisitState, catalogue: Catalogue) -> View:
    item = catalogue.item(state.item_id)
    hindrance = offer_here(item, state.capabilities, is_identified=state.resident is not None).hindrance
    is_usual = hindrance is None and state.sheets.refusal is None
    name = Arg(ArgKind.KEY, f"item.{item.item_id}.name")
    shown = View(
        state.step,
        state.overlay,
        Line("guide.not_here" if is_usual else "guide.not_now", {"item": name}),
        body=(
            *((Line(f"offer.{hindrance.value}.why"),) if hindrance else ()),
            *_go(item, state.sheets.way),
            *_opening(state.sheets.way),
            *nearest_line(state.nearest),
        ),
        facts=(
            *_text("guide.bring", _BETWEEN.join(item.materials)),
            *guide_facts(item, catalogue, state.sheets.way),
            *nearest_facts(state.nearest),
            Fact("review.item", Arg(ArgKind.TEXT, item.official)),
            _edition(item, catalogue),
        ),
        choices=_choices(state, hindrance is not None),
        working=state.sheets.after is not None,
        red_bar=True,
        case_no=state.case_no if state.stored else "",
    )
    # What to bring stands on its card, where its sentence is the label.
    return replace(shown, say=tuple(Utterance(line) for line in (shown.question, *shown.body, *_bring(item))))


def _choices(state: VisitState, is_hindered: bool) -> tuple[Choice, ...]:
    """What a person can do here now comes before a way to somewhere else."""
    if state.sheets.after is not None:
        return ()
    prints = bool(ON_PAPER & state.capabilities.usable)
    call_first = is_hindered or not prints
    slip = Choice(Line("guide.print"), Event(Ev.PRINT), likely=not call_first, icon="print")
    call = Choice(Line("guide.call"), Event(Ev.CALL), likely=call_first, icon="bell")
    end = Choice(Line("guide.understood"), Event(Ev.UNDERSTOOD), icon="tick")
    first = (call, *((slip,) if prints else ())) if call_first else (slip, call)
    return (*first, end)


def guide_lines(item: ServiceItem, way: Directions | None) -> tuple[Line, ...]:
    """What holds tomorrow too: where to go, and that something is to be brought."""
    return (*_go(item, way), *_bring(item))


def place_of(item: ServiceItem, way: Directions | None) -> str:
    """Text key of the kind of place where it is done; empty when nobody has said."""
    where = way.place if way else item.terms.place
    return f"place.{where}" if where else ""


def _go(item: ServiceItem, way: Directions | None) -> tuple[Line, ...]:
    where = place_of(item, way)
    return (Line("guide.go", {"place": Arg(ArgKind.KEY, where)}),) if where else ()


def _bring(item: ServiceItem) -> tuple[Line, ...]:
    return (Line("guide.bring"),) if item.materials else ()


def _opening(way: Directions | None) -> tuple[Line, ...]:
    if way is None:
        return ()
    if way.is_open:
        return (Line("guide.open_now"),)
    # ISO 8601 with the offset of this place, where it is read.
    day, _, clock = way.opens_at.partition("T")
    args = {"date": Arg(ArgKind.DATE, day), "time": Arg(ArgKind.TIME, clock[:5])}
    return (Line("guide.opens", args),) if clock else ()


def guide_facts(item: ServiceItem, catalogue: Catalogue, way: Directions | None) -> tuple[Fact, ...]:
    """In a villager's order after where and with what: when, to whom, who else, what it costs, how long it takes."""
    terms = item.terms
    return (
        _when(item, catalogue),
        *_office(way, terms.department),
        *_text("guide.deputy", terms.deputy),
        *((Fact("guide.fee", Arg(ArgKind.KEY, "guide.fee.free")),) if terms.is_free else _text("guide.fee", terms.fee)),
        *_text("guide.limit", terms.limit),
    )


def _text(label: str, text: str) -> tuple[Fact, ...]:
    return (Fact(label, Arg(ArgKind.TEXT, text)),) if text else ()


def _office(way: Directions | None, department: str) -> tuple[Fact, ...]:
    if way is None:
        return _text("guide.office", department)
    where = way.where
    phone = (Fact("guide.phone", Arg(ArgKind.PHONE, where.phone)),) if where.phone else ()
    return (*_text("guide.office", way.department or department), *_text("guide.address", where.address), *phone)


def _when(item: ServiceItem, catalogue: Catalogue) -> Fact:
    hours = {entry.code: entry.label for entry in catalogue.lists.get(HOURS, ())}.get(item.terms.hours, "")
    return Fact("guide.when", Arg(ArgKind.TEXT, hours) if hours else Arg(ArgKind.KEY, "guide.when.ask"))


def _edition(item: ServiceItem, catalogue: Catalogue) -> Fact:
    """Version and day, as the window's guide and the printed one show them: all three come from one release."""
    return Fact("fact.edition", Arg(ArgKind.TEXT, f"{item.version} · {catalogue.effective_from}"))
