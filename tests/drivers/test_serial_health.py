"""What the serial transport promises beyond bytes: one line in the log a loss, no exception of pyserial's, no echo."""

from __future__ import annotations

import logging
import os
import select
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import serial

from drivers import faults, registry
from drivers.api import DeviceError
from drivers.transport.serial_port import PortIdentity, SerialPort
from kiosk.adapters.clock import SystemClock
from kiosk.app.device_hub import DeviceEvent, DeviceWorker

BAUD = 115200
SILENT_POLLS = 3
REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass
class Cable:
    """A line whose far end the test holds, at a path that can be pulled and put back."""

    link: Path
    ends: list[int] = field(default_factory=list)

    def plug(self) -> int:
        far, near = os.openpty()
        tty.setraw(far)
        tty.setraw(near)
        self.ends += [far, near]
        self.point_to(os.ttyname(near))
        return far

    def point_to(self, path: str) -> None:
        fresh = self.link.with_suffix(".new")
        fresh.symlink_to(path)
        fresh.replace(self.link)

    def pull(self) -> None:
        self.link.unlink(missing_ok=True)
        for end in self.ends:
            os.close(end)
        self.ends.clear()


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[Cable]:
    made = Cable(tmp_path / "port")
    yield made
    made.pull()


@pytest.fixture
def port(cable: Cable) -> Iterator[SerialPort]:
    made = SerialPort(PortIdentity(path=str(cable.link)), BAUD)
    yield made
    made.close()


USES: dict[str, Callable[[SerialPort], object]] = {
    "reading": lambda port: port.read_available(1.0),
    "writing": lambda port: port.write(b"12"),
    "flushing": SerialPort.flush_input,
    "looking": SerialPort.check_alive,
    "changing the speed": lambda port: port.set_baud(9600),
}


@pytest.mark.parametrize("use", USES)
def test_a_pulled_cable_is_one_named_error_whatever_the_port_is_used_for(
    cable: Cable, port: SerialPort, use: str
) -> None:
    cable.plug()
    port.open()
    cable.pull()
    with pytest.raises(DeviceError) as caught:
        USES[use](port)
    assert caught.value.fault is faults.DEV_LOST
    assert not port.is_open


