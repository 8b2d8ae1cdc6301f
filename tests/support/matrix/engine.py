"""Plays a fault against a driver in front of its simulated device, and writes down all that happens.

The driver lives in the product's own worker (`kiosk.app.device_hub`): what is proved is what the kiosk does.
One cell is: a healthy device, a fault, a command, the fault ends, a good command. Nobody touches driver or
worker in between; only the clock is moved on, so that the pause before a reconnection need not be sat out.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drivers import registry
from drivers.api import Device, DeviceError
from drivers.sim.client import Control
from drivers.sim.lifetime import ends_with_us
from drivers.sim.twins import twins
from drivers.sim.up import command
from kiosk.adapters.clock_socket import SteeredClock
from kiosk.app.device_hub import DeviceEvent, DeviceWorker

READY_S = 30.0
IDLE_POLL_S = 1000.0
"""Nothing is polled by itself here: a poll comes when the clock is moved on by this."""
BACK_OFF_S = 10.0
NEVER_S = 3600.0
PRIORITY = -10

Request = Mapping[str, object]
Command = Callable[[Any, "Bench"], str]
"""Uses the device as the kiosk does, with a resident's hands at it, and says in a word what came out."""


def arm(name: str, **args: object) -> Request:
    """A fault that stays until it is cleared, unless `count` says otherwise."""
    return {"op": "fault", "name": name, "count": -1, **args}


def hand(op: str, **args: object) -> Request:
    return {"op": op, **args}


ROWS: tuple[Row, ...] = ()
"""All row files' rows; filled when the table is loaded."""
CLEAR = hand("clear")
REPLUG = hand("replug")


@dataclass(frozen=True)
class Cell:
    """One fault of one device. `during` and `after` are the whole history on either side of the fault's end."""

    name: str
    fault: str
    """The fault's name in the simulated device, or empty for something that hands do."""
    begin: tuple[Request, ...]
    during: tuple[str, ...]
    after: tuple[str, ...]
    """An entry that ends with `?` may be missing: it depends on which of two moments came first."""
    end: tuple[Request, ...] = (CLEAR,)
    polls: bool = False
    """No command: the worker's own idle look finds it."""
    flaps: bool = False
    """Opening succeeds while the command cannot: the same few entries may repeat."""
    command: Command | None = None
    deadline_s: float = 0.0
    slow: bool = False
    or_else: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    """Other pairs of `during` and `after` that are as right, each with its reason beside the cell."""


class Shapes:
    """The three ways in which most cells go, for a device whose command says `good` when all is well."""

    def __init__(self, good: str) -> None:
        self._good = good

    def overcome(self, name: str, *begin: Request, fault: str | None = None, **more: Any) -> Cell:
        """The command succeeds in spite of it, and nobody is told."""
        return Cell(name, _fault_in(begin, fault), begin, (self._good,), (f"then {self._good}",), **more)

    def named(self, name: str, code: str, *begin: Request, fault: str | None = None, **more: Any) -> Cell:
        """The device answers, so it stays; what is wrong is told until the next look finds it gone."""
        told = (code, f"online {code}")
        return Cell(name, _fault_in(begin, fault), begin, told, (f"then {self._good}", "online"), **more)

    def seen(self, name: str, state: str, *begin: Request, fault: str | None = None, **more: Any) -> Cell:
        """Found by the worker's own idle look. What cannot be spoken with is opened again; the rest is looked at."""
        gone = state.partition(" ")[0] in ("offline", "noDevice", "powerOff")
        then = f"then {self._good}"
        after = ("online", then) if gone else (then, "online")
        return Cell(name, _fault_in(begin, fault), begin, (state,), after, polls=True, **more)

    def lost(self, name: str, code: str, *begin: Request, fault: str | None = None, **more: Any) -> Cell:
        """Lost once, opened again by itself; the command that was under way goes on, then the next comes."""
        told = (code, f"noDevice {code}")
        after = ("online", self._good, f"then {self._good}")
        return Cell(name, _fault_in(begin, fault), begin, told, after, **more)


def _fault_in(begin: Sequence[Request], said: str | None) -> str:
    if said is not None:
        return said
    return next((str(request["name"]).partition(":")[0] for request in begin if request["op"] == "fault"), "")


