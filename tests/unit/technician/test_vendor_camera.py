"""The camera in technician mode: its picture comes with its page and goes with it; its box counts at once."""

from __future__ import annotations

import gc
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import pytest

from drivers.api import CameraPicture, CompletionCode, DeviceError, DeviceState, DeviceStatus
from drivers.faults import CAM_COVERED, CAM_FROZEN, DEV_CANCELLED, DEV_LOST, DEV_NOT_FOUND, Fault
from kiosk.adapters.clock_socket import SteeredClock
from kiosk.adapters.words import VoicesWords
from kiosk.app.device_hub import DeviceWorker
from kiosk.app.technician.bench import VendorBench
from kiosk.app.technician.camera import Lookout, Seen, one_camera
from kiosk.app.technician.service import VendorService
from kiosk.app.technician.tested_device import Binding
from kiosk.app.visit.front_desk import FrontDesk
from kiosk.domain.event import EventKind
from kiosk.domain.technician.calibration import WHOLE_PICTURE, Calibration, CameraBox
from kiosk.domain.technician.sight import Sight
from kiosk.domain.technician.state import Checked, Page, StaffEv, StaffEvent, Step, Unseen, VendorMode, VendorState
from kiosk.domain.timing import VENDOR_IDLE_S

SOON_S = 10.0
OWN = (0.1, 0.2, 0.9, 0.8)
"""What devices.toml says."""


class Eye:
    """A camera on a desk: counts who looks, from which thread, and what part of its picture counts."""

    def __init__(self) -> None:
        self.is_open = False
        self.missing = False
        self.fault: Fault | None = None
        self.error: Fault | None = None
        self.box: tuple[float, ...] = OWN
        self.looks = 0
        self.looking = False
        self.threads: set[str] = set()
        self.cancelled = threading.Event()

    def open(self) -> None:
        assert not self.is_open, "opened twice"
        if self.missing:
            raise DeviceError(DEV_NOT_FOUND)
        self.is_open = True

    def status(self) -> DeviceStatus:
        return DeviceStatus(DeviceState.ONLINE)

    def frame(self, box: Sequence[float] | None) -> None:
        self.box = OWN if box is None else tuple(box)

    def look(self, timeout_s: float) -> CameraPicture:
        assert not self.looking, "two looks at once"
        self.threads.add(threading.current_thread().name)
        if self.missing:
            raise DeviceError(DEV_LOST)
        if self.error is not None:
            raise DeviceError(self.error)
        self.looks += 1
        if self.cancelled.is_set():
            self.cancelled.clear()
            raise DeviceError(DEV_CANCELLED, completion=CompletionCode.CANCELED)
        return CameraPicture(2, 1, bytes([self.looks % 256] * 6), self.fault)

    def cancel(self) -> None:
        self.cancelled.set()

    def reset(self) -> None: ...

    def close(self) -> None:
        self.is_open = False


class Desk:
    """The service before one camera, with a thread of its own for events."""

    def __init__(self, calibration: Calibration) -> None:
        self.clock, self.eye = SteeredClock(), Eye()
        self.notes: list[str] = []
        self.kept: list[Calibration] = []
        worker: DeviceWorker[Any] = DeviceWorker(
            "id_face", self.eye, self.clock, lambda event: self.service.news(), 0.2
        )
        self.worker = worker
        bench = VendorBench({"id_face": worker}, self.bound, self.watch, self.now, dict, self.watch)
        self.service = VendorService(
            clock=self.clock,
            words=VoicesWords(),
            visit=self,
            gate=self,  # a stand-in: who comes in is tried elsewhere
            bench=bench,
            keeper=self,
            loudspeaker=self,
            waiting=lambda: 0,
            note=lambda kind, **fields: self.notes.append(f"{kind} {fields}"),
            state=VendorState(has_camera=True, calibration=calibration, factory_box=CameraBox.around(*OWN)),
            cameras={"id_face": self.eye},
        )
        self.sights: list[Sight | None] = []
        self.changed = threading.Condition()
        self.events: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self.service.set_dispatcher(self.events.put)
        self.service.subscribe(self.tell)
        self.service.on_sight(self.saw)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        worker.start()

    # the ports of the service

    def stand_aside(self, on_quiet: Callable[[], None]) -> None:
        on_quiet()

    def come_back(self) -> None: ...

    def has_anyone(self) -> bool:
        return True

    def try_pin(self, number: str, pin: str) -> Checked:
        return Checked(True)

    def set_loudness(self, offset_db: int) -> None: ...

    def say(self, line: object) -> None: ...

    def keep(self, calibration: Calibration) -> None:
        self.kept.append(calibration)

    def watch(self, _: object) -> Any: ...

    def bound(self, _: str) -> Binding:
        return Binding("camera_face", "/dev/kiosk/id_face")

    def now(self) -> datetime:
        return datetime.now().astimezone()

    # the hands of the test

    def run(self) -> None:
        while (action := self.events.get()) is not None:
            action()

    def tell(self) -> None:
        with self.changed:
            self.changed.notify_all()

    def saw(self) -> None:
        self.sights.append(self.service.sight)
        self.tell()

    def do(self, kind: EventKind[Any], value: object = None) -> None:
        self.service.post(StaffEvent(kind, value))

    def until(self, holds: Callable[[], object]) -> None:
        with self.changed:
            assert self.changed.wait_for(holds, SOON_S), self.service.state

    def open_camera(self) -> None:
        self.do(StaffEv.ASK)
        self.until(lambda: self.service.state.page is Page.LOGIN)
        for kind, value in ((StaffEv.KEY, "7"), (StaffEv.ENTER, ""), (StaffEv.KEY, "1"), (StaffEv.ENTER, "")):
            self.do(kind, value)
        self.until(lambda: self.service.state.page is Page.HOME)
        self.do(StaffEv.OPEN, Page.CAMERA)
        self.until(lambda: self.service.state.page is Page.CAMERA)

    def settled(self) -> None:
        """Everything that was posted before is over, on the worker, too."""
        over = threading.Event()
        self.worker.run_soon(lambda device: self.events.put(over.set), on_lost=lambda: self.events.put(over.set))
        assert over.wait(SOON_S)

    def close(self) -> None:
        self.service.close()
        self.worker.close()
        self.events.put(None)
        self.thread.join(3.0)
        self.clock.close()


