"""The screen of each step: one pure function a step."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.bring.rows import wanted_number
from kiosk.domain.catalogue import Catalogue, ServiceItem
from kiosk.domain.ear.view import is_heard
from kiosk.domain.identify.view import card_lines, confirm_who, identify, said_of_card, take_card
from kiosk.domain.identity import mask_name
from kiosk.domain.money import view as view_money
from kiosk.domain.sheets.guide_view import guide
from kiosk.domain.site.view import with_site
from kiosk.domain.slip.rows import result_has_letter
from kiosk.domain.speech import Arg, ArgKind, Args, Lang, Line
from kiosk.domain.view.parts import PAGE_SIZE, Choice, Fact, Screen, View, progress_of
from kiosk.domain.visit.machine import Chosen, DecisionKind, Ev, Event, Printing, Step, VisitState
from kiosk.domain.visit.readiness import IDENTIFY, SLIPS_OUT, Capability, offer_here


def _welcome(state: VisitState, catalogue: Catalogue) -> View:
    # Why nothing can begin now is the one thing to know here, not a remark under an invitation.
    invite = Line(state.note or "welcome.invite")
    first = View(
        state.step,
        state.overlay,
        Line(f"forgotten.{state.left.place.value}") if state.left else invite,
        body=() if state.left else card_lines(state, ()),
        choices=(
            Choice(Line("welcome.start_nan"), Event(Ev.START, Lang.NAN), likely=True),
            Choice(Line("welcome.start_cmn"), Event(Ev.START, Lang.CMN)),
        ),
        picture="card_up" if state.left else "house",
        working=state.card_seen,
        say=() if state.left else said_of_card(state),
        here=catalogue.here,
    )
    return first if state.left or state.note or state.card_fault else with_site(first, catalogue.here)


def _item_card(state: VisitState, item: ServiceItem) -> Choice:
    """What cannot be done here now is explained when it is touched; its card says so beforehand."""
    offered = offer_here(item, state.capabilities, is_identified=state.resident is not None)
    hint = f"offer.{offered.hindrance.value}" if offered.hindrance else f"item.{item.item_id}.plain"
    return Choice(
        Line(f"item.{item.item_id}.name"),
        Event(Ev.CHOSEN, Chosen(item.item_id, item.version, item.consent_version, offered.is_carried)),
        icon=item.category,
        hint=Line(hint),
    )


def _choose(state: VisitState, catalogue: Catalogue) -> View:
    cards = [_item_card(state, catalogue.item(item_id)) for item_id in catalogue.home[:5]]
    count = Arg(ArgKind.COUNT, str(len(catalogue.items)))
    rest = Choice(Line("choose.other"), Event(Ev.BROWSE), icon="more", hint=Line("choose.other.hint", {"count": count}))
    hint: tuple[Line, ...] = ()
    if state.resident:
        hint = (Line("choose.known", {"name": Arg(ArgKind.NAME, mask_name(state.resident.name))}),)
    elif state.capabilities.usable & IDENTIFY:
        hint = (Line("choose.card_hint"),)
    return View(
        state.step,
        state.overlay,
        Line("choose.question"),
        body=card_lines(state, (Line("forgotten.other.slip"),) if state.slip_left else _paper(state) or hint),
        cards=(*cards, rest),
        red_bar=True,
        working=state.card_seen and state.resident is None,
        say=said_of_card(state),
    )


def _paper(state: VisitState) -> tuple[Line, ...]:
    """Nobody finds out at the end that there is no slip: it is said before anything is begun, in the one row that
    the home screen has for it.
    """
    capabilities = state.capabilities
    at = capabilities.paper.get(Capability.PRINT_SLIP, "")
    if not capabilities.has(Capability.PRINT_SLIP):
        return (Line("choose.paper_out" if at == SLIPS_OUT else "choose.no_slip"),)
    return (Line("choose.paper_low"),) if at else ()


def _browse(state: VisitState, catalogue: Catalogue) -> View:
    if state.category:
        entries = [_item_card(state, item) for item in catalogue.in_category(state.category)]
        question = Line("browse.items", {"category": Arg(ArgKind.KEY, f"category.{state.category}")})
    else:
        entries = [
            Choice(Line(f"category.{name}"), Event(Ev.CATEGORY, name), icon=name) for name in catalogue.categories
        ]
        question = Line("browse.categories")
    last = max((len(entries) - 1) // PAGE_SIZE, 0)
    page = min(max(state.page, 0), last)
    pager = []
    if page > 0:
        pager.append(Choice(Line("browse.previous"), Event(Ev.PAGE, page - 1)))
    if page < last:
        pager.append(Choice(Line("browse.next"), Event(Ev.PAGE, page + 1)))
    shown = tuple(entries[page * PAGE_SIZE : (page + 1) * PAGE_SIZE])
    # A number for the hall's queue, and a slip whose code cannot be read, are no services of the catalogue: they stand
    # beside the categories.
    typed = Choice(Line("bring.typed"), Event(Ev.TYPE, wanted_number()), icon="write")
    queue = () if state.category else (Choice(Line("queue.take"), Event(Ev.QUEUE), icon="slip"), typed)
    return View(state.step, state.overlay, question, cards=shown, pager=tuple(pager), choices=queue, red_bar=True)


def _prepare(state: VisitState, catalogue: Catalogue) -> View:
    return View(
        state.step, state.overlay, Line("prepare.looking"), picture="look_up", progress=progress_of(state), working=True
    )


def _submit(state: VisitState, catalogue: Catalogue) -> View:
    line = Line("submit.waiting") if state.stored else Line("submit.storing")
    return View(
        state.step,
        state.overlay,
        line,
        body=(Line("submit.kept"),),
        picture="send",
        progress=progress_of(state),
        working=True,
    )


def _date(state: VisitState, name: str) -> Args:
    value = state.decision.facts.get(name, "") if state.decision else ""
    return {"date": Arg(ArgKind.DATE, value)} if value else {}


def _result(state: VisitState, catalogue: Catalogue) -> View:
    if state.money.is_told:
        return view_money.result(state, catalogue)
    decision = state.decision
    banner, question = None, Line("result.saved")
    body: tuple[Line, ...] = (Line("result.saved.next"),)
    if decision is not None and decision.kind is DecisionKind.APPROVED:
        banner = Line("result.approved.title")
        dated = _date(state, "starts_on")
        # Approved is not done: what brings no money at once must not be told as money, nor as over.
        question = decision.next_step or (Line("result.approved", dated) if dated else Line("result.approved.now"))
        body = ()
    elif decision is not None and decision.kind is DecisionKind.NOTICE:
        question = decision.reasons[0] if decision.reasons else Line("result.notice")
        body = (
            *decision.reasons[1:],
            *((decision.next_step,) if decision.next_step else ()),
            *(() if decision.repeats else (Line("result.notice.kept"),)),
        )
    elif decision is not None and decision.kind is DecisionKind.DONE:
        banner, question, body = Line("result.done.title"), Line("result.done.now"), ()
    elif decision is not None:
        question, body = Line("result.pending"), (Line("result.pending.next"),)
    good = banner is not None
    sheets = state.capabilities.has(Capability.PRINT_DOCUMENT) and result_has_letter(state)
    letter = (Choice(Line("letter.print"), Event(Ev.LETTER_WANTED), icon="print"),) if sheets else ()
    prints = state.capabilities.has(Capability.PRINT_SLIP)
    if not prints:
        body = (*body, Line("result.no_slip"))
    return View(
        state.step,
        state.overlay,
        question,
        body=body,
        banner=banner,
        choices=(
            Choice(Line("result.print"), Event(Ev.PRINT), likely=prints, icon="print"),
            *letter,
            Choice(Line("result.no_paper"), Event(Ev.WITHOUT_PAPER), likely=not prints),
        ),
        red_bar=not good,
        case_no=state.case_no,
    )


def _print(state: VisitState, catalogue: Catalogue) -> View:
    # What was brought belongs to the case that lacked it.
    number = state.slip.number if state.bring.is_done else state.case_no
    base = View(state.step, state.overlay, Line("print.busy"), picture="slip", working=True, case_no=number)
    taken = Choice(Line("print.taken"), Event(Ev.TAKEN), likely=True, icon="tick")
    not_out = Choice(Line("print.not_out"), Event(Ev.NOT_OUT))
    again = Choice(Line("print.again"), Event(Ev.PRINT), likely=True, icon="print")
    without = Choice(Line("print.without"), Event(Ev.WITHOUT_PAPER))
    if state.printing is Printing.PROVED:
        return replace(
            base,
            question=Line("print.take_sheet" if state.on_sheet else "print.take"),
            facts=tuple(Fact(name, arg) for name, arg in state.slip_figures) if is_heard(state) else (),
            choices=(taken, not_out),
            working=False,
        )
    if state.printing is Printing.UNKNOWN:
        return replace(base, question=Line("print.unknown"), choices=(taken, not_out), working=False)
    if state.printing is Printing.FAILED:
        fault = Line(f"fault.{state.print_fault}") if state.print_fault else Line("print.sorry")
        choices = (again, without) if state.copies < 3 else (replace(without, likely=True),)
        return replace(
            base, question=fault, body=(Line("print.number_kept"),), choices=choices, working=False, red_bar=True
        )
    return base


def _wipe(state: VisitState, catalogue: Catalogue) -> View:
    """Whatever she forgot comes before the farewell, in the largest letters."""
    bye = "wipe.timed_out" if state.cause is not None and state.cause.value == "timed_out" else "wipe.bye"
    forgotten = (
        *((Line(f"forgotten.{state.left.place.value}"),) if state.left else ()),
        *((Line("forgotten.sheet" if state.on_sheet else "forgotten.slip"),) if state.slip_left else ()),
    )
    question, *rest = (*forgotten, Line(bye))
    picture = "card_up" if state.left else "slip" if state.slip_left else "house"
    return View(state.step, state.overlay, question, body=(*rest, Line("wipe.cleared")), picture=picture)


SCREENS: dict[Step, Screen] = {
    Step.WELCOME: _welcome,
    Step.CHOOSE: _choose,
    Step.BROWSE: _browse,
    Step.GUIDE: guide,
    Step.IDENTIFY: identify,
    Step.CONFIRM_WHO: confirm_who,
    Step.TAKE_CARD: take_card,
    Step.PREPARE: _prepare,
    Step.SUBMIT: _submit,
    Step.RESULT: _result,
    Step.PRINT: _print,
    Step.WIPE: _wipe,
}
