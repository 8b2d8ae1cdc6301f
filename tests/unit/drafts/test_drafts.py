"""What she said is kept only if she wants it, opened only by her card, gone after a day, and nowhere in clear."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from kiosk.adapters.store.sqlcipher import SqlcipherStore
from kiosk.app.drafts.effects import DraftEffects, DraftSweep, owner_of
from kiosk.app.slip.printing import PrintingService
from kiosk.domain.attachments import JPEG, KeptFile
from kiosk.domain.case_number import mint
from kiosk.domain.catalogue import Catalogue, FieldSource, FieldType, FormField, Mode, Paper, ServiceItem
from kiosk.domain.deputy.state import NO_DEPUTY, Deputy, Helper, Stage
from kiosk.domain.drafts.keeping import content_of
from kiosk.domain.drafts.state import DraftKept, DraftSought, KeptDraft
from kiosk.domain.event import EventKind
from kiosk.domain.outbox import ItemKind, OutboxItem
from kiosk.domain.papers.state import ASK_PAPERS, KeptPage, Papers
from kiosk.domain.screens.compose import view
from kiosk.domain.slip.blocks import SlipFact, SlipKind, SlipTerminal, Verify
from kiosk.domain.slip.codes import draft_code, read_draft
from kiosk.domain.speech import Lang
from kiosk.domain.visit.machine import (
    Chosen,
    Do,
    Ev,
    Event,
    Outcome,
    Overlay,
    Prepared,
    Resident,
    Step,
    VisitState,
    advance,
)
from kiosk.domain.visit.plan import plan
from kiosk.domain.visit.readiness import Capabilities, Capability

KEY = bytes(range(32))
START = datetime(2026, 11, 24, 9, 0, tzinfo=timezone(timedelta(hours=8)))
NUMBER = mint("350213", 1, 8, "261124", 1)
KIM = Resident("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", "某处")
MING = replace(KIM, number="350221195001010011")
STREET, PIN = "planted: nine Somewhere Lane", "271828"
FORM = (
    FormField("home", FieldSource.ASK, type=FieldType.TEXT),
    FormField("pin", FieldSource.ASK, type=FieldType.SECRET),
    FormField("sure", FieldSource.ASK, ("yes", "no")),
)
PAPER = Paper("paper.XA027.2", "letter")
ITEM = ServiceItem("XA027", 1, "medical", "official", "village", Mode.APPLY, True, FORM, papers=(PAPER,))
CATALOGUE = Catalogue(1, ("medical",), ("XA027",), (ITEM,))
CHOSEN = Event(Ev.CHOSEN, Chosen(ITEM.item_id, 1, "", True))
PREPARED = Event(Ev.PREPARED, Prepared(ITEM.item_id, plan(ITEM, {}), {}, False, "2026-11-24"))
KEPT = Event(Ev.DRAFT_KEPT, DraftKept("0412", "2026-11-25T09:00+08:00"))


def walk(state: VisitState, *events: Event | EventKind[Any]) -> tuple[VisitState, list[Do]]:
    effects: list[Do] = []
    for event in events:
        state, done = advance(state, event if isinstance(event, Event) else Event(event))
        effects += done
    return state, effects


def half_done() -> VisitState:
    """Address and secret are said, the last question is open."""
    begun = VisitState(step=Step.PREPARE, item_id=ITEM.item_id, resident=KIM, case_no=NUMBER)
    answers = {"home": STREET, "pin": PIN}
    return replace(walk(begun, PREPARED)[0], answers=answers, index=2)


def left() -> VisitState:
    return walk(half_done(), Ev.LEAVE, Ev.KEEP_ASK, Ev.KEEP_YES, KEPT)[0]


@pytest.fixture
def wall() -> list[datetime]:
    """The terminal's wall clock: its last time counts."""
    return [START]


@pytest.fixture
def store(tmp_path: Path, wall: list[datetime]) -> Iterator[SqlcipherStore]:
    opened = SqlcipherStore(tmp_path / "store.db", KEY, lambda: wall[-1])
    yield opened
    opened.close()


