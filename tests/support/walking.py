"""A resident and an office that act by chance: one walks every item, the other answers every effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from random import Random

from kiosk.domain.aid.state import CallStage, CallTold, Taken
from kiosk.domain.catalogue import Catalogue, FieldSource, FieldType, FormField, ServiceItem
from kiosk.domain.identity import credit_code_check
from kiosk.domain.money.state import (
    Appointment,
    Bill,
    BillLine,
    DaySlots,
    Payment,
    PayState,
    Slots,
    Stopped,
    Ticket,
    Way,
)
from kiosk.domain.papers.rows import LAST_POINT, phase_of, subject_of
from kiosk.domain.papers.state import KeptPage, Phase, Shot
from kiosk.domain.questions.rows import draft_of, field_of, part_of
from kiosk.domain.questions.state import AskPart
from kiosk.domain.screens.compose import sheet
from kiosk.domain.sheets.state import Directions, PaperStage, Point, Printout, Refusal, Told, Trouble
from kiosk.domain.speech import Arg, ArgKind, Lang, Line
from kiosk.domain.typing.state import Wanted
from kiosk.domain.view.parts import Choice, View
from kiosk.domain.visit.machine import (
    Chosen,
    Decision,
    DecisionKind,
    Do,
    Ev,
    Event,
    Overlay,
    Prepared,
    Printed,
    Printing,
    Resident,
    Step,
    VisitState,
    advance,
)
from kiosk.domain.visit.plan import Actions, Facts, plan
from kiosk.domain.visit.readiness import offer_here
from kiosk.domain.visit.state import AppointmentTold, PaymentTold

KIM = Resident("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", "某处 1", source="chip")
SPOUSE = Resident("resident", "林水木", "350221194703050014", "1", "1947-03-05", "某处 2", source="chip")
TODAY, CASE_NO, CODE = "2026-11-27", "3502130018261124000010", "91350200M000100Y4"
MOST_EVENTS = 600
PATIENCE = 250
"""After so many events she gives up and leaves by the button."""
ANSWERS = {
    "mainland_phone": "13800138000",
    "bank_card": "4539578763621486",
    "person_name": "陈阿金",
    "plain_text": "某处某处某处",
    "any_date": "2026-11-20",
    "past_date": "2020-02-03",
    "past_month": "2025-03",
    "past_year": "2025",
    "this_or_next_year": "2026",
    "money_range": "10000",
    "count_range": "1",
    "measure_range": "1.5",
    "place_code": "350200",
    "village_code": "350213001001",
    "person": f"{SPOUSE.number} {SPOUSE.name}",
    "in_table": "e1",
    "people": f"{SPOUSE.number} {SPOUSE.name}",
    "uscc": CODE + credit_code_check(CODE),
    "plate": "闽D12345",
    "picks": "plot-1",
    "pin": "271828",
    "policy_no": "ABC12345",
    "meter_no": "1234567",
    "social_card_no": "ABC123456",
    "receipt_no": "12345678",
    "reference": "case-1",
}
"""A right answer by the name of its check."""


def right(asked: FormField, chance: Random) -> str:
    return chance.choice(asked.options) if asked.options else ANSWERS[asked.check]


def typed(asked: FormField, part: AskPart) -> str:
    """What her finger types for a right answer."""
    if part is AskPart.NUMBER:
        return SPOUSE.number
    if part is AskPart.HOUSE:
        return "12"
    return "100" if asked.type is FieldType.MONEY else ANSWERS[asked.check]


@dataclass
class Walk:
    """One visit by chance: what she met, what came of it."""

    item: ServiceItem
    catalogue: Catalogue
    chance: Random
    plan: Callable[[ServiceItem, Facts], Actions] = plan
    state: VisitState = field(default_factory=VisitState)
    pending: list[Event] = field(default_factory=list)
    met: list[str] = field(default_factory=list)
    """Keys of the questions, as they came."""
    known: Facts = field(default_factory=dict)
    before: VisitState = field(default_factory=VisitState)
    """The state that the wipe took."""
    refusals: list[View] = field(default_factory=list)
    slips: list[VisitState] = field(default_factory=list)
    """The states whose slip was printed."""
    events: int = 0
    gave_up: bool = False

    def post(self, event: Event) -> None:
        before = self.state
        self.state, effects = advance(before, event)
        self.events += 1
        if Do.PRINT_SLIP in effects:
            self.slips.append(self.state)
        for effect in effects:
            if effect is Do.BEGIN_VISIT:
                self.state = replace(self.state, case_no=CASE_NO)
            elif effect in _OFFICE:
                self.pending += _OFFICE[effect](self)
        state = self.state
        if state.step is Step.ASK and state.action is not None and self.met[-1:] != [state.action.subject]:
            self.met.append(state.action.subject)
        if state.step is Step.WIPE:
            self.before = before
        elif _refuses(state) and state != before:
            self.refusals.append(sheet(state, self.catalogue))

    def go(self) -> Walk:
        self.post(Event(Ev.START, Lang.NAN))
        while self.state.step is not Step.WIPE:
            assert self.events < MOST_EVENTS, f"{self.item.item_id} does not end: {self.state.step}"
            if self.pending and self.chance.random() < 0.95:
                self.post(self.pending.pop(0))
                continue
            if self.events > PATIENCE:
                self.gave_up = True
                self.post(Event(Ev.LEAVE_SURE if self.state.overlay is Overlay.LEAVE else Ev.LEAVE))
                continue
            step = self.state.step
            for event in _hand(self):
                if self.state.step is step or step in (Step.CHOOSE, Step.IDENTIFY):
                    self.post(event)
        return self


def left_over(state: VisitState) -> list[str]:
    """Names of what a wiped state still holds beside the farewell's own."""
    fresh = VisitState(step=Step.WIPE)
    own = {"lang", "access", "case_no", "cause", "slip_left", "on_sheet", "aid"}
    names = [one.name for one in fields(state) if one.name not in own]
    return [name for name in names if getattr(state, name) != getattr(fresh, name)]


