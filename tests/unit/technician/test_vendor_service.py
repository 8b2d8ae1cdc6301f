"""Technician mode at work: on the hub's real workers, with a visit that stands aside, and back again."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from drivers.api import (
    CompletionCode,
    DeviceError,
    DeviceState,
    DeviceStatus,
    PaperSupply,
    PrintProof,
    PrintResult,
    ReceiptRow,
)
from drivers.faults import DEV_CANCELLED, DEV_LOST, PRN_PAPER_OUT
from kiosk.adapters.clock_socket import SteeredClock
from kiosk.adapters.settings.calibration_file import CalibrationFile
from kiosk.adapters.settings.staff_file import StaffFile
from kiosk.adapters.settings.staff_lock_file import StaffLockFile
from kiosk.adapters.words import VoicesWords
from kiosk.app.device_hub import DeviceEvent, DeviceWorker
from kiosk.app.technician.bench import VendorBench
from kiosk.app.technician.diagnostics import Examined, Reply, Task
from kiosk.app.technician.gate import StaffGate
from kiosk.app.technician.hands import ScreenHands
from kiosk.app.technician.service import VendorService
from kiosk.app.technician.tested_device import Binding
from kiosk.domain.event import EventKind
from kiosk.domain.speech import Line
from kiosk.domain.technician.calibration import TARGETS, Calibration
from kiosk.domain.technician.state import Page, Proof, StaffEv, StaffEvent, Step, VendorMode, VendorState
from kiosk.domain.technician.view_parts import KNOWN_TASKS
from kiosk.domain.timing import TOUCH_CONFIRM_S, VENDOR_IDLE_S, VENDOR_LOGIN_IDLE_S

PIN = "271828"
SOON_S = 10.0


class Printer:
    """A printer on a desk; a second opening while it is open is an error, as on a real port."""

    def __init__(self) -> None:
        self.is_open = False
        self.missing = False
        self.paper = PaperSupply.FULL
        self.printed: list[Sequence[ReceiptRow]] = []
        self.threads: set[str] = set()

    def open(self) -> None:
        assert not self.is_open, "opened twice"
        if self.missing:
            raise DeviceError(DEV_LOST)
        self.is_open = True

    def status(self) -> DeviceStatus:
        faults = frozenset({PRN_PAPER_OUT.code}) if self.paper is PaperSupply.OUT else frozenset()
        return DeviceStatus(DeviceState.ONLINE, paper=self.paper, cover_open=False, faults=faults)

    def print_receipt(self, rows: Sequence[ReceiptRow], *, copy_no: int = 1) -> PrintResult:
        self.threads.add(threading.current_thread().name)
        if self.missing:
            raise DeviceError(DEV_LOST)
        if self.paper is PaperSupply.OUT:
            raise DeviceError(PRN_PAPER_OUT)
        self.printed.append(rows)
        return PrintResult(PrintProof.PROVED)

    def cancel(self) -> None: ...

    def reset(self) -> None: ...

    def close(self) -> None:
        self.is_open = False


class Scanner:
    """Its watch asks again and again, as the kiosk's does."""

    def __init__(self) -> None:
        self.is_open = False
        self.reads = 0
        self._cancel = threading.Event()

    def open(self) -> None:
        assert not self.is_open, "opened twice"
        self.is_open = True

    def status(self) -> DeviceStatus:
        return DeviceStatus(DeviceState.ONLINE)

    def read(self, timeout_s: float) -> None:
        self.reads += 1
        if self._cancel.wait(min(timeout_s, 0.05)):
            self._cancel.clear()
            raise DeviceError(DEV_CANCELLED, completion=CompletionCode.CANCELED)

    def cancel(self) -> None:
        self._cancel.set()

    def reset(self) -> None: ...

    def close(self) -> None:
        self.is_open = False


class Quiet:
    """A line on which all is well."""

    questions = unanswered = surplus = stray_bytes = 0
    troubles: tuple[str, ...] = ()


