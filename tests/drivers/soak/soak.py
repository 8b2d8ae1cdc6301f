"""Lets the kiosk's hub live through simulated hours with random faults and residents, and watches what is left over.

    python tests/drivers/soak/soak.py --out FILE [--slots 288] [--seed N] [--leak]

Every device on a line or a network socket is there, and a camera with the process that sees; each has its worker and
its simulated device. A slot is five minutes of the
hub's clock: two devices get a random fault, residents use whatever they like, the clock jumps over the idle time, the
faults end, and then they must answer and no device may tell a fault that does not hold any more; every hour each
device is asked. The hub's own waits go through its clock and are jumped over; what is spoken on the wires is real and
takes its real time.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import logging
import os
import random
import resource
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[2]), str(HERE.parents[1] / "support")]

from matrix import engine  # noqa: E402
from matrix.rows import cameras  # noqa: E402

from kiosk.adapters.clock_socket import SteeredClock  # noqa: E402 - the repository is on the path only now
from kiosk.app.device_hub import DeviceEvent, DeviceWorker  # noqa: E402

SLOT_S = 300.0
POLL_S = 2.0
JUMPS = 4
SLOTS_AN_HOUR = 12
WARM_UP_SLOTS = SLOTS_AN_HOUR
WELL_S = 60.0
FAULTY_DEVICES = 2
BUSY_DEVICES = 4
MODELS = (
    "sam_v",
    "escpos_80mm",
    "escpos_58mm",
    "serial_line",
    "newland_unified",
    "register_engine",
    "honeywell_serial",
    "evdev_switch",
    "evdev_keypad",
    "modbus_lights",
    "modbus_cabinet",
    "nut_ups",
    "camera_codes",
)


ROWS = {
    row.model: row
    for name in ("id_card", "receipt_printers", "code_scanners", "headphone", "aids")
    for row in import_module(f"matrix.rows.{name}").ROWS
}
ROWS["camera_codes"] = cameras.BRIEFLY


class LineCount(logging.Handler):
    """How many lines the log would have, by what they say."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.said: Counter[str] = Counter()
        self.lines = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += 1
        self.said[str(record.msg)] += 1


@dataclass
class Seat:
    """One device at the hub."""

    row: Any
    bench: Any
    worker: DeviceWorker[Any]
    history: Any
    told: list[DeviceEvent] = field(default_factory=list)
    finished: Counter[str] = field(default_factory=Counter)

    @property
    def is_well(self) -> bool:
        return self.worker.is_open and self.worker.fault is None and (not self.told or self.told[-1].fault is None)

    def use(self, label: str, *, cancel_running: bool = False) -> None:
        self.worker.run_soon(
            engine.job(self.history, label, self.row.command, self.bench), cancel_running=cancel_running
        )