# ---- the resident ------------------------------------------------------------------------------------------


def _hand(walk: Walk) -> tuple[Event, ...]:
    state, chance = walk.state, walk.chance
    if state.overlay is Overlay.NONE:
        if chance.random() < 0.02:
            return (Event(chance.choice((Ev.BACK, Ev.HELP, Ev.CANNOT, Ev.ACCESS, Ev.LEAVE))),)
        if state.step in _HANDS and (events := _HANDS[state.step](walk)):
            return events
    shown = sheet(state, walk.catalogue)
    offered = [choice.event for choice in (*shown.cards, *shown.choices, *shown.choices, *shown.pager, *shown.pad)]
    if not offered:
        return (Event(Ev.LEAVE),)
    event = chance.choice(offered)
    if isinstance(event.value, Wanted):
        return (event, Event(event.value.then, _written(state)))
    return (event,)


def _written(state: VisitState) -> str:
    asked = field_of(state)
    if asked is None or part_of(state) is AskPart.NAME:
        return SPOUSE.name
    return ANSWERS[asked.check]


def _choose(walk: Walk) -> tuple[Event, ...]:
    if walk.chance.random() < 0.1:
        return (Event(Ev.LEAVE),)
    item = walk.item
    offered = offer_here(item, walk.state.capabilities, is_identified=walk.state.resident is not None)
    return (Event(Ev.CHOSEN, Chosen(item.item_id, item.version, item.consent_version, offered.is_carried)),)


def _identify(walk: Walk) -> tuple[Event, ...]:
    if walk.chance.random() < 0.1:
        return (Event(Ev.CARD_SEEN), Event(Ev.CARD_FAILED, "card_place_again"))
    return (Event(Ev.CARD_SEEN), Event(Ev.CARD_READ, KIM))


def _parts_of(day: str) -> tuple[str, ...]:
    """Ten years, year, month, day."""
    year, *rest = day.split("-")
    return (year[:3], year, *rest)


def _ask(walk: Walk) -> tuple[Event, ...]:
    state, chance = walk.state, walk.chance
    asked, part = field_of(state), part_of(state)
    assert asked is not None
    if asked.optional and part is not AskPart.CONFIRM and chance.random() < 0.4:
        return (Event(Ev.SKIP),)
    if part in (AskPart.PAD, AskPart.NUMBER, AskPart.HOUSE, AskPart.AGAIN):
        wrong = (Event(Ev.KEY, "1"), Event(Ev.KEY, "0"), Event(Ev.ENTER)) if chance.random() < 0.1 else ()
        keys = tuple(Event(Ev.KEY, sign) for sign in typed(asked, part))
        return (*wrong, Event(Ev.CLEAR), *keys, Event(Ev.ENTER))
    if part is AskPart.DAY and not draft_of(state).picked and chance.random() < 0.85:
        return tuple(Event(Ev.PICK_PART, one) for one in _parts_of(ANSWERS[asked.check]))
    if part is AskPart.CARD:
        failed, over = Event(Ev.CARD_FAILED, "card_place_again"), Event(Ev.CARD_FAILED, "")
        return (Event(Ev.CARD_READ, SPOUSE),) if chance.random() < 0.8 else chance.choice(((failed,), (failed, over)))
    if part is AskPart.SEVERAL and draft_of(state).several and chance.random() < 0.8:
        return (Event(Ev.ENTER),)
    return ()


