"""Puts technician mode together for the composition root: gate, bench, calibration, loudspeaker, front desk."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from drivers import registry, settings
from drivers.api import Device
from kiosk.adapters.clock import SystemClock
from kiosk.adapters.pipes.speech_pipe import SpeechPipe
from kiosk.adapters.settings.calibration_file import CalibrationFile
from kiosk.adapters.settings.config import DeviceTables, Screen
from kiosk.adapters.settings.selftest_log import SelftestLog
from kiosk.adapters.settings.staff_file import StaffFile
from kiosk.adapters.settings.staff_lock_file import StaffLockFile
from kiosk.app.device_hub import DeviceWorker
from kiosk.app.speech.queue import SpeechQueue
from kiosk.app.technician.bench import VendorBench
from kiosk.app.technician.camera import one_camera
from kiosk.app.technician.diagnostics import Examined, LineWatch
from kiosk.app.technician.gate import StaffGate
from kiosk.app.technician.service import VendorService
from kiosk.app.visit.front_desk import FrontDesk
from kiosk.app.visit.patience import Patience
from kiosk.app.visit.service import VisitService
from kiosk.domain.ports import Words
from kiosk.domain.speech import Line
from kiosk.domain.technician.calibration import WHOLE_PICTURE, CameraBox
from kiosk.domain.technician.state import VendorState
from kiosk.technician import report
from kiosk.technician.shared import binding_of, line_watch

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Folders:
    config: Path
    """Holds staff.toml."""
    state: Path
    """Holds calibration, lock and the last self-tests."""


class SiteSpeaker:
    """`kiosk.app.technician.service.Loudspeaker`."""

    def __init__(self, pipe: SpeechPipe, queue: SpeechQueue) -> None:
        self._pipe, self._queue = pipe, queue

    def set_loudness(self, offset_db: int) -> None:
        self._pipe.set_loudness(offset_db)

    def say(self, line: Line) -> None:
        self._queue.say(line)


def make_gate(
    folders: Folders, clock: SystemClock, note: Callable[..., None], record: Callable[[str, str], None]
) -> StaffGate:
    """:param record: puts staff number and result into the audit chain."""
    lock = StaffLockFile(folders.state)
    return StaffGate(StaffFile(folders.config), lock, lambda: clock.wall().timestamp(), note, record)


def make_front(
    *,
    folders: Folders,
    screen: Screen,
    devices: DeviceTables,
    drivers: Mapping[str, Device],
    workers: Mapping[str, DeviceWorker[Device]],
    clock: SystemClock,
    words: Words,
    visit: VisitService,
    loudspeaker: SiteSpeaker,
    waiting: Callable[[], int],
    note: Callable[..., None],
    gate: StaffGate,
    patience: Patience | None,
) -> tuple[FrontDesk, VendorService]:
    """The service that the screens see, and technician mode itself.

    :param drivers: what `workers` own; only a camera's box is set on them from here.
    :param gate: the one of this terminal; witnesses pass it, too.
    :param patience: None where terminal.toml leaves it to nobody.
    """
    keeper = CalibrationFile(folders.state)
    calibration, trouble = keeper.read()
    if trouble:
        note("fault", device="calibration", code=trouble, name=trouble)
    loudspeaker.set_loudness(calibration.loudness_db or 0)
    cameras = one_camera(drivers, devices)
    vendor = VendorService(
        clock=clock,
        words=words,
        visit=visit,
        gate=gate,
        bench=_bench(devices, workers, clock.wall, SelftestLog(folders.state)),
        keeper=keeper,
        loudspeaker=loudspeaker,
        waiting=waiting,
        note=note,
        state=VendorState(
            has_camera=bool(cameras),
            calibration=calibration,
            screen_inch=calibration.diagonal_inch or screen.diagonal_inch,
            factory_inch=screen.diagonal_inch,
            factory_mount_mm=screen.mount_height_mm,
            factory_box=_own_box(devices[next(iter(cameras))]) if cameras else WHOLE_PICTURE,
        ),
        cameras=cameras,
        patience=patience,
    )
    return FrontDesk(visit, vendor), vendor


def _own_box(table: Mapping[str, object]) -> CameraBox:
    """devices.toml's; the driver has refused what is none."""
    return CameraBox.around(*settings.parts(table, "box")) if "box" in table else WHOLE_PICTURE


def _bench(
    devices: DeviceTables,
    workers: Mapping[str, DeviceWorker[Device]],
    now: Callable[[], datetime],
    tests: SelftestLog,
) -> VendorBench:
    models = {name: str(table["model"]) for name, table in devices.items()}

    def watch(name: str) -> LineWatch:
        return line_watch(registry.describer(name, models[name]))

    def keep(tested: Examined) -> None:
        tests.keep({tested.subject.device_class: report.kept_row(tested)})

    return VendorBench(workers, lambda name: binding_of(devices[name]), watch, now, tests.read, keep)
