"""A page through camera, process and driver; what would be useless later is refused now, with its reason."""

from __future__ import annotations

import threading
import time

import cv2
import numpy as np
import pytest

from drivers import faults
from drivers.api import CaptureHint, CompletionCode, DeviceError, PageImage
from drivers.sim._camera import optics, pictures
from drivers.sim._camera.optics import Pose
from drivers.sim._camera.paper_conditions import PAGE_CONDITIONS, PAGE_FACTOR, PAGE_SPOILED
from drivers.vision.frames import Frame
from drivers.vision.papers import outline
from drivers.vision.papers.operation import PageOp

PATIENCE_S = 60.0
CANCEL_S = 0.1
"""Of three tries one has to be as quick as that: the others may have met a machine without time."""
LINES = ["兹证明陈阿金系我社区居民。"] * 14
A4 = 297 / 210
FRAME_SIZE = (1728, 1296)
"""Two thirds of the camera's own: drawing is dearer than looking."""


def pixels(jpeg: bytes) -> np.ndarray:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR))


def hints_of(thing: np.ndarray, condition: str, seed: int = 3) -> list[str]:
    """What the operation says of three frames, without camera and process."""
    rng = np.random.default_rng(seed)
    conditions = {**PAGE_CONDITIONS, **PAGE_SPOILED}
    shot = optics.shoot(thing, conditions[condition], rng, PAGE_FACTOR, FRAME_SIZE)
    operation = PageOp()
    operation.start({})
    replies = [
        reply for count in range(3) for reply in operation.on_frame(Frame(shot.compressed(rng), 10.0 + count, count))
    ]
    return [str(reply.get("hint", reply["ev"])) for reply in replies]


@pytest.fixture(scope="module")
def sheet() -> np.ndarray:
    return pictures.page(LINES, "居住证明")


def test_a_page_is_taken_straight_and_evenly_lit_with_the_whole_frame_beside_it(lay, scanner) -> None:  # type: ignore[no-untyped-def]
    lay(page={"lines": LINES, "title": "居住证明"}, condition="turned", seed=5)
    page = scanner.capture(PATIENCE_S)
    assert isinstance(page, PageImage)
    assert repr(page) == f"PageImage({page.width_px}x{page.height_px} px, ***)"
    assert page.height_px / page.width_px == pytest.approx(A4, abs=0.01)
    assert page.sharpness > 0.22
    alone = pixels(page.jpeg)
    assert alone.shape[:2] == (page.height_px, page.width_px)
    margin = np.concatenate([alone[40:-40, 12:40].reshape(-1, 3), alone[40:-40, -40:-12].reshape(-1, 3)])
    assert np.percentile(margin, 1) > 215, "the margins are white from top to bottom: nothing of the desk is in it"
    red = (alone[..., 2].astype(int) - alone[..., 0] > 60).mean()
    assert red > 0.002, "the stamp is still red"
    assert pixels(page.full_jpeg).shape == (1296, 1728, 3)


def test_an_empty_desk_ends_in_its_reason(lay, scanner) -> None:
    lay()
    with pytest.raises(DeviceError) as raised:
        scanner.capture(1.0)
    assert raised.value.fault is faults.PIC_NO_PAGE
    assert raised.value.completion is CompletionCode.TIME_OUT


def test_a_cancel_ends_capturing_within_100_ms(lay, scanner) -> None:
    lay()
    took_s = []
    for _ in range(3):
        began, ended = threading.Event(), list[float]()

        def capture(began: threading.Event = began, ended: list[float] = ended) -> None:
            with pytest.raises(DeviceError) as cancelled:
                scanner.capture(PATIENCE_S, on_hint=lambda _hint: began.set())
            ended.append(time.monotonic())
            assert cancelled.value.completion is CompletionCode.CANCELED

        thread = threading.Thread(target=capture)
        thread.start()
        assert began.wait(PATIENCE_S)
        cancelled_s = time.monotonic()
        scanner.cancel()
        thread.join(PATIENCE_S)
        took_s.append(ended[0] - cancelled_s)
    assert min(took_s) < CANCEL_S, took_s


@pytest.mark.parametrize(
    ("condition", "hint", "fault"),
    [
        ("blurred", CaptureHint.BLURRED, faults.PIC_BLURRED),
        ("mirror", CaptureHint.GLARE, faults.PIC_GLARE),
        ("dark", CaptureHint.TOO_DARK, faults.PIC_TOO_DARK),
    ],
)
def test_a_spoiled_page_is_refused_with_its_reason(
    sheet: np.ndarray, condition: str, hint: CaptureHint, fault: faults.Fault
) -> None:
    said = hints_of(sheet, condition)
    assert said and said[-1] == hint.value and "page" not in said
    assert fault.code.startswith("PIC-")


def test_a_page_that_reaches_out_of_the_picture_is_cut_off() -> None:
    desk = optics.desk((1296, 972), np.random.default_rng(1), colour=True)
    out = optics.place(pictures.page(LINES), desk, Pose(560, centre=(0.5, 0.9)))
    operation = PageOp()
    operation.start({})
    said = [reply.get("hint") for count in range(3) for reply in operation.on_frame(Frame(out, 10.0 + count, count))]
    assert said[-1] == CaptureHint.CUT_OFF
    assert faults.PIC_CUT_OFF.code == "PIC-005"


def test_a_page_that_is_still_being_pushed_is_not_taken() -> None:
    desk = optics.desk((1296, 972), np.random.default_rng(1), colour=True)
    sheet = pictures.page(LINES)
    operation = PageOp()
    operation.start({})
    said: list[object] = []
    for count in range(4):
        pushed = optics.place(sheet, desk, Pose(560, centre=(0.4 + 0.04 * count, 0.5)))
        said += [reply.get("hint") for reply in operation.on_frame(Frame(pushed, 10.0 + count, count))]
    assert said == [CaptureHint.HOLD_STILL]
    assert faults.PIC_MOVED.code == "PIC-006"


@pytest.mark.parametrize("condition", ["perspective", "shadow"])
def test_a_good_page_in_bad_conditions_is_taken(sheet: np.ndarray, condition: str) -> None:
    assert hints_of(sheet, condition, seed=3)[-1] == "page"


def test_a_page_with_bent_edges_is_laid_flat() -> None:
    """A grid whose upper and lower edges hang through by 14 pixels comes out with level lines."""
    width, height, sag = 640, 900, 14.0
    flat = np.full((height, width), 245, np.uint8)
    flat[::60] = 60
    canvas = np.full((height + 200, width + 200), 90, np.uint8)
    y, x = np.mgrid[0 : height + 200, 0 : width + 200].astype(np.float32)
    hang = sag * np.sin(np.pi * np.clip((x - 100) / width, 0, 1))
    bent = cv2.remap(flat, x - 100, (y - 100 - hang).astype(np.float32), cv2.INTER_LINEAR, borderValue=90)
    inside = (x >= 100) & (x < 100 + width) & (y - 100 - hang >= 0) & (y - 100 - hang < height)
    canvas[inside] = bent[inside]
    corners = np.array([(100, 100), (739, 100), (739, 999), (100, 999)], np.float32)
    sides = outline.trace(canvas, corners)
    out = outline.spread(np.asarray(cv2.cvtColor(canvas, cv2.COLOR_GRAY2BGR)), sides, (640, 900))[..., 0]
    rows = [int(out[500:560, column].argmin()) for column in range(40, 600, 40)]
    untouched = [int(canvas[600:660, 100 + column].argmin()) for column in range(40, 600, 40)]
    assert max(untouched) - min(untouched) >= 9
    assert max(rows) - min(rows) <= 3