def _commit(walk: Walk) -> tuple[Event, ...]:
    reads_on = walk.state.papers.point < LAST_POINT and walk.chance.random() < 0.98
    return (Event(Ev.NEXT_POINT),) if reads_on else ()


def _sign(walk: Walk) -> tuple[Event, ...]:
    if walk.chance.random() < 0.7:
        return (Event(Ev.INK, ((0.0, 0.0), (20.0, 10.0))), Event(Ev.AGREE))
    return ()


def _capture(walk: Walk) -> tuple[Event, ...]:
    if phase_of(walk.state) is not Phase.LOOKING:
        return ()
    seen = (
        Event(Ev.CAPTURED, Shot(b"jpeg")),
        Event(Ev.CAPTURED, Shot(b"jpeg")),
        Event(Ev.CAPTURE_HINT, "page_blurred"),
        Event(Ev.CAPTURE_FAILED, "page_blurred"),
    )
    return (walk.chance.choice(seen),)


def _pay_code(walk: Walk) -> tuple[Event, ...]:
    return (Event(Ev.CODE_SHOWN, walk.chance.choice(("28" + "0" * 16, "not a code"))),)


_HANDS: dict[Step, Callable[[Walk], tuple[Event, ...]]] = {
    Step.CHOOSE: _choose,
    Step.BROWSE: _choose,
    Step.DUE: _choose,
    Step.IDENTIFY: _identify,
    Step.TAKE_CARD: lambda walk: (Event(Ev.CARD_REMOVED),),
    Step.ASK: _ask,
    Step.COMMIT: _commit,
    Step.SIGN: _sign,
    Step.CAPTURE: _capture,
    Step.PAY_CODE: _pay_code,
    Step.RATE: lambda walk: (Event(Ev.SKIP),) if walk.chance.random() < 0.6 else (),
}


# ---- devices and the office --------------------------------------------------------------------------------


def _prepare(walk: Walk) -> tuple[Event, ...]:
    """Registers know some fields, and one that she is asked about may be among them."""
    chance, known = walk.chance, {}
    for one in walk.item.form:
        if one.source is FieldSource.LOOK_UP and chance.random() < 0.5:
            of_account = one.type is FieldType.ACCOUNT
            known[one.key] = {"bank": "某银行", "last4": "6821"} if of_account else {"value": right(one, chance)}
    walk.known = known
    made = walk.plan(walk.item, known)
    return (Event(Ev.PREPARED, Prepared(walk.item.item_id, made, known, chance.random() < 0.1, TODAY)),)


def _decided(walk: Walk) -> tuple[Event, ...]:
    if walk.chance.random() < 0.15:
        return (Event(Ev.UNSENT),)
    return (Event(Ev.DECIDED, _decision(walk.chance.choice(tuple(DecisionKind)))),)


def _decision(kind: DecisionKind) -> Decision:
    if kind is DecisionKind.NOTICE:
        return Decision(kind, (Line("reason.a"),), Line("next.a"), query_code="4821")
    return Decision(kind, query_code="4821")


def _kept(walk: Walk) -> tuple[Event, ...]:
    if walk.chance.random() < 0.1:
        return (Event(Ev.STORE_FAILED),)
    return (Event(Ev.PAGE_KEPT, KeptPage(subject_of(walk.state), "a paper", "0" * 64)),)


def _printed(walk: Walk) -> tuple[Event, ...]:
    out = walk.chance.choice((Printing.PROVED, Printing.PROVED, Printing.UNKNOWN, Printing.FAILED))
    fault = "paper_out" if out is Printing.FAILED else ""
    return (Event(Ev.PRINTED, Printed(out, fault)),)


def _help_printed(walk: Walk) -> tuple[Event, ...]:
    return tuple(Event(Ev.HELP_PRINTED, event.value) for event in _printed(walk))


def _stopped(walk: Walk, gone: bool = False) -> tuple[Event, ...]:
    may_retry = walk.chance.random() < 0.5
    return (Event(Ev.MONEY_STOPPED, Stopped((Line("stopped.a"), Line("stopped.b")), may_retry, gone)),)