class Room:
    """The service with a thread of its own for events, and everything around it recorded."""

    def __init__(self, folder: Path) -> None:
        self.clock = SteeredClock()
        self.printer, self.scanner = Printer(), Scanner()
        bus: Callable[[DeviceEvent], None] = lambda event: self.service.news()  # noqa: E731 - the service comes later
        self.workers: dict[str, DeviceWorker[Any]] = {
            "receipt_printer": DeviceWorker("receipt_printer", self.printer, self.clock, bus, 0.2),
            "code_scanner": DeviceWorker("code_scanner", self.scanner, self.clock, bus),
        }
        self.busy: list[str] = []
        self.calls: list[str] = []
        self.heard: list[Line] = []
        self.loudness: list[int] = []
        self.notes: list[tuple[str, Mapping[str, Any]]] = []
        self.kept: list[Examined] = []
        self.applied: list[Calibration] = []
        self.on_quiet: Callable[[], None] = lambda: None
        self.visit_goes_on = False
        self.turned: list[str] = []
        StaffFile(folder).add("7", PIN)
        self.file = CalibrationFile(folder)
        self.service = VendorService(
            clock=self.clock,
            words=VoicesWords(),
            visit=self,
            gate=StaffGate(
                StaffFile(folder),
                StaffLockFile(folder),
                lambda: self.clock.wall().timestamp(),
                self.note,
                self.record_login,
            ),
            bench=VendorBench(
                self.workers,
                lambda name: Binding("model", f"/dev/kiosk/{name}"),
                self.watch,
                lambda: datetime.now().astimezone(),
                dict,
                self.kept.append,
            ),
            keeper=self.file,
            loudspeaker=self,
            waiting=lambda: 3,
            note=self.note,
            state=VendorState(),
            patience=self,
        )
        self._queue: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self.changed = threading.Condition()
        self.service.set_dispatcher(self._queue.put)
        self.service.subscribe(self._tell)
        self.service.on_calibration(self.applied.append)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        for worker in self.workers.values():
            worker.start()
        self.follow()

    def follow(self) -> None:
        """What the kiosk's code watch does."""

        def look(scanner: Scanner) -> None:
            scanner.read(0.05)
            if not self.workers["code_scanner"].is_closing:
                self.workers["code_scanner"].run_soon(look)

        self.workers["code_scanner"].run_soon(look)

    def watch(self, name: str) -> Any:
        @contextlib.contextmanager
        def watching() -> Iterator[Callable[[], Quiet]]:
            reads = self.scanner.reads
            yield Quiet
            if name == "receipt_printer" and self.scanner.reads > reads:
                self.busy.append("the scanner was asked while the printer was tested")

        return watching

    # the ports of the service

    def stand_aside(self, on_quiet: Callable[[], None]) -> None:
        self.calls.append("stand_aside")
        self.on_quiet = on_quiet
        if not self.visit_goes_on:
            on_quiet()

    def come_back(self) -> None:
        self.calls.append("come_back")

    def set_loudness(self, offset_db: int) -> None:
        self.loudness.append(offset_db)

    def say(self, line: Line) -> None:
        self.heard.append(line)

    def note(self, kind: str, **fields: Any) -> None:
        self.notes.append((kind, fields))

    def record_login(self, number: str, result: str) -> None:
        self.notes.append(("audit", {"number": number, "result": result}))

    @property
    def is_on(self) -> bool:
        return len(self.turned) % 2 == 1

    def turn(self, staff: str) -> None:
        self.turned.append(staff)

    # the hands of the test

    def do(self, kind: EventKind[Any], value: object = None) -> None:
        self.service.post(StaffEvent(kind, value))

    def until(self, holds: Callable[[VendorState], bool], within_s: float = SOON_S) -> VendorState:
        with self.changed:
            assert self.changed.wait_for(lambda: holds(self.service.state), within_s), self.service.state
        return self.service.state

    def log_in(self) -> None:
        self.do(StaffEv.ASK)
        self.until(lambda state: state.page is Page.LOGIN)
        for key in ("7", "", *PIN, ""):
            self.do(StaffEv.KEY if key else StaffEv.ENTER, key)
        self.until(lambda state: state.page is Page.HOME and bool(state.facts.devices))

    def close(self) -> None:
        self.service.close()
        for worker in self.workers.values():
            worker.close()
        self._queue.put(None)
        self._thread.join(3.0)
        self.clock.close()

    def _run(self) -> None:
        while (action := self._queue.get()) is not None:
            action()

    def _tell(self) -> None:
        with self.changed:
            self.changed.notify_all()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path)
    yield made
    made.close()


def test_it_waits_for_the_visit_and_gives_everything_back(room: Room) -> None:
    room.visit_goes_on = True
    room.do(StaffEv.ASK)
    room.until(lambda state: state.mode is VendorMode.ENTER_PENDING)
    assert not room.service.shows
    room.visit_goes_on = False
    room.on_quiet()
    room.until(lambda state: state.page is Page.LOGIN)
    room.do(StaffEv.LEAVE)
    room.until(lambda state: state.mode is VendorMode.INACTIVE)
    assert room.calls == ["stand_aside", "come_back"]


