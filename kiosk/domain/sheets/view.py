"""Screens for what is looked up and printed; what somebody is due is in `due_view`, where to go in `guide_view`."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.catalogue import Catalogue, Mode
from kiosk.domain.event import Event
from kiosk.domain.identify.view import sheets_low
from kiosk.domain.identity import mask_name
from kiosk.domain.sheets.due_view import due
from kiosk.domain.sheets.rows import MOST_COPIES
from kiosk.domain.sheets.state import PaperStage, Printout, Refusal, Told
from kiosk.domain.speech import Arg, ArgKind, Args, Line, Privacy, Utterance
from kiosk.domain.view.parts import PAGE_SIZE, Choice, Over, Screen, View, progress_of
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.readiness import Capability
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.words import Overlay, Step

FIGURES: dict[ArgKind, str] = {
    ArgKind.MONEY: "figure.money",
    ArgKind.DATE: "figure.date",
    ArgKind.DIGITS: "figure.digits",
    ArgKind.COUNT: "figure.count",
    ArgKind.KEY: "figure.word",
}
"""How a value is said, and to a headphone alone; of the kinds that are not here no voice can say a value."""

_CALL = Choice(Line("guide.call"), Event(Ev.CALL), icon="bell")
_OTHER = Choice(Line("guide.other"), Event(Ev.BACK))
_AGAIN = Choice(Line("told.again"), Event(Ev.TRY_AGAIN), likely=True)


def masked(row: Line) -> Line:
    """As the screen and a slip show it: a name is shown as on the card's screen, figures as they are."""
    args = {
        name: Arg(ArgKind.NAME, mask_name(arg.value)) if arg.kind is ArgKind.NAME else arg
        for name, arg in row.args.items()
    }
    return Line(row.key, args)


def age_lines(told: Told) -> tuple[Line, ...]:
    """How old what is shown is, each line once, and who said it."""
    lines: list[Line] = []
    for register in told.registers:
        line = _named(register.code, register.line) if register.is_fresh else register.line
        if line not in lines:
            lines.append(line)
    return tuple(lines)


def _named(code: str, line: Line) -> Line:
    return Line("told.as_of", {"register": Arg(ArgKind.KEY, f"register.{code}"), **line.args})


def _said(row: Line) -> tuple[Utterance, ...]:
    """A row by its name and then its figures, for a headphone alone."""
    figures = tuple(Line(key, args) for key, args in _figures(row.args))
    return tuple(Utterance(line, Privacy.PRIVATE) for line in (row, *figures))


def _figures(args: Args) -> list[tuple[str, Args]]:
    month = {name: args[name] for name in ("year", "month")} if {"year", "month"} <= args.keys() else {}
    rest = (arg for name, arg in args.items() if name not in month and arg.kind in FIGURES)
    return [*([("figure.month", month)] if month else []), *((FIGURES[arg.kind], {"value": arg}) for arg in rest)]


def _look_up(state: VisitState, catalogue: Catalogue) -> View:
    return View(
        state.step,
        state.overlay,
        Line("prepare.looking"),
        body=(Line("told.looking"),),
        picture="look_up",
        progress=progress_of(state),
        working=True,
    )