def _bill(walk: Walk) -> tuple[Event, ...]:
    state, chance = walk.state, walk.chance
    if chance.random() < 0.15:
        return _stopped(walk)
    standing = chance.choice(("due", "due", "due", "exempt"))
    lines = tuple(BillLine(n, Line("bill.what"), standing, 38000, "2027") for n in range(1, chance.choice((2, 4))))
    money, chosen = state.money, state.money.chosen
    if chosen:
        lines = tuple(line for line in lines if line.n == chosen) or lines[:1]
    total = sum(line.amount_fen for line in lines if line.is_due)
    return (Event(Ev.BILL_FOUND, Bill("b1", state.item_id, total, Line("bill.line"), lines, money.family, chosen)),)


def _payment(walk: Walk) -> tuple[Event, ...]:
    money, chance = walk.state.money, walk.chance
    if money.payment is None and money.in_flight and chance.random() < 0.1:
        return _stopped(walk)
    way = money.way or Way.SLIP
    ends = {Way.SLIP: (PayState.SENT, PayState.BOOKED)}.get(way, tuple(PayState))
    told = chance.choice(ends)
    code = "1" * 20 if way is Way.SLIP and told is PayState.SENT else ""
    decision = _decision(DecisionKind.DONE) if told is PayState.BOOKED else None
    payment = Payment(told, way, 38000, Line("pay.line"), money.attempt, code, "2026-12-31", "r1", "4821")
    return (Event(Ev.PAYMENT, PaymentTold(payment, decision, told is not PayState.ABSENT)),)


def _slots(walk: Walk) -> tuple[Event, ...]:
    if walk.chance.random() < 0.1:
        return _stopped(walk)
    days = tuple(DaySlots(f"2026-12-0{n}", Line("book.day.tomorrow"), ("09:00", "09:30")) for n in (1, 2))
    found = days if walk.chance.random() < 0.9 else ()
    return (Event(Ev.SLOTS, Slots(walk.state.item_id, Line("place.hall"), found)),)


def _booked(walk: Walk) -> tuple[Event, ...]:
    tries, at = walk.state.money.tries, walk.chance.random()
    if at < 0.15:
        return _stopped(walk, gone=True)
    if at < 0.3:
        return _stopped(walk)
    if at < 0.4:
        return (Event(Ev.BOOK_UNSURE, tries),)
    made = Appointment(CASE_NO, "2026-12-01", "09:00", "A007", "booked", Line("book.done"), "4821")
    return (Event(Ev.BOOKED, AppointmentTold(made, tries, _decision(DecisionKind.DONE))),)


def _refused(walk: Walk) -> Event:
    trouble = walk.chance.choice(tuple(Trouble))
    reasons = (Line("reason.a"),) if trouble is Trouble.REFUSED else ()
    return Event(Ev.NOT_ANSWERED, Refusal(trouble, reasons, Line("next.a")))


def _told(walk: Walk) -> tuple[Event, ...]:
    if walk.chance.random() < 0.25:
        return (_refused(walk),)
    answer = Event(Ev.ANSWERED, Told(walk.state.item_id, (Line("row.a"),) * walk.chance.choice((0, 1, 7))))
    is_query = not any(action.kind == "paper" for action in walk.state.plan)
    return (*((Event(Ev.DECIDED, _decision(DecisionKind.DONE)),) if is_query else ()), answer)


def _paper(walk: Walk) -> tuple[Event, ...]:
    if walk.state.decision is None and walk.chance.random() < 0.15:
        return (_refused(walk),)
    end = walk.chance.choice((PaperStage.PROVED, PaperStage.UNKNOWN, PaperStage.FAILED, PaperStage.HELD))
    fault = "paper_out" if end in (PaperStage.FAILED, PaperStage.HELD) else ""
    return (
        Event(Ev.DECIDED, _decision(DecisionKind.DONE)),
        Event(Ev.PAPER, Printout(PaperStage.PRINTING, 2, 0)),
        Event(Ev.PAPER, Printout(end, 2, 1 if fault else 2, fault)),
    )


def _way(walk: Walk) -> tuple[Event, ...]:
    """The office may say nothing: then the catalogue's own words stand."""
    if walk.chance.random() < 0.5:
        return ()
    where = Point("a desk", "an address", "0592-000-0000")
    return (Event(Ev.DIRECTIONS, Directions(walk.state.item_id, "town_desk", where, is_open=True)),)


def _stored(walk: Walk) -> tuple[Event, ...]:
    return (Event(Ev.STORE_FAILED),) if walk.chance.random() < 0.05 else (Event(Ev.STORED, CASE_NO),)


