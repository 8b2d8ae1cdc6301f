"""A simulated document scanner: SANE's own `test` backend, which the real `scanimage` drives.

The link is a folder that is a SANE configuration of its own; this process keeps its `test.conf`, which the backend
reads at every start. A fault therefore holds until `clear`. The feeder holds ten sheets at each run.
Control: unplug, replug, faults. Settings: `picture`, one of the backend's own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from drivers.sim.core import Twin
from drivers.sim.faultbook import FaultBook
from drivers.sim.line import Wire, write_whole

STATUS_OF_FAULT = {
    "busy": "SANE_STATUS_DEVICE_BUSY",
    "jam": "SANE_STATUS_JAMMED",
    "no_docs": "SANE_STATUS_NO_DOCS",
    "cover": "SANE_STATUS_COVER_OPEN",
    "io_error": "SANE_STATUS_IO_ERROR",
    "access": "SANE_STATUS_ACCESS_DENIED",
    "no_memory": "SANE_STATUS_NO_MEM",
}
SLOW_LINE_US = 200_000
"""The backend's longest pause before each piece of a picture: a page then takes much longer than anyone waits."""


class FolderWire:
    """There are no bytes: the backend runs in the driver's own child process."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self._reader, self._writer = os.pipe()

    @property
    def fd(self) -> int:
        return self._reader

    def put(self, data: bytes, now_s: float) -> None:
        """Nobody listens."""

    def pump(self, now_s: float) -> int:
        return 0

    def next_pump_s(self) -> float | None:
        return None

    def take(self, now_s: float) -> bytes:
        return b""

    def hears_again_s(self) -> float:
        return 0.0

    def garbage(self, length: int) -> bytes:
        return bytes(length)

    def change_speed(self, baud: int) -> None:
        """A folder has no speed."""

    def unplug(self) -> None:
        shutil.rmtree(self._link, ignore_errors=True)
        os.close(self._reader)
        os.close(self._writer)


class DocumentScannerTwin(Twin):
    """See the module."""

    models = ("sane_scanimage",)
    default_baud = None
    own_faults: ClassVar[Mapping[str, str]] = {
        **{name: f"a scan ends with {status}" for name, status in STATUS_OF_FAULT.items()},
        "crawl": "each piece of a picture takes a fifth of a second",
        "short_reads": "a picture comes in pieces of 7 bytes",
    }

    @classmethod
    def fault_names(cls, model: str) -> Mapping[str, str]:
        return cls.own_faults

    @classmethod
    def missing(cls, settings: Mapping[str, object]) -> str:
        return "" if shutil.which("scanimage") else "scanimage is missing: install sane-utils"

    def __init__(self, settings: Mapping[str, object]) -> None:
        super().__init__(settings)
        self.faults = FaultBook(self.own_faults)
        self._folder = Path()
        self._picture = str(settings.get("picture", "Color pattern"))
        arm, clear = self.ops["fault"], self.ops["clear"]
        self.ops["fault"] = lambda request: self._then_write(arm(request))
        self.ops["clear"] = lambda request: self._then_write(clear(request))

    def on_bytes(self, data: bytes) -> None:
        """There is no line."""

    def make_line(self, link: Path) -> Wire:
        fresh = link.with_name(link.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        (fresh / "dll.conf").write_text("test\n", encoding="ascii")
        (fresh / "device").write_text("test:0\n", encoding="ascii")
        self._folder = fresh
        self._write()
        fresh.replace(link)
        self._folder = link
        return FolderWire(link)

    def _then_write(self, reply: Mapping[str, object]) -> Mapping[str, object]:
        if self.line is not None:
            self._write()
        return reply

    def _write(self) -> None:
        armed = self.faults.armed()
        status = next((STATUS_OF_FAULT[name] for name in armed if name in STATUS_OF_FAULT), "Default")
        crawls, short = "crawl" in armed, "short_reads" in armed
        rows = [
            "number_of_devices 1", "mode Color", "depth 8", "enable-test-options true",
            "resolution_min 1.0", "resolution_max 1200.0", "resolution_quant 1.0", "resolution 75.0",
            "geometry_min 0.0", "geometry_max 300.0", "geometry_quant 1.0",
            "tl_x 0.0", "tl_y 0.0", "br_x 210.0", "br_y 297.0",
            f'test-picture "{self._picture}"', f'read-status-code "{status}"',
            f"read-delay {str(crawls).lower()}", f"read-delay-duration {SLOW_LINE_US}",
            f"read-limit {str(short).lower()}", "read-limit-size 7",
        ]  # fmt: skip
        write_whole(self._folder / "test.conf", "\n".join(rows) + "\n")


TWIN = DocumentScannerTwin
