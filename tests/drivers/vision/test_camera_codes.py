"""Codes by camera, end to end: driver, process, HTTP, simulated sensor."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from drivers import faults, registry
from drivers.api import CompletionCode, DeviceError, DeviceState, ScannedCode
from drivers.code_scanner.camera_codes import CameraCodes
from drivers.codec.vision_wire import describe
from drivers.codec.wire import health
from drivers.settings import SettingsError
from drivers.transport import tap

CASE = "2007026112400019"
TOWN = "厦门市翔安区"
SEEN_S = 30.0
"""Far longer than a code or a recovery takes; a machine shared by many must not decide what is right."""
Becomes = Callable[[CameraCodes, DeviceState, float], None]
Make = Callable[..., CameraCodes]


@pytest.mark.parametrize(
    ("shown", "symbology", "text"),
    [
        ({"text": TOWN + CASE, "encoding": "gbk"}, "qr", TOWN + CASE),
        pytest.param({"text": TOWN + CASE, "encoding": "utf-8"}, "qr", TOWN + CASE, marks=pytest.mark.proof),
        pytest.param({"text": "690123456789", "symbology": "ean13"}, "ean", "6901234567892", marks=pytest.mark.proof),
        ({"text": CASE, "symbology": "code128", "condition": "inverted"}, "code128", CASE),
    ],
)
def test_what_is_shown_is_read_once(
    clear_camera: Any, make_scanner: Make, shown: dict[str, object], symbology: str, text: str
) -> None:
    scanner = make_scanner()
    clear_camera.ctl("show", seed=5, **shown)
    code = scanner.read(SEEN_S)
    assert isinstance(code, ScannedCode)
    assert (code.symbology, code.text) == (symbology, text)
    assert text not in repr(code)
    assert scanner.read(0.4) is None, "the same code, still held there, is no second event"


def test_a_code_of_one_resident_never_reaches_the_next(clear_camera: Any, make_scanner: Make) -> None:
    scanner = make_scanner()
    assert scanner.read(0.2) is None
    with tap.recording() as watched:
        clear_camera.ctl("show", text="private")
        end_s = time.monotonic() + SEEN_S
        while not any(b'"ev": "code"' in passage.data for passage in watched.passages()):
            assert time.monotonic() < end_s, "the process did not see it"
            threading.Event().wait(0.02)
    clear_camera.ctl("hide")
    clear_camera.ctl("wait", key="sent", at_least=int(clear_camera.ctl("status")["sent"]) + 4)
    assert scanner.status().state is DeviceState.ONLINE, "proved by pictures of the empty box"
    scanner.cancel()
    assert scanner.read(0.3) is None
    clear_camera.ctl("show", text="next")
    code = scanner.read(SEEN_S)
    assert code is not None and code.text == "next"


def test_only_the_box_is_looked_at(clear_camera: Any, make_scanner: Make) -> None:
    scanner = make_scanner(box=[0.0, 0.0, 0.2, 0.2])
    clear_camera.ctl("show", text=CASE, seed=5)
    assert scanner.read(1.0) is None


@pytest.mark.parametrize("box", [[0.5, 0, 0.4, 1], [0, 0, 1], [0, 0, 2, 1], "all", [True, 0, 1, 1]])
def test_a_box_that_is_none_is_refused_by_name(box: object) -> None:
    with pytest.raises(SettingsError, match="box"):
        registry.create("code_scanner", "camera_codes", {"port": "/dev/video0", "box": box})


def test_a_cancel_ends_a_reading_within_100_ms(make_scanner: Make) -> None:
    scanner = make_scanner()
    took_s = []
    for _ in range(3):
        ended: list[tuple[float, DeviceError]] = []

        def read(ended: list[tuple[float, DeviceError]] = ended) -> None:
            try:
                scanner.read(30.0)
            except DeviceError as error:
                ended.append((time.monotonic(), error))

        reading = threading.Thread(target=read)
        reading.start()
        busy_by_s = time.monotonic() + SEEN_S
        while scanner.status().state is not DeviceState.DEVICE_BUSY:
            assert time.monotonic() < busy_by_s, "scanner never became busy"
        began_s = time.monotonic()
        scanner.cancel()
        reading.join(SEEN_S)
        assert ended, "the reading goes on after the cancel"
        assert ended[0][1].completion is CompletionCode.CANCELED
        took_s.append(ended[0][0] - began_s)
    assert min(took_s) < 0.1


def test_a_pulled_cable_is_lost_at_once_and_found_again(
    clear_camera: Any, make_scanner: Make, becomes: Becomes
) -> None:
    scanner = make_scanner()
    clear_camera.ctl("unplug")
    with pytest.raises(DeviceError) as caught:
        scanner.read(SEEN_S)
    assert caught.value.fault in (faults.DEV_LOST, faults.DEV_NOT_FOUND)
    assert scanner.status().state is DeviceState.NO_DEVICE
    clear_camera.ctl("replug")
    becomes(scanner, DeviceState.ONLINE, SEEN_S)
    clear_camera.ctl("show", text=CASE)
    code = scanner.read(SEEN_S)
    assert code is not None and code.text == CASE


def test_a_camera_that_breaks_off_in_a_picture_is_opened_again(
    clear_camera: Any, make_scanner: Make, becomes: Becomes
) -> None:
    scanner = make_scanner()
    with ThreadPoolExecutor(1) as pool:
        # Somebody reads already: a camera that is back before anybody has asked is no fault of a reading.
        reading = pool.submit(scanner.read, SEEN_S)
        clear_camera.ctl("fault", name="disconnect")
        with pytest.raises(DeviceError) as caught:
            reading.result(2 * SEEN_S)
    assert caught.value.fault is faults.DEV_LOST
    becomes(scanner, DeviceState.ONLINE, SEEN_S)


@pytest.mark.parametrize(
    ("name", "fault", "state", "timeout_s"),
    [
        ("black", faults.CAM_COVERED, DeviceState.USER_ERROR, 1.5),
        ("washed_out", faults.CAM_WASHED_OUT, DeviceState.USER_ERROR, 1.5),
        ("wrong_size", faults.CAM_SIZE, DeviceState.HARDWARE_ERROR, 0.5),
        ("freeze", faults.CAM_FROZEN, DeviceState.HARDWARE_ERROR, 5.5),
        ("mute", faults.DEV_SILENT, DeviceState.OFFLINE, 4.0),
        ("garbage_frame", faults.DEV_GARBLED, DeviceState.HARDWARE_ERROR, 4.0),
        ("wrong_baud", faults.DEV_GARBLED, DeviceState.HARDWARE_ERROR, 4.0),
        ("refuse", faults.DEV_GARBLED, DeviceState.HARDWARE_ERROR, 4.0),
    ],
)
@pytest.mark.proof
def test_each_fault_of_a_camera_is_named_and_goes_away_by_itself(
    clear_camera: Any,
    make_scanner: Make,
    becomes: Becomes,
    name: str,
    fault: faults.Fault,
    state: DeviceState,
    timeout_s: float,
) -> None:
    scanner = make_scanner()
    clear_camera.ctl("fault", name=name, count=-1)
    if name == "refuse":
        clear_camera.ctl("fault", name="disconnect")
        with pytest.raises(DeviceError):
            scanner.read(4.0)
        becomes(scanner, state, SEEN_S)
    else:
        end_s = time.monotonic() + SEEN_S
        with pytest.raises(DeviceError) as caught:
            while time.monotonic() < end_s:
                scanner.read(timeout_s)
        assert caught.value.fault is fault
    status = scanner.status()
    assert (status.state, status.faults) == (state, frozenset({fault.code}))
    clear_camera.ctl("clear")
    becomes(scanner, DeviceState.ONLINE, SEEN_S)
    clear_camera.ctl("show", text=CASE)
    code = scanner.read(SEEN_S)
    assert code is not None and code.text == CASE


def test_a_covered_camera_is_named_and_sees_again(clear_camera: Any, make_scanner: Make, becomes: Becomes) -> None:
    scanner = make_scanner()
    clear_camera.ctl("fault", name="black", count=-1)
    end_s = time.monotonic() + SEEN_S
    with pytest.raises(DeviceError) as caught:
        while time.monotonic() < end_s:
            scanner.read(1.0)
    assert caught.value.fault is faults.CAM_COVERED
    assert scanner.status().state is DeviceState.USER_ERROR
    clear_camera.ctl("clear")
    becomes(scanner, DeviceState.ONLINE, SEEN_S)


@pytest.mark.parametrize("name", [pytest.param("drop_frames", marks=pytest.mark.proof), "slow"])
def test_a_camera_with_few_pictures_still_reads(clear_camera: Any, make_scanner: Make, name: str) -> None:
    scanner = make_scanner()
    clear_camera.ctl("fault", name=name, count=-1, delay_s=0.4)
    clear_camera.ctl("show", text=CASE)
    code = scanner.read(SEEN_S)
    assert code is not None and code.text == CASE


def test_a_killed_process_is_started_again_and_goes_on_reading(
    clear_camera: Any, make_scanner: Make, becomes: Becomes
) -> None:
    scanner = make_scanner()
    assert scanner.read(0.2) is None
    pid = scanner.worker_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    end_s = time.monotonic() + SEEN_S
    with pytest.raises(DeviceError) as caught:
        while scanner.read(0.01) is None:
            assert time.monotonic() < end_s, "nobody says that the process is gone"
    assert caught.value.fault is faults.CAM_WORKER
    becomes(scanner, DeviceState.ONLINE, 30.0)
    assert scanner.worker_pid not in (None, pid)
    clear_camera.ctl("show", text=CASE)
    code = scanner.read(SEEN_S)
    assert code is not None and code.text == CASE, "its operation was started again, too"


def test_drivers_that_name_one_camera_share_one_process_which_ends_with_the_last(
    clear_camera: Any, make_scanner: Make
) -> None:
    address = clear_camera.link.read_text().strip()
    one, other = make_scanner(port=address), make_scanner(port=address)
    pid = one.worker_pid
    assert pid is not None and other.worker_pid == pid
    one.close()
    assert other.status().state is DeviceState.ONLINE
    other.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert other.status().state is not DeviceState.ONLINE


def test_two_drivers_cannot_ask_one_camera_for_two_sizes(clear_camera: Any, make_scanner: Make) -> None:
    make_scanner()
    other = CameraCodes({"port": str(clear_camera.link), "width": 1920, "height": 1080})
    with pytest.raises(DeviceError) as caught:
        other.open()
    assert caught.value.fault is faults.CAM_SIZE


def test_a_trace_tells_of_a_code_and_shows_nothing_of_it(clear_camera: Any, make_scanner: Make) -> None:
    scanner = make_scanner()
    with tap.recording() as watched:
        assert scanner.status().state is DeviceState.ONLINE
        clear_camera.ctl("show", text=CASE)
        assert scanner.read(SEEN_S) is not None
        lines = describe(watched.passages())
    told = "\n".join(f"{line.shown} {line.meaning}" for line in lines)
    assert f"a code of {len(CASE)} bytes, symbology qr" in told
    assert CASE not in told
    assert health(lines).unanswered == 0 and health(lines).stray_bytes == 0
