"""Devices and what they allow: the set is made of workers, the slip goes where it can be printed, cards name people."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from drivers.api import (
    CompletionCode,
    DeviceError,
    DeviceState,
    DeviceStatus,
    DocumentResult,
    HolderLock,
    IdFace,
    MediaSize,
    PrintProof,
    SocialCard,
    SocialHolder,
)
from drivers.faults import (
    CHP_DATA,
    CHP_LOCKED,
    DEV_CANCELLED,
    DEV_NOT_FOUND,
    DOC_PAPER_OUT,
    FAC_NUMBER_WRONG,
    PRN_COVER,
    PRN_PAPER_LOW,
    PRN_PAPER_OUT,
    Fault,
)
from kiosk.adapters.clock import SystemClock
from kiosk.app.capabilities import CapabilityWatch, look
from kiosk.app.device_hub import DeviceEvent, DeviceWorker, StatusBus, fault_of
from kiosk.app.identify.residents import of_id_face, of_social_card
from kiosk.app.sheets.printer import SheetOnHub
from kiosk.domain.slip.blocks import Slip, SlipKind
from kiosk.domain.speech import Lang
from kiosk.domain.visit.machine import Ev, Event, Printed, Printing
from kiosk.domain.visit.readiness import NOT_FITTED, Capability, Unusable

TODAY = date(2026, 11, 24)
SLIP = Slip(SlipKind.SAVED, ())


class Thing:
    """A device that is there or not, and as well as the test says."""

    def __init__(self) -> None:
        self.missing = False
        self.faults: frozenset[str] = frozenset()

    def open(self) -> None:
        if self.missing:
            raise DeviceError(DEV_NOT_FOUND)

    def status(self) -> DeviceStatus:
        return DeviceStatus(DeviceState.ONLINE, faults=self.faults)

    def cancel(self) -> None: ...

    def reset(self) -> None: ...

    def close(self) -> None: ...


class Hall:
    def __init__(self, *names: str) -> None:
        self.clock = SystemClock()
        self.bus = StatusBus()
        self.things = {name: Thing() for name in names}
        self.workers: dict[str, DeviceWorker[Any]] = {
            name: DeviceWorker(name, thing, self.clock, self.bus.publish) for name, thing in self.things.items()
        }
        self.posted: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.records: list[tuple[str, Mapping[str, object]]] = []
        self.changes: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
        self.watch = CapabilityWatch(self.workers, self.posted.put, lambda *told: self.records.append(told))
        self.bus.subscribe(self.watch.device_changed)
        self.bus.subscribe(self.changes.put)

    def start(self) -> None:
        for worker in self.workers.values():
            worker.start()
        for _ in self.workers:
            self.changes.get(timeout=5)

    def shows(self, device: str, fault: Fault | None) -> None:
        self.workers[device].run_soon(lambda thing: self.workers[device].note(fault))
        self.changes.get(timeout=5)

    def close(self) -> None:
        for worker in self.workers.values():
            worker.close()
        self.clock.close()


@pytest.fixture
def hall() -> Iterator[Callable[..., Hall]]:
    made: list[Hall] = []

    def make(*names: str) -> Hall:
        made.append(Hall(*names))
        return made[-1]

    yield make
    for one in made:
        one.close()


OF_NO_DEVICE = {
    Capability.WRITE_HAND,
    Capability.WRITE_PINYIN,
    Capability.SPEAK_MINNAN,
    Capability.SPEAK_MANDARIN,
}
"""What the terminal's own processes do."""


def test_what_is_not_fitted_and_what_is_not_there_have_different_reasons(hall: Callable[..., Hall]) -> None:
    here = hall("id_card", "receipt_printer")
    here.things["id_card"].missing = True
    here.start()
    found = look(here.workers)
    assert found.usable == {Capability.PRINT_SLIP} | OF_NO_DEVICE
    assert found.reasons[Capability.READ_ID_CARD] == DEV_NOT_FOUND.code
    assert found.reasons[Capability.READ_SOCIAL_CARD] == NOT_FITTED


def test_little_paper_is_paper_and_no_paper_is_none(hall: Callable[..., Hall]) -> None:
    here = hall("receipt_printer")
    here.start()
    here.workers["receipt_printer"].run_soon(lambda thing: here.workers["receipt_printer"].note(PRN_PAPER_LOW))
    assert Capability.PRINT_SLIP in look(here.workers).usable
    here.shows("receipt_printer", PRN_PAPER_OUT)
    assert look(here.workers).reasons[Capability.PRINT_SLIP] == PRN_PAPER_OUT.code


