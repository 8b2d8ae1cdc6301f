"""The screen of each step: one pure function a step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.catalogue import Catalogue, FormField, ServiceItem
from kiosk.domain.identity import mask_name, mask_number
from kiosk.domain.speech import Arg, ArgKind, Args, Lang, Line, Priority, Utterance
from kiosk.domain.view_parts import PAGE_SIZE, Choice, Fact, View
from kiosk.domain.visit import Chosen, DecisionKind, Ev, Event, Printing, Step, VisitState


def _item_name(state: VisitState) -> Arg:
    return Arg(ArgKind.KEY, f"item.{state.item_id}.name")


def _progress(state: VisitState) -> tuple[int, int] | None:
    """Card, confirmation and return are steps 1 to 2, then every planned action but the result."""
    if not state.item_id:
        return None
    planned = max(len(state.plan) - 2, 2)
    total = 2 + planned
    at = {Step.IDENTIFY: 1, Step.CONFIRM_WHO: 2, Step.TAKE_CARD: 2, Step.PREPARE: 2}.get(state.step)
    return (at if at is not None else min(3 + state.index, total), total)


def _welcome(state: VisitState, catalogue: Catalogue) -> View:
    return View(
        state.step,
        state.overlay,
        Line("welcome.invite"),
        body=_card_lines(state, ()),
        choices=(
            Choice(Line("welcome.start_nan"), Event(Ev.START, Lang.NAN), likely=True),
            Choice(Line("welcome.start_cmn"), Event(Ev.START, Lang.CMN)),
        ),
        picture="house",
        working=state.card_seen,
        say=_said_of_card(state),
    )


def _item_card(item: ServiceItem) -> Choice:
    return Choice(
        Line(f"item.{item.item_id}.name"),
        Event(Ev.CHOSEN, Chosen(item.item_id, item.version, item.consent_version, item.transact)),
        icon=item.category,
        hint=Line(f"item.{item.item_id}.plain"),
    )


def _choose(state: VisitState, catalogue: Catalogue) -> View:
    cards = [_item_card(catalogue.item(item_id)) for item_id in catalogue.home[:5]]
    count = Arg(ArgKind.COUNT, str(len(catalogue.items)))
    rest = Choice(Line("choose.other"), Event(Ev.BROWSE), icon="more", hint=Line("choose.other.hint", {"count": count}))
    hint = (
        Line("choose.known", {"name": Arg(ArgKind.NAME, mask_name(state.resident.name))})
        if state.resident
        else Line("choose.card_hint")
    )
    return View(
        state.step,
        state.overlay,
        Line("choose.question"),
        body=_card_lines(state, (hint,)),
        cards=(*cards, rest),
        red_bar=True,
        working=state.card_seen and state.resident is None,
        say=_said_of_card(state),
    )


def _browse(state: VisitState, catalogue: Catalogue) -> View:
    if state.category:
        entries = [_item_card(item) for item in catalogue.in_category(state.category)]
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
    return View(state.step, state.overlay, question, cards=shown, pager=tuple(pager), red_bar=True)


def _guide(state: VisitState, catalogue: Catalogue) -> View:
    item = catalogue.item(state.item_id)
    materials = tuple(Fact("guide.material", Arg(ArgKind.TEXT, material)) for material in item.materials[:3])
    return View(
        state.step,
        state.overlay,
        Line("guide.not_here", {"item": _item_name(state)}),
        body=(Line("guide.bring"), Line("guide.who")),
        facts=(Fact("review.item", Arg(ArgKind.TEXT, item.official)), *materials),
        choices=(
            Choice(Line("guide.call"), Event(Ev.CALL), likely=True),
            Choice(Line("guide.other"), Event(Ev.BACK)),
        ),
        red_bar=True,
    )


def _card_lines(state: VisitState, otherwise: tuple[Line, ...]) -> tuple[Line, ...]:
    if state.card_fault:
        return (Line(f"fault.{state.card_fault}"),)
    if state.card_seen and state.resident is None:
        return (Line("identify.reading"),)
    return otherwise


def _said_of_card(state: VisitState) -> tuple[Utterance, ...]:
    """While a card is read, or was read badly, only that is said: the rest of the screen was said before."""
    return tuple(Utterance(line, priority=Priority.NOW) for line in _card_lines(state, ()))


def _identify(state: VisitState, catalogue: Catalogue) -> View:
    news = _card_lines(state, ())
    return View(
        state.step,
        state.overlay,
        news[0] if news else Line("identify.lay_card"),
        body=() if state.card_seen else (Line("identify.lay_card.how"),),
        choices=(Choice(Line("identify.no_card"), Event(Ev.CANNOT)),),
        picture="card_down",
        progress=_progress(state),
        working=state.card_seen,
    )


def _who(state: VisitState) -> tuple[Fact, ...]:
    if state.resident is None:
        return ()
    return (
        Fact("fact.name", Arg(ArgKind.NAME, mask_name(state.resident.name)), big=True),
        Fact("fact.number", Arg(ArgKind.TEXT, mask_number(state.resident.number))),
    )


def _confirm_who(state: VisitState, catalogue: Catalogue) -> View:
    return View(
        state.step,
        state.overlay,
        Line("confirm.question"),
        body=(Line("confirm.look"),),
        facts=_who(state),
        choices=(
            Choice(Line("confirm.yes"), Event(Ev.YES), likely=True, icon="tick"),
            Choice(Line("confirm.no"), Event(Ev.NO)),
        ),
        progress=_progress(state),
    )


def _take_card(state: VisitState, catalogue: Catalogue) -> View:
    return View(
        state.step,
        state.overlay,
        Line("take_card.lift"),
        body=(Line("take_card.keep"),),
        picture="card_up",
        progress=_progress(state),
    )


def _prepare(state: VisitState, catalogue: Catalogue) -> View:
    return View(
        state.step, state.overlay, Line("prepare.looking"), picture="look_up", progress=_progress(state), working=True
    )


def _field(state: VisitState, catalogue: Catalogue) -> FormField | None:
    action = state.action
    if action is None:
        return None
    for field in catalogue.item(state.item_id).form:
        if field.key == action.subject:
            return field
    return None


def _known_facts(state: VisitState, subject: str) -> tuple[Fact, ...]:
    known = state.known.get(subject, {})
    facts = []
    if "bank" in known:
        facts.append(Fact("fact.bank", Arg(ArgKind.TEXT, known["bank"])))
    if "last4" in known:
        facts.append(Fact("fact.last4", Arg(ArgKind.DIGITS, known["last4"]), big=True))
    return tuple(facts)


def _ask(state: VisitState, catalogue: Catalogue) -> View:
    field = _field(state, catalogue)
    subject = field.key if field else "account"
    known = subject in state.known
    question = Line(f"ask.{subject}" if known else f"ask.{subject}.unknown")
    choices = tuple(
        Choice(
            Line(f"ask.{subject}.{option}"), Event(Ev.ANSWER, option), likely=at == 0, icon="tick" if at == 0 else ""
        )
        for at, option in enumerate(field.options if field else ())
    )
    return View(
        state.step,
        state.overlay,
        question,
        body=(Line(f"ask.{subject}.help"),),
        facts=_known_facts(state, subject),
        choices=choices,
        progress=_progress(state),
    )


def _review(state: VisitState, catalogue: Catalogue) -> View:
    item = catalogue.item(state.item_id)
    answers = tuple(
        Fact(f"fact.{key}", Arg(ArgKind.KEY, f"ask.{key}.{value}.short")) for key, value in state.answers.items()
    )
    return View(
        state.step,
        state.overlay,
        Line("review.question"),
        body=(Line("review.check"),),
        facts=(
            Fact("review.item", Arg(ArgKind.TEXT, item.official)),
            *_who(state),
            *_known_facts(state, "account"),
            *answers,
        ),
        choices=(
            Choice(Line("review.send"), Event(Ev.SEND), likely=True, icon="tick"),
            Choice(Line("review.change"), Event(Ev.BACK)),
        ),
        progress=_progress(state),
    )


def _commit(state: VisitState, catalogue: Catalogue) -> View:
    item = catalogue.item(state.item_id)
    return View(
        state.step,
        state.overlay,
        Line("commit.question"),
        body=(Line(item.commitment or "commit.general"),),
        choices=(
            Choice(Line("commit.agree"), Event(Ev.AGREE), likely=True),
            Choice(Line("commit.decline"), Event(Ev.DECLINE)),
        ),
        progress=_progress(state),
    )


def _submit(state: VisitState, catalogue: Catalogue) -> View:
    line = Line("submit.waiting") if state.stored else Line("submit.storing")
    return View(
        state.step,
        state.overlay,
        line,
        body=(Line("submit.kept"),),
        picture="send",
        progress=_progress(state),
        working=True,
    )


def _date(state: VisitState, name: str) -> Args:
    value = state.decision.facts.get(name, "") if state.decision else ""
    return {"date": Arg(ArgKind.DATE, value)} if value else {}


def _result(state: VisitState, catalogue: Catalogue) -> View:
    decision = state.decision
    banner, question = None, Line("result.saved")
    body: tuple[Line, ...] = (Line("result.saved.next"),)
    if decision is not None and decision.kind is DecisionKind.APPROVED:
        banner = Line("result.approved.title")
        question = decision.next_step or Line("result.approved", _date(state, "starts_on"))
        body = ()
    elif decision is not None and decision.kind is DecisionKind.NOTICE:
        question = decision.reasons[0] if decision.reasons else Line("result.notice")
        body = (
            *decision.reasons[1:],
            *((decision.next_step,) if decision.next_step else ()),
            Line("result.notice.kept"),
        )
    elif decision is not None:
        question, body = Line("result.pending"), (Line("result.pending.next"),)
    good = banner is not None
    return View(
        state.step,
        state.overlay,
        question,
        body=body,
        banner=banner,
        choices=(
            Choice(Line("result.print"), Event(Ev.PRINT), likely=True, icon="print"),
            Choice(Line("result.no_paper"), Event(Ev.WITHOUT_PAPER)),
        ),
        red_bar=not good,
        case_no=state.case_no,
    )


def _print(state: VisitState, catalogue: Catalogue) -> View:
    base = View(state.step, state.overlay, Line("print.busy"), picture="slip", working=True, case_no=state.case_no)
    taken = Choice(Line("print.taken"), Event(Ev.TAKEN), likely=True, icon="tick")
    not_out = Choice(Line("print.not_out"), Event(Ev.NOT_OUT))
    again = Choice(Line("print.again"), Event(Ev.PRINT), likely=True, icon="print")
    without = Choice(Line("print.without"), Event(Ev.WITHOUT_PAPER))
    if state.printing is Printing.PROVED:
        return replace(base, question=Line("print.take"), choices=(taken, not_out), working=False)
    if state.printing is Printing.UNKNOWN:
        return replace(base, question=Line("print.unknown"), choices=(taken, not_out), working=False)
    if state.printing is Printing.FAILED:
        fault = Line(f"fault.{state.print_fault}") if state.print_fault else Line("print.sorry")
        choices = (again, without) if state.copies < 3 else (replace(without, likely=True),)
        return replace(
            base, question=fault, body=(Line("print.number_kept"),), choices=choices, working=False, red_bar=True
        )
    return base


def _rate(state: VisitState, catalogue: Catalogue) -> View:
    levels = tuple(
        Choice(Line(f"rate.{level}"), Event(Ev.RATED, level), icon=f"face_{level}") for level in (5, 4, 3, 2, 1)
    )
    skip = Choice(Line("rate.skip"), Event(Ev.SKIP))
    return View(state.step, state.overlay, Line("rate.question"), choices=(*levels, skip))


def _wipe(state: VisitState, catalogue: Catalogue) -> View:
    key = "wipe.timed_out" if state.cause is not None and state.cause.value == "timed_out" else "wipe.bye"
    return View(state.step, state.overlay, Line(key), body=(Line("wipe.cleared"),), picture="house")


SCREENS: dict[Step, Callable[[VisitState, Catalogue], View]] = {
    Step.WELCOME: _welcome,
    Step.CHOOSE: _choose,
    Step.BROWSE: _browse,
    Step.GUIDE: _guide,
    Step.IDENTIFY: _identify,
    Step.CONFIRM_WHO: _confirm_who,
    Step.TAKE_CARD: _take_card,
    Step.PREPARE: _prepare,
    Step.ASK: _ask,
    Step.REVIEW: _review,
    Step.COMMIT: _commit,
    Step.SUBMIT: _submit,
    Step.RESULT: _result,
    Step.PRINT: _print,
    Step.RATE: _rate,
    Step.WIPE: _wipe,
}