@dataclass(frozen=True)
class Row:
    """One model and all its cells."""

    device_class: str
    model: str
    command: Command
    cells: tuple[Cell, ...]
    good: str
    """What the command says of a healthy device."""
    prepare: tuple[Request, ...] = ()
    """Hands that make everything well before a cell."""
    driver_settings: Mapping[str, object] = field(default_factory=dict)
    twin_settings: Mapping[str, object] = field(default_factory=dict)
    deadline_s: float = 15.0
    lanes: int = 1
    heavy: bool = False
    """Takes the processor: played alone, when the others have ended."""
    not_there: Mapping[str, str] = field(default_factory=dict)
    """Faults of lines that cannot occur here, each with its reason."""
    start: Callable[[Row], contextlib.AbstractContextManager[Bench]] | None = None

    @property
    def name(self) -> str:
        return f"{self.device_class}/{self.model}"


@dataclass(frozen=True)
class Bench:
    """A running simulated device."""

    port: str
    hands: Control
    turn: threading.RLock = field(default_factory=threading.RLock)
    """The commands' hands and the ones that make the fault share one control socket."""

    def do(self, requests: Sequence[Request]) -> None:
        with self.turn:
            for request in requests:
                fields = dict(request)
                self.hands(str(fields.pop("op")), **fields)

    def ask(self, key: str) -> object:
        """One value of the simulated device's status."""
        with self.turn:
            return self.hands("status")[key]


@dataclass
class Played:
    """What one cell's play showed."""

    history: list[str]
    mended_at: int
    seconds: float
    deadline_s: float
    trouble: str = ""

    @property
    def told(self) -> str:
        during, after = self.history[: self.mended_at], self.history[self.mended_at :]
        return f"{' · '.join(during)} ▸ {' · '.join(after)}"


class History:
    """Entries from the bus and from commands, in the order in which they happened."""

    def __init__(self) -> None:
        self.entries: list[str] = []
        self._more = threading.Condition()

    def add(self, entry: str) -> None:
        with self._more:
            self.entries.append(entry)
            self._more.notify_all()

    def hear(self, event: DeviceEvent) -> None:
        self.add(event.state.value + (f" {event.fault.code}" if event.fault else ""))

    def await_until(self, holds: Callable[[list[str]], bool], end_s: float) -> bool:
        with self._more:
            while not holds(self.entries):
                left_s = end_s - time.monotonic()
                if left_s <= 0:
                    return False
                self._more.wait(min(left_s, 0.2))
            return True


@contextlib.contextmanager
def before_others() -> Iterator[None]:
    """This thread, and what it starts, before the machine's other work where that is allowed: a simulated device has
    to keep its wire's time, and what is proved is the driver's and not the machine's load.
    """
    before = os.getpriority(os.PRIO_PROCESS, 0)
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, min(before, PRIORITY))
    try:
        yield
    finally:
        os.setpriority(os.PRIO_PROCESS, 0, before)


def keeps_its_time(process: subprocess.Popen[bytes]) -> None:
    """A wire is never put aside as a process is: among many of one priority that was a tenth of a second and more,
    which a driver has to take for the end of an answer. What the device itself starts is an ordinary process.
    """
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(process.pid, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))


