"""A kiosk without its window, led line by line: `python visit_console.py CONFIG_DIR`.

Store, outbox, voice, devices, network and files are the real ones; what a hand would touch is named by its text key.
One JSON line in, one out: {"press": key}, {"read": resident}, {"event": name},
{"answer": text}, {"visits": n}; with {"await": step} the answer comes when this step or overlay shows.
"""

from __future__ import annotations

import gc
import json
import logging
import queue
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kiosk.adapters.settings.config import load_devices, load_terminal
from kiosk.bootstrap import Kiosk
from kiosk.domain.screens.compose import View
from kiosk.domain.view.parts import Choice
from kiosk.domain.visit.machine import Ev, Event, Overlay, Resident, Step
from kiosk.domain.visit.readiness import Capability

WITHIN_S = 30.0
PAGE_BYTES = 4096


class Console:
    def __init__(self, config: Path):
        self._actions: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.kiosk = Kiosk(load_terminal(config / "terminal.toml"), load_devices(config / "devices.toml"), config)
        self.kiosk.visit.set_dispatcher(self._actions.put)
        self.kiosk.start()
        self.kiosk.visit.start()
        # What a visit can do is settled when it begins: not before the devices have told of themselves.
        wanted = {Capability.PRINT_SLIP, Capability.READ_ID_CARD}
        self._until(lambda: wanted <= self.kiosk._capabilities.freeze().usable, "printer and reader")

    def serve(self) -> None:
        """Until stdin ends."""
        for line in sys.stdin:
            try:
                answer = self._obey(json.loads(line))
            except LookupError as error:
                answer = {"error": str(error)}
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
        self.kiosk.stop()

    def _obey(self, order: Mapping[str, Any]) -> Mapping[str, Any]:
        visit = self.kiosk.visit
        if "press" in order:
            visit.post(self._choice(order["press"]).event)
        elif "read" in order:
            visit.post(Event(Ev.CARD_READ, Resident(**order["read"])))
        elif "event" in order:
            visit.post(Event(getattr(Ev, order["event"])))
        elif "answer" in order:
            visit.post(Event(Ev.ANSWER, order["answer"]))
        elif "visits" in order:
            return self._many(order["visits"])
        wanted = order.get("await")
        self._until(lambda: wanted is None or wanted in (visit.state.step.value, visit.state.overlay.value), wanted)
        return {"step": visit.state.step.value, "printing": visit.state.printing.value, "stored": visit.state.stored}

    def _choice(self, key: str) -> Choice:
        """Of what is shown, awaited. :raises LookupError: there is no such button."""
        self._until(lambda: any(one.line.key == key for one in _choices(self.kiosk.visit.view)), key)
        return next(one for one in _choices(self.kiosk.visit.view) if one.line.key == key)

    def _until(self, holds: Callable[[], bool], what: object) -> None:
        deadline_s = time.monotonic() + WITHIN_S
        self._work(0)
        while not holds():
            if time.monotonic() > deadline_s:
                visit = self.kiosk.visit
                shown = [one.line.key for one in _choices(visit.view)]
                raise LookupError(f"{what} did not come: {visit.state.step} {visit.state.overlay} {shown}")
            self._work(0.05)
            if self.kiosk.visit.state.step is Step.WIPE:
                # Nobody stands here to read the farewell.
                self.kiosk.clock.advance(1.0)

    def _work(self, wait_s: float) -> None:
        """Handle events as the window's thread does."""
        try:
            while True:
                (self._actions.get(timeout=wait_s) if wait_s else self._actions.get_nowait())()
                wait_s = 0
        except queue.Empty:
            return

    # many visits

    def _many(self, count: int) -> Mapping[str, Any]:
        """Visits one after the other, each to the first question and away; memory after each tenth of them."""
        memory: list[float] = []
        errors = 0
        for number in range(1, count + 1):
            errors += not self._one(number)
            if number % (count // 10) == 0:
                gc.collect()
                memory.append(rss_mb())
        return {"visits": count, "errors": errors, "rss_mb": memory, "threads": threading.active_count()}

    def _one(self, number: int) -> bool:
        visit = self.kiosk.visit
        for event in (
            self._choice("welcome.start_nan" if number % 2 else "welcome.start_cmn").event,
            self._choice_now("item.XA032.name"),
            Event(Ev.CARD_READ, Resident("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", "后村")),
            Event(Ev.YES),
            Event(Ev.CARD_REMOVED),
        ):
            visit.post(event() if callable(event) else event)
            self._work(0)
        self._until(lambda: visit.state.step is Step.ASK, Step.ASK)
        for _ in range(2):
            visit.post(Event(Ev.LEAVE_SURE if visit.state.overlay is Overlay.LEAVE else Ev.LEAVE))
            self._work(0)
        visit.post(Event(Ev.WIPED))
        self._work(0)
        return visit.state.step is Step.WELCOME and visit.state.resident is None

    def _choice_now(self, key: str) -> Callable[[], Event]:
        return lambda: self._choice(key).event


def _choices(view: View) -> tuple[Choice, ...]:
    return (*view.choices, *view.cards, *view.pager, *view.pad, *view.words)


def rss_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES / 1e6


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    Console(Path(sys.argv[1])).serve()
