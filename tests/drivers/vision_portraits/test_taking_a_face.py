"""One face before the camera is taken; what keeps it from being taken is told and blames nobody."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from drivers import faults, registry
from drivers.api import PORTRAIT_FAULT_OF_HINT, CaptureHint, DeviceError, Portrait, PortraitCamera
from drivers.sim._camera import optics
from drivers.sim._camera.portraits import PORTRAIT_CONDITIONS, PORTRAIT_SPOILED, SIZE_PX, draw_portrait
from drivers.sim.faultbook import BadControl
from drivers.vision.frames import Frame
from drivers.vision.portraits.operation import PortraitOp

SEEN_S = 60.0
LOOKS = 4
CONDITIONS = {**PORTRAIT_CONDITIONS, **PORTRAIT_SPOILED}


def frames(condition: str = "plain", people: int = 1, person: int = 1, first_s: float = 10.0) -> list[Frame]:
    thing, factor = draw_portrait({"people": people, "person": person})
    rng = np.random.default_rng(person)
    shot = optics.shoot(thing, CONDITIONS[condition], rng, factor, SIZE_PX)
    return [Frame(shot.compressed(rng), first_s + count, count) for count in range(LOOKS)]


def told(*pictures: Frame) -> list[str]:
    operation = PortraitOp()
    operation.start({})
    replies = [reply for frame in pictures for reply in operation.on_frame(frame)]
    return [str(reply.get("hint", reply["ev"])) for reply in replies]


@pytest.mark.parametrize("condition", PORTRAIT_CONDITIONS)
def test_somebody_who_sits_there_is_taken_once(condition: str) -> None:
    assert told(*frames(condition, person=3)) == ["portrait"]


@pytest.mark.parametrize(
    ("condition", "people", "hint"),
    [
        ("plain", 0, CaptureHint.NO_FACE),
        ("plain", 2, CaptureHint.SEVERAL_FACES),
        ("far", 1, CaptureHint.TOO_FAR),
        ("dark", 1, CaptureHint.TOO_DARK),
        ("blurred", 1, CaptureHint.BLURRED),
    ],
)
def test_what_cannot_be_taken_is_told_once_with_its_reason(condition: str, people: int, hint: CaptureHint) -> None:
    assert told(*frames(condition, people)) == [hint.value]


def test_a_head_that_moves_is_waited_for() -> None:
    near, far = frames(person=1)[:1], frames(condition="leaning", people=2, person=1)[:1]
    assert told(*near, *far, *frames(first_s=20.0))[-1] == "portrait"
    assert PORTRAIT_FAULT_OF_HINT[CaptureHint.HOLD_STILL] is faults.POR_MOVED


def test_only_head_and_shoulders_leave_the_process() -> None:
    operation = PortraitOp()
    operation.start({})
    (reply,) = [reply for frame in frames() for reply in operation.on_frame(frame)]
    assert isinstance(reply["width"], int) and reply["width"] < SIZE_PX[0] * 0.75
    assert set(reply) == {"ev", "jpeg", "width", "height", "sharpness"}


def test_a_drawing_that_cannot_be_made_is_refused() -> None:
    for wrong in ({"people": 3}, {"people": -1}, {"person": "x"}, {"people": True}):
        with pytest.raises(BadControl, match="portrait"):
            draw_portrait(wrong)


@pytest.mark.proof
def test_through_camera_process_and_driver(start_twin: Any) -> None:
    camera = start_twin("camera", size=list(SIZE_PX), fps=5)
    device = registry.create("portrait", "camera_portrait", {"port": str(camera.link), "fps": 5})
    device.open()
    taker: PortraitCamera = device
    try:
        for people, condition, fault in (
            (0, "plain", faults.POR_ABSENT),
            (2, "plain", faults.POR_SEVERAL),
            (1, "far", faults.POR_FAR),
            (1, "dark", faults.POR_DARK),
            (1, "blurred", faults.POR_BLURRED),
        ):
            camera.ctl("show", portrait={"people": people}, condition=condition, seed=4)
            with pytest.raises(DeviceError) as raised:
                taker.capture(6.0)
            assert raised.value.fault is fault
        camera.ctl("show", portrait={"people": 1}, seed=4)
        taken = taker.capture(SEEN_S)
        assert isinstance(taken, Portrait) and taken.jpeg.startswith(b"\xff\xd8")
        assert "***" in repr(taken)
    finally:
        device.close()
