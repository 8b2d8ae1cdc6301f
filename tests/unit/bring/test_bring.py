"""What a case lacks: seen with its slip, photographed and answered, sent once, said to be there only when it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

import pytest

from kiosk.adapters import backoffice_http
from kiosk.app import contract
from kiosk.app.bring import contract as bring_contract
from kiosk.app.bring.effects import BringEffects
from kiosk.domain.bring.slip import brought_slip
from kiosk.domain.bring.state import ANY_PAPER, Brought, Kept, Lacking, bring_plan
from kiosk.domain.case_number import mint
from kiosk.domain.catalogue import Catalogue, FieldSource, FormField, Mode, Paper, ServiceItem
from kiosk.domain.event import EventKind
from kiosk.domain.outbox import ItemKind, OutboxItem, Verdict, judge_send
from kiosk.domain.papers.state import KeptPage, Shot
from kiosk.domain.ports import Reply
from kiosk.domain.screens.compose import view
from kiosk.domain.slip.blocks import SlipTerminal, Verify
from kiosk.domain.speech import Lang, Line
from kiosk.domain.visit.machine import Do, Ev, Event, Outcome, Overlay, Printed, Printing, Step, VisitState, advance
from kiosk.domain.visit.plan import ActionKind

WALL = datetime(2026, 11, 27, 9, 42)
NUMBER, VISIT = mint("350213", 1, 8, "261124", 1), mint("350213", 2, 8, "261127", 9)
BANK = FormField("bank", FieldSource.ASK, ("a", "b"))
LETTER = Paper("paper.XA027.2", "letter")
ITEM = ServiceItem(*("XA027", 1, "medical", "official", "village", Mode.APPLY, True), form=(BANK,), papers=(LETTER,))
CATALOGUE = Catalogue(1, ("medical",), ("XA027",), (ITEM,))
POINT = {"basis": "the guide", "unusable": False, "helper": "the clerk", "line": None, "why": "torn", "how": "again"}
ANSWER: dict[str, Any] = {
    "item_id": "XA027",
    "notices": [
        {
            "until": "2026-12-20",
            "points": [{**POINT, "what": "letter"}, {**POINT, "what": "which bank", "field": "bank"}],
        }
    ],
}


def walk(state: VisitState, *events: Event | EventKind[Any]) -> tuple[VisitState, list[Do]]:
    effects: list[Do] = []
    for event in events:
        state, done = advance(state, event if isinstance(event, Event) else Event(event))
        effects += done
    return state, effects


def shown(progress: str = "progress.noticed", code: str = "4821") -> VisitState:
    """Her slip was shown; the visit's own number stands for the one that is minted."""
    text = f"TSHP1:{NUMBER}:{code}"
    state = VisitState(step=Step.CHOOSE, case_no=VISIT)
    return walk(state, Event(Ev.CODE_SHOWN, text), Event(Ev.PROGRESS, Line(progress)))[0]


def told(answer: Mapping[str, Any] = ANSWER) -> VisitState:
    notice = bring_contract.notice(answer, NUMBER, CATALOGUE, "2026-11-27")
    return walk(shown(), Ev.BRING, Event(Ev.NOTICE, notice))[0]


def brought() -> VisitState:
    """She answered what was asked again and laid the letter down."""
    page = Event(Ev.PAGE_KEPT, KeptPage(LETTER.key, LETTER.name, "ab"))
    events = (Ev.YES, Event(Ev.ANSWER, "b"), Ev.YES, Event(Ev.CAPTURED, Shot(b"jpeg")), Ev.KEEP, page)
    return walk(told(), *events)[0]


def test_what_is_missing_stands_on_the_screen_in_order_and_is_done_one_by_one() -> None:
    state = told()
    assert [line.key for line in view(state, CATALOGUE).body] == [
        *("bring.point", "bring.how") * 2,
        "bring.until",
    ]
    kinds = [(action.kind, action.subject) for action in state.plan]
    assert kinds == [(ActionKind.ASK, "bank"), (ActionKind.CAPTURE, LETTER.key), (ActionKind.BRING, "bring")]
    assert brought().step is Step.BRING_SEND


def test_only_a_case_that_waits_is_brought_to() -> None:
    for state in (shown("progress.approved"), shown("progress.ask_person"), shown(code="-")):
        assert walk(state, Ev.BRING)[0].overlay is Overlay.PROGRESS
    assert walk(shown("progress.unreachable"), Ev.BRING)[1] == [Do.ASK_NOTICE, Do.STOP_CARD]


