"""Simulated devices for `kiosk selftest --sim`: their processes, and hands that work them.

The code under test gets ordinary device tables with other ports, and cannot tell.
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

from drivers.sim.client import Control, ControlError
from kiosk.adapters.config import DeviceTables
from kiosk.app.diagnostics import Reply, Task
from kiosk.app.selftest import TEST_CODE
from kiosk.play.process import Managed

READY_S = 30.0


class SimBench:
    """`with SimBench(sim_toml) as bench`: the twins run meanwhile. :raises StageError: when one does not start."""

    def __init__(self, plan: Path) -> None:
        self._plan = plan
        self._folder = tempfile.TemporaryDirectory(prefix="kiosk-sim-")
        self.run_dir = Path(self._folder.name)
        self._twins: Managed | None = None

    def __enter__(self) -> SimBench:
        argv = [sys.executable, "-m", "drivers.sim", "up", str(self._plan), "--dir", str(self.run_dir)]
        try:
            self._twins = Managed("simulated devices", argv, self.run_dir / "twins.log")
            self._twins.wait_line(lambda line: line.strip() == "ready", READY_S)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def tables(self, devices: DeviceTables) -> dict[str, dict[str, object]]:
        """The configured devices that have a simulated other side, with its port in place of theirs."""
        simulated = tomllib.loads(self._plan.read_text(encoding="utf-8"))
        return {
            name: {**table, "port": str(self.run_dir / name)}
            for name, table in devices.items()
            if name in simulated and "port" in table
        }

    def hands(self) -> SimHands:
        return SimHands(self.run_dir)

    def _end(self) -> None:
        if self._twins is not None:
            self._twins.stop()
        self._folder.cleanup()


class SimHands:
    """`kiosk.app.diagnostics.Hands` that work the simulated devices in `run_dir`."""

    def __init__(self, run_dir: Path, resident: str = "a_kim") -> None:
        self._run_dir = run_dir
        self._do: Mapping[Task, Callable[[], Reply]] = {
            Task.LAY_CARD: lambda: self._work("id_card", "present", resident=resident),
            Task.LIFT_CARD: lambda: self._work("id_card", "lift"),
            Task.SHOW_CODE: lambda: self._work("code_scanner", "show", text=TEST_CODE),
            Task.PLUG_HEADPHONE: lambda: self._work("headphone", "insert"),
            Task.UNPLUG_HEADPHONE: lambda: self._work("headphone", "remove"),
            Task.ALLOW_SLIP: lambda: Reply.DONE,
            Task.JUDGE_SLIP: self._judge_slip,
        }

    def why_not(self) -> str:
        return ""

    def ask(self, task: Task) -> Reply:
        return self._do[task]()

    def _work(self, twin: str, op: str, **fields: object) -> Reply:
        try:
            with Control(self._run_dir / f"{twin}.ctl") as control:
                control(op, **fields)
        except (OSError, ControlError):
            return Reply.SKIP
        return Reply.DONE

    def _judge_slip(self) -> Reply:
        """Look at the last page as an eye would: is it whole, and is it cut off?"""
        with Control(self._run_dir / "receipt_printer.ctl") as control:
            pages = control("pages")["pages"]
        good = isinstance(pages, list) and bool(pages) and pages[-1]["cut"] and pages[-1]["complete"]
        return Reply.DONE if good else Reply.NO
