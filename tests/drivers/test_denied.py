"""A device that this user may not open is told as such: cable and power are not what a technician should look at."""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from drivers import faults, registry
from drivers.api import DeviceError, DeviceState
from drivers.faults import Fault
from drivers.transport.ipp import Ask, IppLink
from drivers.transport.pcsc import PcscSlot
from drivers.transport.pcsc_library import Code, Context, PcscError
from drivers.vision.capture import Capture
from drivers.vision.frames import LatestFrame
from drivers.vision.sources import make_source
from kiosk.app.technician.diagnostics import look, verdict
from kiosk.technician.shared import subject_of

NOBODY = 65534
CHARSET = b"\x01\x47\x00\x12attributes-charset\x00\x05utf-8"
"""The operation attributes that every IPP answer begins with."""


@contextmanager
def nobody() -> Iterator[None]:
    """As a user who owns nothing; a test that runs as an ordinary user is that already."""
    ours = os.geteuid()
    if ours == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if ours == 0:
            os.seteuid(0)


@pytest.fixture
def node() -> Iterator[str]:
    """A character device that is there and closed to everybody but its owner's hands."""
    ours, theirs = os.openpty()
    os.fchmod(theirs, 0o000)
    yield os.ttyname(theirs)
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize(
    ("device_class", "model"),
    [
        ("id_card", "sam_v"),
        ("receipt_printer", "escpos_80mm"),
        ("headphone", "evdev_switch"),
        ("lights", "modbus_lights"),
    ],
)
def test_a_port_that_this_user_may_not_open_is_told_with_what_to_do(node: str, device_class: str, model: str) -> None:
    more = {"positions": {"cardReader": 0}} if device_class == "lights" else {}
    subject = subject_of(device_class, {"model": model, "port": node, **more})
    with nobody():
        seen = look(subject)
    assert seen.faults == (faults.DEV_DENIED,), seen
    assert seen.status.state is DeviceState.OFFLINE
    assert "dialout" in seen.faults[0].remedy and "udev" in seen.faults[0].remedy


def test_a_port_that_is_not_there_stays_a_missing_device(tmp_path: Path) -> None:
    device = registry.create("id_card", "sam_v", {"port": str(tmp_path / "none")})
    with pytest.raises(DeviceError) as caught:
        device.open()
    assert verdict(caught.value) == (DeviceState.NO_DEVICE, faults.DEV_NOT_FOUND)


def test_a_camera_that_this_user_may_not_open_is_told(node: str, tmp_path: Path) -> None:
    """By its node, and by a file that holds the node's name."""
    elsewhere = tmp_path / "camera"
    elsewhere.write_text("/dev/video0")
    elsewhere.chmod(0o000)
    for port in (node, str(elsewhere)):
        told = threading.Event()
        seen: list[Fault] = []

        def trouble(fault: Fault, since_s: float, seen: list[Fault] = seen, told: threading.Event = told) -> None:
            seen.append(fault)
            told.set()

        capture = Capture(partial(make_source, port, 640, 480, 15), LatestFrame(), trouble)
        with nobody():
            capture.start()
            assert told.wait(5)
        capture.stop()
        capture.join(5)
        assert seen[0] is faults.DEV_DENIED, port


class _Refusing(BaseHTTPRequestHandler):
    """An IPP server that does not know this user: in HTTP's words, or in IPP's."""

    http_status = 200
    ipp_status = 0

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        answer = struct.pack(">bbh", 2, 0, self.ipp_status) + asked[4:8] + CHARSET + b"\x03"
        body = answer if self.http_status == 200 else b""
        self.send_response(self.http_status)
        self.send_header("Content-Type", "application/ipp")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


@pytest.mark.parametrize(
    ("http_status", "ipp_status", "expected"),
    [
        (401, 0, faults.DOC_DENIED),
        (403, 0, faults.DOC_DENIED),
        (200, 0x0401, faults.DOC_DENIED),
        (200, 0x0403, faults.DOC_DENIED),
        (200, 0x0400, faults.DOC_REFUSED),
        (404, 0, faults.DEV_GARBLED),
    ],
)
def test_a_print_queue_that_refuses_the_user_is_told(http_status: int, ipp_status: int, expected: Fault) -> None:
    handler = type("Handler", (_Refusing,), {"http_status": http_status, "ipp_status": ipp_status})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    link = IppLink(f"ipp://127.0.0.1:{server.server_port}/printers/a4", "kiosk")
    try:
        link.open()
        with pytest.raises(DeviceError) as caught, link.interrupt.command():
            link.ask(Ask.GET_PRINTER, {})
    finally:
        link.close()
        server.shutdown()
        server.server_close()
    assert caught.value.fault is expected


def test_a_smart_card_service_that_refuses_the_user_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What pcscd answers when polkit says no."""

    def refuse(self: Context) -> None:
        raise PcscError("SCardEstablishContext", Code.SECURITY_VIOLATION)

    monkeypatch.setattr(Context, "__init__", refuse)
    slot = PcscSlot("any reader")
    with pytest.raises(DeviceError) as caught:
        slot.open()
    slot.close()
    assert caught.value.fault is faults.DEV_DENIED
