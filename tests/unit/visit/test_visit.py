"""The visit as a pure machine: every step has a way back, a way out, a help and the idle rule."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.aid.state import CallStage, CallTold, Card, Cause, Held, Taken
from kiosk.domain.bring.state import Brought, Kept, Lacking, Notice, bring_plan
from kiosk.domain.catalogue import Catalogue, FieldSource, FormField, Mode, Paper, ServiceItem
from kiosk.domain.drafts.state import DraftKept, DraftSought, FoundDraft
from kiosk.domain.event import EventKind
from kiosk.domain.money.state import (
    Appointment,
    Authority,
    AuthorityTold,
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
from kiosk.domain.papers.state import KeptPage, Shot, Witness
from kiosk.domain.questions.state import AskPart
from kiosk.domain.screens.compose import View, view
from kiosk.domain.sheets.state import Directions, Due, Dues, PaperStage, Point, Printout, Refusal, Told, Trouble
from kiosk.domain.site.state import Nearest
from kiosk.domain.slip.state import Back, Letter, LetterStage
from kiosk.domain.speech import Lang, Line
from kiosk.domain.technician.state import StaffEv, StaffEvent
from kiosk.domain.typing.state import Suggestion, Suggestions, TextKind, Wanted, Writing
from kiosk.domain.visit.machine import (
    BACK,
    STEP_OF_ACTION,
    TABLE,
    Access,
    CardPlace,
    Chosen,
    Decision,
    DecisionKind,
    Do,
    Ev,
    Event,
    LeftCard,
    Outcome,
    Overlay,
    Prepared,
    Printed,
    Printing,
    Resident,
    Step,
    VisitState,
    advance,
)
from kiosk.domain.visit.plan import ActionKind, plan
from kiosk.domain.visit.readiness import Capability, Unusable
from kiosk.domain.visit.state import AppointmentTold, PaymentTold

ACCOUNT = FormField("account", FieldSource.LOOK_UP, ("yes", "other", "none"), confirm=True)
ALLOWANCE = ServiceItem(
    "XA032", 1, "welfare", "高龄津贴申领", "领长寿钱", Mode.APPLY, True, (ACCOUNT,), consent_version="2026-1"
)
PAPER = Paper("paper.XA056.2", "form", pages=0)
PROMISED = replace(ALLOWANCE, item_id="XA015", commitment="commitment.XA015")
PICTURED = replace(PROMISED, item_id="XA056", papers=(PAPER,), asks_face=True)
GUIDED = ServiceItem("XA013", 1, "work", "灵活就业人员养老保险参保登记", "家己做头路入社保", Mode.GUIDE, False)
WATER = ServiceItem("XA101", 1, "work", "自来水费查询缴纳", "纳水钱", Mode.PAY, True)
CHECK_UP = ServiceItem("XA054", 1, "work", "老年人健康体检预约", "老人体检约时间", Mode.BOOK, True)
CATALOGUE = Catalogue(1, ("welfare", "work"), ("XA032",), (ALLOWANCE, PROMISED, PICTURED, GUIDED, WATER, CHECK_UP))
KIM = Resident("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", "某处", source="chip")
KNOWN = {"account": {"bank": "农商银行", "last4": "6821"}}
APPROVED = Decision(DecisionKind.APPROVED, facts={"starts_on": "2026-12-15"})


def chosen(item: ServiceItem) -> Event:
    return Event(Ev.CHOSEN, Chosen(item.item_id, item.version, item.consent_version, item.transact))


def prepared(item: ServiceItem) -> Event:
    return Event(Ev.PREPARED, Prepared(item.item_id, plan(item, KNOWN), KNOWN, offline=False))


def walk(*events: Event, start: VisitState | None = None) -> tuple[VisitState, list[Do]]:
    state, effects = start or VisitState(), []
    for event in events:
        state, done = advance(state, event)
        effects += done
    return state, effects


TO_ASK = (
    Event(Ev.START, Lang.NAN),
    chosen(ALLOWANCE),
    Event(Ev.CARD_READ, KIM),
    Event(Ev.YES),
    Event(Ev.CARD_REMOVED),
    prepared(ALLOWANCE),
)
TO_RESULT = (*TO_ASK, Event(Ev.ANSWER, "yes"), Event(Ev.SEND), Event(Ev.STORED, "n"), Event(Ev.DECIDED, APPROVED))
TO_RATE = (*TO_RESULT, Event(Ev.PRINT), Event(Ev.PRINTED, Printed(Printing.PROVED)), Event(Ev.TAKEN))

TO_BRING = bring_plan((Lacking("form"), Lacking("seal")), PICTURED)
SAID = Line("bill.nothing_due")
BILL = Bill("1", "XA101", 2000, SAID, (BillLine(1, SAID, "due", 800), BillLine(2, SAID, "due", 1200)))
APPOINTMENT = Appointment("2", "2026-11-25", "09:00", "Y701", "booked", SAID, "1234")

VALUES: dict[type, st.SearchStrategy[object]] = {
    Lang: st.sampled_from(Lang),
    Chosen: st.sampled_from([chosen(item).value for item in CATALOGUE.items]),
    str: st.sampled_from(
        [
            *("welfare", "yes", "none", "card_place_again", "n", "2026-11-25", "09:00", "priority", "1" * 18),
            *("1", "X", "194", "1944", "03", "account"),
        ]
    ),
    AskPart: st.sampled_from(AskPart),
    int: st.integers(0, 5),
    bool: st.booleans(),
    Access: st.builds(Access, size=st.integers(0, 3), theme=st.sampled_from(["day", "light", "dark", "glare"])),
    Resident: st.just(KIM),
    Prepared: st.sampled_from([prepared(item).value for item in (ALLOWANCE, PROMISED, PICTURED, WATER, CHECK_UP)]),
    Decision: st.builds(Decision, kind=st.sampled_from(DecisionKind)),
    Printed: st.builds(Printed, st.sampled_from([Printing.PROVED, Printing.UNKNOWN, Printing.FAILED])),
    Line: st.just(Line("help.queued")),
    CallTold: st.builds(CallTold, st.integers(0, 2), st.sampled_from(CallStage), st.just(Line("help.queued"))),
    LeftCard: st.builds(LeftCard, st.sampled_from(CardPlace), st.integers(1, 9), st.booleans()),
    Shot: st.just(Shot(b"jpeg")),
    Witness: st.just(Witness("3", "2026-11-24T09:00:00+08:00")),
    KeptPage: st.builds(
        KeptPage, st.sampled_from(["paper.XA056.2", "commitment.XA015"]), st.just("form"), st.just("00")
    ),
    tuple: st.just(((1.0, 1.0), (30.0, 2.0))),
    Nearest: st.builds(Nearest, st.sampled_from([item.item_id for item in CATALOGUE.items])),
    Card: st.sampled_from(Card),
    Held: st.sampled_from(Held),
    Wanted: st.builds(Wanted, st.just(Line("aid.write.question")), st.just(Ev.AID_TEXT), st.sampled_from(TextKind)),
    Suggestion: st.builds(Suggestion, st.sampled_from(["王", "林"]), st.sampled_from(["", "24"])),
    Writing: st.sampled_from(Writing),
    Suggestions: st.builds(
        Suggestions,
        st.integers(0, 3),
        st.lists(st.sampled_from([Suggestion("王"), Suggestion("林", "24")]), max_size=9, unique=True).map(tuple),
        st.booleans(),
    ),
    Cause: st.sampled_from(Cause),
    Taken: st.sampled_from([Taken(), Taken("261124001001", {"window": "2026-11-24"}), Taken(is_kept=False)]),
    Told: st.sampled_from([Told(item.item_id) for item in CATALOGUE.items]),
    Refusal: st.builds(Refusal, st.sampled_from(Trouble)),
    Printout: st.builds(Printout, st.sampled_from(PaperStage), st.integers(0, 3), st.integers(0, 3)),
    Directions: st.sampled_from([Directions(item.item_id, "town_desk", Point("镇街")) for item in CATALOGUE.items]),
    Dues: st.builds(Dues, st.sampled_from([(), (Due("XA032", Line("due.XA032")),)])),
    Unusable: st.builds(Unusable, st.sampled_from(Capability), st.just("DEV-002")),
    Bill: st.sampled_from((BILL, replace(BILL, total_fen=0, lines=()))),
    Way: st.sampled_from(Way),
    PaymentTold: st.builds(
        lambda state, n: PaymentTold(Payment(state, Way.CODE, 2000, SAID, n)),
        st.sampled_from(PayState),
        st.integers(1, 3),
    ),
    AuthorityTold: st.builds(AuthorityTold, st.none() | st.just(Authority("1", "*", 1200)), taken_back=st.booleans()),
    Stopped: st.builds(Stopped, st.just((SAID,)), st.booleans(), st.booleans()),
    Slots: st.just(Slots("XA054", SAID, (DaySlots("2026-11-25", SAID, ("09:00",)),))),
    AppointmentTold: st.builds(AppointmentTold, st.just(APPOINTMENT), st.integers(0, 2)),
    Back: st.sampled_from(Back),
    Letter: st.builds(Letter, st.sampled_from(LetterStage), st.sampled_from(["", "paper_out"])),
    DraftKept: st.just(DraftKept("0412", "2026-11-25T09:30+08:00")),
    DraftSought: st.builds(
        DraftSought,
        st.sampled_from([KIM.number, "somebody else's"]),
        st.sampled_from([None, FoundDraft("3502130018261124000010", "0412", "XA032", "2026-11-25T09:30+08:00")]),
    ),
    Notice: st.sampled_from(
        [
            Notice("", "XA056", (Lacking("form", why="torn", how="again"),), "2026-12-20", TO_BRING),
            Notice("", plan=bring_plan((), None), is_unseen=True),
        ]
    ),
    Brought: st.builds(Brought, st.sampled_from(Kept)),
    StaffEvent: st.just(StaffEvent(StaffEv.ASK)),
    Ticket: st.just(Ticket("A001", 2, 16, SAID)),
}


KINDS = [one for one in vars(Ev).values() if isinstance(one, EventKind)]


@st.composite
def events(draw: st.DrawFn) -> Event:
    kind = draw(st.sampled_from(KINDS))
    return Event(kind, draw(VALUES[kind.takes]) if kind.takes else None)


states = st.lists(events(), max_size=40).map(lambda run: walk(*run)[0])


def test_the_demo_visit_goes_from_touch_to_wipe() -> None:
    state, effects = walk(*TO_RATE, Event(Ev.RATED, 5), Event(Ev.RATING_DONE), Event(Ev.WIPED))
    assert state == VisitState()
    wanted = [
        Do.BEGIN_VISIT,
        Do.WATCH_REMOVAL,
        Do.PREPARE,
        Do.STORE,
        Do.AWAIT_DECISION,
        Do.PRINT_SLIP,
        Do.STORE_RATING,
        Do.WIPE,
    ]
    assert [effect for effect in effects if effect in wanted] == wanted


def test_the_card_may_come_first_and_is_not_asked_for_again() -> None:
    state, _ = walk(Event(Ev.CARD_READ, KIM), Event(Ev.YES), Event(Ev.CARD_REMOVED), Event(Ev.DUES, Dues()))
    assert (state.step, state.resident) == (Step.CHOOSE, KIM)
    assert walk(chosen(ALLOWANCE), start=state)[0].step is Step.PREPARE


def test_a_commitment_is_asked_only_by_the_item_that_asks_one() -> None:
    to_review = (Event(Ev.START, Lang.CMN), chosen(PROMISED), *TO_ASK[2:5], prepared(PROMISED), Event(Ev.ANSWER, "yes"))
    state, _ = walk(*to_review, Event(Ev.SEND))
    assert state.step is Step.COMMIT
    assert walk(Event(Ev.AGREE), start=state) == (state, []), "not before every point was read"
    assert walk(Event(Ev.DECLINE), Event(Ev.LATER), start=state)[0].step is Step.SUBMIT, "the ordinary way"


def test_the_review_shows_of_what_is_known_only_what_the_form_is_about() -> None:
    """Her account is nobody's business where she only registers for the canteen."""
    lunch = replace(ALLOWANCE, item_id="XA042", form=())
    catalogue = replace(CATALOGUE, items=(ALLOWANCE, lunch))
    here = VisitState(step=Step.REVIEW, resident=KIM, known=KNOWN)
    labels = [
        {fact.label for fact in view(replace(here, item_id=item.item_id), catalogue).facts}
        for item in (ALLOWANCE, lunch)
    ]
    assert "fact.last4" in labels[0] and "fact.last4" not in labels[1]