def test_what_is_wrong_with_the_paper_is_known_and_the_printer_that_prints_next_counts(
    hall: Callable[..., Hall],
) -> None:
    here = hall("receipt_printer", "document_printer")
    here.start()
    assert look(here.workers).paper == {}
    here.shows("receipt_printer", PRN_PAPER_OUT)
    assert look(here.workers).paper == {}, "the sheets stand in"
    here.shows("document_printer", DOC_PAPER_OUT)
    gone = look(here.workers)
    assert gone.paper == {Capability.PRINT_SLIP: "paper_out", Capability.PRINT_DOCUMENT: "document_paper_out"}
    assert gone.without(Unusable(Capability.KEYPAD, "DEV-002")).paper == gone.paper


def test_little_paper_never_hides_an_open_cover() -> None:
    def of(*faults: Fault) -> Fault | None:
        return fault_of(DeviceStatus(DeviceState.ONLINE, faults=frozenset(fault.code for fault in faults)))

    assert of(PRN_PAPER_LOW, PRN_COVER) is PRN_COVER and of(PRN_PAPER_LOW) is PRN_PAPER_LOW and of() is None


def test_the_a4_printer_stands_in_for_the_slip_printer(hall: Callable[..., Hall]) -> None:
    here = hall("receipt_printer", "document_printer")
    here.start()
    here.watch.freeze()
    here.shows("receipt_printer", PRN_PAPER_OUT)
    assert Capability.PRINT_SLIP in look(here.workers).usable
    here.shows("document_printer", DOC_PAPER_OUT)
    gone = {here.posted.get(timeout=5).value for _ in range(2)}
    assert gone == {
        Unusable(Capability.PRINT_SLIP, PRN_PAPER_OUT.code),
        Unusable(Capability.PRINT_DOCUMENT, DOC_PAPER_OUT.code),
    }


def test_what_breaks_is_told_once_and_what_comes_back_is_not(hall: Callable[..., Hall]) -> None:
    here = hall("receipt_printer")
    here.start()
    assert here.watch.freeze().has(Capability.PRINT_SLIP)
    here.shows("receipt_printer", PRN_PAPER_OUT)
    gone = Unusable(Capability.PRINT_SLIP, PRN_PAPER_OUT.code)
    assert here.posted.get(timeout=5) == Event(Ev.WITHDRAWN, gone)
    here.shows("receipt_printer", None)
    assert here.posted.empty()
    kinds = [kind for kind, _ in here.records]
    assert kinds == ["capabilities", "withdrawn"]
    told = here.records[0][1]
    assert told["usable"] == sorted(["print_slip", *OF_NO_DEVICE]) and told["health"] == {"receipt_printer": 1.0}


# ---- who a card says stands here -----------------------------------------------------------------------------

HOLDER = SocialHolder("陈阿金", "350221194403150021", "2", "01", "350221", date(1944, 3, 15))
CARD = SocialCard("D12608821", "350200", "id", "3", "2.00", "issuer", date(2012, 6, 1), None, HOLDER)
FACE = IdFace("陈阿金", "2", "01", date(1944, 3, 15), "某处", "350221194403150021", ("address",))


def test_a_social_card_says_who_its_holder_is() -> None:
    resident = of_social_card(CARD, TODAY)
    assert (resident.source, resident.document, resident.sex) == ("social_card", "resident", "2")
    assert (resident.birth, resident.name) == ("1944-03-15", HOLDER.name)


@pytest.mark.parametrize("lock", [HolderLock.NEEDS_PIN_OR_MODULE, HolderLock.PIN_BLOCKED])
def test_a_closed_holder_is_told_and_costs_no_pin(lock: HolderLock) -> None:
    with pytest.raises(DeviceError) as refused:
        of_social_card(replace(CARD, holder=None, lock=lock), TODAY)
    assert refused.value.fault is CHP_LOCKED and refused.value.completion is CompletionCode.USER_ERROR


def test_a_number_that_is_none_is_never_taken_over_whatever_read_it() -> None:
    wrong = "350221194403150022"
    with pytest.raises(DeviceError) as refused:
        of_social_card(replace(CARD, holder=replace(HOLDER, number=wrong)), TODAY)
    assert refused.value.fault is CHP_DATA
    for face in (replace(FACE, number=wrong), replace(FACE, birth=date(1945, 3, 15))):
        with pytest.raises(DeviceError) as refused:
            of_id_face(face, TODAY)
        assert refused.value.fault is FAC_NUMBER_WRONG
        assert wrong not in str(refused.value)


def test_what_was_read_by_eye_says_so() -> None:
    resident = of_id_face(FACE, TODAY)
    assert (resident.source, resident.uncertain) == ("ocr", ("address",))


# ---- the slip on a sheet -------------------------------------------------------------------------------------