def test_the_test_slip_comes_from_the_printer_s_own_worker_and_is_proved(room: Room) -> None:
    room.log_in()
    room.do(StaffEv.OPEN, Page.PAPER)
    room.do(StaffEv.PRINT)
    room.until(lambda state: state.proof is Proof.PROVED)
    assert room.printer.threads == {room.workers["receipt_printer"].name}
    assert len(room.printer.printed) == 1 and room.scanner.is_open


def test_without_paper_the_slip_is_not_proved_and_nothing_comes_later(room: Room) -> None:
    room.log_in()
    room.printer.paper = PaperSupply.OUT
    room.do(StaffEv.OPEN, Page.PAPER)
    room.do(StaffEv.PRINT)
    failed = room.until(lambda state: state.proof is Proof.FAILED)
    assert failed.print_fault == "paper_out"
    room.printer.paper = PaperSupply.FULL
    room.do(StaffEv.PRINT)
    room.until(lambda state: state.proof is Proof.PROVED)
    assert len(room.printer.printed) == 1


def test_a_lost_printer_is_told_at_once_and_prints_no_test_slip_when_it_is_back(room: Room) -> None:
    room.log_in()
    room.printer.missing = True
    room.do(StaffEv.OPEN, Page.PAPER)
    room.do(StaffEv.PRINT)
    assert room.until(lambda state: state.proof is Proof.FAILED).print_fault
    room.printer.missing = False
    room.clock.advance(30)
    deadline_s = time.monotonic() + SOON_S
    while not room.workers["receipt_printer"].is_open and time.monotonic() < deadline_s:
        room.workers["receipt_printer"].join(0.02)
    done = threading.Event()
    room.workers["receipt_printer"].run_soon(lambda printer: done.set())
    assert done.wait(SOON_S) and room.printer.printed == []


def test_a_self_test_asks_the_technician_and_leaves_the_device_with_its_worker(room: Room) -> None:
    room.log_in()
    room.do(StaffEv.TEST, "receipt_printer")
    answered: set[str] = set()
    while True:
        # The next task may come before anybody has seen that the last one is over.
        state = room.until(lambda state: state.page is Page.RESULT or state.task not in {"", *answered}, 30)
        if state.page is Page.RESULT:
            break
        answered.add(state.task)
        room.do(StaffEv.REPLY, Reply.DONE.value)
    report = room.service.state.report
    assert {row.result for row in report} == {"pass"} or [row for row in report if row.result == "fail"] == []
    assert [row.check for row in report][:1] == ["open"] and any(row.check == "slip" for row in report)
    assert room.printer.printed and room.kept[0].subject.device_class == "receipt_printer"
    assert not room.busy, room.busy
    assert room.printer.is_open, "open again, on its own worker"
    before = room.scanner.reads
    deadline_s = time.monotonic() + SOON_S
    while room.scanner.reads == before and time.monotonic() < deadline_s:
        room.workers["code_scanner"].join(0.02)
    assert room.scanner.reads > before, "the code watch goes on by itself"


def test_staff_turn_the_question_off_and_the_page_tells_how_it_stands(room: Room) -> None:
    room.log_in()
    for on in (True, False):
        room.do(StaffEv.PATIENCE)
        room.until(lambda state, on=on: state.facts.is_unhurried is on)
    assert room.turned == ["7", "7"]


def test_leaving_ends_a_test_that_waits_for_a_hand(room: Room) -> None:
    room.log_in()
    room.do(StaffEv.TEST, "receipt_printer")
    room.until(lambda state: state.page is Page.HAND, 30)
    room.do(StaffEv.LEAVE)
    room.until(lambda state: state.mode is VendorMode.INACTIVE)
    assert room.calls[-1] == "come_back"
    assert [fields["state"] for kind, fields in room.notes if kind == "vendor_mode"] == [
        "enterPending",
        "active",
        "exitPending",
        "inactive",
    ]