def _answer(state: VisitState, catalogue: Catalogue) -> View:
    if state.sheets.refusal is not None:
        return _no_answer(state, state.sheets.refusal)
    told = state.sheets.told or Told(state.item_id)
    is_preview = catalogue.item(state.item_id).mode is Mode.PRINT
    rest = told.rest
    last = max((len(rest) - 1) // PAGE_SIZE, 0)
    page = min(max(state.sheets.page, 0), last)
    rows = tuple(masked(row) for row in rest[page * PAGE_SIZE : (page + 1) * PAGE_SIZE])
    nothing = Line("told.preview.short") if is_preview else Line("told.nothing")
    figure = masked(told.figure) if told.figure else nothing
    ages = (*age_lines(told), *((told.next_step,) if told.next_step else ()))
    heading = Line("told.preview") if is_preview else Line("told.found")
    first = (*((heading,) if told.rows else ()), *sheets_low(state, catalogue))
    shown = View(
        state.step,
        state.overlay,
        figure,
        body=(*first, *ages) if page == 0 else first,
        rows=rows,
        choices=_preview_choices() if is_preview else _answer_choices(state),
        pager=_pager(page, last),
        red_bar=not told.rows and not is_preview,
    )
    said = _answer_say(state, told, heading, ages, (figure, *rows))
    return replace(shown, say=(*said, *(Utterance(line) for line in sheets_low(state, catalogue))))


def _answer_say(
    state: VisitState, told: Told, heading: Line, ages: tuple[Line, ...], rows: tuple[Line, ...]
) -> tuple[Utterance, ...]:
    """The loudspeaker says that it is here and how old it is; what it is, only a headphone."""
    note = (Utterance(Line(state.note)),) if state.note else ()
    public = (heading, *(ages if state.sheets.page == 0 else ())) if told.rows else (rows[0], *ages)
    private = tuple(said for row in rows for said in _said(row)) if told.rows else ()
    return (*note, *(Utterance(line) for line in public), *private)


def _pager(page: int, last: int) -> tuple[Choice, ...]:
    return (
        *((Choice(Line("browse.previous"), Event(Ev.PAGE, page - 1)),) if page > 0 else ()),
        *((Choice(Line("browse.next"), Event(Ev.PAGE, page + 1)),) if page < last else ()),
    )


_READ = Choice(Line("told.read_to_me"), Event(Ev.READ_TO_ME), icon="sound")


def _answer_choices(state: VisitState) -> tuple[Choice, ...]:
    prints = bool(state.capabilities.usable & {Capability.PRINT_SLIP, Capability.PRINT_DOCUMENT})
    done = Choice(Line("told.done"), Event(Ev.WITHOUT_PAPER), likely=not prints, icon="tick")
    slip = Choice(Line("told.print"), Event(Ev.PRINT), likely=True, icon="print")
    return (*((slip,) if prints else ()), _READ, done)


def _preview_choices() -> tuple[Choice, ...]:
    make = Choice(Line("told.make_paper"), Event(Ev.MAKE_PAPER), likely=True, icon="print")
    return (make, _READ, _OTHER)


def _no_answer(state: VisitState, refusal: Refusal) -> View:
    """Never only a no: why, what to do now, and who helps."""
    reasons = refusal.reasons or (Line(f"trouble.{refusal.trouble.value}"),)
    following = (refusal.next_step,) if refusal.next_step else ()
    way = Choice(Line("told.where_else"), Event(Ev.SHOW_WAY))
    again = (_AGAIN,) if refusal.may_be_repeated else ()
    call = _CALL if again else replace(_CALL, likely=True)
    return View(
        state.step,
        state.overlay,
        reasons[0],
        body=(*reasons[1:], *following, Line("told.nothing_lost")),
        choices=(*again, call, way, _OTHER),
        red_bar=True,
    )


def _paper(state: VisitState, catalogue: Catalogue) -> View:
    paper = state.sheets.paper or Printout()
    base = View(state.step, state.overlay, Line("sheets.making"), picture="slip", case_no=state.case_no)
    if paper.stage.is_under_way and paper.stage is not PaperStage.HELD:
        return _paper_busy(base, paper)
    if paper.stage is PaperStage.HELD:
        return _paper_held(base, paper)
    if paper.stage is PaperStage.FAILED:
        return _paper_failed(state, base, paper)
    question = _counted("sheets.take", paper) if paper.stage is PaperStage.PROVED else Line("sheets.unknown")
    taken = Choice(Line("print.taken"), Event(Ev.TAKEN), likely=True, icon="tick")
    slip = Choice(Line("sheets.slip_too"), Event(Ev.PRINT), icon="print")
    not_out = Choice(Line("print.not_out"), Event(Ev.NOT_OUT))
    slips = (slip,) if state.capabilities.has(Capability.PRINT_SLIP) else ()
    return replace(base, question=question, choices=(taken, *slips, not_out))


def _count(number: int) -> Arg:
    return Arg(ArgKind.COUNT, str(number))


def _counted(key: str, paper: Printout) -> Line:
    return Line(key, {"count": _count(paper.sheets)})


def _paper_busy(base: View, paper: Printout) -> View:
    if paper.sheets == 0:
        return replace(base, working=True)
    question = _counted("sheets.printing", paper)
    body = (Line("sheets.out_so_far", {"count": _count(paper.done)}),) if paper.done else (Line("sheets.stay"),)
    return replace(base, question=question, body=body, working=True)


def _stopped(paper: Printout) -> tuple[Line, ...]:
    """What happened, and how far it had come."""
    fault = Line(f"fault.{paper.fault}") if paper.fault else Line("print.sorry")
    if not 0 < paper.done < paper.sheets:
        return (fault,)
    return (fault, Line("sheets.stopped", {"done": _count(paper.done), "count": _count(paper.sheets)}))


def _paper_held(base: View, paper: Printout) -> View:
    """The printer goes on by itself; who does not want to wait takes the number with her."""
    fault, *far = _stopped(paper)
    later = Choice(Line("sheets.later"), Event(Ev.REST_LATER))
    call = Choice(Line("sheets.call"), Event(Ev.CALL), likely=True, icon="bell")
    return replace(
        base, question=fault, body=(*far, Line("sheets.goes_on")), choices=(call, later), picture="", red_bar=True
    )


def _paper_failed(state: VisitState, base: View, paper: Printout) -> View:
    fault, *far = _stopped(paper)
    rest = Line("sheets.rest_again") if 0 < paper.done < paper.sheets else Line("print.again")
    again = Choice(rest, Event(Ev.TRY_AGAIN), likely=True, icon="print")
    may = state.sheets.copies < MOST_COPIES
    later = Choice(Line("sheets.later"), Event(Ev.REST_LATER), likely=not may)
    without = Choice(Line("print.without"), Event(Ev.WITHOUT_PAPER))
    choices = (*((again,) if may else ()), later, _CALL, without)
    body = (*far, Line("sheets.any_station"))
    return replace(base, question=fault, body=body, choices=choices, picture="", red_bar=True)


SCREENS: dict[Step, Screen] = {
    Step.LOOK_UP: _look_up,
    Step.FOUND: _answer,
    Step.PAPER: _paper,
    Step.DUE: due,
}
OVERLAYS: dict[Overlay, Over] = {}