@dataclass
class Tools:
    """The part of `EffectTools` that drafts use, without threads."""

    wall_is: list[datetime]
    later: list[Callable[[], None]] = field(default_factory=list)

    @property
    def clock(self) -> Tools:
        return self

    def wall(self) -> datetime:
        return self.wall_is[-1]

    def now_text(self) -> str:
        return self.wall().isoformat()

    def store(self, work: Callable[[], None], otherwise: Callable[[], None] = lambda: None) -> None:
        work()

    def call_later(self, delay_s: float, action: Callable[[], None]) -> None:
        self.later.append(action)


class Terminal:
    """The performer of drafts on a real store."""

    def __init__(self, store: SqlcipherStore, wall: list[datetime]) -> None:
        self.tools = Tools(wall)
        self._handlers = DraftEffects(self.tools, store).handlers()  # type: ignore[arg-type]  # the part that is used

    def perform(self, effect: Do, state: VisitState) -> list[Event]:
        posted: list[Event] = []
        self._handlers[effect](state, Event(Ev.START), posted.append)
        return posted

    def found_by(self, resident: Resident) -> DraftSought:
        (event,) = self.perform(Do.FIND_DRAFT, VisitState(resident=resident, case_no="2"))
        assert isinstance(event.value, DraftSought)
        return event.value


@pytest.fixture
def terminal(store: SqlcipherStore, wall: list[datetime]) -> Terminal:
    return Terminal(store, wall)


def picture(digest: str = "ab") -> KeptFile:
    return KeptFile(NUMBER, digest, JPEG, "letter", b"planted picture", START.isoformat())


# ---- consent ---------------------------------------------------------------------------------------------------


def test_nothing_is_kept_unless_she_says_so_and_no_lies_nearest() -> None:
    asked, effects = walk(half_done(), Ev.LEAVE, Ev.KEEP_ASK)
    assert (asked.overlay, effects) == (Overlay.KEEP, [])
    shown = view(asked, CATALOGUE)
    assert [choice.event.kind for choice in shown.choices if choice.likely] == [Ev.KEEP_NO]
    assert shown.say and shown.say[0].line.key == "draft.question", "the question is spoken"
    ended, effects = walk(asked, Ev.KEEP_NO)
    assert (ended.step, ended.cause) == (Step.WIPE, Outcome.CANCELLED) and Do.KEEP_DRAFT not in effects


def test_yes_keeps_it_prints_a_slip_and_ends_the_visit() -> None:
    state, effects = walk(half_done(), Ev.LEAVE, Ev.KEEP_ASK, Ev.KEEP_YES)
    assert (state.step, Do.KEEP_DRAFT in effects, Do.PRINT_SLIP in effects) == (Step.DRAFT_SLIP, True, False)
    printing, effects = walk(state, KEPT)
    assert effects == [Do.PRINT_SLIP]
    ended, _ = walk(replace(printing, printing=VisitState().printing), Ev.TAKEN)
    assert (ended.step, ended.cause, ended.answers, ended.resident) == (Step.WIPE, Outcome.SAVED, {}, None)


def test_a_visit_that_idles_is_kept_only_with_consent() -> None:
    assert Do.KEEP_DRAFT not in walk(half_done(), Ev.IDLE_WARN, Ev.IDLE_END)[1]
    resumed = replace(half_done(), drafts=left().drafts)
    assert Do.DROP_DRAFT not in walk(resumed, Ev.IDLE_WARN, Ev.IDLE_END)[1]


def test_what_is_not_her_own_matter_on_its_way_is_never_offered_to_be_kept() -> None:
    for state in (
        replace(half_done(), resident=None),
        replace(half_done(), stored=True),
        replace(half_done(), step=Step.CHOOSE),
    ):
        asked, _ = walk(replace(state, overlay=Overlay.LEAVE), Ev.KEEP_ASK)
        assert asked.overlay is not Overlay.KEEP


