"""Figures of a terminal's health for the minute's heartbeat: the machine, the process, the store, each device."""

from __future__ import annotations

import os
import resource
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from drivers.api import Device
from kiosk.app.capabilities import look
from kiosk.app.device_hub import DeviceWorker
from kiosk.app.site.state import CLASSES, health_of
from kiosk.domain.visit.readiness import Capability

_HEALTH = {"ok": 1.0, "warning": 0.5, "fault": 0.0, "not_fitted": -1.0}

Workers = Mapping[str, DeviceWorker[Device]]


class TerminalFigures:
    """Call it for all of them by name; numbers only, nothing of a person.

    :param waiting: items that have not reached the back office.
    :param lacking: capability -> code, of what no device gives and this machine does not have.
    """

    def __init__(
        self,
        state_dir: Path,
        workers: Workers,
        waiting: Callable[[], int],
        lacking: Callable[[], Mapping[Capability, str]] = dict,
    ):
        self._state_dir = state_dir
        self._workers = workers
        self._waiting = waiting
        self._lacking = lacking
        self._began_s = time.monotonic()

    def __call__(self) -> dict[str, float]:
        return {**self._machine(), **self._process(), **self._devices(), "outbox_waiting": float(self._waiting())}

    def _machine(self) -> dict[str, float]:
        """Of Linux: loads, memory (proc(5) meminfo), what is free where the store lies."""
        one, five, fifteen = os.getloadavg()
        memory = _meminfo()
        disk = shutil.disk_usage(self._state_dir)
        return {
            "load_1": one,
            "load_5": five,
            "load_15": fifteen,
            "memory_total_mb": memory.get("MemTotal", 0.0),
            "memory_free_mb": memory.get("MemAvailable", 0.0),
            "swap_free_mb": memory.get("SwapFree", 0.0),
            "disk_free_mb": disk.free / 1e6,
            "disk_used_share": disk.used / disk.total,
            "machine_up_s": float(Path("/proc/uptime").read_text().split()[0]),
        }

    def _process(self) -> dict[str, float]:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "up_s": time.monotonic() - self._began_s,
            "cpu_user_s": used.ru_utime,
            "cpu_system_s": used.ru_stime,
            "memory_peak_mb": used.ru_maxrss / 1000,
            "page_faults": float(used.ru_majflt),
            "threads": float(threading.active_count()),
            "descriptors": float(sum(1 for _ in Path("/proc/self/fd").iterdir())),
        }

    def _devices(self) -> dict[str, float]:
        """Of each class how it is (1 well, 0.5 wants a hand, 0 cannot be used, -1 not fitted) and how it served."""
        figures = {
            "capabilities_usable": float(len(look(self._workers, self._lacking()).usable)),
            "capabilities": float(len(Capability)),
        }
        for name in CLASSES:
            worker = self._workers.get(name)
            figures[f"{name}_state"] = _HEALTH[health_of(worker) if worker else "not_fitted"]
            figures[f"{name}_served"] = round(worker.health.ratio, 3) if worker else -1.0
        return figures


def _meminfo() -> dict[str, float]:
    rows = (line.split() for line in Path("/proc/meminfo").read_text().splitlines())
    return {row[0].rstrip(":"): int(row[1]) / 1000 for row in rows if len(row) > 1}