@pytest.mark.parametrize("inside", [False, True])
def test_nobody_there_means_back_to_service(room: Room, inside: bool) -> None:
    if inside:
        room.log_in()
    else:
        room.do(StaffEv.ASK)
        room.until(lambda state: state.page is Page.LOGIN)
    idle_s = VENDOR_IDLE_S if inside else VENDOR_LOGIN_IDLE_S
    room.clock.advance(idle_s - 5)
    room.service.touched()
    room.clock.advance(idle_s - 5)
    assert room.service.shows
    room.clock.advance(10)
    room.until(lambda state: state.mode is VendorMode.INACTIVE)
    assert room.calls[-1] == "come_back"


def test_a_touch_correction_that_nobody_confirms_goes_back_by_itself(room: Room) -> None:
    room.log_in()
    room.do(StaffEv.OPEN, Page.TOUCH)
    for x, y in TARGETS:
        room.do(StaffEv.TOUCHED, (x - 0.02, y))
    room.until(lambda state: state.page is Page.TOUCH_CHECK)
    assert room.applied[-1].touch is not None
    room.clock.advance(TOUCH_CONFIRM_S + 1)
    room.until(lambda state: state.page is Page.CALIBRATE and state.calibration.touch is None)
    assert room.applied[-1].touch is None
    assert room.file.read()[0] == Calibration()


def test_what_is_kept_counts_at_once_and_after_a_restart(room: Room) -> None:
    room.log_in()
    room.do(StaffEv.OPEN, Page.LOUDNESS)
    room.do(StaffEv.STEP, Step(-3))
    room.until(lambda state: state.draft == -3)
    assert room.heard and room.loudness[-1] == -3
    room.do(StaffEv.BACK)
    room.until(lambda state: state.page is Page.CALIBRATE)
    assert room.loudness[-1] == 0, "tried is not kept"
    room.do(StaffEv.OPEN, Page.LOUDNESS)
    room.do(StaffEv.STEP, Step(-2))
    room.do(StaffEv.KEEP)
    room.until(lambda state: state.calibration.loudness_db == -2)
    assert room.loudness[-1] == -2 and room.applied[-1].loudness_db == -2
    deadline_s = time.monotonic() + SOON_S
    while not any(kind == "calibrated" for kind, _ in room.notes) and time.monotonic() < deadline_s:
        time.sleep(0.01)
    assert room.file.read() == (Calibration(loudness_db=-2), "")


def test_a_full_disk_is_told(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: CalibrationFile, calibration: Calibration) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(CalibrationFile, "keep", full)
    room.log_in()
    room.do(StaffEv.OPEN, Page.RULER)
    room.do(StaffEv.KEEP)
    room.until(lambda state: state.note == "staff.not_kept")


def test_hands_answer_the_question_that_is_asked_and_no_earlier_one() -> None:
    asked: queue.SimpleQueue[Task] = queue.SimpleQueue()
    hands = ScreenHands(asked.put)
    hands.answer(Reply.NO)
    answers: queue.SimpleQueue[Reply] = queue.SimpleQueue()
    threading.Thread(target=lambda: answers.put(hands.ask(Task.LAY_CARD)), daemon=True).start()
    assert asked.get(timeout=SOON_S) is Task.LAY_CARD
    hands.answer(Reply.DONE)
    assert answers.get(timeout=SOON_S) is Reply.DONE
    hands.let_go()
    assert hands.ask(Task.LIFT_CARD) is Reply.SKIP and hands.why_not()


def test_every_task_of_a_self_test_that_this_screen_starts_has_words() -> None:
    swap = {Task.UNPLUG_OLD, Task.PLUG_NEW}  # of `kiosk rebind`, which needs the kiosk to be stopped
    assert {task.value for task in Task} - {task.value for task in swap} == set(KNOWN_TASKS)


@pytest.mark.parametrize(("port", "told"), [("/dev/kiosk/receipt_printer", "2026-11-20"), ("usb:04b8:0202:K81", "")])
def test_the_last_test_is_shown_for_the_device_that_was_tested_only(port: str, told: str) -> None:
    """A printer of the same model at another port has never been tried."""
    tested = {"model": "escpos_80mm", "port": "/dev/kiosk/receipt_printer", "result": "pass", "at": "2026-11-20T08:00"}
    worker: Any = SimpleNamespace(is_open=True, fault=None)
    bench = VendorBench(
        {"receipt_printer": worker},
        lambda _: Binding("escpos_80mm", port),
        lambda _: contextlib.nullcontext(),  # type: ignore[arg-type,return-value]
        datetime.now,
        lambda: {"receipt_printer": tested},
        lambda _: None,
    )
    (row,) = bench.rows()
    assert (row.tested_on, row.tested) == (told, "pass" if told else "")
