"""The letter that says how a case stands: offered where the office has it, and printed only when it is proved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kiosk.app.slip.letter_effects import LetterEffects
from kiosk.app.visit.effects import VisitEffects
from kiosk.domain.case_number import mint
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.event import EventKind
from kiosk.domain.ports import BadDocument, FileReply, Reply
from kiosk.domain.screens.compose import view
from kiosk.domain.slip.state import Letter, LetterStage, SlipShown
from kiosk.domain.speech import Line
from kiosk.domain.visit.machine import (
    Decision,
    DecisionKind,
    Do,
    Ev,
    Event,
    Overlay,
    Printed,
    Printing,
    Step,
    VisitState,
    advance,
)
from kiosk.domain.visit.readiness import Capabilities, Capability

NUMBER = mint("350213", 1, 8, "261124", 1)
CATALOGUE = Catalogue(1, (), (), ())
OFFERED = Event(Ev.LETTER, Letter(LetterStage.OFFERED))
MADE = {"document_id": "ab" * 16, "code": "ABCD" * 5, "copy": 1, "digest": "cd" * 32}


def walk(state: VisitState, *events: Event | EventKind[Any]) -> tuple[VisitState, list[Do]]:
    effects: list[Do] = []
    for event in events:
        state, done = advance(state, event if isinstance(event, Event) else Event(event))
        effects += done
    return state, effects


def shown(*told: Event) -> VisitState:
    return walk(VisitState(), Event(Ev.CODE_SHOWN, f"TSHP1:{NUMBER}:4821"), *told)[0]


def offers(state: VisitState) -> bool:
    return any(choice.event.kind is Ev.LETTER_WANTED for choice in view(state, CATALOGUE).choices)


def test_it_is_offered_where_the_office_has_it() -> None:
    answered = Event(Ev.PROGRESS, Line("progress.refused"))
    with_letter, without = shown(OFFERED, answered), shown(answered)
    assert offers(with_letter) and not offers(without)
    asked, effects = walk(with_letter, Ev.LETTER_WANTED)
    assert (asked.overlay, effects) == (Overlay.LETTER, [Do.MAKE_LETTER])
    assert walk(asked, Ev.LETTER_WANTED)[1] == [], "one request, however often she touches"
    assert walk(without, Ev.LETTER_WANTED) == (without, [])


def decided(decision: Decision) -> VisitState:
    sheets = Capabilities(frozenset({Capability.PRINT_DOCUMENT}))
    return VisitState(step=Step.RESULT, case_no=NUMBER, decision=decision, stored=True, capabilities=sheets)


def test_it_is_offered_with_the_result_that_it_says() -> None:
    approved = decided(Decision(DecisionKind.APPROVED, query_code="4821"))
    assert offers(approved)
    asked, effects = walk(approved, Ev.LETTER_WANTED)
    assert effects == [Do.MAKE_LETTER] and (asked.slip.number, asked.slip.code) == (NUMBER, "4821")
    proved, _ = walk(asked, Event(Ev.LETTER, Letter(LetterStage.PROVED)))
    back, _ = walk(proved, Ev.CLOSE)
    assert (back.step, back.overlay) == (Step.RESULT, Overlay.NONE)
    for nothing in (
        Decision(DecisionKind.PENDING, query_code="4821"),
        Decision(DecisionKind.APPROVED),
        Decision(DecisionKind.NOTICE, query_code="4821", facts={"repeats": NUMBER[-16:]}),
    ):
        assert not offers(decided(nothing)) and walk(decided(nothing), Ev.LETTER_WANTED)[1] == []


class Tools:
    """The office and the outbox as the effect uses them."""

    boot_id = "boot"

    def __init__(self, made: Reply, file: FileReply) -> None:
        self.made, self.fetched = made, file
        self.asked: list[tuple[object, ...]] = []
        self.reported: list[Any] = []

    back_office = outbox = property(lambda self: self)

    def post(self, *call: object) -> Reply:
        self.asked.append(call)
        return self.made

    def file(self, *call: object) -> FileReply:
        self.asked.append(call)
        return self.fetched

    def ask(self, work: Callable[[], None], otherwise: Callable[[], None]) -> None:
        work()

    def store(self, work: Callable[[], None]) -> None:
        work()

    def submit(self, item: object) -> None:
        self.reported.append(item)

    def item(self, *what: object) -> tuple[object, ...]:
        return what


class Cutter:
    def count(self, pdf: bytes) -> int:
        if not pdf.startswith(b"%PDF"):
            raise BadDocument("no PDF")
        return 1


class Printer:
    def __init__(self, proof: Printed) -> None:
        self.proof, self.printed = proof, list[bytes]()

    def print_at_once(self, pdf: bytes, case_no: str, on_done: Callable[[Printed], None]) -> None:
        self.printed.append(pdf)
        on_done(self.proof)


def told(tools: Tools, printer: Printer | None) -> list[Any]:
    making = VisitState(overlay=Overlay.LETTER, slip=SlipShown(NUMBER, "4821", letter=Letter(LetterStage.MAKING)))
    posted: list[Event] = []
    effects = LetterEffects(tools, Cutter(), printer)  # type: ignore[arg-type]  # the parts that are used
    effects.handlers()[Do.MAKE_LETTER](making, Event(Ev.LETTER_WANTED), posted.append)
    return [event.value for event in posted]


@pytest.mark.parametrize(
    ("proof", "stage", "outcome"),
    [
        (Printed(Printing.PROVED), Letter(LetterStage.PROVED), "printed"),
        (Printed(Printing.UNKNOWN), Letter(LetterStage.UNKNOWN), "unknown"),
        (Printed(Printing.FAILED, "document_aborted"), Letter(LetterStage.FAILED, "document_aborted"), "failed"),
    ],
)
def test_the_printer_alone_says_that_it_is_printed_and_the_office_hears_it(
    proof: Printed, stage: Letter, outcome: str
) -> None:
    tools, printer = Tools(Reply(201, MADE), FileReply(200, b"%PDF-1.7")), Printer(proof)
    assert told(tools, printer) == [stage]
    assert printer.printed == [b"%PDF-1.7"]
    assert tools.asked[0] == (f"/v1/cases/{NUMBER}/letters", {"code": "4821"}, f"{NUMBER}/letter/boot/1")
    assert tools.asked[1] == (f"/v1/documents/{MADE['document_id']}", MADE["digest"])
    assert tools.reported[0][-1] == {"document_id": MADE["document_id"], "outcome": outcome}


@pytest.mark.parametrize(
    ("made", "file", "fault"),
    [
        (Reply(409, {"code": "case_paper_not_yet"}), FileReply(200, b"%PDF"), ""),
        (Reply(0, {}), FileReply(200, b"%PDF"), ""),
        (Reply(201, MADE), FileReply(0), ""),
        (Reply(201, MADE), FileReply(200, b"<html>"), "document_format"),
    ],
)
def test_what_did_not_come_whole_is_not_printed(made: Reply, file: FileReply, fault: str) -> None:
    printer = Printer(Printed(Printing.PROVED))
    (letter,) = told(Tools(made, file), printer)
    assert letter.stage is LetterStage.FAILED and bool(letter.fault) is bool(fault) and printer.printed == []


def test_without_an_a4_printer_it_says_where_the_letter_can_be_had() -> None:
    (letter,) = told(Tools(Reply(201, MADE), FileReply(200, b"%PDF")), None)
    assert letter == Letter(LetterStage.ELSEWHERE)
    state = VisitState(overlay=Overlay.LETTER, slip=SlipShown(NUMBER, "4821", letter=letter))
    assert view(state, CATALOGUE).question == Line("letter.elsewhere")


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        ({"key": "progress.refused", "args": {}, "letter": "refusal"}, ["letter", "progress.refused"]),
        ({"key": "progress.refused", "args": {}}, ["progress.refused.ask"]),
        ({"key": "progress.pending", "args": {}}, ["progress.pending"]),
    ],
)
def test_words_promise_a_letter_only_where_the_office_names_one(body: dict[str, Any], keys: list[str]) -> None:
    class Office:
        tools = back_office = property(lambda self: self)

        def progress(self, number: str, code: str) -> Reply:
            return Reply(200, body)

        def ask(self, work: Callable[[], None], otherwise: Callable[[], None]) -> None:
            work()

    effects = object.__new__(VisitEffects)
    effects._tools = Office()  # type: ignore[assignment]  # the part that is used
    posted: list[Event] = []
    effects._ask_progress(shown(), Event(Ev.CODE_SHOWN), posted.append)
    assert [event.value.key if event.kind is Ev.PROGRESS else "letter" for event in posted] == keys
    assert all(event.about == NUMBER for event in posted), "an answer says whose slip it is about"
