"""What a technician sees through the camera, and the box that he sets: driver, process, HTTP, simulated sensor."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from drivers import faults, registry
from drivers.api import CameraPicture, CompletionCode, DeviceError, Framed
from drivers.code_scanner.camera_codes import CameraCodes
from drivers.codec.vision_wire import describe
from drivers.transport import camera_look, tap
from drivers.transport.vision_pipe import VisionPipe
from drivers.vision.frames import Frame
from drivers.vision.looking import WIDTH_PX, PictureOp

CASE = "2007026112400019"
SEEN_S = 30.0
"""Far longer than a picture or a code takes."""
OUTSIDE, WHOLE = (0.0, 0.0, 0.2, 0.2), (0.0, 0.0, 1.0, 1.0)
RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 170, 40), (30, 50, 200), (235, 235, 235)
Make = Callable[..., CameraCodes]


def _pixels(picture: CameraPicture) -> np.ndarray:
    return np.frombuffer(picture.rgb, np.uint8).reshape(picture.height_px, picture.width_px, 3).astype(int)


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    """Red, green, blue and white fields, clockwise from the upper left."""
    sheet = np.zeros((400, 400, 3), np.uint8)
    sheet[:200, :200], sheet[:200, 200:], sheet[200:, 200:], sheet[200:, :200] = RED, GREEN, BLUE, WHITE
    file = tmp_path / "colours.png"
    cv2.imwrite(str(file), sheet[:, :, ::-1])
    return file


def test_the_picture_shows_what_lies_before_the_camera_in_its_colours(
    clear_camera: Any, make_scanner: Make, colours: Path
) -> None:
    scanner = make_scanner()
    clear_camera.ctl("show", picture_file=str(colours), seed=5)
    clear_camera.ctl("wait", key="sent", at_least=int(clear_camera.ctl("status")["sent"]) + 3)
    picture = scanner.look(SEEN_S)
    assert (picture.width_px, picture.height_px, picture.fault) == (WIDTH_PX, 270, None)
    seen = _pixels(picture)
    for colour in (RED, GREEN, BLUE, WHITE):
        near = np.abs(seen - np.array(colour)).max(axis=2) < 60
        assert near.mean() > 0.005, f"{colour} is seen in {near.mean():.4f} of the picture"
    rows, columns = np.nonzero(np.abs(seen - np.array(RED)).max(axis=2) < 60)
    below, right = np.nonzero(np.abs(seen - np.array(BLUE)).max(axis=2) < 60)
    assert rows.mean() < below.mean() and columns.mean() < right.mean(), "the picture stands upright"
    assert "***" in repr(picture)


def test_the_whole_picture_is_shown_whatever_the_box_is(clear_camera: Any, make_scanner: Make) -> None:
    scanner = make_scanner(box=list(OUTSIDE))
    assert scanner.look(SEEN_S).width_px == WIDTH_PX


def test_a_box_that_is_set_counts_from_the_next_reading_on_and_goes_back(clear_camera: Any, make_scanner: Make) -> None:
    scanner = make_scanner(box=list(WHOLE))
    clear_camera.ctl("show", text=CASE, seed=5)
    code = scanner.read(SEEN_S)
    assert code is not None and code.text == CASE
    scanner.frame(OUTSIDE)
    clear_camera.ctl("show", text=CASE + "9", seed=5)
    assert scanner.read(1.5) is None, "a code outside the box is not read"
    scanner.frame(None)
    code = scanner.read(SEEN_S)
    assert code is not None and code.text == CASE + "9", "as devices.toml says, it is"


@pytest.mark.parametrize(
    ("device_class", "model"),
    [
        *(("code_scanner", "camera_codes"), ("document_scanner", "camera_page")),
        *(("id_face", "camera_face"), ("portrait", "camera_portrait")),
    ],
)
def test_every_model_with_a_camera_takes_a_box_and_refuses_what_is_none(device_class: str, model: str) -> None:
    device = registry.create(device_class, model, {"port": "/dev/video0", "box": [0.0, 0.0, 0.5, 0.5]})
    assert isinstance(device, Framed)
    device.frame(WHOLE)
    device.frame(None)
    for box in ((0.5, 0.0, 0.4, 1.0), (0.0, 0.0, 1.0), (0.0, 0.0, 1.0, 1.5)):
        with pytest.raises(ValueError, match="box"):
            device.frame(box)


def test_a_cancel_ends_a_look_and_a_camera_that_is_gone_is_named(clear_camera: Any, make_scanner: Make) -> None:
    scanner = make_scanner()
    clear_camera.ctl("fault", name="freeze", count=-1)
    scanner.look(SEEN_S)
    ended: list[DeviceError] = []
    looking = threading.Event()

    def look() -> None:
        try:
            while True:
                looking.set()
                scanner.look(SEEN_S)
        except DeviceError as error:
            ended.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    assert looking.wait(SEEN_S)
    end_s = time.monotonic() + SEEN_S
    while not ended:
        assert time.monotonic() < end_s, "a cancel does not end the look"
        scanner.cancel()  # the frozen camera may still have had one new picture
        thread.join(0.1)
    assert ended[0].completion is CompletionCode.CANCELED
    clear_camera.ctl("clear")
    clear_camera.ctl("unplug")
    end_s = time.monotonic() + SEEN_S
    with pytest.raises(DeviceError) as raised:
        # Pictures that are under way may still come.
        while time.monotonic() < end_s:
            scanner.look(SEEN_S)
    assert raised.value.fault.code.startswith("DEV-")


def test_a_covered_lens_is_shown_black_with_its_fault(clear_camera: Any, make_scanner: Make) -> None:
    scanner = make_scanner()
    clear_camera.ctl("fault", name="black", count=-1)
    end_s = time.monotonic() + SEEN_S
    while (picture := scanner.look(SEEN_S)).fault is not faults.CAM_COVERED:
        assert time.monotonic() < end_s, picture.fault
    assert _pixels(picture).mean() < 20


def test_nothing_of_a_picture_is_told_to_who_traces(clear_camera: Any, make_scanner: Make) -> None:
    scanner = make_scanner()
    with tap.recording() as watched:
        scanner.look(SEEN_S)
        lines = describe(watched.passages())
    told = [line for line in lines if line.meaning == "picture"]
    assert told and all("rgb" not in line.shown for line in told)


def test_one_picture_is_told_and_none_after_it(warm_process: None, clear_camera: Any) -> None:
    pipe = VisionPipe.shared(str(clear_camera.link))
    session = pipe.start("picture", {})
    try:
        end_s = time.monotonic() + SEEN_S
        while (reply := session.take()) is None and time.monotonic() < end_s:
            threading.Event().wait(0.02)
        assert reply is not None and reply["ev"] == "picture"
        clear_camera.ctl("wait", key="sent", at_least=int(clear_camera.ctl("status")["sent"]) + 10)
        assert session.take() is None
    finally:
        session.close()
        pipe.release()


@pytest.mark.parametrize(("width", "height"), [(2592, 1944), (1280, 720), (320, 240), (481, 7)])
def test_a_picture_of_any_size_becomes_one_that_is_no_wider_than_asked(width: int, height: int) -> None:
    _, data = cv2.imencode(".jpg", np.full((height, width, 3), (40, 90, 200), np.uint8))
    for source in (data.tobytes(), np.full((height, width, 3), (40, 90, 200), np.uint8)):
        (told,) = PictureOp().on_frame(Frame(source, 0.0, 1))
        picture = camera_look._picture(told, None)
        assert picture.width_px == min(width, WIDTH_PX)
        assert picture.height_px == pytest.approx(height * picture.width_px / width, abs=1)
        assert np.abs(_pixels(picture) - np.array((200, 90, 40))).max() < 12


@pytest.mark.parametrize(
    "spoiled",
    [{"rgb": "AAAA"}, {"width": 0}, {"width": "2"}, {"height": 1 << 20}, {"rgb": "!"}, {"rgb": None}, {"width": None}],
)
def test_a_reply_that_is_no_picture_is_a_fault_of_the_process(spoiled: dict[str, object]) -> None:
    whole = {"ev": "picture", "width": 2, "height": 1, "rgb": "AAAAAAAA"}
    assert camera_look._picture(whole, None).rgb == bytes(6)
    with pytest.raises(DeviceError) as raised:
        camera_look._picture({**whole, **spoiled}, None)
    assert raised.value.fault is faults.CAM_WORKER
