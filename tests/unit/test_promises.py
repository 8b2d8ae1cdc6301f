"""No words without a fact: each text that promises something stands in a table, and walks hold it to what was heard.

What the machine hears is what devices, the store and the office said: a text of the table may be shown, spoken or
printed only after the word that makes it so has come.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
import walking

from kiosk.adapters.words import VoicesWords
from kiosk.app.keys.generate import read_catalogue
from kiosk.app.keys.questions import with_lists
from kiosk.app.slip.printing import PrintingService
from kiosk.domain.aid.state import CallStage, CallTold, Taken
from kiosk.domain.event import EventKind
from kiosk.domain.money.state import PayState
from kiosk.domain.screens.compose import sheet, view
from kiosk.domain.sheets.state import PaperStage, Printout
from kiosk.domain.slip.blocks import Headline, NextSteps, SlipFact, SlipTerminal
from kiosk.domain.slip.state import Letter, LetterStage
from kiosk.domain.speech import Line
from kiosk.domain.visit.machine import Decision, DecisionKind, Ev, Event, Printed, Printing, Step, VisitState, advance
from kiosk.domain.visit.words import Do

ROOT = Path(__file__).parents[2]
CATALOGUE = with_lists(read_catalogue(ROOT / "config" / "catalogue"))
TABLE = tomllib.loads(Path(__file__).with_name("promises.toml").read_text(encoding="utf-8"))["promise"]
STATE_OF: Mapping[str, str] = {key: row["state"] for row in TABLE for key in row["keys"]}
PRINTING = PrintingService(VoicesWords(), SlipTerminal("后村社区", "后村社区服务大厅", "KIOSK-0071"))
WALL = datetime(2026, 11, 27, 9, 42)

WORDS = {
    "cmn": (
        r"知道了|有人接|(?<!怎)会(?:来|有人|帮您|找您|给您|告诉|通知|自己送|接着办)|分钟到|一定|信里|已经|办好了|办完了"
        r"|已办好|批准|收到|收下|收好|印好|打好|印出来了|印出\{|印在|记下来|记下了|记下$|都留着|给您留|就送|就发|送上去|要回话"
        r"|答复|入账|入您|交好了|约好了|取消了|退回去了|转过去|存好|窗口看得到|等一下会|有人会"
    ),
    "nan": (
        r"知影矣|有人接|会(?:来|揣您|鬥|共您|继续办)|分钟到|一定|批里|信里|已经|办好矣|办好了后|批准|收着|收起来|收伫"
        r"|印好矣|印好\{|印出来\{|记起来|记落来|拢有留|共您留|就送|就发|爱回话|回话\]|入数|始入|入您|纳好矣|交好矣|约好矣"
        r"|取消矣|转去矣|转过去|看会着|有人会"
    ),
}
"""Words of promise: that somebody knows or comes, that something is done, received, printed, kept or will surely be."""


# ---- the table has every text that promises, and no other -----------------------------------------------------------


def texts(lang: str) -> Iterator[tuple[str, str]]:
    """Key and shown text, and in Mandarin also the spoken one where it differs."""
    for path in sorted((ROOT / "voices" / lang).glob("*.toml")):
        for key, entry in tomllib.loads(path.read_text(encoding="utf-8")).get("prompts", {}).items():
            if isinstance(entry, str):
                yield key, entry
                continue
            yield key, str(entry.get("show") or entry.get("han") or "")
            if lang == "cmn" and "say" in entry:
                yield key, str(entry["say"])


def promises(text: str, lang: str) -> bool:
    return re.search(WORDS[lang], text) is not None


def test_every_text_that_promises_says_what_must_be_so() -> None:
    found = {key for lang in WORDS for key, text in texts(lang) if promises(text, lang)}
    assert sorted(found - set(STATE_OF)) == [], "put each into promises.toml under what must be so when it is shown"
    assert sorted(set(STATE_OF) - found) == [], "these promise nothing any more"


def test_no_text_stands_twice_and_each_row_says_why() -> None:
    keys = [key for row in TABLE for key in row["keys"]]
    assert len(keys) == len(set(keys))
    assert all(row["because"].strip() for row in TABLE)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("cmn", "有人会来帮您。"),
        ("cmn", "村里的干部知道了,‖三分钟到。"),
        ("cmn", "最迟明天,‖一定有回话。"),
        ("cmn", "信里写了为什么。"),
        ("cmn", "单子印好了。"),
        ("nan", "有叫人矣,‖干部知影矣。"),
        ("nan", "有人会来鬥相共。"),
        ("nan", "您的代志办好矣。"),
    ],
)
def test_words_of_promise_are_found(lang: str, text: str) -> None:
    assert promises(text, lang)


@pytest.mark.parametrize(("lang", "text"), [("cmn", "请叫人来。"), ("cmn", "要印单子吗?"), ("nan", "请叫人来。")])
def test_a_request_or_a_question_is_no_promise(lang: str, text: str) -> None:
    assert not promises(text, lang)


# ---- walks: nothing is promised before what makes it so was heard ---------------------------------------------------


@dataclass
class Heard:
    """What devices, the store and the office have said in one visit."""

    events: list[Event] = field(default_factory=list)

    def of(self, *kinds: EventKind[Any]) -> list[Any]:
        return [event.value for event in self.events if event.kind in kinds]

    @property
    def decisions(self) -> list[Decision]:
        told = [value.decision for value in self.of(Ev.PAYMENT, Ev.BOOKED) if value.decision is not None]
        return [*self.of(Ev.DECIDED), *told]

    def called(self, *stages: CallStage) -> bool:
        return any(value.stage in stages for value in self.of(Ev.CALL_ANSWERED))


def _proved(heard: Heard) -> bool:
    slips = any(value.printing is Printing.PROVED for value in heard.of(Ev.PRINTED, Ev.HELP_PRINTED))
    letters = any(value.stage is LetterStage.PROVED for value in heard.of(Ev.LETTER))
    return slips or letters or any(value.stage is PaperStage.PROVED or value.done for value in heard.of(Ev.PAPER))


_KINDS = {
    "result.approved": (DecisionKind.APPROVED,),
    "result.done": (DecisionKind.DONE,),
    "result.pending": (DecisionKind.PENDING,),
    "slip.approved": (DecisionKind.APPROVED,),
    "slip.pending": (DecisionKind.PENDING,),
    "slip.done": (DecisionKind.DONE,),
    "slip.repeat": (DecisionKind.NOTICE,),
}
"""What was approved is not told as done: that is said only where nothing was left to decide or to do."""


def _decided(heard: Heard, key: str) -> bool:
    kinds = _KINDS[".".join(key.split(".")[:2])]
    return any(decision.kind in kinds for decision in heard.decisions)


_AT_OFFICE = (CallStage.SENT, CallStage.UNANSWERED, CallStage.ACCEPTED)
HOLDS: Mapping[str, Callable[[Heard, str, VisitState], bool]] = {
    "store.holds": lambda h, k, s: bool(
        h.decisions or h.of(Ev.STORED, Ev.BOOKED, Ev.BOOK_UNSURE, Ev.PAYMENT, Ev.TICKET, Ev.BROUGHT)
    ),
    "office.decided": lambda h, k, s: _decided(h, k),
    "printer.proved": lambda h, k, s: _proved(h),
    "payment.booked": lambda h, k, s: any(v.payment.state is PayState.BOOKED for v in h.of(Ev.PAYMENT)),
    "place.taken": lambda h, k, s: bool(h.of(Ev.BOOKED)),
    "call.stored": lambda h, k, s: h.called(CallStage.QUEUED, *_AT_OFFICE),
    "call.sent": lambda h, k, s: h.called(*_AT_OFFICE),
    "call.accepted": lambda h, k, s: h.called(CallStage.ACCEPTED),
    "complaint.stored": lambda h, k, s: any(v.is_kept for v in h.of(Ev.REGISTERED)),
    "complaint.registered": lambda h, k, s: any(v.number for v in h.of(Ev.REGISTERED)),
    "supplement.kept": lambda h, k, s: bool(h.of(Ev.BROUGHT)),
    "draft.kept": lambda h, k, s: bool(h.of(Ev.DRAFT_KEPT)),
    "visit.holds": lambda h, k, s: s.step is not Step.WIPE,
    "letter.there": lambda h, k, s: any(v.stage is LetterStage.OFFERED for v in h.of(Ev.LETTER)),
}
ELSEWHERE = frozenset({"office.says", "register.says", "rule.stands", "done.here", "nothing"})
"""Said by others in their own words, or promising nothing: what they rest on is tested where it is made."""


def test_each_state_of_the_table_is_checked_or_said_to_be_elsewhere() -> None:
    assert {row["state"] for row in TABLE} == set(HOLDS) | ELSEWHERE


def keys_shown(state: VisitState) -> set[str]:
    """The texts that are shown or said in a state."""
    lines: list[Line | None] = []
    for shown in (view(state, CATALOGUE), sheet(state, CATALOGUE)):
        lines += [shown.question, shown.huge, *shown.body, *(one.line for one in shown.say)]
        choices = (*shown.choices, *shown.cards, *shown.pager)
        lines += [line for choice in choices for line in (choice.line, choice.hint)]
    return {line.key for line in lines if line is not None}


def keys_printed(state: VisitState) -> set[str]:
    lines: list[Line] = []
    for block in PRINTING.slip(state, CATALOGUE, WALL).blocks:
        match block:
            case Headline(line=line):
                lines.append(line)
            case NextSteps(lines=steps):
                lines += steps
            case SlipFact(label=label):
                lines.append(label)
            case _:
                pass
    return {line.key for line in lines}


def broken(heard: Heard, state: VisitState, keys: set[str]) -> list[str]:
    """Promises among the texts that nothing makes so."""
    found = []
    for key in sorted(keys & set(STATE_OF)):
        holds = HOLDS.get(STATE_OF[key])
        if holds is not None and not holds(heard, key, state):
            found.append(f"{key} without {STATE_OF[key]} at {state.step.value}/{state.overlay.value}")
    return found


def walked(item: Any, seed: int) -> tuple[set[str], list[str]]:
    """Walk once; the promises that were met, and those that were broken."""
    heard, met, wrong = Heard(), set[str](), list[str]()

    class Listening(walking.Walk):  # type: ignore[misc]  # loaded by its path
        def post(self, event: Event) -> None:
            heard.events.append(event)
            before = self.state
            super().post(event)
            keys = keys_shown(self.state) if self.state is not before else set()
            if {Do.PRINT_SLIP, Do.PRINT_HELP} & set(advance(before, event)[1]):
                keys |= keys_printed(self.state)
            met.update(keys & set(STATE_OF))
            wrong.extend(broken(heard, self.state, keys))

    Listening(item, CATALOGUE, Random(f"{item.item_id}/{seed}/promises")).go()
    return met, wrong


def walk_all(seeds: range) -> set[str]:
    met, wrong = set[str](), set[str]()
    for item in CATALOGUE.items:
        for seed in seeds:
            one_met, one_wrong = walked(item, seed)
            met |= one_met
            wrong |= {f"{item.item_id}/{seed}: {what}" for what in one_wrong}
    assert not wrong, "\n".join(sorted(wrong))
    return met


def test_nothing_is_promised_before_what_makes_it_so_was_heard() -> None:
    met = walk_all(range(3))
    states = {STATE_OF[key] for key in met}
    seldom = {"call.accepted", "supplement.kept", "draft.kept", "letter.there"}
    assert set(HOLDS) - states <= seldom, "walks that meet no promise prove nothing"


@pytest.mark.proof
def test_nothing_is_promised_in_many_more_walks() -> None:
    walk_all(range(3, 27))


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("result.saved", Event(Ev.STORED, "n")),
        ("result.approved.title", Event(Ev.DECIDED, Decision(DecisionKind.APPROVED))),
        ("print.take", Event(Ev.PRINTED, Printed(Printing.PROVED))),
        ("help.queued", Event(Ev.CALL_ANSWERED, CallTold(1, CallStage.QUEUED, Line("help.queued")))),
        ("help.sent", Event(Ev.CALL_ANSWERED, CallTold(1, CallStage.SENT, Line("help.sent")))),
        ("help.accepted", Event(Ev.CALL_ANSWERED, CallTold(1, CallStage.ACCEPTED, Line("help.accepted")))),
        ("cannot.registered", Event(Ev.REGISTERED, Taken())),
        ("complaint.taken", Event(Ev.REGISTERED, Taken("261124007001"))),
        ("letter.take", Event(Ev.LETTER, Letter(LetterStage.PROVED))),
        ("progress.refused", Event(Ev.LETTER, Letter(LetterStage.OFFERED))),
        ("sheets.take", Event(Ev.PAPER, Printout(PaperStage.PROVED, 2, 2))),
    ],
)
def test_a_promise_without_its_word_is_found_and_with_it_is_none(key: str, word: Event) -> None:
    assert broken(Heard(), VisitState(), {key}) and not broken(Heard([word]), VisitState(), {key})


def test_a_weaker_word_makes_no_stronger_promise() -> None:
    sent = Heard([Event(Ev.CALL_ANSWERED, CallTold(1, CallStage.SENT, Line("help.sent")))])
    noticed = Heard([Event(Ev.DECIDED, Decision(DecisionKind.NOTICE))])
    unproved = Heard([Event(Ev.PRINTED, Printed(Printing.UNKNOWN))])
    assert broken(sent, VisitState(), {"help.accepted"})
    assert broken(noticed, VisitState(), {"result.approved.title"})
    assert broken(unproved, VisitState(), {"print.take"})
    approved = Heard([Event(Ev.DECIDED, Decision(DecisionKind.APPROVED))])
    assert broken(approved, VisitState(), {"result.done.title"}) and broken(approved, VisitState(), {"slip.done.title"})
