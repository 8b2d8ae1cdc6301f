"""A document camera before a simulated one, as the kiosk has it: three processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from drivers import registry
from drivers.api import DeviceError, DeviceState
from drivers.document_scanner.camera_page import CameraPage

SETTLES_S = 60.0


@pytest.fixture(scope="module")
def camera(start_twin):  # type: ignore[no-untyped-def]  # the twin's fixture is of the parent folder
    return start_twin("camera", size=[1728, 1296], fps=5)


@pytest.fixture(scope="module")
def scanner(camera) -> Iterator[CameraPage]:  # type: ignore[no-untyped-def]
    device = registry.create(
        "document_scanner", "camera_page", {"port": str(camera.link), "width": 1728, "height": 1296, "fps": 5}
    )
    assert isinstance(device, CameraPage)
    deadline_s = time.monotonic() + SETTLES_S
    while True:  # as the kiosk does: a camera that is silent at first is opened again
        try:
            device.open()
            break
        except DeviceError:
            if time.monotonic() > deadline_s:
                raise
    yield device
    device.close()


@pytest.fixture
def lay(camera, scanner) -> Callable[..., None]:  # type: ignore[no-untyped-def]
    """`lay(page=…)` lays a page before the camera, `lay()` takes it away; then the camera must be well."""

    def lay_and_wait(**thing: object) -> None:
        camera.ctl("show", **thing) if thing else camera.ctl("clear_view")
        deadline_s = time.monotonic() + SETTLES_S
        while scanner.status().state is not DeviceState.ONLINE:
            assert time.monotonic() < deadline_s, "the camera does not come back"

    return lay_and_wait
