"""Bills and appointments in the machine: nothing is paid twice, nothing booked unasked, every refusal leads on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk.adapters.words import VoicesWords
from kiosk.app.keys.generate import read_catalogue
from kiosk.domain.case_number import mint
from kiosk.domain.catalogue import LIVE, Catalogue, FieldSource, FieldType, FormField, Mode, ServiceItem
from kiosk.domain.money.plan import codes_of, form_of_bill, lane_for
from kiosk.domain.money.state import (
    Appointment,
    Authority,
    AuthorityTold,
    Bill,
    BillLine,
    DaySlots,
    Money,
    Payment,
    PayState,
    Slots,
    Stopped,
    Ticket,
    Way,
)
from kiosk.domain.screens.compose import view
from kiosk.domain.slip.codes import appointment_code, read_appointment
from kiosk.domain.speech import Arg, ArgKind, Lang, Line, Privacy
from kiosk.domain.visit.machine import Do, Ev, Event, Outcome, Resident, Step, VisitState, advance
from kiosk.domain.visit.plan import Action, ActionKind, plan
from kiosk.domain.visit.readiness import gap
from kiosk.domain.visit.state import AppointmentTold, Decision, DecisionKind, PaymentTold

WATER = ServiceItem("XA101", 1, "utilities", "自来水费查询缴纳", "纳水钱", Mode.PAY, True)
CHECK_UP = ServiceItem("XA054", 1, "health", "老年人健康体检预约", "老人体检约时间", Mode.BOOK, True)
CATALOGUE = Catalogue(1, ("utilities", "health"), ("XA101",), (WATER, CHECK_UP))
KIM = Resident("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", "某处")
SAID = Line("bill.nothing_due")
LINES = (BillLine(1, SAID, "due", 800), BillLine(2, SAID, "due", 1200))
BILL = Bill("1", "XA101", 2000, SAID, LINES)
CODE = "134567890123456789"
SLOTS = Slots("XA054", SAID, (DaySlots("2026-11-25", SAID, ("09:00",)),))
MADE = Appointment("2", "2026-11-25", "09:00", "Y701", "booked", SAID, "1234")
DONE = Decision(DecisionKind.DONE)
NUMBER = mint("350213", 7, 8, "261124", 1)


def at(step: Step, money: Money | None = None, item: ServiceItem = WATER) -> VisitState:
    return VisitState(
        step=step, item_id=item.item_id, resident=KIM, plan=plan(item, {}), case_no=NUMBER, money=money or Money()
    )


def walk(state: VisitState, *events: Event) -> tuple[VisitState, list[Do]]:
    effects: list[Do] = []
    for event in events:
        state, done = advance(state, event)
        effects += done
    return state, effects


def told(state: PayState, attempt: int = 1, *, has_case: bool = True) -> Event:
    payment = Payment(state, Way.CODE, 2000, SAID, attempt)
    decision = DONE if payment.is_booked else None
    return Event(Ev.PAYMENT, PaymentTold(payment, decision, has_case))


TO_CODE = (Event(Ev.BILL_FOUND, BILL), Event(Ev.PAY), Event(Ev.WAY, Way.CODE))


def test_a_bill_is_shown_before_anything_can_be_paid() -> None:
    looking = at(Step.BILL)
    assert walk(looking, Event(Ev.PAY))[0] == looking
    state, effects = walk(looking, *TO_CODE, Event(Ev.CODE_SHOWN, CODE))
    assert (state.step, effects) == (Step.PAYING, [Do.PAY])


def test_a_payment_code_is_in_no_state_and_counts_only_where_it_is_waited_for() -> None:
    waiting, _ = walk(at(Step.BILL), *TO_CODE)
    sent, _ = walk(waiting, Event(Ev.CODE_SHOWN, CODE))
    assert CODE not in repr(sent)
    early, effects = walk(at(Step.BILL), Event(Ev.BILL_FOUND, BILL), Event(Ev.PAY), Event(Ev.CODE_SHOWN, CODE))
    assert (early.step, effects) == (Step.PAY_WAY, [])


@pytest.mark.parametrize(
    "shown", ["TSHP1:1:2", "", "13456789012345", CODE + "9876543", "１３４５６７８９０１２３４５６７８"]
)
def test_what_is_no_payment_code_is_told_and_pays_nothing(shown: str) -> None:
    state, effects = walk(at(Step.BILL), *TO_CODE, Event(Ev.CODE_SHOWN, shown))
    assert (state.step, state.note, effects) == (Step.PAY_CODE, "pay.code.wrong", [])


@pytest.mark.parametrize("frozen", [PayState.UNKNOWN, PayState.SENT, PayState.PAID, PayState.UNANSWERED])
def test_what_nobody_knows_is_frozen_and_asked_about_until_it_is_known(frozen: PayState) -> None:
    state, effects = walk(at(Step.BILL), *TO_CODE, Event(Ev.CODE_SHOWN, CODE), told(frozen))
    assert (state.step, effects[-1], state.stored) == (Step.RESULT, Do.ASK_PAYMENT, True)
    assert walk(state, Event(Ev.OTHER_WAY))[0].step is Step.RESULT
    assert not any(choice.event.kind is Ev.OTHER_WAY for choice in view(state, CATALOGUE).choices)
    booked, effects = walk(state, told(PayState.BOOKED))
    assert (booked.outcome, effects) == (Outcome.FINISHED, [])


def test_a_refused_payment_leads_to_another_way_under_the_same_number() -> None:
    refused, _ = walk(at(Step.BILL), *TO_CODE, Event(Ev.CODE_SHOWN, CODE), told(PayState.REFUSED))
    again, effects = walk(refused, Event(Ev.OTHER_WAY), Event(Ev.WAY, Way.SLIP))
    assert (again.step, effects, again.case_no, again.money.attempt) == (Step.PAYING, [Do.PAY], NUMBER, 2)
    assert walk(again, told(PayState.BOOKED, attempt=1))[0] == again, "an answer to the first try is no answer now"
    assert walk(refused, Event(Ev.OTHER_WAY), Event(Ev.BACK))[0].step is Step.RESULT


SIGNED = Authority("a", "农商银行 *6821", 24_000)
INK = (((10.0, 10.0), (60.0, 30.0)),)
TO_ACCOUNT = (*TO_CODE[:2], Event(Ev.WAY, Way.AUTHORITY))


def test_the_account_is_charged_only_after_a_signed_paper_and_its_own_consent() -> None:
    asked, effects = walk(at(Step.BILL), *TO_ACCOUNT)
    assert (asked.step, effects) == (Step.PAY_ACCOUNT, [Do.FIND_AUTHORITY])
    assert walk(asked, Event(Ev.AGREE))[1] == [], "nobody knows yet what was signed"
    unsigned, _ = walk(asked, Event(Ev.AUTHORITY, AuthorityTold()))
    assert walk(unsigned, Event(Ev.AGREE))[1] == []
    signing, _ = walk(unsigned, Event(Ev.SIGN_PAPER))
    assert (signing.step, walk(signing, Event(Ev.AGREE))[1]) == (Step.PAY_SIGN, [])
    given, effects = walk(signing, Event(Ev.INK, INK[0]), Event(Ev.AGREE), Event(Ev.AGREE))
    assert effects == [Do.GIVE_AUTHORITY]
    signed, effects = walk(given, Event(Ev.AUTHORITY, AuthorityTold(SIGNED)))
    assert (signed.step, signed.papers.ink, Do.PAY in effects) == (Step.PAY_ACCOUNT, (), False)
    assert walk(signed, Event(Ev.DECLINE))[1] == []
    assert walk(signed, Event(Ev.AGREE))[1] == [Do.PAY]


def test_what_was_signed_is_taken_back_where_it_is_used() -> None:
    signed, _ = walk(at(Step.BILL), *TO_ACCOUNT, Event(Ev.AUTHORITY, AuthorityTold(SIGNED)))
    assert any(choice.event.kind is Ev.END_AUTHORITY for choice in view(signed, CATALOGUE).choices)
    going, effects = walk(signed, Event(Ev.END_AUTHORITY), Event(Ev.AGREE))
    assert (going.step, effects) == (Step.PAY_ACCOUNT, [Do.END_AUTHORITY])
    gone, _ = walk(going, Event(Ev.AUTHORITY, AuthorityTold(taken_back=True)))
    assert (gone.note, walk(gone, Event(Ev.AGREE))[1]) == ("pay.account.gone", [])


def test_no_screen_of_the_account_asks_for_a_secret() -> None:
    for step in (Step.PAY_ACCOUNT, Step.PAY_SIGN):
        for told_of in (None, AuthorityTold(), AuthorityTold(SIGNED)):
            assert view(at(step, Money(bill=BILL, signed=told_of)), CATALOGUE).pad == ()


def test_who_owes_nothing_cannot_pay_and_leaves_content() -> None:
    nothing = replace(BILL, total_fen=0, lines=(replace(LINES[0], standing="exempt", amount_fen=0),))
    state, _ = walk(at(Step.BILL), Event(Ev.BILL_FOUND, nothing))
    assert walk(state, Event(Ev.PAY))[0] == state
    assert view(state, CATALOGUE).question == Line("bill.nothing_to_pay")
    ended, _ = walk(state, Event(Ev.MONEY_DONE))
    assert (ended.step, ended.cause) == (Step.WIPE, Outcome.FINISHED)


def test_one_line_of_a_bill_is_asked_for_as_a_bill_of_its_own() -> None:
    state, effects = walk(at(Step.BILL), Event(Ev.BILL_FOUND, BILL), Event(Ev.PICK), Event(Ev.ONE_LINE, 2))
    assert (state.step, state.money.shown_bill, effects) == (Step.BILL, None, [Do.FIND_BILL])
    assert walk(state, Event(Ev.PAY))[0] == state, "the whole bill is not paid for one line of it"
    chosen = replace(BILL, bill_no="2", total_fen=1200, lines=LINES[1:], chosen=2)
    assert walk(state, Event(Ev.BILL_FOUND, chosen), Event(Ev.PAY))[0].step is Step.PAY_WAY


def test_a_place_is_taken_once_and_only_after_it_was_confirmed() -> None:
    chosen = (Event(Ev.SLOTS, SLOTS), Event(Ev.DAY, "2026-11-25"), Event(Ev.TIME, "09:00"))
    sure, effects = walk(at(Step.BOOK_DAY, item=CHECK_UP), *chosen)
    assert (sure.step, effects) == (Step.BOOK_SURE, [])
    state, effects = walk(sure, Event(Ev.YES), Event(Ev.YES))
    assert (state.step, effects) == (Step.BOOKING, [Do.BOOK])
    booked, _ = walk(state, Event(Ev.BOOKED, AppointmentTold(MADE, 1, DONE)))
    assert (booked.step, booked.outcome) == (Step.RESULT, Outcome.FINISHED)


def test_a_day_or_time_that_was_not_offered_cannot_be_chosen() -> None:
    offered, _ = walk(at(Step.BOOK_DAY, item=CHECK_UP), Event(Ev.SLOTS, SLOTS))
    assert walk(offered, Event(Ev.DAY, "2026-11-26"))[0] == offered
    timed, _ = walk(offered, Event(Ev.DAY, "2026-11-25"))
    assert walk(timed, Event(Ev.TIME, "10:00"))[0] == timed


def test_a_place_that_went_meanwhile_says_so_and_the_next_are_offered() -> None:
    state = replace(at(Step.BOOKING, Money(slots=SLOTS, day="2026-11-25", start="09:00", tries=1), CHECK_UP))
    gone, effects = walk(state, Event(Ev.MONEY_STOPPED, Stopped((SAID,), gone=True)))
    assert (gone.step, gone.note, effects) == (Step.BOOK_DAY, "book.gone", [Do.FIND_SLOTS])


def test_an_appointments_slip_opens_its_own_screen_where_nothing_has_begun() -> None:
    shown = Event(Ev.CODE_SHOWN, appointment_code(NUMBER, "1234", "XA054", Lang.CMN))
    state, effects = walk(VisitState(), shown)
    assert (state.step, state.money.slip is not None) == (Step.APPOINTMENT, True)
    assert Do.BEGIN_VISIT in effects
    busy = at(Step.BILL)
    assert walk(busy, shown)[0] == busy
    here, effects = walk(state, Event(Ev.CHECK_IN))
    assert (here.step, effects) == (Step.COUNTER, [Do.CHECK_IN])
    number = Ticket("Y701", 3, 24, SAID)
    assert walk(here, Event(Ev.TICKET, number), Event(Ev.WITHOUT_PAPER))[0].cause is Outcome.FINISHED


@pytest.mark.parametrize(
    "text", ["", "TSHP2", f"TSHP2:{NUMBER}:12:XA054", f"TSHP2:{NUMBER[:-1]}{9 - int(NUMBER[-1])}:1234:XA054"]
)
def test_what_is_no_appointments_slip_is_none(text: str) -> None:
    assert read_appointment(text) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_a_slip(text: str) -> None:
    read_appointment(text)
    read_appointment(f"TSHP2:{text}")


def test_an_elder_whose_card_was_read_has_her_line_without_a_question() -> None:
    lanes = [lane_for(birth, date(2026, 11, 24)) for birth in ("1966-11-24", "1966-11-25", "")]
    assert lanes == ["priority", "normal", "normal"]
    browsing = replace(at(Step.BROWSE), plan=())
    assert walk(browsing, Event(Ev.QUEUE))[1] == [Do.TAKE_TICKET]
    assert walk(replace(browsing, resident=None), Event(Ev.QUEUE))[0].step is Step.QUEUE


def test_a_form_holds_what_the_bill_says_and_no_meter() -> None:
    contribution = replace(BILL, item_id="XA023", lines=(replace(LINES[0], period="2027", amount_fen=40_000),))
    assert form_of_bill("XA023", {}, contribution, "1 A") == {"pay_year": "2027", "insured_people": "1 A"}
    assert form_of_bill("XA004", {}, contribution, "1 A") == {"pay_year": "2027", "pension_tier": "t500"}
    assert form_of_bill("XA101", {"water_no": "0012345678"}, BILL, "") == {}


def test_a_bill_that_stands_under_no_name_asks_for_its_number_first() -> None:
    meter = FormField("water_no", FieldSource.LOOK_UP, type=FieldType.METER_NO, beside=True)
    asked = plan(replace(WATER, form=(meter,)), {})
    kinds = [action.kind for action in asked]
    assert kinds[-2:] == [ActionKind.PAY, ActionKind.PRINT]
    assert all(isinstance(action, Action) for action in asked)


def test_every_bill_and_every_appointment_of_the_catalogue_is_carried() -> None:
    catalogue = read_catalogue(Path(__file__).parents[3] / "config" / "catalogue")
    paid = [item for item in catalogue.items if item.transact and item.mode is Mode.PAY]
    booked = [item for item in catalogue.items if item.transact and item.mode is Mode.BOOK]
    assert (len(paid), len(booked)) == (6, 3)
    assert [(item.item_id, gap(item)) for item in (*paid, *booked) if gap(item) is not None] == []
    assert {item.mode for item in (*paid, *booked)} <= LIVE, "that the network is cut is told before the card"


def test_several_decisions_are_several_codes() -> None:
    assert codes_of({"violations": "JT0000000701;JT0000000702", "plate": "闽D12345"}) == [
        "JT0000000701",
        "JT0000000702",
    ]
    assert codes_of({"water_no": "W00000007"}) == ["W00000007"]
    assert codes_of({"violations": ""}) == []


def test_another_meter_number_is_another_bill() -> None:
    meter = FormField(
        "water_no", FieldSource.LOOK_UP, type=FieldType.METER_NO, check="meter_no", beside=True, least=6, most=16
    )
    asking = replace(at(Step.ASK, Money(tries=2)), plan=plan(replace(WATER, form=(meter,)), {}), index=0)
    owed, _ = walk(asking, Event(Ev.ANSWER, "W00000007"), Event(Ev.BILL_FOUND, BILL))
    assert (owed.step, owed.money.shown_bill) == (Step.BILL, BILL)
    same, _ = walk(owed, Event(Ev.BACK), Event(Ev.ANSWER, "W00000007"))
    assert same.money.shown_bill == BILL
    other, effects = walk(owed, Event(Ev.BACK), Event(Ev.ANSWER, "W00000008"))
    assert (other.step, other.money.shown_bill, other.money.tries) == (Step.BILL, None, 2)
    assert effects[-1] is Do.FIND_BILL


def test_the_day_on_a_card_is_a_date_and_nothing_that_wraps_alone() -> None:
    words, day = VoicesWords(), {"date": Arg(ArgKind.DATE, "2026-11-25")}
    assert {words.show(lang, "book.date", day) for lang in Lang} == {"2026年11月25日"}


def test_two_bills_of_one_kind_are_told_apart_by_their_words_alone() -> None:
    picking, _ = walk(at(Step.BILL), Event(Ev.BILL_FOUND, BILL), Event(Ev.PICK))
    lines = [repr(card.line) for card in view(picking, CATALOGUE).cards]
    assert (len(lines), len(set(lines))) == (2, 2)


@pytest.mark.parametrize("step", [Step.BILL, Step.RESULT])
def test_an_amount_is_read_on_request_to_a_headphone_only_and_who_has_none_is_told(step: Step) -> None:
    payment = Payment(PayState.BOOKED, Way.CODE, 2000, SAID, 1)
    money = Money(bill=BILL) if step is Step.BILL else Money(bill=BILL, payment=payment)
    before = at(step, money)
    assert any(choice.event.kind is Ev.READ_TO_ME for choice in view(before, CATALOGUE).choices)
    aloud, effects = walk(before, Event(Ev.READ_TO_ME))
    assert (aloud.note, effects) == ("told.by_headphone", [Do.SAY_AGAIN])
    assert not _amounts_said(aloud)
    heard, effects = walk(replace(before, ear=replace(before.ear, headphone=True)), Event(Ev.READ_TO_ME))
    assert (heard.note, effects) == ("", [Do.SAY_AGAIN])
    assert _amounts_said(heard) == {Privacy.PRIVATE}


def _amounts_said(state: VisitState) -> set[Privacy]:
    said = view(state, CATALOGUE).say
    return {one.privacy for one in said if any(arg.kind is ArgKind.MONEY for arg in one.line.args.values())}


# ---- never twice: the machine against an office that may take money, lose answers and answer late -----------


CASE = Money().request_key(NUMBER)


@dataclass
class Office:
    """Takes money at every first request of a key; may swallow its answer, and may get it long after all others."""

    taken: int = 0
    first: dict[str, int] = field(default_factory=dict)
    """Which try came first under a key: any other of the same key differs from it, and takes nothing."""
    late: list[tuple[str, int]] = field(default_factory=list)

    def send(self, key: str, attempt: int, fate: str) -> PayState | None:
        """None: the kiosk hears nothing that it may rely on."""
        if fate == "late":
            self.late.append((key, attempt))
        if fate in ("late", "never arrives"):
            return None
        return self.arrive(key, attempt, fate)

    def arrive(self, key: str, attempt: int, fate: str) -> PayState | None:
        if key in self.first:
            return self.known if self.first[key] == attempt else None
        if key != CASE and self.taken:
            return None  # the bill is locked: a further attempt of an open case
        self.first[key] = attempt
        if fate == "refused":
            return PayState.REFUSED
        self.taken += 1
        return None if fate == "answer lost" else PayState.UNKNOWN if fate == "slow" else PayState.BOOKED

    def arrive_late(self) -> None:
        waiting, self.late = self.late, []
        for key, attempt in waiting:
            self.arrive(key, attempt, "booked")

    @property
    def known(self) -> PayState:
        if not self.first:
            return PayState.ABSENT
        return PayState.BOOKED if self.taken else PayState.REFUSED


FATES = st.sampled_from(["booked", "refused", "answer lost", "never arrives", "slow", "late", "late ones arrive"])
TOUCHES = st.sampled_from(
    [
        *(Event(Ev.PAY), Event(Ev.OTHER_WAY), Event(Ev.BACK), Event(Ev.AGREE), Event(Ev.DECLINE), Event(Ev.PRINT)),
        *(Event(Ev.WAY, way) for way in Way),
        *(Event(Ev.CODE_SHOWN, CODE), Event(Ev.CLOSE), Event(Ev.HELP), Event(Ev.MONEY_AGAIN), Event(Ev.PICK)),
        *(Event(Ev.BILL_FOUND, BILL), Event(Ev.AUTHORITY, AuthorityTold(SIGNED)), Event(Ev.END_AUTHORITY)),
    ]
)
PAID_TWICE = (
    (Event(Ev.PAY), "booked"),
    (Event(Ev.WAY, Way.SLIP), "late"),
    (Event(Ev.HELP), "booked"),
    (Event(Ev.CLOSE), "booked"),
    (Event(Ev.OTHER_WAY), "late ones arrive"),
    (Event(Ev.WAY, Way.SLIP), "booked"),
)
"""A request that comes after the office has said that there is none, when another way is taken."""


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(TOUCHES, FATES), max_size=40))
@example(list(PAID_TWICE))
def test_no_walk_takes_the_money_for_one_bill_twice(run: list[tuple[Event, str]]) -> None:
    office, state = Office(), walk(at(Step.BILL), Event(Ev.BILL_FOUND, BILL))[0]
    for event, fate in run:
        if fate == "late ones arrive":
            office.arrive_late()
        state, effects = advance(state, event)
        for news in _answers(office, state, effects, fate):
            state, _ = advance(state, news)
        assert office.taken <= 1
    office.arrive_late()
    assert office.taken <= 1


def test_after_a_late_request_she_hears_that_it_is_paid_not_that_it_failed() -> None:
    office, state = Office(), walk(at(Step.BILL), Event(Ev.BILL_FOUND, BILL))[0]
    for event, fate in PAID_TWICE:
        if fate == "late ones arrive":
            office.arrive_late()
        state, effects = advance(state, event)
        for news in _answers(office, state, effects, fate):
            state, _ = advance(state, news)
    assert (office.taken, state.money.attempt) == (1, 2)
    assert state.money.payment is not None and state.money.payment.state is PayState.UNANSWERED
    for news in _answers(office, state, (), "booked"):
        state, _ = advance(state, news)
    assert state.money.payment is not None and state.money.payment.is_booked


def _answers(office: Office, state: VisitState, effects: tuple[Do, ...], fate: str) -> Iterator[Event]:
    """What the performers would post, on the rules that they keep: silence is told as such, never as a refusal."""
    money = state.money
    if Do.PAY in effects:
        known = office.send(money.request_key(NUMBER), money.attempt, fate)
        yield told(known or PayState.UNANSWERED, money.attempt, has_case=known is not None)
    elif money.payment is not None and money.payment.is_open and fate != "never arrives":
        known = office.known
        yield told(known, money.attempt, has_case=known is not PayState.ABSENT)