def test_a_guide_shows_its_edition() -> None:
    catalogue = replace(CATALOGUE, effective_from="2026-01-01")
    shown = view(VisitState(step=Step.GUIDE, item_id=GUIDED.item_id), catalogue)
    assert [fact.value.value for fact in shown.facts if fact.label == "fact.edition"] == ["1 · 2026-01-01"]


def test_a_look_up_that_answers_for_another_item_is_dropped() -> None:
    state, _ = walk(*TO_ASK[:-1])
    assert walk(prepared(PROMISED), start=state)[0] == state


def test_a_slip_is_asked_about_only_where_nothing_has_begun() -> None:
    shown = Event(Ev.CODE_SHOWN, "TSHP1:x:1234")
    asking, effects = walk(shown)
    assert (asking.overlay, effects) == (Overlay.PROGRESS, [Do.ASK_PROGRESS])
    answered, _ = walk(Event(Ev.PROGRESS, Line("progress.approved")), start=asking)
    assert view(answered, CATALOGUE).question == Line("progress.approved")
    busy, _ = walk(*TO_ASK)
    assert walk(shown, start=busy) == (busy, [])


def test_nothing_is_stored_before_the_resident_sends() -> None:
    assert Do.STORE not in walk(*TO_ASK, Event(Ev.ANSWER, "yes"))[1]


