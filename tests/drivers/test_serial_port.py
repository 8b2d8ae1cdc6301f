"""The serial transport: which port is meant, and what its errors are called."""

from __future__ import annotations

import ast
import os
import select
import time
import tty
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import drivers
from drivers import faults
from drivers.api import CompletionCode, DeviceError
from drivers.transport import serial_port
from drivers.transport.libraries import IMPORTED_BY, LOADED_BY
from drivers.transport.serial_port import PortIdentity, SerialPort, find_path


@dataclass
class FakePort:
    device: str
    vid: int | None = None
    pid: int | None = None
    serial_number: str | None = None
    location: str | None = None


BAUD = 4_000_000
MORE_THAN_A_PTY_HOLDS = 150_000
PORTS = [
    FakePort("/dev/ttyS0"),
    FakePort("/dev/ttyUSB0", 0x0403, 0x6001, "A1B2", "1-1.1"),
    FakePort("/dev/ttyUSB1", 0x1A86, 0x7523, None, "1-1.2"),
    FakePort("/dev/ttyUSB2", 0x1A86, 0x7523, None, "1-1.4"),
]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/dev/kiosk/id_card", "/dev/kiosk/id_card"),
        ("usb:0403:6001", "/dev/ttyUSB0"),
        ("usb:0403:6001:A1B2", "/dev/ttyUSB0"),
        ("usb-location:1-1.4", "/dev/ttyUSB2"),
    ],
)
def test_a_port_is_found_by_what_it_is_or_where_it_is_plugged_in(text: str, path: str) -> None:
    identity = PortIdentity.parse(text)
    assert find_path(identity, lambda: PORTS) == path
    assert str(identity) == text


@pytest.mark.parametrize("text", ["usb:1A86:7523", "usb:0403:6001:ZZ", "usb:0400:C35A", "usb-location:1-9"])
def test_an_identity_that_fits_no_port_or_two_is_refused_rather_than_guessed(text: str) -> None:
    with pytest.raises(DeviceError) as caught:
        find_path(PortIdentity.parse(text), lambda: PORTS)
    assert caught.value.fault is faults.DEV_NOT_FOUND


@pytest.mark.parametrize("text", ["COM3", "ttyUSB0", "usb:403:6001", "usb:0403", "usb-location:"])
def test_a_text_that_is_no_identity_is_a_setting_error(text: str) -> None:
    with pytest.raises(ValueError, match="port"):
        PortIdentity.parse(text)


@pytest.fixture
def pair() -> Iterator[tuple[int, SerialPort]]:
    """The far end of a line, and an open port on it."""
    master, slave = os.openpty()
    tty.setraw(slave)
    port = SerialPort(PortIdentity(path=os.ttyname(slave)), BAUD)
    os.write(master, b"left over from before")
    port.open()
    os.close(slave)
    yield master, port
    port.close()
    os.close(master)


def test_bytes_from_before_the_opening_are_thrown_away(pair: tuple[int, SerialPort]) -> None:
    _, port = pair
    assert port.read_available(0.05) == b""


def test_waiting_ends_at_its_deadline_and_not_before(pair: tuple[int, SerialPort], quickest: Any) -> None:
    _, port = pair

    def seconds_of_waiting() -> float:
        began = time.monotonic()
        assert port.read_available(0.2) == b""
        took_s = time.monotonic() - began
        assert took_s >= 0.19
        return took_s

    assert quickest(seconds_of_waiting, 1.0) < 1.0


def test_all_byte_values_pass_both_ways_unchanged(pair: tuple[int, SerialPort]) -> None:
    master, port = pair
    every = bytes(range(256))
    port.write(every)
    assert select.select([master], [], [], 1.0)[0] and os.read(master, 512) == every
    os.write(master, every)
    heard = b""
    while len(heard) < 256 and (chunk := port.read_available(1.0)):
        heard += chunk
    assert heard == every


def test_a_device_that_takes_no_bytes_is_silent_and_not_waited_for_for_ever(
    pair: tuple[int, SerialPort], quickest: Any
) -> None:
    _, port = pair
    deadline_s = MORE_THAN_A_PTY_HOLDS * 10 / BAUD * 2 + 2

    def seconds_of_writing() -> float:
        began = time.monotonic()
        with pytest.raises(DeviceError) as caught:
            port.write(bytes(MORE_THAN_A_PTY_HOLDS))
        took_s = time.monotonic() - began
        assert (caught.value.fault, caught.value.completion) == (faults.DEV_SILENT, CompletionCode.TIME_OUT)
        assert took_s > deadline_s - 1.0
        return took_s

    assert quickest(seconds_of_writing, deadline_s + 1.0) < deadline_s + 1.0


def test_a_port_that_does_not_exist_is_missing_and_the_reason_is_kept(tmp_path: Path) -> None:
    with pytest.raises(DeviceError) as caught:
        SerialPort(PortIdentity(path=str(tmp_path / "none")), 9600).open()
    assert caught.value.fault is faults.DEV_NOT_FOUND
    assert caught.value.__cause__ is not None


def test_a_closed_port_is_free_though_a_process_that_is_being_started_still_has_it(
    pair: tuple[int, SerialPort], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serial_port, "HELD_S", 0.0)
    master, port = pair
    (own,) = [int(fd.name) for fd in Path("/proc/self/fd").iterdir() if _leads_to(fd) == os.ptsname(master)]
    # What a child has of it between fork and exec: the same open file, under another number.
    inherited = os.dup(own)
    try:
        with pytest.raises(DeviceError):
            SerialPort(PortIdentity(path=os.ptsname(master)), BAUD).open()
        port.close()
        again = SerialPort(PortIdentity(path=os.ptsname(master)), BAUD)
        again.open()
        again.close()
    finally:
        os.close(inherited)


def _leads_to(fd: Path) -> str:
    try:
        return str(fd.readlink())
    except OSError:  # the one that listed the folder
        return ""


def test_each_foreign_library_is_imported_by_the_one_file_the_table_names() -> None:
    root = Path(drivers.__file__).parent
    import_sites = {
        (name, str(path.relative_to(root)))
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _imported(node)
    }
    for library, home in IMPORTED_BY.items():
        sites = {where for name, where in import_sites if name == library}
        homes = home.split()
        assert sites and all(any(_lies_in(site, place) for place in homes) for site in sites), library
    device_libraries = {"serial", "usb", "hid", "smartcard", "pyipp", "cups", "evdev", "escpos", "gpiod", "pymodbus"}
    device_libraries |= {"cv2", "zxingcpp", "pyzbar", "rapidocr"}
    assert {name for name, _ in import_sites} & device_libraries <= set(IMPORTED_BY)


def _lies_in(site: str, home: str) -> bool:
    return site.startswith(home) if home.endswith("/") else site == home


def test_each_shared_library_is_loaded_by_the_one_file_the_table_names() -> None:
    root = Path(drivers.__file__).parent
    loading = {path for path in root.rglob("*.py") if "ctypes" in path.read_text(encoding="utf-8")}
    homes = {root / home for home in LOADED_BY.values()}
    assert loading - {root / "transport" / "libraries.py"} == homes
    for library, home in LOADED_BY.items():
        assert f'"{library}"' in (root / home).read_text(encoding="utf-8")


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        return [node.module.split(".")[0]]
    return []
