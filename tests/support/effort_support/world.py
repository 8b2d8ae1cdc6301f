"""The world around a measured visit: the catalogue that an office serves, her answers, devices and an office that work.

Everything answers at once and nothing fails. What differs between the two worlds is what the registers say beforehand,
and so how much she is asked.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from functools import cache
from pathlib import Path

from walking import ANSWERS, CASE_NO, KIM, SPOUSE, TODAY

from backoffice.api.catalogue import catalogue_json
from backoffice.api.catalogue_beside import Beside
from backoffice.catalogue.place import tsv
from backoffice.catalogue.release import read_release, read_tables
from kiosk.adapters.catalogue_json import parse_catalogue
from kiosk.domain.catalogue import Catalogue, FieldSource, FieldType, FormField, ServiceItem
from kiosk.domain.event import Event
from kiosk.domain.money.state import Appointment, Bill, BillLine, DaySlots, Payment, PayState, Slots, Way
from kiosk.domain.papers.rows import phase_of, subject_of
from kiosk.domain.papers.state import KeptPage, Phase, Shot
from kiosk.domain.questions.rows import part_of
from kiosk.domain.questions.state import AskPart
from kiosk.domain.sheets.state import Dues, PaperStage, Printout, Register, Told
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.plan import Actions, Facts, plan
from kiosk.domain.visit.readiness import gap
from kiosk.domain.visit.state import (
    AppointmentTold,
    Decision,
    DecisionKind,
    PaymentTold,
    Prepared,
    Printed,
    Printing,
    VisitState,
)
from kiosk.domain.visit.words import Do, Overlay, Step

CONFIG = Path(__file__).resolve().parents[3] / "config" / "catalogue"


class World(StrEnum):
    ANSWERING = "answering"
    """Registers know what they may say beforehand; optional questions are passed over."""
    SILENT = "silent"
    """They say nothing beforehand, and she answers every question, also those that only some answers open."""


@cache
def served_catalogue(folder: Path = CONFIG) -> Catalogue:
    """What a terminal is served of `folder`, with the whole lists. :raises CatalogueError: it cannot be released."""
    tables = read_tables(folder)
    villages = {row["code"]: row["name"] for row in tsv(folder / "villages.tsv") if not row["effective_to"]}
    lists = {"places": tables.places, "towns": tables.towns, "villages": villages}
    labels = {label.code: label.level for label in tables.labels.values() if label.at_kiosk and label.in_use}
    return parse_catalogue(catalogue_json(read_release(folder), Beside(lists, labels))[0])


def carried(catalogue: Catalogue) -> tuple[ServiceItem, ...]:
    """The items that a terminal carries from beginning to end."""
    return tuple(item for item in catalogue.items if gap(item) is None)


class Visit:
    """What is fixed before a measured visit begins: the item, the world, her answers."""

    def __init__(self, item: ServiceItem, world: World, catalogue: Catalogue) -> None:
        self.item, self.world, self.catalogue = item, world, catalogue
        self.known = self._known() if world is World.ANSWERING else {}
        self._wanted: dict[str, str] = {}

    def plan(self) -> Actions:
        return plan(self.item, self.known)

    def wanted(self, field: FormField) -> str:
        """Her answer in the contract's text form.

        Of options it is, where registers answer, the one that opens the fewest further questions, where they are silent
        the one that opens the most; of a long list the entry in its middle, for nobody's answer is always the first.
        """
        if field.key not in self._wanted:
            self._wanted[field.key] = self._answer(field)
        return self._wanted[field.key]

    def typed(self, field: FormField, part: AskPart) -> str:
        """What keys type for it."""
        if part is AskPart.NUMBER:
            return SPOUSE.number
        if part is AskPart.HOUSE:
            return "12"
        return _YUAN if field.type is FieldType.MONEY else self.wanted(field)

    def written(self, field: FormField, part: AskPart) -> str:
        """What is drawn, character by character."""
        is_name = part is AskPart.NAME or field.check == "person_name"
        return _NAME if is_name else _CHARACTERS[: max(_FEW, int(field.least or 0))]

    def _answer(self, field: FormField) -> str:
        if field.options:
            opened = {one: self._opened(field.key, one) for one in field.options}
            most = self.world is World.SILENT
            return min(field.options, key=lambda one: -opened[one] if most else opened[one])
        if field.table:
            entries = self.catalogue.lists[field.table]
            return entries[len(entries) // 2].code
        return _TYPED.get(field.check) or ANSWERS[field.check]

    def _opened(self, key: str, answer: str) -> int:
        return sum(one.when is not None and (one.when.key, one.when.answer) == (key, answer) for one in self.item.form)

    def _known(self) -> Facts:
        looked_up = (one for one in self.item.form if one.source is FieldSource.LOOK_UP)
        account = {"bank": "农商银行", "last4": "6821"}
        return {
            one.key: account if one.type is FieldType.ACCOUNT else {"value": self._answer(one)} for one in looked_up
        }

    # ---- what the office and the devices say ----------------------------------------------------------------

    def answered(self, effect: Do, state: VisitState) -> tuple[Event, ...]:
        """What follows an effect; nothing for those that nobody waits for."""
        answer = _ANSWERS.get(effect)
        return answer(self, state) if answer is not None else ()

    def laid(self, state: VisitState) -> tuple[Event, ...]:
        """What her hands do beside the screen where it asks for that: a card laid down or taken, a paper, her face."""
        if state.overlay is not Overlay.NONE:
            return ()
        if state.step is Step.IDENTIFY and state.resident is None and not state.card_seen:
            return (Event(Ev.CARD_SEEN), Event(Ev.CARD_READ, KIM))
        if state.step is Step.TAKE_CARD:
            return (Event(Ev.CARD_REMOVED),)
        if state.step is Step.CAPTURE and phase_of(state) is Phase.LOOKING:
            return (Event(Ev.CAPTURED, Shot(b"jpeg")),)
        if state.step is Step.ASK and part_of(state) is AskPart.CARD:
            return (Event(Ev.CARD_READ, SPOUSE),)
        return ()


_YUAN, _NAME = "100", "林水木"
_CHARACTERS, _FEW = "某处某处某处某处", 4
"""A text that she writes has four characters, or as many as it must have."""
_TYPED = {"picks": "35020012345"}
"""Where the answer that walks by chance give cannot be typed with the keys of the screen."""


def _prepared(visit: Visit, state: VisitState) -> tuple[Event, ...]:
    return (Event(Ev.PREPARED, Prepared(visit.item.item_id, visit.plan(), visit.known, False, TODAY)),)


def _decided(visit: Visit, state: VisitState) -> tuple[Event, ...]:
    """Rules decide where registers answer, a person where they are silent."""
    return (Event(Ev.DECIDED, _decision(_DECIDED[visit.world])),)


_DECIDED = {World.ANSWERING: DecisionKind.APPROVED, World.SILENT: DecisionKind.PENDING}


def _decision(kind: DecisionKind) -> Decision:
    return Decision(kind, query_code="4821")


def _told(visit: Visit, state: VisitState) -> tuple[Event, ...]:
    at = {"date": Arg(ArgKind.DATE, TODAY), "time": Arg(ArgKind.TIME, "09:30")}
    rows = (Line("row.pension.monthly", {"amount": Arg(ArgKind.MONEY, "23450")}),)
    told = Told(visit.item.item_id, rows, (Register("L14", True, Line("query.as_of", at)),))
    is_query = not any(action.kind == "paper" for action in state.plan)
    done = (Event(Ev.DECIDED, _decision(DecisionKind.DONE)),) if is_query else ()
    return (*done, Event(Ev.ANSWERED, told))


def _paper(visit: Visit, state: VisitState) -> tuple[Event, ...]:
    done = Event(Ev.DECIDED, _decision(DecisionKind.DONE))
    stages = ((PaperStage.PRINTING, 0), (PaperStage.PROVED, 1))
    return (done, *(Event(Ev.PAPER, Printout(stage, 1, out)) for stage, out in stages))


_OWED_FEN = 38_000


def _bill(visit: Visit, state: VisitState) -> tuple[Event, ...]:
    line = BillLine(1, Line("bill.what.water"), "due", _OWED_FEN, "2027")
    total = Line("bill.total", {"amount": Arg(ArgKind.MONEY, str(_OWED_FEN))})
    money = state.money
    bill = Bill("1", visit.item.item_id, _OWED_FEN, total, (line,), money.family, money.chosen)
    return (Event(Ev.BILL_FOUND, bill),)


def _payment(visit: Visit, state: VisitState) -> tuple[Event, ...]:
    money, line = state.money, Line("pay.slip", {"date": Arg(ArgKind.DATE, "2026-12-31")})
    way = money.way or Way.SLIP
    payment = Payment(PayState.SENT, way, _OWED_FEN, line, money.attempt, "1" * 20, "2026-12-31")
    return (Event(Ev.PAYMENT, PaymentTold(payment)),)


_DAY, _HOURS = "2026-11-28", ("09:00", "09:30", "10:00")


def _slots(visit: Visit, state: VisitState) -> tuple[Event, ...]:
    days = (DaySlots(_DAY, Line("book.day.tomorrow"), _HOURS), DaySlots("2026-11-30", Line("book.day.1"), _HOURS))
    return (Event(Ev.SLOTS, Slots(visit.item.item_id, Line("book.place.town"), days)),)


def _booked(visit: Visit, state: VisitState) -> tuple[Event, ...]:
    told = {
        "date": Arg(ArgKind.DATE, _DAY),
        "time": Arg(ArgKind.TIME, _HOURS[0]),
        "ticket": Arg(ArgKind.DIGITS, "701"),
    }
    made = Appointment(CASE_NO, _DAY, _HOURS[0], "Y701", "booked", Line("book.done", told), "4821")
    return (Event(Ev.BOOKED, AppointmentTold(made, state.money.tries, _decision(DecisionKind.DONE))),)


def _page(visit: Visit, state: VisitState) -> tuple[Event, ...]:
    return (Event(Ev.PAGE_KEPT, KeptPage(subject_of(state), "a paper", "0" * 64)),)


_ANSWERS = {
    Do.PREPARE: _prepared,
    Do.STORE: lambda visit, state: (Event(Ev.STORED, CASE_NO),),
    Do.AWAIT_DECISION: _decided,
    Do.PRINT_SLIP: lambda visit, state: (Event(Ev.PRINTED, Printed(Printing.PROVED)),),
    Do.KEEP_PAGE: _page,
    Do.KEEP_SIGNATURE: _page,
    Do.FIND_BILL: _bill,
    Do.PAY: _payment,
    Do.FIND_SLOTS: _slots,
    Do.BOOK: _booked,
    Do.LOOK_UP: _told,
    Do.MAKE_PAPER: _paper,
    Do.ASK_DUES: lambda visit, state: (Event(Ev.DUES, Dues()),),
}


def begun(state: VisitState) -> VisitState:
    """What the service gives a visit that begins: its number."""
    return replace(state, case_no=CASE_NO)