def _silent(walk: Walk) -> tuple[Event, ...]:
    return (Event(Ev.OFFICE_SILENT),) if walk.chance.random() < 0.1 else ()


CALL_SENT = Line(
    "help.sent",
    {
        "ticket": Arg(ArgKind.DIGITS, "003"),
        "time": Arg(ArgKind.TIME, "09:45"),
        "desk_phone": Arg(ArgKind.PHONE, "000-0000-0096"),
    },
)

ACCEPTED = Line(
    "help.accepted",
    {
        "who": Arg(ArgKind.KEY, "who.village_clerk"),
        "minutes": Arg(ArgKind.COUNT, "5"),
        "ticket": Arg(ArgKind.DIGITS, "003"),
    },
)
TAKEN = Line(
    "complaint.taken", {"number": Arg(ArgKind.DIGITS, "261124007001"), "date": Arg(ArgKind.DATE, "2026-12-15")}
)
DUE = dict.fromkeys(("window", "department", "panel", "district"), "2026-12-15")


def _called(walk: Walk) -> tuple[Event, ...]:
    """Stored or not, sent or not, accepted by somebody or not; a wait that ended late changes nothing."""
    queued, sent = (CallStage.QUEUED, Line("help.queued")), (CallStage.SENT, CALL_SENT)
    heard = walk.chance.choice(
        (
            ((CallStage.NOT_STORED, Line("help.not_stored")),),
            (queued,),
            (queued, sent),
            (sent, queued),
            (sent, (CallStage.ACCEPTED, ACCEPTED)),
            (sent, (CallStage.UNANSWERED, Line("help.unanswered.no_phone"))),
        )
    )
    return tuple(Event(Ev.CALL_ANSWERED, CallTold(walk.state.calls, *word)) for word in heard)


def _registered(walk: Walk) -> tuple[Event, ...]:
    taken = (Taken("261124007001", DUE, TAKEN), Taken(), Taken(is_kept=False))
    return (Event(Ev.REGISTERED, walk.chance.choice(taken)),)


_OFFICE: dict[Do, Callable[[Walk], tuple[Event, ...] | Iterator[Event]]] = {
    Do.PREPARE: _prepare,
    Do.STORE: _stored,
    Do.AWAIT_DECISION: _decided,
    Do.PRINT_SLIP: _printed,
    Do.STORE_CALL: _called,
    Do.STORE_COMPLAINT: _registered,
    Do.PRINT_HELP: _help_printed,
    Do.KEEP_PAGE: _kept,
    Do.KEEP_SIGNATURE: _kept,
    Do.FIND_BILL: _bill,
    Do.PAY: _payment,
    Do.ASK_PAYMENT: _payment,
    Do.FIND_SLOTS: _slots,
    Do.BOOK: _booked,
    Do.TAKE_TICKET: lambda walk: (Event(Ev.TICKET, Ticket("B012", 3, 20, Line("queue.line"))),),
    Do.PROBE_OFFICE: _silent,
    Do.LOOK_UP: _told,
    Do.MAKE_PAPER: _paper,
    Do.ASK_WAY: _way,
    Do.STORE_GUIDANCE: _stored,
}


# ---- what a refusal shows ----------------------------------------------------------------------------------


def _refuses(state: VisitState) -> bool:
    """A screen that says no, or that something could not be done."""
    if state.overlay is not Overlay.NONE:
        return False
    if state.step is Step.RESULT:
        took_nothing = state.money.payment is not None and state.money.payment.took_nothing
        return took_nothing or (state.decision is not None and state.decision.kind is DecisionKind.NOTICE)
    if state.step is Step.FOUND:
        return state.sheets.refusal is not None
    return state.money.stopped is not None and state.step in (Step.BILL, Step.PAYING, Step.BOOK_DAY, Step.BOOKING)


_LEADS_TO_PAPER = frozenset((Ev.PRINT, Ev.SHOW_WAY, Ev.CALL))
"""A slip at once, the way's slip, or the call's; the red bar's registration has one as well."""


def lacks(shown: View) -> str:
    """What a refusal's screen does not give; empty when cause, help and paper are all there."""
    keys = [line.key for line in (shown.question, *shown.body)]
    if not any(key.startswith(("reason.", "stopped.", "trouble.", "pay.line")) for key in keys):
        return f"no cause: {keys}"
    kinds = {choice.event.kind for choice in _choices(shown)}
    if not kinds & _LEADS_TO_PAPER:
        return "no slip"
    return "" if shown.red_bar else "no red bar"


def _choices(shown: View) -> tuple[Choice, ...]:
    return (*shown.cards, *shown.choices, *shown.pager)
