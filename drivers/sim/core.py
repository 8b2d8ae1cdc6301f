"""What every simulated device shares: the wire, the control socket, faults, time.

A twin is one process and one thread. A device module subclasses `Twin`, says in `on_bytes` what it
does with the host's bytes and answers with `send`; hands and faults come through `ops`.

    class MyTwin(Twin):
        models = ("escpos_80mm",)            # drivers/<class>/<model>.py that this is the other side of
        own_faults = {"cutter": "the cutter jams at the next cut"}

        def __init__(self, settings):
            super().__init__(settings)
            self.ops["cover"] = self._op_cover      # (request) -> extra reply fields; BadControl for nonsense

        def on_bytes(self, data): ...               # self.send(reply, tag="status"); self.after(0.2, callback)
        def status(self): return {**super().status(), "cover": self.cover}

    TWIN = MyTwin                                   # `python -m drivers.sim <module> ...` starts it
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import select
import selectors
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from drivers.sim.control import Client, Op, carry_out, listen, wait_from
from drivers.sim.faultbook import LINE_FAULTS, ArmedFault, BadControl, FaultBook
from drivers.sim.line import Line, Wire

__all__ = ["ArmedFault", "BadControl", "Op", "Twin", "run"]


ECHO_BYTES = 4096
"""What was heard since the last answer is what an echo returns, up to this much."""


class Twin:
    """Base of all simulated devices.

    `settings` is the device's table of sim.toml; `baud` there overrides the class's. Nothing here
    is thread-safe because nothing needs to be: all callbacks come from the one loop in `run`.
    """

    models: ClassVar[tuple[str, ...]] = ()
    default_baud: ClassVar[int | None] = 115200
    own_faults: ClassVar[Mapping[str, str]] = {}
    unasked_models: ClassVar[frozenset[str]] = frozenset()
    """Models whose device answers no question: opening them can prove no more than that the port is there."""

    @classmethod
    def bench_settings(cls, model: str) -> Mapping[str, object]:
        """The settings that make this twin the other side of `model`. Override when it plays several."""
        return {}

    @classmethod
    def fault_names(cls, model: str) -> Mapping[str, str]:
        """Every fault that the device of that model can have. Override when it has not all of the wire's."""
        return {**LINE_FAULTS, **cls.own_faults}

    @classmethod
    def missing(cls, settings: Mapping[str, object]) -> str:
        """What this machine lacks to run the twin, in words that mend it; empty when nothing. Override."""
        return ""

    @classmethod
    def prepare(cls, settings: Mapping[str, object], link: Path, arguments: Sequence[str]) -> None:
        """Called once in the twin's own process before anything else; `arguments` start it again. Override."""

    def __init__(self, settings: Mapping[str, object]) -> None:
        self.settings = settings
        baud = settings.get("baud", self.default_baud)
        if baud is not None and (isinstance(baud, bool) or not isinstance(baud, int)):
            raise BadControl("baud is a whole number")
        self.baud: int | None = baud
        self.faults = FaultBook({**LINE_FAULTS, **self.own_faults})
        self.ops: dict[str, Op] = {
            "fault": self._op_fault,
            "clear": self._op_clear,
            "status": lambda _request: self.status(),
            "unplug": self._op_unplug,
            "replug": self._op_replug,
        }
        self._link: Path | None = None
        self._line: Wire | None = None
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._ticket = itertools.count()
        self._power_cycle = 0
        self._answers_from_s = 0.0
        self._last_heard = b""
        self._drains_from_s = 0.0
        self._bytes_in = 0
        self._bytes_out = 0

    # --- what a device module uses or overrides ---

    def on_bytes(self, data: bytes) -> None:
        """The host sent `data` (any chunking). Override."""
        raise NotImplementedError

    def on_power_up(self) -> None:
        """The cable was plugged in (again): forget the session. Override when there is one."""

    def status(self) -> dict[str, object]:
        """What the control socket tells; extend it. `wait` waits on these keys."""
        return {
            "plugged": self._line is not None,
            "bytes_in": self._bytes_in,
            "bytes_out": self._bytes_out,
            "faults_armed": self.faults.armed(),
            "faults_known": self.faults.names,
        }

    def send(self, data: bytes, tag: str = "") -> None:
        """Send one answer at the line's pace, spoiled by the armed line faults that fit `tag`."""
        if self._line is None or self._hangs or self.faults.take("mute", tag):
            return
        data, delay_s = self._spoil(data, tag)
        if pulled := self.faults.take("unplug", tag):
            self._send_then_unplug(data[: pulled.number("at", 0)])
        else:
            self._put_in_turn(data, delay_s)

    def _put_in_turn(self, data: bytes, delay_s: float) -> None:
        """One processor answers: a late answer holds up those behind it, none overtakes."""
        now_s = time.monotonic()
        self._answers_from_s = max(now_s + delay_s, self._answers_from_s)
        if self._answers_from_s > now_s:
            # Of two at one moment the one that was begun first goes first.
            self._schedule_at(self._answers_from_s, self._unless_power_is_lost(lambda: self.put(data)))
        else:
            self.put(data)

    def put(self, data: bytes) -> None:
        """Put bytes on the wire as they are; `send` is the ordinary way."""
        if self._line is not None and data:
            now_s = time.monotonic()
            self._line.put(data, now_s)
            self._bytes_out += self._line.pump(now_s)

    def after(self, delay_s: float, action: Callable[[], None]) -> None:
        """Call `action` later, unless the device loses power before."""
        self._schedule(delay_s, self._unless_power_is_lost(action))

    def _unless_power_is_lost(self, action: Callable[[], None]) -> Callable[[], None]:
        cycle = self._power_cycle
        return lambda: action() if cycle == self._power_cycle else None

    @property
    def is_spoken_to(self) -> bool:
        """Whether bytes of the host have come that were not taken yet."""
        return self._line is not None and bool(select.select([self._line.fd], [], [], 0)[0])

    # --- faults of the wire ---

    def _spoil(self, data: bytes, tag: str) -> tuple[bytes, float]:
        """Apply the armed content faults; returns the bytes and the extra delay."""
        if fault := self.faults.take("garble", tag):
            data = _flip(data, fault.number("at", len(data) - 1), fault.number("bit", 0))
        if fault := self.faults.take("drop", tag):
            at = fault.number("at", 0)
            data = data[:at] + data[at + 1 :]
        if fault := self.faults.take("half", tag):
            data = data[: fault.number("at", len(data) // 2)]
        if self.faults.take("duplicate", tag):
            data = data + data
        if fault := self.faults.take("junk", tag):
            data = bytes((37 * n + 0x69) & 0xFF for n in range(fault.number("length", 7))) + data
        if self.faults.take("wrong_baud", tag) and self._line is not None:
            data = self._line.garbage(len(data))
        if self.faults.take("echo", tag):
            data = self._last_heard + data
        self._last_heard = b""
        fault = self.faults.take("late", tag)
        return data, fault.seconds("delay_s", 3.0) if fault else 0.0

    def _send_then_unplug(self, data: bytes) -> None:
        self.put(data)
        byte_s = 10 / self.baud if self.baud else 0.0
        self._schedule(len(data) * byte_s + 0.01, self.unplug)

    # --- plugging ---

    def plug(self, link: Path | None = None) -> None:
        """Plug the cable in: a fresh pty appears at the link."""
        self._link = link or self._link
        if self._line is None and self._link is not None:
            self._line = self.make_line(self._link)
            self._power_cycle += 1
            self._answers_from_s = 0.0
            self.on_power_up()

    def make_line(self, link: Path) -> Wire:
        """A pty at the link. Override for a device whose wire is another one."""
        return Line(link, self.baud)

    def unplug(self) -> None:
        """Pull the cable."""
        if self._line is not None:
            self._line.unplug()
            self._line = None
            self._power_cycle += 1

    def set_baud(self, baud: int) -> None:
        """The device changes its own speed (a command of some protocols); the open line follows."""
        self.baud = baud
        if self._line is not None:
            self._line.change_speed(baud)

    # --- control requests every twin knows ---

    def _op_fault(self, request: Mapping[str, object]) -> Mapping[str, object]:
        name = self.faults.arm(request).name
        return {"armed": name}

    def _op_clear(self, _request: Mapping[str, object]) -> Mapping[str, object]:
        self.faults.clear()
        return {}

    def _op_unplug(self, request: Mapping[str, object]) -> Mapping[str, object]:
        """`for_s` puts the cable back by itself."""
        self.unplug()
        for_s = request.get("for_s")
        if isinstance(for_s, int | float) and not isinstance(for_s, bool):
            self._schedule(float(for_s), self.plug)
        return {}

    def _op_replug(self, _request: Mapping[str, object]) -> Mapping[str, object]:
        self.plug()
        return {}

    # --- the loop's side ---

    def _schedule(self, delay_s: float, action: Callable[[], None]) -> None:
        self._schedule_at(time.monotonic() + delay_s, action)

    def _schedule_at(self, due_s: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._timers, (due_s, next(self._ticket), action))

    @property
    def line(self) -> Wire | None:
        return self._line

    @property
    def _hangs(self) -> bool:
        return self.faults.first("hang") is not None

    def run_due(self, now_s: float) -> None:
        """Timers that are due, then bytes that are due. A device that hangs does late what it had begun."""
        while not self._hangs and self._timers and self._timers[0][0] <= now_s:
            heapq.heappop(self._timers)[2]()
        if self._line is not None:
            self._bytes_out += self._line.pump(time.monotonic())

    def hear(self, now_s: float) -> None:
        """Take what the wire has carried and give it to the device."""
        if self._line is not None and (data := self._line.take(now_s)):
            self._bytes_in += len(data)
            self._last_heard = (self._last_heard + data)[-ECHO_BYTES:]
            if slow := self.faults.first("slow_drain"):
                self._drains_from_s = now_s + len(data) / max(1, slow.number("bytes_per_s", 5))
            if not self._hangs:
                self.on_bytes(data)

    def hears_again_s(self) -> float:
        """From when `hear` may be called again: the wire carries its bytes until then, or the device is slow."""
        wire_s = 0.0 if self._line is None else self._line.hears_again_s()
        return max(wire_s, self._drains_from_s if self.faults.first("slow_drain") else 0.0)

    def next_due_s(self) -> float | None:
        """When `run_due` has work again."""
        dues = [self._timers[0][0]] if self._timers and not self._hangs else []
        if self._line is not None and (pump_s := self._line.next_pump_s()) is not None:
            dues.append(pump_s)
        return min(dues, default=None)


def _flip(data: bytes, at: int, bit: int) -> bytes:
    if not 0 <= at < len(data):
        return data
    return data[:at] + bytes([data[at] ^ (1 << (bit & 7))]) + data[at + 1 :]


class _Loop:
    """One selector over the pty, the control socket, its clients and the parent's pipe."""

    def __init__(self, twin: Twin, control: Path, parent_fd: int | None) -> None:
        self._twin = twin
        self._selector = selectors.DefaultSelector()
        self._server = listen(control)
        self._clients: dict[int, Client] = {}
        self._watched_line: Wire | None = None
        self._parent_fd = parent_fd
        self._selector.register(self._server, selectors.EVENT_READ)
        if parent_fd is not None:
            self._selector.register(parent_fd, selectors.EVENT_READ)

    def forever(self) -> None:
        """Until the parent's pipe ends; a signal ends it by raising."""
        while True:
            self._watch_line()
            for key, _events in self._selector.select(self._timeout_s()):
                if key.fd == self._parent_fd:
                    return
                self._serve(key.fd)
                self._watch_line()  # at once: a pulled cable's descriptor may be given to the next client
            self._twin.run_due(time.monotonic())
            self._settle_waits()

    def _watch_line(self) -> None:
        """Listen to the pty only while the wire is free: that is what paces the host's bytes."""
        line = self._twin.line
        if line is not None and self._twin.hears_again_s() > time.monotonic():
            line = None
        if line is self._watched_line:
            return
        if self._watched_line is not None:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(self._watched_line.fd)
        if line is not None:
            self._selector.register(line.fd, selectors.EVENT_READ)
        self._watched_line = line

    def _timeout_s(self) -> float | None:
        now_s = time.monotonic()
        dues = [client.wait.deadline_s for client in self._clients.values() if client.wait is not None]
        if (due_s := self._twin.next_due_s()) is not None:
            dues.append(due_s)
        if self._twin.line is not None and self._watched_line is None:
            dues.append(self._twin.hears_again_s())
        return max(0.0, min(dues) - now_s) if dues else None

    def _serve(self, fd: int) -> None:
        if fd == self._server.fileno():
            connection, _address = self._server.accept()
            self._clients[connection.fileno()] = Client(connection)
            self._selector.register(connection, selectors.EVENT_READ)
        elif fd in self._clients:
            self._serve_client(fd)
        elif self._watched_line is not None and fd == self._watched_line.fd:
            self._twin.hear(time.monotonic())

    def _serve_client(self, fd: int) -> None:
        client = self._clients[fd]
        lines = client.lines()
        if lines is None:
            self._forget(fd)
            return
        for line in lines:
            reply = carry_out(line, {**self._twin.ops, "wait": self._waiter(client)})
            if client.wait is None and not client.reply(reply):
                self._forget(fd)
                return

    def _waiter(self, client: Client) -> Op:
        def wait(request: Mapping[str, object]) -> Mapping[str, object]:
            client.wait = wait_from(request, time.monotonic())
            return {}

        return wait

    def _settle_waits(self) -> None:
        for fd, client in list(self._clients.items()):
            if client.wait is None:
                continue
            status = self._twin.status()
            if client.wait.holds(status):
                body: dict[str, object] = {"ok": True, **status}
            elif time.monotonic() >= client.wait.deadline_s:
                body = {"ok": False, "error": f"{client.wait.key} is {status.get(client.wait.key)!r}"}
            else:
                continue
            client.wait = None
            if not client.reply(body):
                self._forget(fd)

    def _forget(self, fd: int) -> None:
        client = self._clients.pop(fd)
        self._selector.unregister(client.connection)
        client.connection.close()

    def close(self) -> None:
        for fd in list(self._clients):
            self._forget(fd)
        self._selector.close()
        self._server.close()


def run(twin: Twin, link: Path, control: Path, parent_fd: int | None, ready: Callable[[], None]) -> None:
    """Plug the twin in, call `ready`, and live until the parent's pipe `parent_fd` ends or a signal raises."""
    loop = _Loop(twin, control, parent_fd)
    try:
        twin.plug(link)
        ready()
        loop.forever()
    finally:
        loop.close()
        twin.unplug()
        control.unlink(missing_ok=True)