def test_a_decision_before_the_commit_does_not_end_the_submission() -> None:
    state, _ = walk(*TO_ASK, Event(Ev.ANSWER, "yes"), Event(Ev.SEND), Event(Ev.DECIDED, APPROVED))
    assert (state.step, state.stored) == (Step.SUBMIT, False)


def test_a_slip_is_taken_only_after_the_printer_has_answered() -> None:
    busy, _ = walk(*TO_RESULT, Event(Ev.PRINT))
    assert walk(Event(Ev.TAKEN), start=busy)[0] == busy


def test_at_most_three_slips_are_printed() -> None:
    failed = Event(Ev.PRINTED, Printed(Printing.FAILED, "paper_out"))
    state, effects = walk(*TO_RESULT, *[Event(Ev.PRINT), failed] * 6)
    assert (state.copies, effects.count(Do.PRINT_SLIP)) == (3, 3)


@pytest.mark.parametrize(
    ("run", "outcome"),
    [
        ((Event(Ev.START, Lang.NAN), Event(Ev.LEAVE)), Outcome.CANCELLED),
        ((*TO_ASK, Event(Ev.LEAVE), Event(Ev.LEAVE_SURE)), Outcome.CANCELLED),
        ((*TO_ASK, Event(Ev.IDLE_WARN), Event(Ev.IDLE_END)), Outcome.TIMED_OUT),
        ((*TO_RATE, Event(Ev.SKIP)), Outcome.FINISHED),
        ((*TO_RESULT, Event(Ev.IDLE_END)), Outcome.FINISHED),
        ((*TO_RESULT[:-1], Event(Ev.UNSENT), Event(Ev.WITHOUT_PAPER), Event(Ev.SKIP)), Outcome.SAVED),
        ((*TO_RESULT[:-2], Event(Ev.STORE_FAILED), Event(Ev.LEAVE), Event(Ev.LEAVE_SURE)), Outcome.FAILED),
        ((*TO_RESULT[:-1], Event(Ev.DECIDED, Decision(DecisionKind.NOTICE)), Event(Ev.IDLE_END)), Outcome.REFUSED),
    ],
)
def test_a_visit_ends_with_the_outcome_it_earned(run: tuple[Event, ...], outcome: Outcome) -> None:
    state, _ = walk(*run)
    assert (state.step, state.outcome) == (Step.WIPE, outcome)