def test_a_store_that_fails_loses_nothing_that_is_on_the_screen() -> None:
    state, _ = walk(half_done(), Ev.LEAVE, Ev.KEEP_ASK, Ev.KEEP_YES, Ev.STORE_FAILED)
    assert (state.step, state.note, state.answers) == (Step.ASK, "draft.not_kept", half_done().answers)


def test_she_may_stay_after_all_and_may_have_it_cleared() -> None:
    idle = replace(left(), printing=VisitState().printing)
    assert walk(idle, Ev.BACK)[0].step is Step.ASK
    ended, effects = walk(idle, Ev.LEAVE, Ev.FORGET)
    assert ended.step is Step.WIPE and Do.DROP_DRAFT in effects


# ---- coming back -----------------------------------------------------------------------------------------------


def at_card(terminal: Terminal, resident: Resident = KIM, **changes: Any) -> VisitState:
    begun = replace(VisitState(step=Step.CONFIRM_WHO, resident=resident, case_no="2"), **changes)
    return walk(begun, Ev.YES, Event(Ev.DRAFT_SOUGHT, terminal.found_by(resident)), Ev.CARD_REMOVED)[0]


def test_her_card_leads_back_to_the_same_question_with_her_answers(terminal: Terminal) -> None:
    terminal.perform(Do.KEEP_DRAFT, half_done())
    offered = at_card(terminal)
    assert offered.step is Step.DRAFT_OFFER
    assert [choice.event.kind for choice in view(offered, CATALOGUE).choices] == [Ev.CHOSEN, Ev.LATER, Ev.FORGET]
    state, _ = walk(offered, CHOSEN, PREPARED)
    assert Do.FIND_DRAFT in walk(VisitState(step=Step.CONFIRM_WHO, resident=KIM, case_no="2"), Ev.YES)[1]
    assert (state.step, state.case_no, state.answers) == (Step.ASK, NUMBER, {"home": STREET})
    assert state.action is not None and state.action.subject == "pin", "a secret is asked again"
    on, effects = walk(state, Event(Ev.ANSWER, PIN), Event(Ev.ANSWER, "yes"))
    assert effects.count(Do.KEEP_DRAFT) >= 1, "what she adds is kept under the same consent"
    assert on.answers["home"] == STREET


def test_pictures_and_what_was_agreed_to_come_back(terminal: Terminal) -> None:
    papers = Papers(pages=(KeptPage(PAPER.key, "letter", "ab"),), consents=(ASK_PAPERS,))
    done = replace(half_done(), papers=papers, answers={"home": STREET, "pin": PIN, "sure": "yes"})
    terminal.perform(Do.KEEP_DRAFT, done)
    state, _ = walk(at_card(terminal), CHOSEN, PREPARED, Event(Ev.ANSWER, PIN))
    assert (state.papers.pages, state.papers.consents) == (papers.pages, papers.consents)


def test_the_slip_s_code_asks_for_the_card_and_opens_nothing_by_itself(terminal: Terminal) -> None:
    terminal.perform(Do.KEEP_DRAFT, half_done())
    code = terminal.found_by(KIM).found
    assert code is not None
    shown, effects = walk(VisitState(), Event(Ev.CODE_SHOWN, draft_code(NUMBER, code.code, Lang.CMN)))
    assert (shown.step, shown.answers, Do.BEGIN_VISIT in effects) == (Step.IDENTIFY, {}, True)
    other = at_card(terminal, MING, drafts=shown.drafts)
    assert other.step is Step.DRAFT_OFFER and other.drafts.found is None
    assert view(other, CATALOGUE).question.key == "draft.gone"
    assert walk(other, Ev.LATER)[0].step is Step.DUE


def helped(**changes: Any) -> VisitState:
    """Somebody comes for her in her absence, and chooses another service."""
    deputy = Deputy(Stage.ABSENT, Helper(MING.document, MING.name, MING.number))
    return replace(VisitState(step=Step.CHOOSE, resident=KIM, case_no="2", deputy=deputy), **changes)


