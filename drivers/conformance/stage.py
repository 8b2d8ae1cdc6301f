"""What a check stands on: a driver to make, a port to make it for, and, with a simulated device, its hands."""

from __future__ import annotations

import contextlib
import select
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from drivers.api import Device, DeviceFactory
from drivers.conformance.classes import CLASSES as CLASSES
from drivers.conformance.classes import Kind, kind_of
from drivers.sim.client import Control, ControlError
from drivers.sim.core import Twin
from drivers.sim.twins import twins
from drivers.sim.up import command

READY_S = 20.0


class CannotBegin(Exception):
    """The checks cannot begin; the text says why."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The driver under test. `settings` holds everything but the port."""

    device_class: str
    model: str
    factory: DeviceFactory
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stage:
    """`hands` is None for a real device: nobody pulls its cable."""

    subject: Subject
    port: str
    kind: Kind
    hands: Control | None = None
    asked: bool = True
    """The device answers questions, so that opening it proves which one it is."""
    known_faults: frozenset[str] = frozenset()
    """What the simulated device can suffer."""

    def make(self, **changes: object) -> Device:
        table = {"model": self.subject.model, "port": self.port, **self.subject.settings, **changes}
        return self.subject.factory(table)

    @contextlib.contextmanager
    def opened(self) -> Iterator[Device]:
        device = self.make()
        device.open()
        try:
            yield device
        finally:
            device.close()

    @property
    def long_call(self) -> Callable[[Device], object] | None:
        """A command that goes on until something ends it; None when there is none, or when it would spend paper."""
        return None if self.kind.spends_paper and self.hands is None else self.kind.waits

    @property
    def cable(self) -> Control | None:
        """Hands that can pull the device's cable."""
        return self.hands if "unplug" in self.known_faults else None

    def garbage(self) -> str:
        """The fault under which the simulated device talks nonsense; empty when it can have none."""
        return next((name for name in self.kind.garbage if name in self.known_faults), "")

    def renew(self) -> None:
        """No fault, cable in, device just switched on."""
        if self.hands is None:
            return
        self.hands("clear")
        if self.kind.calm_hand is not None:
            self.kind.calm_hand(self.hands)
        if self.cable is not None:
            self.hands("unplug")
            self.hands("replug")


def on_port(subject: Subject, port: str) -> Stage:
    """A real device. :raises CannotBegin: for a class whose commands are not known here."""
    return Stage(subject, port, _kind(subject), None, _asked(subject))


@contextlib.contextmanager
def with_twin(subject: Subject, twin_model: str = "") -> Iterator[Stage]:
    """The subject in front of its simulated device, a process of its own that ends with the block.

    :param twin_model: the model whose simulated device to take, when the subject is not an installed one.
    :raises CannotBegin: when there is none or it does not start.
    """
    model = twin_model or subject.model
    kind = _kind(subject, model)
    name, twin = next(((n, t) for n, t in twins().items() if model in t.models), (None, None))
    if name is None or twin is None:
        raise CannotBegin(f"{model} has no simulated device; name a real one with --port")
    twin_settings = {**kind.twin_settings, **twin.bench_settings(model)}
    if missing := twin.missing(twin_settings):
        raise CannotBegin(missing)
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        link, control = Path(folder) / "port", Path(folder) / "port.ctl"
        line = command(name, link, control, twin_settings)
        process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            _await_ready(process, name)
            with Control(control) as hands:
                asked = model not in twin.unasked_models
                yield Stage(subject, kind.port(link), kind, hands, asked, _sufferable(twin, model, hands))
        finally:
            _end(process)


def _kind(subject: Subject, model: str = "") -> Kind:
    kind = kind_of(subject.device_class, model or subject.model)
    if kind is None:
        raise CannotBegin(f"the checks do not know the commands of class {subject.device_class} yet")
    return kind


def _sufferable(twin: type[Twin], model: str, hands: Control) -> frozenset[str]:
    """Faults by name; `unplug` only where a hand can do it, too."""
    known = set(twin.fault_names(model)) - {"unplug"}
    try:
        hands("replug")
    except ControlError:
        return frozenset(known)
    return frozenset(known | {"unplug"})


def _asked(subject: Subject) -> bool:
    return not any(subject.model in twin.unasked_models for twin in twins().values())


def _await_ready(process: subprocess.Popen[bytes], name: str) -> None:
    assert process.stdout is not None
    end_s = time.monotonic() + READY_S
    readable, _, _ = select.select([process.stdout], [], [], end_s - time.monotonic())
    if not readable or process.stdout.readline().strip() != b"ready":
        raise CannotBegin(f"the simulated {name} did not start")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