def test_what_the_guide_has_no_name_for_is_brought_as_it_is() -> None:
    by_rule = Lacking(line=Line("reason.XA032.age"))
    one, send = bring_plan((by_rule,), ITEM)
    assert (one.subject, one.material, send.kind) == (ANY_PAPER, "reason.XA032.age", ActionKind.BRING)
    assert bring_plan((), None)[0].subject == ANY_PAPER


def test_a_notice_for_another_slip_and_an_answer_outside_the_contract_are_none() -> None:
    other = bring_contract.notice(ANSWER, VISIT, CATALOGUE, "")
    assert walk(shown(), Ev.BRING, Event(Ev.NOTICE, other))[0].bring.notice is None
    for answer in ({}, {"item_id": "XA027", "notices": [{"points": 7}]}, {"item_id": "XA027", "notices": [7]}):
        with pytest.raises(contract.BadAnswer):
            bring_contract.notice(answer, NUMBER, CATALOGUE, "")


_SILENCE = Reply(0, {})


class Office:
    """The part of the tools that is used; everything happens at once."""

    def __init__(self, reply: Reply = _SILENCE) -> None:
        self.reply, self.items, self.unsent = reply, list[OutboxItem](), dict[str, Callable[[str], None]]()
        self.asked = list[str]()
        self.back_office = self.outbox = self.catalogue = self.clock = self
        self.receive: Callable[[Mapping[str, object]], None] = lambda answer: None

    def current(self) -> Catalogue:
        return CATALOGUE

    def wall(self) -> Any:
        return WALL

    def now_text(self) -> str:
        return "2026-11-27T09:30:00+08:00"

    def text_version(self, lang: Lang, key: str) -> str:
        return key

    def get(self, target: str) -> Reply:
        self.asked.append(target)
        return self.reply

    def ask(self, work: Callable[[], None], otherwise: Callable[[], None]) -> None:
        work()

    store = ask

    def submit(self, item: OutboxItem) -> None:
        self.items.append(item)

    def await_receipt(self, key: str, on_receipt: Callable[[Mapping[str, object]], None]) -> None:
        self.receive = on_receipt

    def call_later(self, delay_s: float, action: Callable[[], None]) -> None:
        pass


def perform(office: Office, effect: Do, state: VisitState) -> list[Event]:
    posted: list[Event] = []
    handler = BringEffects(cast(Any, office)).handlers()[effect]
    handler(state, Event(Ev.YES), posted.append)
    return posted


def test_the_office_is_asked_with_number_and_code_and_its_silence_is_no_end() -> None:
    state = walk(shown(), Ev.BRING)[0]
    for reply, unseen in ((Reply(200, ANSWER), False), (Reply(0, {}), True), (Reply(429, {}), True)):
        office = Office(reply)
        (event,) = perform(office, Do.ASK_NOTICE, state)
        assert office.asked == [f"/v1/cases/{NUMBER}/notices?code=4821"]
        after, _ = walk(state, event, Ev.YES)
        assert after.bring.notice is not None and after.bring.notice.is_unseen is unseen
        assert after.step in (Step.ASK, Step.CAPTURE)


def test_each_thing_is_sent_once_under_the_cases_number_and_only_the_office_says_that_it_is_there() -> None:
    office, state = Office(), brought()
    assert perform(office, Do.BRING, state) == []
    item, consent = office.items
    assert (item.kind, item.attachments, consent.kind) == (ItemKind.SUPPLEMENT, ("ab",), ItemKind.CONSENT)
    assert backoffice_http._target(item) == f"/v1/cases/{NUMBER}/supplements"
    assert backoffice_http._sent(item) == {
        "code": "4821",
        "brought": [
            {"what": "letter", "digest": "ab"},
            {"what": "which bank", "digest": "", "answer": "b"},
        ],
    }
    said = {"case_no": NUMBER, "key": "supplement.received", "args": {}}
    assert judge_send(item, 201, said) is Verdict.DELIVERED
    assert judge_send(item, 201, {**said, "case_no": VISIT}) is Verdict.UNCERTAIN
    assert judge_send(item, 409, {"code": "supplement_not_awaited"}) is Verdict.REJECTED