def test_whoever_comes_for_her_is_not_offered_what_she_began(terminal: Terminal) -> None:
    terminal.perform(Do.KEEP_DRAFT, half_done())
    found = Event(Ev.DRAFT_SOUGHT, terminal.found_by(KIM))
    assert walk(helped(), found)[0] == helped()
    hers = walk(helped(deputy=NO_DEPUTY), found)[0]
    assert hers.step is Step.DRAFT_OFFER, "she herself is"


def test_her_slip_in_a_helper_s_hand_asks_for_the_card_anew(terminal: Terminal) -> None:
    shown, effects = walk(helped(), Event(Ev.CODE_SHOWN, draft_code(NUMBER, "0412", Lang.CMN)))
    assert Do.FIND_DRAFT not in effects
    assert (shown.step, shown.resident, shown.deputy, shown.note) == (
        Step.IDENTIFY,
        None,
        NO_DEPUTY,
        "draft.card_first",
    )


def test_an_answer_about_another_card_is_dropped(terminal: Terminal) -> None:
    terminal.perform(Do.KEEP_DRAFT, half_done())
    begun = VisitState(step=Step.TAKE_CARD, resident=MING, case_no="2")
    assert walk(begun, Event(Ev.DRAFT_SOUGHT, terminal.found_by(KIM)))[0] == begun


def test_who_does_something_else_first_finds_it_again(terminal: Terminal) -> None:
    terminal.perform(Do.KEEP_DRAFT, half_done())
    state, effects = walk(at_card(terminal), Ev.LATER)
    assert state.step is Step.DUE and Do.DROP_DRAFT not in effects
    assert terminal.found_by(KIM).found is not None


def test_it_is_gone_when_she_does_not_want_it_and_when_it_is_sent(terminal: Terminal, store: SqlcipherStore) -> None:
    terminal.perform(Do.KEEP_DRAFT, half_done())
    offered = at_card(terminal)
    state, effects = walk(offered, Ev.FORGET)
    assert Do.DROP_DRAFT in effects
    terminal.perform(Do.DROP_DRAFT, state)
    assert store.drafts() == []
    sent = replace(half_done(), step=Step.SUBMIT, drafts=left().drafts)
    assert Do.DROP_DRAFT in walk(sent, Event(Ev.STORED, NUMBER))[1]


# ---- the store -------------------------------------------------------------------------------------------------


def test_only_her_card_finds_it_and_a_newer_one_takes_its_place(terminal: Terminal, store: SqlcipherStore) -> None:
    terminal.perform(Do.KEEP_DRAFT, half_done())
    assert terminal.found_by(MING).found is None
    terminal.perform(Do.KEEP_DRAFT, replace(half_done(), case_no="3"))
    assert [draft.case_no for draft in store.drafts()] == ["3"]
    assert owner_of(KIM, "00") != owner_of(KIM, "01"), "the digest is salted"


def test_it_lives_a_day_from_her_yes_and_not_longer_by_going_on(
    terminal: Terminal, store: SqlcipherStore, wall: list[datetime], record_property: Callable[[str, object], None]
) -> None:
    store.keep_file(picture())
    terminal.perform(Do.KEEP_DRAFT, half_done())
    wall.append(START + timedelta(hours=23, minutes=59))
    terminal.perform(Do.KEEP_DRAFT, half_done())
    DraftSweep(store, terminal.tools).start()  # type: ignore[arg-type]  # the part of a clock that is used
    terminal.tools.later.pop()()
    assert terminal.found_by(KIM).found is not None
    wall.append(START + timedelta(hours=24))
    terminal.tools.later.pop()()
    assert (store.drafts(), store.file(NUMBER, "ab")) == ([], None)
    record_property("figure", "gone after 24 h")


def test_a_clock_that_was_set_back_does_not_make_it_live_longer(
    terminal: Terminal, store: SqlcipherStore, wall: list[datetime]
) -> None:
    terminal.perform(Do.KEEP_DRAFT, half_done())
    wall.append(START - timedelta(hours=1))
    assert terminal.found_by(KIM).found is None and store.drafts() == []