@dataclass
class Sample:
    """What the process holds while nothing runs."""

    descriptors: int
    threads: int
    memory_kb: int

    @classmethod
    def now(cls) -> Sample:
        gc.collect()
        open_files = sum(1 for _ in Path("/proc/self/fd").iterdir())
        return cls(open_files, threading.active_count(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


class Soak:
    def __init__(self, seed: int, slots: int, leak: bool, clock: SteeredClock, seats: list[Seat]) -> None:
        self._random = random.Random(seed)
        self._slots = slots
        self._leak = leak
        self._clock = clock
        self._seats = seats
        self._leaked: list[Any] = []
        self.faults: Counter[str] = Counter()
        self.actions = 0
        self.stuck: list[str] = []
        self.stale: list[str] = []
        self.samples: list[Sample] = []
        self.slowest_s = 0.0

    def run(self) -> None:
        for slot in range(self._slots):
            self._slot(slot)
            self.samples.append(Sample.now())

    def _slot(self, number: int) -> None:
        began_s = self._clock.now()
        faulty = self._random.sample(self._seats, FAULTY_DEVICES)
        cells = [self._random.choice(seat.row.cells) for seat in faulty]
        for seat, cell in zip(faulty, cells, strict=True):
            self.faults[f"{seat.row.name} {cell.name}"] += 1
            seat.bench.do(cell.begin)
        busy = self._random.sample(self._seats, BUSY_DEVICES)
        for seat in busy:
            self.actions += 1
            seat.use("", cancel_running=self._random.random() < 0.3)
        # Residents and devices have a moment of real time with the fault before the clock runs on.
        time.sleep(self._random.uniform(0.1, 0.8))
        for jump in range(JUMPS):
            self._clock.advance(SLOT_S / (JUMPS + 1))
            time.sleep(0.1)
            if self._leak and jump == 0:
                self._leaked += [os.dup(0)]
        for seat, cell in zip(faulty, cells, strict=True):
            seat.bench.do((*cell.end, *seat.row.prepare))
        every = number % SLOTS_AN_HOUR == 0 or number == self._slots - 1
        self._all_well(number, self._seats if every else [*faulty, *(seat for seat in busy if seat not in faulty)])
        self._clock.advance(max(0.0, SLOT_S - (self._clock.now() - began_s)))

    def _all_well(self, number: int, asked: list[Seat]) -> None:
        """Those that are asked answer a good command, then no device at all tells a fault any more."""
        began_s = time.monotonic()
        end_s = began_s + WELL_S
        for seat in asked:
            seat.history.entries.clear()
            seat.use("then ")
        waiting = list(asked)
        while waiting and time.monotonic() < end_s:
            waiting = [seat for seat in waiting if f"then {seat.row.good}" not in seat.history.entries]
            for seat in waiting:
                if any(entry.startswith("then ") for entry in seat.history.entries):
                    # It answered, but with what was still on its way; a resident would try again.
                    seat.history.entries.clear()
                    seat.use("then ")
            self._clock.advance(POLL_S if not waiting else 10.0)
            time.sleep(0.05)
        self.stuck += [f"slot {number}: {seat.row.name} {seat.history.entries[-4:]}" for seat in waiting]
        while not all(seat.is_well for seat in self._seats) and time.monotonic() < end_s:
            self._clock.advance(POLL_S)
            time.sleep(0.05)
        self.stale += [
            f"slot {number}: {seat.row.name} {seat.worker.fault.code if seat.worker.fault else 'not open'}"
            for seat in self._seats
            if not seat.is_well and seat not in waiting
        ]
        self.slowest_s = max(self.slowest_s, time.monotonic() - began_s)


def told_twice(seat: Seat) -> int:
    """How often the bus said the same thing of a device two times running."""
    pairs = zip(seat.told, seat.told[1:], strict=False)
    return sum((one.state, one.fault) == (two.state, two.fault) for one, two in pairs)


def soak(slots: int, seed: int, leak: bool) -> dict[str, object]:
    log = LineCount()
    for name in ("drivers", "kiosk"):
        logging.getLogger(name).addHandler(log)
        logging.getLogger(name).setLevel(logging.INFO)
    began_s = time.monotonic()
    with contextlib.ExitStack() as stack:
        stack.enter_context(engine.before_others())
        clock = SteeredClock()
        stack.callback(clock.close)
        seats = [_seat(stack, ROWS[model], clock) for model in MODELS]
        life = Soak(seed, slots, leak, clock, seats)
        simulated_from_s = clock.now()
        life.run()
        simulated_s = clock.now() - simulated_from_s
        first, last = life.samples[min(WARM_UP_SLOTS, slots // 2)], life.samples[-1]
        return {
            "seed": seed,
            "slots": slots,
            "simulated_hours": round(simulated_s / 3600, 2),
            "real_seconds": round(time.monotonic() - began_s, 1),
            "devices": [seat.row.name for seat in seats],
            "faults": life.faults.total(),
            "different_faults": len(life.faults),
            "resident_actions": life.actions,
            "descriptors": [first.descriptors, last.descriptors, max(s.descriptors for s in life.samples)],
            "threads": [first.threads, last.threads, max(s.threads for s in life.samples)],
            "peak_memory_kb": [first.memory_kb, last.memory_kb],
            "stuck": life.stuck,
            "faults_told_that_do_not_hold": life.stale,
            "bus_events": sum(len(seat.told) for seat in seats),
            "told_twice": sum(told_twice(seat) for seat in seats),
            "log_lines": log.lines,
            "log_lines_a_slot": round(log.lines / slots, 2),
            "port_lost_lines": log.said["port %s lost: %s"],
            "port_back_lines": log.said["port %s is back"],
            "slowest_recovery_s": round(life.slowest_s, 2),
        }


def _seat(stack: contextlib.ExitStack, row: Any, clock: SteeredClock) -> Seat:
    bench = stack.enter_context(engine.serial_twin(row))
    bench.do((engine.CLEAR, *row.prepare))
    told: list[DeviceEvent] = []
    device = engine.registry.create(
        row.device_class, row.model, {"model": row.model, "port": bench.port, **row.driver_settings}
    )
    worker: DeviceWorker[Any] = DeviceWorker(row.model, device, clock, told.append, POLL_S)
    worker.start()
    stack.callback(worker.close)
    return Seat(row, bench, worker, engine.History(), told)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--slots", type=int, default=288)
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--leak", action="store_true", help="lose a descriptor in every slot: the soak must notice")
    options = parser.parse_args()
    result = soak(options.slots, options.seed, options.leak)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