@pytest.mark.parametrize(
    ("news", "kept", "words", "outcome"),
    [
        (Brought(Kept.THERE, Line("supplement.received")), Kept.THERE, "supplement.received", Outcome.FINISHED),
        (Brought(Kept.HERE), Kept.HERE, "bring.kept", Outcome.SAVED),
        (Brought(Kept.REFUSED), Kept.REFUSED, "bring.refused", Outcome.SAVED),
    ],
)
def test_it_ends_with_a_slip_that_opens_the_case_again(news: Brought, kept: Kept, words: str, outcome: Outcome) -> None:
    state, _ = walk(brought(), Event(Ev.BROUGHT, news))
    assert (state.step, view(state, CATALOGUE).question.key) == (Step.BRING_DONE, words)
    slip = brought_slip(state, CATALOGUE, SlipTerminal("village", "place", "machine"), WALL)
    (code,) = (block.payload for block in slip.blocks if isinstance(block, Verify))
    assert code == f"TSHP1:{NUMBER}:4821:NAN"
    assert view(walk(state, Ev.PRINT)[0], CATALOGUE).case_no == NUMBER
    back, _ = walk(state, Ev.PRINT, Event(Ev.PRINTED, Printed(Printing.PROVED)), Ev.BACK)
    assert back.step is Step.BRING_DONE
    gone, effects = walk(state, Ev.PRINT, Event(Ev.PRINTED, Printed(Printing.PROVED)), Ev.TAKEN)
    assert (gone.step, gone.outcome, Do.STORE in effects) == (Step.WIPE, outcome, False)


def test_a_late_word_of_the_office_outranks_that_it_is_kept() -> None:
    there = Event(Ev.BROUGHT, Brought(Kept.THERE, Line("supplement.received")))
    here = Event(Ev.BROUGHT, Brought(Kept.HERE))
    assert walk(brought(), here, there)[0].bring.brought.kept is Kept.THERE
    assert walk(brought(), there, here)[0].bring.brought.kept is Kept.THERE


def test_nothing_is_sent_where_nothing_was_brought() -> None:
    nothing = {**ANSWER, "notices": [{"until": None, "points": [{**POINT, "what": "letter"}]}]}
    state, _ = walk(told(nothing), Ev.YES, Ev.YES, Ev.LACKING, Ev.LATER)
    office = Office()
    (event,) = perform(office, Do.BRING, state)
    after, _ = walk(state, event)
    assert (after.step, after.note, office.items) == (Step.BRING, "bring.nothing", [])
    assert walk(after, Ev.YES)[0].step is Step.CAPTURE, "she may find it after all"


def test_back_leads_to_what_is_missing_and_what_was_photographed_is_not_lost_unasked() -> None:
    first = walk(told(), Ev.YES)[0]
    assert walk(first, Ev.BACK)[0].step is Step.BRING
    assert walk(told(), Ev.BACK)[0].step is Step.CHOOSE
    page = Event(Ev.PAGE_KEPT, KeptPage(ANY_PAPER, "x", "ab"))
    unseen = Event(Ev.NOTICE, bring_contract.unseen(NUMBER, ""))
    one = walk(shown(), Ev.BRING, unseen, Ev.YES, Ev.YES, Event(Ev.CAPTURED, Shot(b"j")), Ev.KEEP, page)[0]
    assert walk(one, Ev.LEAVE)[0].overlay is Overlay.LEAVE


def test_a_slip_is_typed_where_its_code_cannot_be_read() -> None:
    browse = VisitState(step=Step.BROWSE, case_no=VISIT)
    state, effects = walk(browse, Event(Ev.SLIP_NUMBER, NUMBER[-16:]), Event(Ev.SLIP_CODE, "4821"))
    assert (state.slip.number, state.slip.code, effects) == (NUMBER, "4821", [Do.ASK_PROGRESS])
    wrong = NUMBER[-16:-1] + str((int(NUMBER[-1]) + 1) % 10)
    assert walk(browse, Event(Ev.SLIP_NUMBER, wrong))[0].note == "bring.typed.wrong"
    short, effects = walk(browse, Event(Ev.SLIP_NUMBER, NUMBER[-16:]), Event(Ev.SLIP_CODE, "48"))
    assert (short.note, effects) == ("bring.typed.wrong", [])