class Printer(Thing):
    """A document printer whose end, or whose waiting for paper, the test decides."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: queue.SimpleQueue[DocumentResult | Fault] = queue.SimpleQueue()
        self.cancelled = threading.Event()
        self.jobs: list[str] = []
        self.resets = threading.Semaphore(0)

    def cancel(self) -> None:
        self.cancelled.set()

    def reset(self) -> None:
        self.resets.release()

    def print_document(
        self,
        pdf: bytes,
        job_name: str,
        media: MediaSize = MediaSize.A4,
        *,
        on_held: Callable[[Fault], None] | None = None,
    ) -> DocumentResult:
        self.cancelled.clear()
        self.jobs.append(job_name)
        while not self.cancelled.is_set():
            try:
                end = self.ends.get(timeout=0.01)
            except queue.Empty:
                continue
            if isinstance(end, DocumentResult):
                return end
            assert on_held is not None
            on_held(end)
        raise DeviceError(DEV_CANCELLED, completion=CompletionCode.CANCELED)


class Sheets:
    def pdf(self, slip: Slip, lang: Lang) -> bytes:
        return b"%PDF-"


class Desk:
    def __init__(self) -> None:
        self.clock = SystemClock()
        self.printer = Printer()
        self.worker: DeviceWorker[Any] = DeviceWorker(
            "document_printer", self.printer, self.clock, lambda event: self.changes.put(event)
        )
        self.changes: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
        self.sheet = SheetOnHub(self.worker, Sheets())
        self.done: queue.SimpleQueue[Printed] = queue.SimpleQueue()
        self.worker.start()
        self.changes.get(timeout=5)

    def print_slip(self) -> None:
        self.sheet.print_slip(SLIP, Lang.NAN, "3502130018261124000010", self.done.put)


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.worker.close()
    desk.clock.close()


def test_a_sheet_is_told_with_its_proof(desk: Desk) -> None:
    desk.print_slip()
    desk.printer.ends.put(DocumentResult(PrintProof.PROVED, 1))
    assert desk.done.get(timeout=5) == Printed(Printing.PROVED, on_sheet=True)
    desk.sheet.stop()
    assert not desk.printer.resets.acquire(timeout=0.1), "nothing to take back"


def test_a_sheet_that_is_not_out_when_the_visit_ends_is_taken_back(desk: Desk) -> None:
    desk.print_slip()
    end_s = desk.clock.now() + 20.0
    while not desk.printer.jobs:
        assert desk.clock.now() < end_s, "the job never reached the printer"
        desk.clock.wait(threading.Event(), 0.01)
    desk.sheet.stop()
    assert desk.printer.resets.acquire(timeout=5)
    assert desk.done.empty(), "nobody of this visit stands here"


def test_a_sheet_that_waits_for_paper_is_taken_back_and_told(desk: Desk) -> None:
    desk.print_slip()
    desk.printer.ends.put(DOC_PAPER_OUT)
    assert desk.done.get(timeout=5) == Printed(Printing.FAILED, DOC_PAPER_OUT.name)
    assert desk.printer.resets.acquire(timeout=5)
    assert not desk.sheet.is_usable


def test_the_sheet_says_what_the_roll_would(tmp_path: Path) -> None:
    from pypdf import PdfReader

    from kiosk.adapters.slip_pdf import SlipSheets
    from kiosk.adapters.words import VoicesWords
    from kiosk.app.keys.generate import read_catalogue
    from kiosk.domain.slip.blocks import SlipTerminal, slip_for
    from kiosk.domain.visit.machine import Decision, DecisionKind, Resident, Step, VisitState
    from kiosk.ui.drawing import fonts

    faces = fonts.load(fonts.default_dir())
    catalogue = read_catalogue(Path(__file__).parents[3] / "config" / "catalogue")
    state = VisitState(
        step=Step.PRINT,
        item_id="XA032",
        resident=Resident("resident", "陈#阿$[金]", "350221194403150021", "2", "1944-03-15", "某处"),
        case_no="3502130018261124000010",
        stored=True,
        decision=Decision(DecisionKind.APPROVED, facts={"starts_on": "2026-12-15"}, query_code="1234"),
        copies=1,
    )
    slip = slip_for(state, catalogue, SlipTerminal("后村", "一楼", "K-01"), SystemClock().wall())
    folders = {Path(faces.main.regular).parent, Path(faces.second.regular).parent}
    made = SlipSheets(VoicesWords(), folders).pdf(slip, Lang.NAN)
    (tmp_path / "slip.pdf").write_bytes(made)
    pages = PdfReader(tmp_path / "slip.pdf").pages
    text = "".join(page.extract_text() for page in pages).replace(" ", "")
    assert len(pages) == 1
    assert "0018261124000010" in text.replace("\n", "")
    assert "350221194403150021" not in text and "1944" not in text
    assert "陈" in text, "a name is data, never markup"
