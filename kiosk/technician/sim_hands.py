"""Hands that work simulated devices, for a self-test without anybody."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

from drivers.api import LightPosition
from drivers.sim.client import Control, ControlError
from kiosk.adapters import paths
from kiosk.app.selftest import TEST_CODE
from kiosk.app.technician.diagnostics import Reply, Task

PAGE_LINES = [f"{number:02d}  THE PAGE OF THE SELF-TEST  {TEST_CODE}" for number in range(1, 21)]


class SimHands:
    """`kiosk.app.technician.diagnostics.TechnicianActions` at the control sockets of `run_dir`."""

    def __init__(self, run_dir: Path, resident: str = "a_kim") -> None:
        self._run_dir, self._resident = run_dir, resident
        self._do: Mapping[Task, Callable[[], Reply]] = {
            Task.LAY_CARD: lambda: self._work("id_card", "present", resident=resident),
            Task.LIFT_CARD: lambda: self._work("id_card", "lift"),
            Task.SHOW_CODE: lambda: self._lay("code_scanner", text=TEST_CODE),
            Task.LAY_PAGE: self._lay_page,
            Task.LAY_FACE: lambda: self._lay("id_face", id_face=dict(self._person())),
            Task.SIT_DOWN: lambda: self._lay("portrait", portrait={"people": 1}),
            Task.PRESS_ENTER: lambda: self._work("keypad", "press", key="ENTER"),
            Task.JUDGE_LIGHTS: self._judge_lights,
            Task.OPEN_DOOR: lambda: self._work("cabinet", "door", open=True),
            Task.CLOSE_DOOR: lambda: self._work("cabinet", "door", open=False),
            Task.JUDGE_FAN: self._judge_fan,
            Task.CUT_MAINS: lambda: self._work("ups", "power", state="battery"),
            Task.RESTORE_MAINS: lambda: self._work("ups", "power", state="mains"),
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
            self._control(twin, op, **fields)
        except (OSError, ControlError):
            return Reply.SKIP
        return Reply.DONE

    def _lay(self, twin: str, **thing: object) -> Reply:
        """What lay there before is taken away first."""
        for op in ("hide", "clear_view"):
            self._work(twin, op)
        return self._work(twin, "show", **thing)

    def _lay_page(self) -> Reply:
        """A scanner whose simulated glass always has a page on it knows no `show`: then it lies there already."""
        self._lay("document_scanner", page=PAGE_LINES)
        return Reply.DONE

    def _person(self) -> Mapping[str, object]:
        """The fictitious resident whose card is laid down, as the residents file has her."""
        file = paths.share_dir() / "config" / "demo" / "residents.toml"
        person: Mapping[str, object] = tomllib.loads(file.read_text(encoding="utf-8"))[self._resident]
        return person

    def _judge_lights(self) -> Reply:
        lamps = self._control("lights", "status")["lamps"]
        return Reply.DONE if isinstance(lamps, list) and all(lamps[: len(LightPosition)]) else Reply.NO

    def _judge_fan(self) -> Reply:
        relays = self._control("cabinet", "status")["relays"]
        return Reply.DONE if isinstance(relays, list) and relays[0] else Reply.NO

    def _control(self, twin: str, op: str, **fields: object) -> Mapping[str, object]:
        with Control(self._run_dir / f"{twin}.ctl") as control:
            return control(op, **fields)

    def _judge_slip(self) -> Reply:
        """Look at the last slip as an eye would: is it whole, and is it cut off?"""
        return self._judge("receipt_printer", "cut", "complete")

    def _judge_page(self) -> Reply:
        return self._judge("document_printer", "complete")

    def _judge(self, twin: str, *marks: str) -> Reply:
        pages = self._control(twin, "pages")["pages"]
        good = isinstance(pages, list) and bool(pages) and all(pages[-1][mark] for mark in marks)
        return Reply.DONE if good else Reply.NO