@pytest.fixture
def make_desk() -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def make(calibration: Calibration | None = None) -> Desk:
        made.append(Desk(calibration or Calibration()))
        return made[-1]

    yield make
    for desk in made:
        desk.close()


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()


def test_pictures_come_one_after_the_other_from_the_device_s_own_worker(desk: Desk) -> None:
    desk.open_camera()
    desk.until(lambda: len([sight for sight in desk.sights if sight]) >= 3)
    assert desk.eye.threads == {desk.worker.name}
    shown = [sight.rgb[0] for sight in desk.sights if sight]
    assert shown == sorted(set(shown)), "each once, in order"


@pytest.mark.parametrize("way", [StaffEv.BACK, StaffEv.LEAVE, StaffEv.IDLE])
def test_leaving_the_page_ends_the_looking_and_forgets_the_picture(desk: Desk, way: EventKind[Any]) -> None:
    before = _pictures()
    desk.open_camera()
    desk.until(lambda: desk.service.sight is not None)
    desk.do(way)
    desk.until(lambda: desk.service.state.page is not Page.CAMERA)
    desk.settled()
    looks = desk.eye.looks
    assert desk.service.sight is None and desk.sights[-1] is None
    desk.settled()
    assert desk.eye.looks == looks, "nobody looks any more"
    desk.sights.clear()
    left = [one for one in _pictures() if not any(one is other for other in before)]
    assert left == [], "no copy is held anywhere"


def _pictures() -> list[object]:
    """Every one that this process holds."""
    gc.collect()
    return [one for one in gc.get_objects() if type(one) in (Sight, CameraPicture)]


def test_a_terminal_that_stops_forgets_the_picture_without_a_word(desk: Desk) -> None:
    desk.open_camera()
    desk.until(lambda: desk.service.sight is not None)
    desk.service.close()
    desk.settled()
    desk.sights.clear()
    desk.settled()
    assert desk.service.sight is None and desk.sights == [], "the screens may be gone"


def test_leaving_waits_until_the_camera_is_free(desk: Desk) -> None:
    desk.open_camera()
    desk.until(lambda: desk.service.sight is not None)
    desk.do(StaffEv.LEAVE)
    desk.until(lambda: desk.service.state.mode is VendorMode.INACTIVE)
    looks = desk.eye.looks
    desk.settled()
    assert desk.eye.looks == looks and desk.service.sight is None


def test_a_picture_is_no_sign_of_life_and_in_no_record(desk: Desk) -> None:
    desk.open_camera()
    desk.until(lambda: len(desk.sights) >= 3)
    assert "rgb" not in repr(desk.service.state) + repr(desk.service.view) + repr(desk.service.sight) + str(desk.notes)
    desk.clock.advance(VENDOR_IDLE_S + 1)
    desk.until(lambda: desk.service.state.mode is VendorMode.INACTIVE)
    assert desk.service.sight is None