@pytest.mark.parametrize(
    "raised",
    [serial.SerialException("gone"), OSError(5, "gone"), termios.error(5, "gone")],
    ids=lambda e: type(e).__name__,
)
def test_all_three_kinds_of_exceptions_become_the_same_named_error(
    cable: Cable, port: SerialPort, raised: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    cable.plug()
    port.open()

    def refuse(_self: object) -> None:
        raise raised

    monkeypatch.setattr(serial.Serial, "reset_input_buffer", refuse)
    with pytest.raises(DeviceError) as caught:
        port.flush_input()
    assert caught.value.fault is faults.DEV_LOST and caught.value.__cause__ is raised


def test_a_loss_is_logged_once_and_the_return_once(
    cable: Cable, port: SerialPort, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "drivers.transport.serial_port")
    for _ in range(2):
        cable.plug()
        port.open()
        cable.pull()
        for use in USES.values():
            with pytest.raises(DeviceError):
                use(port)
        for _attempt in range(3):
            with pytest.raises(DeviceError):
                port.open()
    cable.plug()
    port.open()
    said = [record.message.partition(str(cable.link))[2].split(":")[0].strip() for record in caplog.records]
    assert said == ["lost", "is back", "lost", "is back"]


def test_a_second_program_on_the_same_line_is_refused(cable: Cable, port: SerialPort) -> None:
    cable.plug()
    port.open()
    second = SerialPort(PortIdentity(path=str(cable.link)), BAUD)
    with pytest.raises(DeviceError) as caught:
        second.open()
    assert caught.value.fault is faults.DEV_NOT_FOUND
    port.close()
    second.open()
    second.close()


def test_flow_control_bytes_pass_in_both_directions(cable: Cable, port: SerialPort) -> None:
    far = cable.plug()
    port.open()
    frame = b"\x01\x11\x02\x13\x03\x11\x04"
    os.write(far, frame)
    assert port.read_available(1.0) == frame
    port.write(frame)
    assert select.select([far], [], [], 1.0)[0] and os.read(far, 64) == frame


# --- adapters that echo ---


@pytest.fixture
def echoing(cable: Cable) -> Iterator[tuple[int, SerialPort]]:
    far = cable.plug()
    made = SerialPort(PortIdentity.parse(f"rs485-echo:{cable.link}"), BAUD)
    made.open()
    yield far, made
    made.close()


def test_the_echo_of_a_request_is_taken_away_in_any_pieces(echoing: tuple[int, SerialPort]) -> None:
    far, port = echoing
    port.write(b"request")
    for piece in (b"re", b"quest", b"answer"):
        os.write(far, piece)
    assert port.read_available(1.0) == b"answer"
    os.write(far, b"request")
    assert port.read_available(1.0) == b"request", "only the echo of what was sent is one"


def test_echo_and_answer_in_one_piece_come_apart(echoing: tuple[int, SerialPort]) -> None:
    far, port = echoing
    port.write(b"one")
    port.write(b"two")
    os.write(far, b"onetwoanswer")
    assert port.read_available(1.0) == b"answer"


def test_an_answer_without_an_echo_is_not_waited_for_and_a_lone_echo_is_silence(
    echoing: tuple[int, SerialPort],
) -> None:
    far, port = echoing
    port.write(b"request")
    os.write(far, b"answer")
    assert port.read_available(1.0) == b"answer"
    port.flush_input()
    port.write(b"request")
    os.write(far, b"request")
    assert port.read_available(0.1) == b""


def test_an_old_echo_does_not_eat_the_next_answer(echoing: tuple[int, SerialPort]) -> None:
    far, port = echoing
    port.write(b"lost request")
    port.flush_input()
    os.write(far, b"lost and found")
    assert port.read_available(1.0) == b"lost and found"


def test_a_printer_behind_an_echoing_adapter_works(start_twin: Callable[..., Any]) -> None:
    twin = start_twin("receipt_printer")
    twin.ctl("fault", name="echo", count=-1)
    plain = registry.create("receipt_printer", "escpos_80mm", {"port": str(twin.link)})
    with pytest.raises(DeviceError) as caught:
        plain.open()
    assert caught.value.fault is faults.DEV_GARBLED
    driver = registry.create("receipt_printer", "escpos_80mm", {"port": f"rs485-echo:{twin.link}"})
    driver.open()
    assert driver.status().faults == frozenset()
    driver.close()


# --- an adapter that looks alive and is not ---


class HalfOpen(threading.Thread):
    """Carries bytes between a reader and its device until it stops without a word: no error, only silence."""

    def __init__(self, near: int, device: str) -> None:
        super().__init__(daemon=True)
        self._near = near
        self._device = os.open(device, os.O_RDWR | os.O_NOCTTY)
        self.asked_in_vain = 0
        self.is_dead = threading.Event()
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.is_set():
            dead = self.is_dead.is_set()
            for fd in select.select([self._near] if dead else [self._near, self._device], [], [], 0.02)[0]:
                data = os.read(fd, 4096)
                if dead:
                    self.asked_in_vain += 1
                else:
                    os.write(self._device if fd == self._near else self._near, data)

    def end(self) -> None:
        self._ended.set()
        self.join(5)
        os.close(self._device)


def test_an_adapter_that_died_in_silence_is_opened_anew_after_three_silent_polls(
    cable: Cable, start_twin: Callable[..., Any], residents_file: Path
) -> None:
    twin = start_twin("id_card", residents_file=str(residents_file))
    adapter = HalfOpen(cable.plug(), os.path.realpath(twin.link))
    adapter.start()
    heard: list[DeviceEvent] = []
    clock = SystemClock()
    worker: DeviceWorker[Any] = DeviceWorker(
        "id_card", registry.create("id_card", "sam_v", {"port": str(cable.link)}), clock, heard.append
    )
    worker.start()
    seen = threading.Event()
    try:
        worker.run_soon(lambda reader: seen.set() if not reader.wait_card(0.1) else None)
        assert seen.wait(10)
        seen.clear()
        adapter.is_dead.set()
        # The adapter's new end is at the same path; the old one, still open, says nothing for ever.
        cable.point_to(os.path.realpath(twin.link))
        worker.run_soon(lambda reader: seen.set() if not reader.wait_card(3.0) else None)
        assert seen.wait(20)
    finally:
        worker.close()
        clock.close()
        adapter.end()
    assert adapter.asked_in_vain <= SILENT_POLLS
    assert [event.fault for event in heard] == [None, faults.DEV_SILENT, None]
