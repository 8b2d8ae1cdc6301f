"""What is looked up, printed and due: figures stay off the loudspeaker, a number once given is never undone."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.catalogue import Catalogue, Mode, ServiceItem
from kiosk.domain.screens.compose import view
from kiosk.domain.sheets.state import Due, Dues, PaperStage, Printout, Refusal, Sheets, Told, Trouble
from kiosk.domain.speech import Arg, ArgKind, Line, Privacy
from kiosk.domain.visit.machine import Chosen, Decision, DecisionKind, Ev, Event, Resident, Step, VisitState, advance
from kiosk.domain.visit.plan import plan

QUERY = ServiceItem("XA009", 1, "pension", "养老金发放明细查询打印", "查老人钱", Mode.QUERY, True)
CERTIFICATE = replace(QUERY, item_id="XA007", mode=Mode.PRINT)
CATALOGUE = Catalogue(1, ("pension",), ("XA009",), (QUERY, CERTIFICATE))
KIM = Resident("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", "某处")
MONTHLY = Line("row.pension.monthly", {"amount": Arg(ArgKind.MONEY, "18650")})
STATE = Line("row.pension.state", {"state": Arg(ArgKind.KEY, "row.pension.state.drawing")})
DONE = Decision(DecisionKind.DONE, query_code="4821")


def looking(item: ServiceItem) -> VisitState:
    return VisitState(step=Step.LOOK_UP, item_id=item.item_id, resident=KIM, plan=plan(item, {}), case_no="1")


def after(state: VisitState, *events: Event) -> VisitState:
    for event in events:
        state, _ = advance(state, event)
    return state


def answered(item: ServiceItem) -> VisitState:
    decided = (Event(Ev.DECIDED, DONE),) if item is QUERY else ()
    return after(looking(item), *decided, Event(Ev.ANSWERED, Told(item.item_id, (STATE, MONTHLY))))


def test_the_figure_that_is_asked_for_comes_first_and_only_a_headphone_hears_it() -> None:
    shown = view(answered(QUERY), CATALOGUE)
    assert shown.question == MONTHLY
    loud = {said.line.key for said in shown.say if said.privacy is Privacy.PUBLIC}
    assert not any(key.startswith(("row.", "figure.")) for key in loud)
    assert "figure.money" in {said.line.key for said in shown.say if said.privacy is Privacy.PRIVATE}


def test_a_payment_is_heard_with_its_month_its_amount_and_its_day() -> None:
    when = {"year": Arg(ArgKind.DIGITS, "2026"), "month": Arg(ArgKind.COUNT, "10")}
    paid = {"amount": Arg(ArgKind.MONEY, "23050"), "date": Arg(ArgKind.DATE, "2026-10-05")}
    told = Told("XA009", (Line("row.pension.payment", {**when, **paid}),))
    shown = view(after(looking(QUERY), Event(Ev.DECIDED, DONE), Event(Ev.ANSWERED, told)), CATALOGUE)
    heard = [said.line for said in shown.say if said.privacy is Privacy.PRIVATE]
    assert [line.key for line in heard] == ["row.pension.payment", "figure.month", "figure.money", "figure.date"]
    assert (heard[1].args, heard[2].args["value"], heard[3].args["value"]) == (when, paid["amount"], paid["date"])


def test_a_query_that_has_its_number_is_not_undone() -> None:
    state = answered(QUERY)
    assert after(state, Event(Ev.BACK)).step is Step.FOUND
    assert after(state, Event(Ev.PRINT), Event(Ev.WITHOUT_PAPER)).step in (Step.PRINT, Step.RATE)


def test_a_preview_costs_nothing_and_leads_to_paper() -> None:
    state = answered(CERTIFICATE)
    assert after(state, Event(Ev.BACK)).step is Step.CHOOSE
    assert after(state, Event(Ev.MAKE_PAPER)).step is Step.PAPER


def test_a_refusal_says_why_and_may_be_tried_again_where_that_helps() -> None:
    for trouble in Trouble:
        state = after(looking(QUERY), Event(Ev.NOT_ANSWERED, Refusal(trouble)))
        kinds = [choice.event.kind for choice in view(state, CATALOGUE).choices]
        assert Ev.CALL in kinds and (Ev.TRY_AGAIN in kinds) == (trouble is not Trouble.REFUSED)


def test_paper_that_ends_on_the_second_sheet_is_told_and_the_rest_can_wait() -> None:
    held = Printout(PaperStage.HELD, 3, 1, "document_paper_out")
    state = replace(after(answered(CERTIFICATE), Event(Ev.MAKE_PAPER), Event(Ev.PAPER, held)), decision=DONE)
    shown = view(state, CATALOGUE)
    assert shown.question.key == "fault.document_paper_out"
    assert "sheets.stopped" in [line.key for line in shown.body]
    later = after(state, Event(Ev.REST_LATER))
    assert later.step is Step.PRINT and later.sheets.is_partly_left
    assert after(state, Event(Ev.TAKEN)).step is Step.PAPER, "nothing was proved yet"


def test_what_somebody_is_due_can_be_declined_and_is_not_said_aloud() -> None:
    due = VisitState(step=Step.DUE, resident=KIM, case_no="1")
    state = after(due, Event(Ev.DUES, Dues((Due("XA009", Line("due.XA049")),))))
    shown = view(state, CATALOGUE)
    assert [card.event.kind for card in shown.cards] == [Ev.CHOSEN]
    assert all(said.privacy is Privacy.PRIVATE for said in shown.say if said.line.key.startswith("due.XA"))
    assert after(state, Event(Ev.NO)).step is Step.CHOOSE
    chosen = shown.cards[0].event.value
    assert isinstance(chosen, Chosen) and after(state, shown.cards[0].event).step is Step.PREPARE
    assert after(due, Event(Ev.DUES, Dues())).step is Step.CHOOSE
    assert state.sheets == Sheets(dues=state.sheets.dues)