@pytest.mark.parametrize("fault", [CAM_FROZEN, DEV_LOST])
def test_without_a_picture_the_screen_has_the_fault_and_with_the_next_one_it_is_gone(desk: Desk, fault: Fault) -> None:
    desk.open_camera()
    desk.until(lambda: desk.service.sight is not None)
    desk.eye.error = fault
    desk.until(lambda: desk.service.state.unseen == Unseen(fault.code, fault.name))
    assert desk.service.sight is None, "an old picture is none"
    assert any(line.key == f"fault.{fault.name}" for line in desk.service.view.body)
    desk.eye.error = None
    desk.until(lambda: desk.service.sight is not None and desk.service.state.unseen == Unseen())


def test_a_covered_lens_is_seen_black_with_its_words(desk: Desk) -> None:
    desk.eye.fault = CAM_COVERED
    desk.open_camera()
    desk.until(lambda: desk.service.sight is not None and desk.service.state.unseen.code == CAM_COVERED.code)


def test_a_camera_that_is_not_there_is_told_and_shows_its_picture_when_it_comes(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    desk.eye.missing = True
    desk.open_camera()
    desk.until(lambda: desk.service.state.unseen.code in (DEV_NOT_FOUND.code, DEV_LOST.code))
    desk.eye.missing = False
    for _ in range(20):
        desk.clock.advance(5.0)  # over the pause before the hub opens it again
        if desk.worker.is_open:
            break
        desk.worker.join(0.1)
    desk.until(lambda: desk.service.sight is not None and desk.service.state.unseen == Unseen())


def test_a_command_that_is_called_off_ends_no_looking(desk: Desk) -> None:
    desk.open_camera()
    desk.until(lambda: desk.service.sight is not None)
    desk.worker.cancel()
    before = desk.eye.looks
    desk.until(lambda: desk.eye.looks > before + 2)


def test_a_step_counts_at_once_and_the_undo_gives_the_factory_s_back(desk: Desk) -> None:
    assert desk.eye.box == OWN
    desk.open_camera()
    desk.do(StaffEv.STEP, Step(4))
    desk.until(lambda: desk.service.state.calibration.camera == CameraBox(14, 20, 76, 60))
    assert desk.eye.box == pytest.approx((0.14, 0.2, 0.9, 0.8))
    desk.until(lambda: desk.service.state.note == "")
    desk.do(StaffEv.UNDO, "camera")
    desk.until(lambda: desk.service.state.calibration.camera is None)
    assert desk.eye.box == OWN


def test_what_was_measured_before_counts_from_the_start(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(Calibration(camera=CameraBox(10, 20, 30, 40)))
    assert desk.eye.box == pytest.approx((0.1, 0.2, 0.4, 0.6))


def test_the_box_is_that_of_one_camera_and_cards_come_first() -> None:
    face, page, codes, printer = Eye(), Eye(), Eye(), object()
    devices: dict[str, Any] = {"code_scanner": codes, "receipt_printer": printer, "document_scanner": page}
    tables = {name: {"port": "/dev/video0"} for name in (*devices, "id_face")}
    assert list(one_camera(devices, tables)) == ["document_scanner", "code_scanner"]
    assert list(one_camera({**devices, "id_face": face}, tables)) == ["id_face", "document_scanner", "code_scanner"]
    elsewhere = {**tables, "id_face": {"port": "/dev/video2"}}
    assert list(one_camera({**devices, "id_face": face}, elsewhere)) == ["id_face"]
    assert one_camera({"receipt_printer": printer}, tables) == {}  # no camera at all


@pytest.mark.parametrize("edges", [OWN, (0.0, 0.0, 1.0, 1.0), (0.333, 0.005, 0.667, 0.995)])
def test_a_box_of_devices_toml_is_shown_to_the_per_cent(edges: tuple[float, float, float, float]) -> None:
    assert CameraBox.around(*edges).edges == pytest.approx(edges, abs=0.006)
    assert WHOLE_PICTURE.edges == (0.0, 0.0, 1.0, 1.0)


def test_pictures_that_nobody_takes_do_not_pile_up() -> None:
    actions: list[Callable[[], None]] = []
    shown: list[Seen] = []
    told: list[Fault | None] = []
    lookout = Lookout(lambda seen, stop: shown.append(seen), actions.append, told.append)
    lookout.begin()
    for number in range(50):
        shown[0](Sight(1, 1, bytes([number] * 3)), None)
    assert len(actions) == 1
    actions.pop()()
    assert lookout.sight is not None and lookout.sight.rgb == bytes([49] * 3)
    lookout.end()
    shown[0](Sight(1, 1, b"abc"), None)
    assert not actions and lookout.sight is None, "a look that was under way comes too late"


def test_the_front_desk_hands_the_picture_on(desk: Desk) -> None:
    class Visit:
        state = view = None

        def subscribe(self, listener: object) -> None: ...

    front = FrontDesk(Visit(), desk.service)  # only its subscription is used
    seen = threading.Event()
    front.on_sight(seen.set)
    desk.open_camera()
    assert seen.wait(SOON_S)
    desk.until(lambda: front.sight is not None)
