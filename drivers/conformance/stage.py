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
from typing import cast

from drivers.api import CodeScanner, Device, DeviceFactory, HeadphoneSensor, IdCardReader, ReceiptPrinter, TextRow
from drivers.sim.client import Control
from drivers.sim.twins import twins
from drivers.sim.up import command

READY_S = 20.0
LONG_S = 60.0
SETTLED_S = 0.2
SLIP = tuple(TextRow("0123456789", scale=3) for _ in range(120))


class StageError(Exception):
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
    hands: Control | None = None
    asked: bool = True
    """The device answers questions, so that opening it proves which one it is."""
    exclusive: bool = True
    """A port of which only one program may speak; an input node may be read by several."""

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
        """A command that goes on until something ends it; None when that would spend paper."""
        if self.subject.device_class == "receipt_printer" and self.hands is None:
            return None
        return _LONG_CALL.get(self.subject.device_class)

    def settle(self, device: Device) -> None:
        """Take what the device tells at once, so that the long call truly waits."""
        if self.subject.device_class == "headphone":
            while cast(HeadphoneSensor, device).wait_change(SETTLED_S) is not None:
                pass

    def renew(self) -> None:
        """No fault, cable in, device just switched on."""
        if self.hands is not None:
            self.hands("clear")
            self.hands("unplug")
            self.hands("replug")

    def provoke(self) -> None:
        """Have a device that answers no question say something."""
        if self.hands is not None and self.subject.device_class == "code_scanner":
            self.hands("show", text="2007026112400019")
        elif self.hands is not None and self.subject.device_class == "headphone":
            self.hands("remove")
            self.hands("insert")


_LONG_CALL: Mapping[str, Callable[[Device], object]] = {
    "id_card": lambda device: cast(IdCardReader, device).wait_card(LONG_S),
    "code_scanner": lambda device: cast(CodeScanner, device).read(LONG_S),
    "headphone": lambda device: cast(HeadphoneSensor, device).wait_change(LONG_S),
    "receipt_printer": lambda device: cast(ReceiptPrinter, device).print_receipt(SLIP),
}
CLASSES = tuple(_LONG_CALL)
"""The device classes whose commands the checks know."""


def on_port(subject: Subject, port: str) -> Stage:
    """A real device. :raises StageError: for a class whose commands are not known here."""
    _known(subject)
    return Stage(subject, port, None, _asked(subject), subject.device_class != "headphone")


@contextlib.contextmanager
def with_twin(subject: Subject, twin_model: str = "") -> Iterator[Stage]:
    """The subject in front of its simulated device, a process of its own that ends with the block.

    :param twin_model: the model whose simulated device to take, when the subject is not an installed one.
    :raises StageError: when there is none or it does not start.
    """
    _known(subject)
    model = twin_model or subject.model
    name, twin = next(((n, t) for n, t in twins().items() if model in t.models), (None, None))
    if name is None or twin is None:
        raise StageError(f"{model} has no simulated device; name a real one with --port")
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        link, control = Path(folder) / "port", Path(folder) / "ctl"
        line = command(name, link, control, twin.bench_settings(model))
        process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            _await_ready(process, name)
            with Control(control) as hands:
                asked = model not in twin.unasked_models
                yield Stage(subject, str(link), hands, asked, twin.default_baud is not None)
        finally:
            _end(process)


def _known(subject: Subject) -> None:
    if subject.device_class not in _LONG_CALL:
        raise StageError(f"the checks do not know the commands of class {subject.device_class} yet")


def _asked(subject: Subject) -> bool:
    return not any(subject.model in twin.unasked_models for twin in twins().values())


def _await_ready(process: subprocess.Popen[bytes], name: str) -> None:
    assert process.stdout is not None
    end_s = time.monotonic() + READY_S
    readable, _, _ = select.select([process.stdout], [], [], end_s - time.monotonic())
    if not readable or process.stdout.readline().strip() != b"ready":
        raise StageError(f"the simulated {name} did not start")


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