@contextlib.contextmanager
def serial_twin(row: Row) -> Iterator[Bench]:
    """The row's simulated device as a process of its own."""
    name, twin = next((name, twin) for name, twin in twins().items() if row.model in twin.models)
    with tempfile.TemporaryDirectory(prefix="matrix-") as folder:
        link, control = Path(folder) / "port", Path(folder) / "port.ctl"
        line = command(name, link, control, {**twin.bench_settings(row.model), **row.twin_settings})
        process = subprocess.Popen(ends_with_us(line), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin is not None and process.stdout is not None
        try:
            readable, _, _ = select.select([process.stdout], [], [], READY_S)
            assert readable and process.stdout.readline() == b"ready\n", f"{name} did not start"
            keeps_its_time(process)
            with Control(control) as hands:
                yield Bench(str(link), hands)
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()


@contextlib.contextmanager
def worker_for(row: Row, bench: Bench, history: History) -> Iterator[tuple[DeviceWorker[Device], SteeredClock]]:
    clock = SteeredClock()
    device = registry.create(
        row.device_class, row.model, {"model": row.model, "port": bench.port, **row.driver_settings}
    )
    worker: DeviceWorker[Device] = DeviceWorker(row.device_class, device, clock, history.hear, IDLE_POLL_S)
    worker.start()
    try:
        yield worker, clock
    finally:
        worker.close()
        clock.close()
        assert not worker.is_alive(), "the worker does not end"


def job(history: History, label: str, run: Command, bench: Bench) -> Callable[[Device], None]:
    def use(device: Device) -> None:
        try:
            outcome = run(device, bench)
        except DeviceError as error:
            history.add(label + error.fault.code)
            raise
        history.add(label + outcome)

    return use


def play(row: Row, cell: Cell, bench: Bench) -> Played:
    """One cell from healthy to healthy. Never raises for what the driver does: the history tells it."""
    bench.do((CLEAR, *row.prepare))
    history = History()
    deadline_s = cell.deadline_s or row.deadline_s
    with worker_for(row, bench, history) as (worker, clock):
        if not history.await_until(lambda told: told[-1:] == ["online"], time.monotonic() + deadline_s):
            return Played(history.entries, 0, deadline_s, deadline_s, "not healthy at the beginning")
        # A process that is started elsewhere at this moment holds every port for some milliseconds more.
        del history.entries[:-1]
        began_s = time.monotonic()
        bench.do(cell.begin)
        if cell.polls:
            clock.advance(IDLE_POLL_S)
        else:
            worker.run_soon(job(history, "", cell.command or row.command, bench))
        wanted = ("online", *cell.during)
        seen = history.await_until(lambda told: len(told) >= len(wanted), began_s + deadline_s)
        mended_at = len(history.entries)
        bench.do(cell.end)
        clock.advance(BACK_OFF_S)
        if row.good in cell.after:
            # The command that was under way goes on first; a newer one would have taken its place.
            history.await_until(lambda told: row.good in told[mended_at:], began_s + deadline_s)
        worker.run_soon(job(history, "then ", row.command, bench))
        well = seen and _await_well(history, worker, clock, row.good, began_s + deadline_s)
        seconds = time.monotonic() - began_s
        trouble = "" if well else "did not come back by itself" if seen else "the fault was not told"
        return Played(list(history.entries), mended_at, seconds, deadline_s, trouble)


def _await_well(history: History, worker: DeviceWorker[Device], clock: SteeredClock, good: str, end_s: float) -> bool:
    """The good command's outcome, then no fault that is still told though it does not hold."""
    ended = f"then {good}"
    while not history.await_until(lambda told: ended in told, min(end_s, time.monotonic() + 1.0)):
        if time.monotonic() >= end_s:
            return False
        clock.advance(BACK_OFF_S)  # a device that comes back late has tried in vain meanwhile
    # Like the command, the poll is the worker's own; its time comes at once.
    while worker.fault is not None or not worker.is_open:
        if time.monotonic() >= end_s:
            return False
        clock.advance(IDLE_POLL_S)
        history.await_until(lambda _told: worker.fault is None, time.monotonic() + 0.2)
    return True


def collapsed(history: Sequence[str]) -> list[str]:
    """The history with every block that repeats at once told once."""
    told: list[str] = []
    for entry in history:
        told.append(entry)
        for size in range(1, len(told) // 2 + 1):
            if told[-size:] == told[-2 * size : -size]:
                del told[-size:]
                break
    return told


def _fits(told: Sequence[str], expected: Sequence[str]) -> bool:
    if not expected or not told:
        return not told and all(entry.endswith("?") for entry in expected)
    first = expected[0]
    if told[0] == first.removesuffix("?") and _fits(told[1:], expected[1:]):
        return True
    return first.endswith("?") and _fits(told, expected[1:])


def judge(cell: Cell, played: Played) -> str:
    """Empty when the cell went as it must; otherwise what did not."""
    expected = ["online", *cell.during, *cell.after]
    others = [["online", *during, *after] for during, after in cell.or_else]
    told = collapsed(played.history) if cell.flaps else played.history
    wrong = [played.trouble] if played.trouble else []
    if not any(_fits(told, right) for right in (expected, *others)):
        wrong.append(f"history {' · '.join(told)}, expected {' · '.join(expected)}")
    if played.seconds > played.deadline_s:
        wrong.append(f"{played.seconds:.1f} s of {played.deadline_s:g} s")
    return "; ".join(wrong)
