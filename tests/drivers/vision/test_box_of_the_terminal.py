"""From the composition root to the lens: the measured box counts, the technician sees the picture, the undo undoes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from drivers import registry
from drivers.api import ScannedCode
from kiosk.adapters.clock import SystemClock
from kiosk.adapters.settings.calibration_file import CalibrationFile
from kiosk.adapters.settings.config import Screen
from kiosk.adapters.settings.staff_file import StaffFile
from kiosk.adapters.words import VoicesWords
from kiosk.app.device_hub import StatusBus
from kiosk.domain.technician.calibration import Calibration, CameraBox
from kiosk.domain.technician.state import Page, StaffEv, StaffEvent, Step
from kiosk.wiring.devices import make_workers
from kiosk.wiring.technician import Folders, make_front, make_gate

CASE = "2007026112400019"
SEEN_S = 30.0
PIN = "271828"
CORNER = CameraBox(0, 0, 20, 20)
"""Nobody holds a code there."""
GREEN = (30, 170, 40)


class Terminal:
    """What `kiosk.bootstrap` makes of a terminal whose one device is a camera, without window and visit."""

    state = view = None

    def __init__(self, folder: Path, port: str) -> None:
        StaffFile(folder).add("7", PIN)
        self.clock = SystemClock()
        tables: dict[str, dict[str, Any]] = {
            "code_scanner": {"model": "camera_codes", "port": port, "box": [0.0, 0.0, 1.0, 1.0]}
        }
        drivers = {name: registry.create(name, table["model"], table) for name, table in tables.items()}
        self.workers = make_workers(drivers, self.clock, StatusBus())
        folders = Folders(folder, folder)
        gate = make_gate(folders, self.clock, lambda kind, **fields: None, lambda number, result: None)
        self.front, self.vendor = make_front(
            folders=folders,
            screen=Screen(),
            devices=tables,
            drivers=drivers,
            workers=self.workers,
            clock=self.clock,
            words=VoicesWords(),
            visit=self,  # a visit that stands aside at once
            loudspeaker=self,  # nobody listens
            waiting=lambda: 0,
            note=lambda kind, **fields: None,
            gate=gate,
            patience=None,
        )
        self.changed = threading.Condition()
        self.events: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self.vendor.set_dispatcher(self.events.put)
        self.vendor.subscribe(self.tell)
        self.front.on_sight(self.tell)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        for worker in self.workers.values():
            worker.start()

    # visit and loudspeaker

    def stand_aside(self, on_quiet: Callable[[], None]) -> None:
        on_quiet()

    def come_back(self) -> None: ...

    def subscribe(self, listener: object) -> None: ...

    def set_loudness(self, offset_db: int) -> None: ...

    # hands

    def run(self) -> None:
        while (action := self.events.get()) is not None:
            action()

    def tell(self) -> None:
        with self.changed:
            self.changed.notify_all()

    def do(self, kind: StaffEv, value: object = None) -> None:
        self.vendor.post(StaffEvent(kind, value))

    def until(self, holds: Callable[[], object]) -> None:
        with self.changed:
            assert self.changed.wait_for(holds, SEEN_S), self.vendor.state

    def open_camera(self) -> None:
        self.do(StaffEv.ASK)
        self.until(lambda: self.vendor.state.page is Page.LOGIN)
        for key in ("7", "", *PIN, ""):
            self.do(StaffEv.KEY if key else StaffEv.ENTER, key)
        self.until(lambda: self.vendor.state.page is Page.HOME)
        self.do(StaffEv.OPEN, Page.CAMERA)
        self.until(lambda: self.vendor.state.page is Page.CAMERA)

    def read(self, timeout_s: float) -> ScannedCode | None:
        """As the kiosk's code watch does, on the device's own worker."""
        read: queue.SimpleQueue[ScannedCode | None] = queue.SimpleQueue()

        def look(scanner: Any) -> None:
            read.put(scanner.read(timeout_s))

        self.workers["code_scanner"].run_soon(look)
        return read.get(timeout=SEEN_S * 2)

    def close(self) -> None:
        self.vendor.close()
        for worker in self.workers.values():
            worker.close()
        self.events.put(None)
        self.thread.join(3.0)
        self.clock.close()


@pytest.fixture
def make_terminal(clear_camera: Any, warm_process: None, tmp_path: Path) -> Iterator[Callable[[], Terminal]]:
    made: list[Terminal] = []

    def make() -> Terminal:
        made.append(Terminal(tmp_path, str(clear_camera.link)))
        return made[-1]

    yield make
    for terminal in made:
        terminal.close()


def test_the_measured_box_counts_from_the_start_and_the_undo_gives_the_own_one_back(
    clear_camera: Any, make_terminal: Callable[[], Terminal], tmp_path: Path
) -> None:
    CalibrationFile(tmp_path).keep(Calibration(camera=CORNER))
    terminal = make_terminal()
    clear_camera.ctl("show", text=CASE, seed=5)
    assert terminal.read(1.5) is None, "outside the box nothing is read"
    terminal.open_camera()
    terminal.do(StaffEv.UNDO, "camera")
    terminal.until(lambda: terminal.vendor.state.calibration.camera is None)
    code = terminal.read(SEEN_S)
    assert code is not None and code.text == CASE


def test_a_step_of_the_box_counts_while_the_device_stays_open(
    clear_camera: Any, make_terminal: Callable[[], Terminal], tmp_path: Path
) -> None:
    CalibrationFile(tmp_path).keep(Calibration(camera=CORNER))
    terminal = make_terminal()
    clear_camera.ctl("show", text=CASE, seed=5)
    terminal.open_camera()
    for edge in ("right", "bottom"):
        while terminal.vendor.state.edge != edge:
            _moved(terminal, StaffEv.NEXT)
        while not _reaches(terminal.vendor.state.calibration.camera, edge):
            _moved(terminal, StaffEv.STEP, Step(2))
    terminal.do(StaffEv.BACK)
    code = terminal.read(SEEN_S)
    assert code is not None and code.text == CASE
    assert terminal.workers["code_scanner"].is_open


def _moved(terminal: Terminal, kind: StaffEv, value: object = None) -> None:
    before = terminal.vendor.state
    terminal.do(kind, value)
    terminal.until(lambda: (now := terminal.vendor.state).edge != before.edge or now.calibration != before.calibration)


def _reaches(box: CameraBox | None, edge: str) -> bool:
    assert box is not None
    return (box.left + box.width if edge == "right" else box.top + box.height) == 100


def test_the_technician_sees_what_lies_before_the_lens_until_he_leaves(
    clear_camera: Any, make_terminal: Callable[[], Terminal], tmp_path: Path
) -> None:
    sheet = tmp_path / "green.png"
    cv2.imwrite(str(sheet), np.full((300, 400, 3), GREEN[::-1], np.uint8))
    terminal = make_terminal()
    terminal.open_camera()
    terminal.until(lambda: terminal.front.sight is not None and _green(terminal) < 0.001)
    clear_camera.ctl("show", picture_file=str(sheet), seed=5)
    terminal.until(lambda: _green(terminal) > 0.05)
    terminal.do(StaffEv.BACK)
    terminal.until(lambda: terminal.vendor.state.page is Page.CALIBRATE)
    assert terminal.front.sight is None


def _green(terminal: Terminal) -> float:
    """Share of the picture that has the sheet's colour."""
    sight = terminal.front.sight
    if sight is None:
        return 0.0
    pixels = np.frombuffer(sight.rgb, np.uint8).reshape(sight.height_px, sight.width_px, 3).astype(int)
    return float((np.abs(pixels - np.array(GREEN)).max(axis=2) < 60).mean())
