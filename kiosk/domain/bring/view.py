"""Screens for bringing what was missing: what it is, that it goes on its way, and what the office says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kiosk.domain.bring.rows import MOST_COPIES, may_bring
from kiosk.domain.bring.state import Kept, Lacking, Notice, subject_of_point
from kiosk.domain.catalogue import Catalogue, ServiceItem
from kiosk.domain.event import Event
from kiosk.domain.speech import Arg, ArgKind, Args, Line
from kiosk.domain.view.parts import Choice, Screen, View, progress_of
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.readiness import Capability
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.words import Step

POINTS = 2
"""On a page: each with its reason and how it can be had, in whole sentences."""
_CALL = Choice(Line("guide.call"), Event(Ev.CALL), icon="bell")
_LATER = Choice(Line("bring.later"), Event(Ev.LATER))


def bring_choice(state: VisitState) -> tuple[Choice, ...]:
    """Beside how the case stands."""
    return (Choice(Line("bring.have"), Event(Ev.BRING), likely=True, icon="next"),) if may_bring(state) else ()


def item_of(state: VisitState, catalogue: Catalogue) -> ServiceItem | None:
    return next((item for item in catalogue.items if item.item_id == state.item_id), None)


def _bring(state: VisitState, catalogue: Catalogue) -> View:
    base = View(state.step, state.overlay, Line("bring.looking"), picture="look_up")
    notice = state.bring.notice
    if notice is None:
        return replace(base, working=True, choices=(_LATER,))
    begin = Choice(Line("bring.begin"), Event(Ev.YES), likely=True, icon="tick")
    base = replace(base, choices=(begin, _LATER, _CALL))
    if notice.is_unseen or not notice.points:
        unseen = "bring.unseen" if notice.is_unseen else "bring.unnamed"
        return replace(base, question=Line(unseen), body=(Line("bring.any"),), picture="lay_page")
    return _points(state, notice, item_of(state, catalogue), base)


def _points(state: VisitState, notice: Notice, item: ServiceItem | None, base: View) -> View:
    last = (len(notice.points) - 1) // POINTS
    page = min(max(state.page, 0), last)
    shown = notice.points[page * POINTS : (page + 1) * POINTS]
    body = [line for n, point in enumerate(shown, page * POINTS + 1) for line in _point(n, point, item)]
    pager = []
    if page > 0:
        pager.append(Choice(Line("browse.previous"), Event(Ev.PAGE, page - 1)))
    if page < last:
        pager.append(Choice(Line("browse.next"), Event(Ev.PAGE, page + 1)))
    body += _until(notice)
    return replace(base, question=Line("bring.question"), body=tuple(body), pager=tuple(pager), picture="")


def _point(n: int, point: Lacking, item: ServiceItem | None) -> Iterator[Line]:
    """Its name, then the words of whoever wrote the notice: those are shown, and nobody has readings for them."""
    yield _named(n, point, item)
    if point.line is None:
        yield Line("bring.how", {"why": Arg(ArgKind.TEXT, point.why), "how": Arg(ArgKind.TEXT, point.how)})


def _named(n: int, point: Lacking, item: ServiceItem | None) -> Line:
    """In the words of every screen where the guide has a name for it; else as the notice calls it."""
    if point.line is not None:
        return point.line
    subject, count = subject_of_point(point, item), Arg(ArgKind.COUNT, str(n))
    if subject:
        return Line("bring.point", {"n": count, "what": Arg(ArgKind.KEY, subject)})
    return Line("bring.thing", {"n": count, "what": Arg(ArgKind.TEXT, point.what)})


def _until(notice: Notice) -> tuple[Line, ...]:
    return (Line("bring.until", {"date": Arg(ArgKind.DATE, notice.until)}),) if notice.until else ()


def _send(state: VisitState, catalogue: Catalogue) -> View:
    return View(
        state.step,
        state.overlay,
        Line("bring.sending"),
        body=(Line("submit.kept"),),
        picture="send",
        progress=progress_of(state),
        working=True,
    )


_TOLD = {Kept.HERE: "bring.kept", Kept.THERE: "supplement.received", Kept.REFUSED: "bring.refused"}


def _done(state: VisitState, catalogue: Catalogue) -> View:
    brought = state.bring.brought
    told = brought.line or Line(_TOLD.get(brought.kept, "bring.sending"))
    prints = state.capabilities.has(Capability.PRINT_SLIP) and state.copies < MOST_COPIES
    body = (*_still_missing(state), *(() if prints else (Line("result.no_slip"),)))
    return View(
        state.step,
        state.overlay,
        told,
        body=body,
        choices=(
            *((Choice(Line("result.print"), Event(Ev.PRINT), likely=True, icon="print"),) if prints else ()),
            Choice(Line("result.no_paper"), Event(Ev.WITHOUT_PAPER), likely=not prints),
            *((_CALL,) if brought.kept is Kept.REFUSED else ()),
        ),
        picture="" if brought.kept is Kept.THERE else "slip",
        red_bar=brought.kept is not Kept.THERE,
        case_no=state.slip.number,
    )


def _still_missing(state: VisitState) -> tuple[Line, ...]:
    return tuple(Line("bring.missing", _paper(subject)) for subject in state.papers.missing)


def _paper(subject: str) -> Args:
    return {"what": Arg(ArgKind.KEY, subject)}


SCREENS: dict[Step, Screen] = {Step.BRING: _bring, Step.BRING_SEND: _send, Step.BRING_DONE: _done}
