"""The twelve journeys' visits by keypad alone: next, previous, 确认, 返回 and 帮助 over the model of the targets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kiosk.app.keys.generate import read_catalogue
from kiosk.app.keys.questions import with_lists
from kiosk.domain.aid.state import CallStage, CallTold
from kiosk.domain.deputy.state import with_deputy
from kiosk.domain.event import EventKind
from kiosk.domain.papers.state import KeptPage, Shot, Witness
from kiosk.domain.screens.compose import view
from kiosk.domain.sheets.state import Told
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.visit.machine import (
    Decision,
    DecisionKind,
    Do,
    Ev,
    Event,
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
from kiosk.domain.visit.navigation import Cursor, Kind, Target, targets
from kiosk.domain.visit.plan import plan

CATALOGUE = with_lists(read_catalogue(Path(__file__).parents[2] / "config" / "catalogue"))
KIM = Resident("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", "某处", source="chip")
ANNA = Resident("resident", "林小玲", "350221197003150026", "2", "1970-03-15", "某处", source="chip")
KNOWN = {"account": {"bank": "农商银行", "last4": "6821"}}
TODAY = "2026-11-24"
MOST_PRESSES = 60
POINTS_AT_MOST = 20
"""More targets than any screen has."""


@dataclass
class Keys:
    """Somebody at the keypad. What card, printer and office do comes by `world`."""

    state: VisitState = field(default_factory=VisitState)
    cursor: Cursor = field(default_factory=Cursor)
    presses: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    done: list[Do] = field(default_factory=list)

    def world(self, kind: EventKind[Any], value: object = None) -> None:
        self._take(Event(kind, value))

    def _take(self, event: Event) -> None:
        before = self.state
        self.state, effects = advance(before, event)
        self.done += effects
        if self.state.step is Step.WIPE and before.step is not Step.WIPE:
            self.outcomes.append(self.state.outcome)
        if (self.state.step, self.state.overlay) != (before.step, before.overlay):
            self.cursor = Cursor()

    def choose(self, *keys: str, value: str = "") -> None:
        """Each in its turn: the key 'next' until it is there, turning pages where it is not, then 确认."""
        for key in keys:
            self._find(key, value)

    def _find(self, key: str, value: str) -> None:
        for _ in range(MOST_PRESSES):
            shown = targets(self.state, view(self.state, CATALOGUE))
            self.cursor = self.cursor.next(shown)
            self.presses += 1
            assert self.cursor.at is not None, (key, self.state.step)
            found = shown[self.cursor.at]
            says = "" if not value else "".join(arg.value for arg in found.line.args.values())
            if found.line.key == key and value in (says, ""):
                self._enter(shown)
                return
            if self._is_next_page(shown, key):
                self._enter(shown)
        raise AssertionError(f"{key} is not reached on {self.state.step}: {[one.line.key for one in shown]}")

    def _is_next_page(self, shown: Sequence[Target], key: str) -> bool:
        """The key stands nowhere on this page, and the way to the next one is under the finger."""
        here = shown[self.cursor.at or 0].line.key
        return here == "browse.next" and key not in [one.line.key for one in shown]

    def _enter(self, shown: Sequence[Target]) -> None:
        event = self.cursor.enter(shown)
        assert event is not None
        self._take(event)

    def back(self) -> None:
        self._take(Event(Ev.BACK))

    def help(self) -> None:
        self._take(Event(Ev.HELP))


def chosen_item(keys: Keys, item_id: str) -> None:
    """From the first screen to the card: by the home page where it stands there, else by its category."""
    keys.choose("welcome.start_nan")
    home = [one.line.key for one in targets(keys.state, view(keys.state, CATALOGUE))]
    if f"item.{item_id}.name" not in home:
        keys.choose("choose.other", f"category.{CATALOGUE.item(item_id).category}")
    keys.choose(f"item.{item_id}.name")


def identified(keys: Keys, item_id: str) -> None:
    chosen_item(keys, item_id)
    keys.world(Ev.CARD_READ, KIM)
    keys.choose("confirm.yes")
    keys.world(Ev.CARD_REMOVED)
    item = CATALOGUE.item(item_id)
    keys.world(Ev.PREPARED, Prepared(item_id, plan(item, KNOWN), KNOWN, False, TODAY))


def sent(keys: Keys) -> None:
    keys.choose("review.send")
    keys.world(Ev.STORED, "n")
    keys.world(Ev.DECIDED, Decision(DecisionKind.APPROVED, facts={"starts_on": "2026-12-15"}))


def printed(keys: Keys) -> None:
    keys.choose("result.print")
    keys.world(Ev.PRINTED, Printed(Printing.PROVED))
    keys.choose("print.taken", "rate.skip")


def allowance(keys: Keys) -> None:
    identified(keys, "XA032")
    keys.choose("ask.account.yes")
    sent(keys)
    printed(keys)


def sees_badly(keys: Keys) -> None:
    keys.choose("bar.access", "access.size.1", "access.size.2", "access.size.3", "access.theme.light")
    keys.choose("access.theme.dark", "access.done")
    assert (keys.state.access.size, keys.state.access.theme) == (3, "dark")
    identified(keys, "XA009")
    for month in ("1", "10"):
        keys.choose("pad.decade", value="2020")
        keys.choose("pad.year", value="2026")
        keys.choose("pad.month", value=month)
    rows = (Line("row.pension.monthly", {"amount": Arg(ArgKind.MONEY, "18650")}),)
    keys.world(Ev.DECIDED, Decision(DecisionKind.DONE, query_code="4821"))
    keys.world(Ev.ANSWERED, Told("XA009", rows))
    keys.choose("told.print")
    keys.world(Ev.PRINTED, Printed(Printing.PROVED))
    keys.choose("print.taken", "rate.skip")


def blind(keys: Keys) -> None:
    keys.world(Ev.HEADPHONE, True)
    keys.choose("ear.listen.only")
    identified(keys, "XA034")
    keys.choose("bar.again", "ask.account.yes")
    if keys.state.step is Step.ASK:
        keys.choose("ask.skip")
    keys.choose("review.send")
    for _ in range(POINTS_AT_MOST):
        if keys.state.step is not Step.COMMIT:
            break
        shown = [one.line.key for one in targets(keys.state, view(keys.state, CATALOGUE))]
        keys.choose("commit.agree" if "commit.agree" in shown else "commit.next")
    keys.choose("sign.by_key")
    keys.world(Ev.STORED, "n")
    keys.world(Ev.DECIDED, Decision(DecisionKind.APPROVED))
    printed(keys)


def trembling(keys: Keys) -> None:
    identified(keys, "XA032")
    keys.help()
    keys.back()
    keys.choose("bar.access")
    keys.back()
    keys.choose("ask.account.yes")
    keys.back()
    assert keys.state.step is Step.ASK
    keys.choose("ask.account.yes")
    sent(keys)
    printed(keys)


def deaf(keys: Keys) -> None:
    keys.choose("bar.access", "browse.next", "access.voice.end", "access.done")
    chosen_item(keys, "XA032")
    keys.world(Ev.CARD_FAILED, "card_place_again")
    keys.help()
    keys.choose("help.call")
    keys.world(Ev.CALL_ANSWERED, CallTold(1, CallStage.QUEUED, Line("help.queued")))
    keys.choose("overlay.close")
    keys.world(Ev.CARD_READ, KIM)
    keys.choose("confirm.yes")
    keys.world(Ev.CARD_REMOVED)
    item = CATALOGUE.item("XA032")
    keys.world(Ev.PREPARED, Prepared("XA032", plan(item, KNOWN), KNOWN, False, TODAY))
    keys.choose("ask.account.yes")
    sent(keys)
    printed(keys)


def walks_away(keys: Keys) -> None:
    chosen_item(keys, "XA032")
    keys.world(Ev.CARD_READ, KIM)
    keys.world(Ev.IDLE_WARN)
    keys.world(Ev.IDLE_END)


def slow(keys: Keys) -> None:
    identified(keys, "XA032")
    for _ in range(12):
        keys.world(Ev.IDLE_WARN)
        warned = keys.state.overlay
        keys.choose("idle.stay")
        assert (warned, keys.state.overlay) == (Overlay.IDLE, Overlay.NONE)
    keys.choose("ask.account.yes")
    sent(keys)
    printed(keys)


def paper_ends(keys: Keys) -> None:
    identified(keys, "XA032")
    keys.choose("ask.account.yes")
    sent(keys)
    keys.choose("result.print")
    keys.world(Ev.PRINTED, Printed(Printing.FAILED, "paper_out"))
    keys.choose("print.again")
    keys.world(Ev.PRINTED, Printed(Printing.PROVED))
    keys.choose("print.taken", "rate.skip")


def line_dies(keys: Keys) -> None:
    identified(keys, "XA032")
    keys.choose("ask.account.yes")
    keys.choose("review.send")
    keys.world(Ev.STORED, "n")
    keys.world(Ev.UNSENT)
    printed(keys)


def wheelchair(keys: Keys) -> None:
    keys.choose("bar.access", "browse.next", "browse.next", "access.low_reach.begin", "access.done")
    assert keys.state.access.low_reach
    allowance(keys)


def prepared(keys: Keys, item_id: str) -> None:
    item = CATALOGUE.item(item_id)
    actions = with_deputy(plan(item, KNOWN), item, keys.state.deputy)
    keys.world(Ev.PREPARED, Prepared(item_id, actions, KNOWN, False, TODAY))


def page_taken(keys: Keys) -> None:
    keys.world(Ev.CAPTURED, Shot(b"jpeg"))
    keys.choose("capture.keep")
    action = keys.state.action
    assert action is not None
    keys.world(Ev.PAGE_KEPT, KeptPage(action.subject, "name", "00"))


def daughter(keys: Keys) -> None:
    """Alone, with a letter of two pages, of which the second is blurred at first."""
    chosen_item(keys, "XA042")
    keys.choose("identify.for_other")
    keys.world(Ev.CARD_READ, ANNA)
    keys.choose("confirm.yes")
    keys.world(Ev.CARD_REMOVED)
    keys.choose("deputy.honest.yes", "deputy.present.no", "deputy.go_on")
    keys.world(Ev.CARD_READ, KIM)
    keys.choose("deputy.confirm.yes")
    keys.world(Ev.CARD_REMOVED)
    prepared(keys, "XA042")
    keys.choose("capture.may.yes")
    page_taken(keys)
    keys.choose("capture.one_more", "capture.laid")
    keys.world(Ev.CAPTURE_HINT, "picture_blurred")
    keys.world(Ev.CAPTURE_FAILED, "picture_blurred")
    keys.choose("capture.again")
    page_taken(keys)
    keys.choose("capture.enough", "ask.skip")
    sent(keys)
    printed(keys)


def face_not_seen(keys: Keys) -> None:
    identified(keys, "XA002")
    keys.choose("ask.living_where.here", "ask.skip", "capture.may.yes")
    for again in (True, True, False):
        keys.world(Ev.CAPTURE_FAILED, "portrait_absent")
        if again:
            keys.choose("capture.again")
    keys.choose(
        "witness.here", "type.digit.7", "type.done", *(f"type.digit.{digit}" for digit in "402913"), "type.done"
    )
    keys.world(Ev.VOUCHED, Witness("7", "2026-11-24T10:00:00+08:00"))
    assert keys.state.papers.face_witness == Witness("7", "2026-11-24T10:00:00+08:00")
    sent(keys)
    printed(keys)


VISITS: dict[str, tuple[Callable[[Keys], None], Outcome]] = {
    "1 old": (allowance, Outcome.FINISHED),
    "2 low vision": (sees_badly, Outcome.FINISHED),
    "3 blind": (blind, Outcome.FINISHED),
    "4 tremor": (trembling, Outcome.FINISHED),
    "5 deaf": (deaf, Outcome.FINISHED),
    "6 walks away": (walks_away, Outcome.TIMED_OUT),
    "7 slow": (slow, Outcome.FINISHED),
    "8 paper ends": (paper_ends, Outcome.FINISHED),
    "9 line dies": (line_dies, Outcome.SAVED),
    "10 daughter": (daughter, Outcome.FINISHED),
    "11 face not seen": (face_not_seen, Outcome.FINISHED),
    "12 wheelchair": (wheelchair, Outcome.FINISHED),
}


@pytest.mark.parametrize("name", VISITS)
def test_each_visit_reaches_its_outcome_by_keys_alone(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    visit, outcome = VISITS[name]
    keys = Keys()
    visit(keys)
    assert keys.outcomes == [outcome]
    keys.world(Ev.WIPED)
    assert keys.state.step is Step.WELCOME and keys.state.resident is None
    record_property("figure", f"journey {name}: {keys.presses} presses")


@pytest.mark.parametrize("name", VISITS)
def test_no_screen_of_a_visit_is_a_trap(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On every screen of every visit the keys come round to where they began, and meet each target once."""
    met: list[VisitState] = []
    take = Keys._take

    def watched(self: Keys, event: Event) -> None:
        take(self, event)
        met.append(self.state)

    monkeypatch.setattr(Keys, "_take", watched)
    VISITS[name][0](Keys())
    for state in met:
        shown = targets(state, view(state, CATALOGUE))
        if not shown:
            continue
        begun = Cursor().next(shown)
        walked = [begun]
        while (following := walked[-1].next(shown)) != begun:
            assert len(walked) <= len(shown), (state.step, state.overlay, "the walk never comes round")
            walked.append(following)
        assert sorted(one.at or 0 for one in walked) == list(range(len(shown))), (state.step, state.overlay)
        ways_out = {one.line.key for one in shown if one.kind is Kind.BAR}
        assert state.step in (Step.WELCOME, Step.WIPE) or "bar.leave" in ways_out


def test_every_one_of_the_twelve_is_walked_by_keys() -> None:
    assert [name.split()[0] for name in VISITS] == [str(number) for number in range(1, 13)]
    folder = Path(__file__).parents[1] / "journeys" / "twelve"
    assert [int(path.name[:2]) for path in sorted(folder.glob("*.toml"))] == list(range(1, 13))