def test_after_a_power_cut_only_what_she_wanted_kept_is_there(
    tmp_path: Path, terminal: Terminal, store: SqlcipherStore
) -> None:
    terminal.perform(Do.KEEP_DRAFT, half_done())
    store.keep_file(picture())
    store.keep_file(replace(picture(), case_no="of a visit that the cut ended"))
    store.end_visit_files(NUMBER, keep=())
    store.close()
    again = SqlcipherStore(tmp_path / "store.db", KEY, lambda: START)
    again.drop_orphans()
    assert again.file(NUMBER, "ab") == picture()
    assert again.file("of a visit that the cut ended", "ab") is None
    assert [draft.case_no for draft in again.drafts()] == [NUMBER]
    again.close()


def test_a_case_takes_the_place_of_its_draft_at_the_same_moment(terminal: Terminal, store: SqlcipherStore) -> None:
    store.keep_file(picture())
    terminal.perform(Do.KEEP_DRAFT, half_done())
    store.put(OutboxItem(NUMBER, ItemKind.CASE, NUMBER, 0, {}, START.isoformat(), attachments=("ab",)))
    assert store.drafts() == []
    store.drop_draft(NUMBER)
    assert store.file(NUMBER, "ab") is not None, "its pictures go with the case"


def test_nothing_of_it_lies_on_the_disk_in_clear_nor_after_it_was_dropped(
    tmp_path: Path, terminal: Terminal, store: SqlcipherStore
) -> None:
    store.keep_file(picture())
    terminal.perform(Do.KEEP_DRAFT, half_done())
    planted = [text.encode() for text in (STREET, "XA027", KIM.number, KIM.name, "planted picture")]
    at_rest = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert at_rest and not [text for text in planted if text in at_rest]
    assert PIN not in str(store.drafts()[0].content)
    store.drop_draft(NUMBER)
    assert store.drafts() == [] and store.file(NUMBER, "ab") is None


def test_a_repr_tells_nothing() -> None:
    draft = KeptDraft(NUMBER, "0412", "00", "ff", START.isoformat(), content_of(half_done()))
    assert STREET not in repr(draft) and NUMBER not in repr(draft)


# ---- the slip --------------------------------------------------------------------------------------------------


def test_the_slip_has_number_and_code_and_nothing_personal() -> None:
    terminal = SlipTerminal("Somewhere", "hall", "K1")
    slip = PrintingService(None, terminal).slip(left(), CATALOGUE, START)  # type: ignore[arg-type]  # no words needed
    assert slip.kind is SlipKind.DRAFT
    (code,) = [block.payload for block in slip.blocks if isinstance(block, Verify)]
    assert read_draft(code) == (NUMBER, "0412")
    values = str([block.value for block in slip.blocks if isinstance(block, SlipFact)])
    assert "0412" in values
    assert not [text for text in (KIM.name, KIM.number[-4:], "XA027", STREET) if text in str(slip)]


def test_without_a_printer_the_card_is_enough() -> None:
    none = Capabilities(frozenset(Capability) - {Capability.PRINT_SLIP})
    state, effects = walk(replace(half_done(), capabilities=none), Ev.LEAVE, Ev.KEEP_ASK, Ev.KEEP_YES, KEPT)
    assert Do.PRINT_SLIP not in effects
    assert view(state, CATALOGUE).question.key == "draft.card_is_enough"
    assert walk(state, Ev.WITHOUT_PAPER)[0].step is Step.WIPE


@pytest.mark.parametrize(
    "text", ["", "TSHP3", "TSHP3:1:0412", f"TSHP3:{NUMBER}:041", f"TSHP3:{NUMBER}:0412:", f"TSHP3:1{NUMBER[1:]}:0412"]
)
def test_a_code_that_is_none_of_ours_is_no_draft(text: str) -> None:
    assert read_draft(text) is None