@given(states)
def test_from_every_state_the_wipe_is_reached_by_idleness(state: VisitState) -> None:
    ended, effects = advance(state, Event(Ev.IDLE_END))
    assert ended.step is Step.WIPE
    assert state.step is Step.WIPE or Do.WIPE in effects
    assert advance(ended, Event(Ev.WIPED))[0] == VisitState()


@given(states)
def test_from_every_state_the_resident_can_leave_in_two_taps(state: VisitState) -> None:
    once, _ = advance(state, Event(Ev.LEAVE))
    left = once if once.step in (Step.WIPE, Step.WELCOME) else advance(once, Event(Ev.LEAVE_SURE))[0]
    assert left.step is Step.WIPE or state.step is Step.WELCOME


def assert_nothing_is_lost(before: VisitState, after: VisitState) -> None:
    """Where she was is where she is; only the invitation to come nearer does not come back."""
    layer = Overlay.NONE if before.layer is Overlay.ATTRACT else before.layer
    assert after.overlay is layer or before.step is Step.WIPE
    assert replace(after, overlay=before.overlay, under=before.under, ear=before.ear) == before


@given(states)
def test_help_is_everywhere_and_costs_nothing(state: VisitState) -> None:
    helped, effects = advance(state, Event(Ev.HELP))
    assert effects == ()
    assert state.step is Step.WIPE or helped.overlay is Overlay.HELP
    assert_nothing_is_lost(state, advance(helped, Event(Ev.CLOSE))[0])


@given(states)
def test_back_always_answers_by_a_step_or_by_a_reason(state: VisitState) -> None:
    back, effects = advance(state, Event(Ev.BACK))
    assert Do.STORE not in effects

    def shown(one: VisitState) -> tuple[object, ...]:
        # Whose card is asked for is a screen of its own on the same step.
        return one.step, one.overlay, one.index, one.category, one.asking, one.deputy.stage

    assert shown(back) != shown(state) or back.note or state.step in (Step.WELCOME, Step.WIPE)


