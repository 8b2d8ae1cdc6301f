"""One simulated camera for the folder, and drivers that look at it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from drivers.api import DeviceState
from drivers.code_scanner.camera_codes import CameraCodes
from drivers.transport.vision_pipe import VisionPipe

Scanner = Callable[..., CameraCodes]


@pytest.fixture(scope="module")
def camera(start_twin: Callable[..., Any]) -> Any:
    return start_twin("camera", fps=15)


@pytest.fixture
def clear_camera(camera: Any) -> Any:
    """No fault, cable in, nothing before it."""
    camera.ctl("clear")
    camera.ctl("replug")
    camera.ctl("hide")
    return camera


@pytest.fixture(scope="module")
def warm_process(camera: Any) -> Iterator[None]:
    """The process that sees lives through the module: starting it for each test would be most of their time."""
    pipe = VisionPipe.shared(str(camera.link))
    yield
    pipe.release()


@pytest.fixture
def make_scanner(clear_camera: Any, warm_process: None) -> Iterator[Scanner]:
    """`make_scanner(box=[…])` makes an open driver before the camera."""
    made: list[CameraCodes] = []

    def make(**settings: object) -> CameraCodes:
        scanner = CameraCodes({"port": str(clear_camera.link), **settings})
        scanner.open()
        made.append(scanner)
        return scanner

    yield make
    for scanner in made:
        scanner.close()


@pytest.fixture
def becomes() -> Callable[[CameraCodes, DeviceState, float], None]:
    """Asks a driver until it is in a state."""

    def wait(scanner: CameraCodes, state: DeviceState, timeout_s: float) -> None:
        end_s = time.monotonic() + timeout_s
        while (status := scanner.status()).state is not state:
            assert time.monotonic() < end_s, f"{status} and not {state} within {timeout_s} s"

    return wait
