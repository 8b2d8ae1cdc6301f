"""Hands that work simulated devices, for a self-test without anybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from drivers.sim.client import Control, ControlError
from kiosk.app.diagnostics import Reply, Task
from kiosk.app.selftest import TEST_CODE


class SimHands:
    """`kiosk.app.diagnostics.Hands` at the control sockets of `run_dir`."""

    def __init__(self, run_dir: Path, resident: str = "a_kim") -> None:
        self._run_dir = run_dir
        self._do: Mapping[Task, Callable[[], Reply]] = {
            Task.LAY_CARD: lambda: self._work("id_card", "present", resident=resident),
            Task.LIFT_CARD: lambda: self._work("id_card", "lift"),
            Task.SHOW_CODE: lambda: self._work("code_scanner", "show", text=TEST_CODE),
            Task.PLUG_HEADPHONE: lambda: self._work("headphone", "insert"),
            Task.UNPLUG_HEADPHONE: lambda: self._work("headphone", "remove"),
            Task.INSERT_CHIP_CARD: lambda: self._work("chip_card", "present", resident=resident),
            Task.PULL_CHIP_CARD: lambda: self._work("chip_card", "lift"),
            Task.UNPLUG_OLD: lambda: Reply.SKIP,
            Task.PLUG_NEW: lambda: Reply.SKIP,
            Task.ALLOW_SLIP: lambda: Reply.DONE,
            Task.JUDGE_SLIP: self._judge_slip,
            Task.ALLOW_PAGE: lambda: Reply.DONE,
            Task.JUDGE_PAGE: self._judge_page,
        }

    def why_not(self) -> str:
        return ""

    def ask(self, task: Task) -> Reply:
        return self._do[task]()

    def _work(self, twin: str, op: str, **fields: object) -> Reply:
        try:
            self._told(twin, op, **fields)
        except (OSError, ControlError):
            return Reply.SKIP
        return Reply.DONE

    def _told(self, twin: str, op: str, **fields: object) -> Mapping[str, object]:
        with Control(self._run_dir / f"{twin}.ctl") as control:
            return control(op, **fields)

    def _judge_slip(self) -> Reply:
        """Look at the last slip as an eye would: is it whole, and is it cut off?"""
        return self._judge("receipt_printer", "cut", "complete")

    def _judge_page(self) -> Reply:
        return self._judge("document_printer", "complete")

    def _judge(self, twin: str, *marks: str) -> Reply:
        pages = self._told(twin, "pages")["pages"]
        good = isinstance(pages, list) and bool(pages) and all(pages[-1][mark] for mark in marks)
        return Reply.DONE if good else Reply.NO
