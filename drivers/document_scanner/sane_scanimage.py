"""A document scanner that SANE knows, through its own `scanimage`: flatbeds and sheet feeders."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from pathlib import Path

from drivers import faults, settings
from drivers.api import (
    CaptureHint,
    CompletionCode,
    DeviceError,
    DeviceState,
    DeviceStatus,
    DocumentScanner,
    OnHint,
    PageImage,
)
from drivers.codec import sane
from drivers.transport.denied import fault_of_opening
from drivers.transport.scan_program import ScanProgram

LOOK_S = 6.0
"""Opening a scanner that wakes from sleep takes seconds."""
FIND_S = 10.0
ASK_AGAIN_S = 1.0
MOST_PAGES = 50
_STATE_OF = {
    faults.DEV_LOST: DeviceState.NO_DEVICE,
    faults.DEV_NOT_FOUND: DeviceState.NO_DEVICE,
    faults.DEV_SILENT: DeviceState.OFFLINE,
    faults.SHT_BUSY: DeviceState.DEVICE_BUSY,
    faults.SHT_COVER: DeviceState.USER_ERROR,
    faults.SHT_JAM: DeviceState.USER_ERROR,
}
_ONLY_A_SCAN_SHOWS = (faults.SHT_JAM, faults.SHT_COVER, faults.SHT_FAILED)
HOLDS_S = 60.0
"""SANE cannot be asked for these; after this time the next scan may show whether they are mended."""
_WAITS_FOR_A_HAND = (faults.SHT_ABSENT, faults.SHT_BUSY)


class SaneScanimage:
    """See `drivers.api.DocumentScanner`. Settings:

    - `port`: the scanner's SANE name; with a `*` at its end the one scanner whose name begins so (a USB name holds a
      number that changes). Or the path of a folder that is a SANE configuration of its own, with only the backend
      that is needed, and a file `device` that holds the name.
    - `source`: as the backend spells it, such as `Automatic Document Feeder`; its own default when missing.
    - `resolution_dpi` (200), `mode` (`Color`), `width_mm` (210), `height_mm` (297).
    """

    def __init__(self, table: Mapping[str, object]) -> None:
        settings.only(table, "port", "source", "resolution_dpi", "mode", "width_mm", "height_mm")
        self._port = settings.text(table, "port")
        source = settings.text(table, "source") if "source" in table else ""
        self._options = [
            f"--mode={settings.text(table, 'mode', 'Color')}",
            f"--resolution={settings.whole(table, 'resolution_dpi', 200)}",
            *([f"--source={source}"] if source else []),
            *("-l", "0", "-t", "0"),
            *("-x", str(settings.whole(table, "width_mm", 210)), "-y", str(settings.whole(table, "height_mm", 297))),
        ]
        self._program = ScanProgram(lambda told: sane.fault_of(0, told) is not None)
        self._environment: dict[str, str] = {}
        self._device = ""
        self._fault: faults.Fault | None = None
        self._since_s = 0.0

    def open(self) -> None:
        """Find the scanner and set its options without scanning.

        :raises DeviceError: DEV-001 no such scanner or no scanimage, DEV-002, SHT-001, SHT-004…006.
        """
        self._program.interrupt.reopen()
        with self._program.interrupt.command():
            self._device, self._fault = "", None
            name, self._environment = _named(self._port)
            self._device = self._found(name) if name.endswith("*") else name
            try:
                self._look()
            except DeviceError:
                self._device = ""
                raise

    def capture(self, timeout_s: float, *, on_hint: OnHint | None = None) -> PageImage:
        """See `drivers.api.DocumentScanner`; an empty feeder and a busy scanner are asked again until the time-out.

        :raises DeviceError: SHT-001…006, DEV-001…003, DEV-005.
        """
        deadline_s = time.monotonic() + timeout_s
        told = False
        waiting: DeviceError | None = None
        with self._program.interrupt.command():
            while True:
                try:
                    return self._scan(deadline_s)
                except DeviceError as error:
                    if waiting is not None and error.fault is faults.DEV_SILENT:
                        # The time was up in the middle of asking again: it still waits for the same hand.
                        raise waiting from error
                    if error.fault not in _WAITS_FOR_A_HAND or time.monotonic() + ASK_AGAIN_S >= deadline_s:
                        raise
                    waiting = error
                    if error.fault is faults.SHT_ABSENT and not told and on_hint is not None:
                        told = True
                        on_hint(CaptureHint.NO_PAGE)
                self._program.interrupt.pause(ASK_AGAIN_S)

    def capture_all(self, timeout_s: float, *, most: int = MOST_PAGES) -> tuple[PageImage, ...]:
        """Every sheet of the feeder, until it is empty.

        :param timeout_s: for each sheet.
        :raises DeviceError: SHT-003 when there was none; what stops it later is raised, and no page is kept.
        """
        pages: list[PageImage] = []
        with self._program.interrupt.command():
            while len(pages) < most:
                try:
                    pages.append(self._scan(time.monotonic() + timeout_s))
                except DeviceError as error:
                    if error.fault is not faults.SHT_ABSENT or not pages:
                        raise
                    break
        return tuple(pages)

    def status(self) -> DeviceStatus:
        """What only a scan can show (jam, cover) holds for a minute, until a scan succeeds, or `reset`."""
        with self._program.interrupt.idle() as free:
            if not free:
                return DeviceStatus(DeviceState.DEVICE_BUSY)
            if not self._device:
                return DeviceStatus(DeviceState.NO_DEVICE, faults=frozenset({faults.DEV_LOST.code}))
            try:
                self._look()
            except DeviceError as error:
                if error.completion is CompletionCode.CANCELED:
                    return DeviceStatus(DeviceState.DEVICE_BUSY)
                return _as_status(error.fault)
            return _as_status(self._fault)

    def cancel(self) -> None:
        self._program.interrupt.cancel()

    def reset(self) -> None:
        """Forget the last fault and look again. :raises DeviceError:"""
        self._fault = None
        with self._program.interrupt.command():
            self._look()

    def close(self) -> None:
        self._program.interrupt.shut()
        with self._program.interrupt.alone():
            self._device = ""
            self._fault = None

    def _look(self) -> None:
        """Open the scanner and set the options, without scanning."""
        self._check_alive()
        done = self._program.run(["-d", self._device, "-n", *self._options], LOOK_S, self._environment)
        self._judge(done.code, done.complaint)
        if time.monotonic() - self._since_s > HOLDS_S:
            self._fault = None

    def _check_alive(self) -> None:
        """:raises DeviceError: DEV-004."""
        if self._device and all(Path(folder).is_dir() for folder in self._environment.values()):
            return
        raise DeviceError(faults.DEV_LOST, "not open, or gone", CompletionCode.DEVICE_NOT_READY)

    def _scan(self, deadline_s: float) -> PageImage:
        self._check_alive()
        arguments = ["-d", self._device, "--format=jpeg", *self._options]
        done = self._program.run(arguments, max(0.0, deadline_s - time.monotonic()), self._environment)
        self._judge(done.code, done.complaint)
        size = sane.jpeg_size(done.output)
        if size is None:
            raise DeviceError(faults.DEV_GARBLED, "no whole picture", CompletionCode.INVALID_DATA)
        self._fault = None
        return PageImage(done.output, done.output, *size, sharpness=0.0)

    def _judge(self, code: int, complaint: str) -> None:
        """:raises DeviceError: when the run did not end well."""
        fault = sane.fault_of(code, complaint)
        if fault is None:
            return
        if fault in _ONLY_A_SCAN_SHOWS:
            self._fault, self._since_s = fault, time.monotonic()
        last = (complaint.strip().splitlines() or [""])[-1]
        raise DeviceError(fault, f"exit {code}: {last[:120]}", CompletionCode.DEVICE_NOT_READY)

    def _found(self, pattern: str) -> str:
        """The one scanner whose name begins as `pattern` does. :raises DeviceError: DEV-001 none or several."""
        done = self._program.run(["-f", "%d%n"], FIND_S, self._environment)
        names = [line for line in done.output.decode("utf-8", "replace").splitlines() if line.startswith(pattern[:-1])]
        if len(names) != 1:
            detail = f"{len(names)} scanners are called {pattern}"
            raise DeviceError(faults.DEV_NOT_FOUND, detail, CompletionCode.DEVICE_NOT_READY)
        return names[0]


def _as_status(fault: faults.Fault | None) -> DeviceStatus:
    if fault is None:
        return DeviceStatus(DeviceState.ONLINE)
    state = _STATE_OF.get(fault, DeviceState.HARDWARE_ERROR)
    return DeviceStatus(state, cover_open=fault is faults.SHT_COVER or None, faults=frozenset({fault.code}))


def _named(port: str) -> tuple[str, dict[str, str]]:
    """The scanner's name and what its program needs to know. :raises DeviceError: DEV-001."""
    if not port.startswith("/"):
        return port, {}
    try:
        name = (Path(port) / "device").read_text(encoding="utf-8").strip()
    except OSError as error:
        raise DeviceError(fault_of_opening(error), str(error), CompletionCode.DEVICE_NOT_READY) from error
    if not re.fullmatch(r"[\w.:/*+-]+", name):
        raise DeviceError(faults.DEV_NOT_FOUND, "no device name", CompletionCode.DEVICE_NOT_READY)
    return name, {"SANE_CONFIG_DIR": port}


DEVICE_CLASS = "document_scanner"
DESCRIBE = sane.describe


def DRIVER(table: Mapping[str, object]) -> DocumentScanner:
    """Make the driver from its devices.toml table. :raises ValueError: for unusable settings."""
    return SaneScanimage(table)
