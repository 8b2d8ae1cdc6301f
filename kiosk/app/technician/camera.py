"""The camera in technician mode: whose box is set, and what is seen while its page is open.

A picture may show somebody's card. There is one at a time, the newest; it is in no state, no view, no record and no
file, and it is gone with its page.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from drivers.api import CameraPicture, CompletionCode, Device, DeviceError, Framed
from drivers.faults import Fault
from kiosk.app.device_hub import DeviceWorker
from kiosk.domain.technician.calibration import Calibration
from kiosk.domain.technician.sight import Sight
from kiosk.domain.timing import CAMERA_PICTURE_S

Seen = Callable[[Sight | None, Fault | None], None]
"""Gets a picture or None, and what is wrong with it; on any thread."""
Cameras = Mapping[str, Framed]

_ORDER = ("id_face", "document_scanner", "code_scanner")
"""The box is there to frame cards, then pages."""
_LOOK_S = 3.0
_TURN_S = 0.2


def one_camera(devices: Mapping[str, Device], tables: Mapping[str, Mapping[str, object]]) -> Cameras:
    """The devices that look through the camera whose box is set, the one that shows its picture first.

    A box is measured in one camera's picture: devices with another camera keep their own of devices.toml.
    """
    names = sorted(devices, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))
    framed = {name: device for name in names if isinstance(device := devices[name], Framed)}
    ports = [tables[name].get("port") for name in framed]
    return {name: device for name, device in framed.items() if tables[name].get("port") == ports[0]}


def frame_all(cameras: Cameras, calibration: Calibration) -> None:
    """The technician's box counts for each of them from its next command on; without one devices.toml's own."""
    for device in cameras.values():
        device.frame(calibration.camera.edges if calibration.camera is not None else None)


def look_on(worker: DeviceWorker[Device], seen: Seen, stop: threading.Event) -> None:
    """Picture after picture on the device's own worker, until `stop` or until the device is lost. Blocks."""
    begun, over = threading.Event(), threading.Event()

    def run(device: Device) -> None:
        begun.set()
        if over.is_set() or not isinstance(device, Framed):
            return  # lost meanwhile: the hub gives it once more, and nobody waits for it any more
        try:
            _look_again_and_again(worker, device, seen, stop)
        finally:
            over.set()

    worker.run_soon(run, on_lost=over.set)
    while not over.wait(_TURN_S) and not worker.is_closing:
        if stop.is_set() and not begun.is_set():
            over.set()
    if worker.fault is not None and not worker.is_open:
        seen(None, worker.fault)


def _look_again_and_again(worker: DeviceWorker[Device], camera: Framed, seen: Seen, stop: threading.Event) -> None:
    before: Fault | None = None
    while not (stop.is_set() or worker.is_closing or worker.cancelled.is_set()):
        picture: CameraPicture | None = None
        try:
            picture = camera.look(_LOOK_S)
            fault = picture.fault
        except DeviceError as error:
            if error.completion is CompletionCode.CANCELED:
                raise
            fault = error.fault
            if fault.code.startswith("DEV-"):
                seen(None, fault)
                raise
        if fault is not before:
            worker.note(fault)
        before = fault
        sight = Sight(picture.width_px, picture.height_px, picture.rgb) if picture is not None else None
        seen(sight, fault)
        del picture, sight
        stop.wait(CAMERA_PICTURE_S)


class Lookout:
    """What the technician sees now. `begin` and `end` where events are handled."""

    def __init__(
        self,
        show: Callable[[Seen, threading.Event], None],
        dispatch: Callable[[Callable[[], None]], None],
        tell: Callable[[Fault | None], None],
    ) -> None:
        """
        :param show: looks until the event is set, without blocking.
        :param dispatch: runs an action where events are handled.
        :param tell: gets what is wrong with the picture, when it changes.
        """
        self._show, self._dispatch, self._tell = show, dispatch, tell
        self._listeners: list[Callable[[], None]] = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._newest: tuple[Sight | None, Fault | None] | None = None
        self._told: Fault | None = None
        self.sight: Sight | None = None

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Called where events are handled, after `sight` has changed."""
        self._listeners.append(listener)

    def begin(self) -> None:
        stop = self._stop = threading.Event()
        self._told = None

        def seen(sight: Sight | None, fault: Fault | None) -> None:
            with self._lock:
                if stop.is_set():
                    return
                waiting, self._newest = self._newest is not None, (sight, fault)
            if not waiting:
                self._dispatch(self._take)

        self._show(seen, stop)

    def end(self) -> None:
        self.close()
        self._change(None)

    def close(self) -> None:
        """Without a word: the screens may be gone."""
        with self._lock:
            self._stop.set()
            self._newest = None
        self.sight = None

    def _take(self) -> None:
        with self._lock:
            newest, self._newest = self._newest, None
        if newest is None:
            return
        sight, fault = newest
        self._change(sight)
        if fault is not self._told:
            self._told = fault
            self._tell(fault)

    def _change(self, sight: Sight | None) -> None:
        self.sight = sight
        for listener in self._listeners:
            listener()