@given(states)
def test_back_never_leads_before_what_is_already_stored(state: VisitState) -> None:
    if state.stored:
        assert advance(state, Event(Ev.BACK))[0].step in (
            *(Step.SUBMIT, Step.RESULT, Step.PRINT, Step.RATE),
            *(Step.PAY_WAY, Step.PAYING),  # another way for the same bill, under the same number
        )


@given(states)
def test_the_warning_can_be_answered_from_every_step_without_loss(state: VisitState) -> None:
    warned, _ = advance(state, Event(Ev.IDLE_WARN))
    assert state.step in (Step.WELCOME, Step.WIPE) or warned.overlay is Overlay.IDLE
    assert_nothing_is_lost(state, advance(warned, Event(Ev.CLOSE))[0])


def test_a_text_that_was_left_on_the_first_screen_does_not_come_back() -> None:
    wanted = Wanted(Line("aid.write.question"), Ev.AID_TEXT, TextKind.TEXT)
    left, _ = walk(Event(Ev.TYPE, wanted), Event(Ev.LEAVE))
    assert left == VisitState()
    assert walk(Event(Ev.HELP), Event(Ev.CLOSE), start=left)[0] == VisitState()


def test_a_setting_under_which_the_loudspeaker_was_asked_about_answers_that() -> None:
    begun, _ = walk(Event(Ev.START, Lang.NAN), Event(Ev.HEADPHONE, True), Event(Ev.CLOSE), Event(Ev.HEADPHONE, False))
    assert begun.overlay is Overlay.UNPLUGGED
    panel, _ = walk(Event(Ev.ACCESS), start=begun)
    assert walk(Event(Ev.CLOSE), start=panel)[0].overlay is Overlay.UNPLUGGED, "not answered yet"
    chosen_there, _ = walk(Event(Ev.SETTING, panel.access.louder(1)), start=panel)
    assert chosen_there.overlay is Overlay.ACCESS
    assert walk(Event(Ev.CLOSE), start=chosen_there)[0].overlay is Overlay.NONE


def test_an_answer_that_comes_under_the_warning_is_there_when_she_stays() -> None:
    told = Line("progress.noticed")
    asked, _ = walk(Event(Ev.CODE_SHOWN, "TP1:XA-350213-261203-0001:48213907"), Event(Ev.IDLE_WARN))
    state, _ = walk(Event(Ev.PROGRESS, told), Event(Ev.CLOSE), start=asked)
    assert (state.overlay, state.progress) == (Overlay.PROGRESS, told)


@given(states)
def test_language_changes_anywhere_and_keeps_the_data(state: VisitState) -> None:
    other, _ = advance(state, Event(Ev.LANGUAGE, Lang.CMN))
    assert replace(other, lang=state.lang) == state


@given(states)
def test_after_the_wipe_nothing_of_the_resident_is_left(state: VisitState) -> None:
    ended, _ = advance(state, Event(Ev.IDLE_END))
    assert (ended.resident, dict(ended.answers), dict(ended.known), ended.decision) == (None, {}, {}, None)


@settings(max_examples=300)
@given(states)
def test_every_state_has_a_screen_that_asks_says_and_offers_a_way_on(state: VisitState) -> None:
    shown: View = view(state, CATALOGUE)
    assert shown.question.key and shown.say
    waits_for_a_device = shown.working or shown.step in (Step.TAKE_CARD, Step.WIPE)
    touched_anywhere = shown.overlay is Overlay.ATTRACT
    assert shown.choices or shown.cards or waits_for_a_device or touched_anywhere
    assert sum(choice.likely for choice in (*shown.choices, *shown.cards)) <= 1
    assert len(shown.cards) <= 6


@given(states, events())
def test_every_choice_that_a_screen_offers_does_something(state: VisitState, _: Event) -> None:
    shown = view(state, CATALOGUE)
    for choice in (*shown.choices, *shown.cards, *shown.pager):
        after, effects = advance(state, choice.event)
        assert after != state or effects, (state.step, state.overlay, choice.line.key)


def test_the_tables_name_every_step() -> None:
    assert set(BACK) == set(Step)
    assert {step for step, _ in TABLE} == set(Step)
    without_screen = {ActionKind.READ}
    assert set(ActionKind) - without_screen == set(STEP_OF_ACTION)


def test_a_resident_never_prints_itself() -> None:
    assert "陈阿金" not in repr(VisitState(resident=KIM)) and KIM.number not in repr(KIM)
