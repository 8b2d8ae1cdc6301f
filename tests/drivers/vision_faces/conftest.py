"""A reader of printed cards before a simulated camera, as the kiosk has it: three processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

import pytest

from drivers import registry
from drivers.api import DeviceState
from drivers.id_face.camera_face import CameraFace


@pytest.fixture(scope="module")
def camera(start_twin):  # type: ignore[no-untyped-def]  # the twin's fixture is of the parent folder
    return start_twin("camera", size=[1920, 1080])


@pytest.fixture(scope="module")
def reader(camera) -> Iterator[CameraFace]:  # type: ignore[no-untyped-def]
    device = registry.create("id_face", "camera_face", {"port": str(camera.link)})
    assert isinstance(device, CameraFace)
    device.open()
    yield device
    device.close()


@pytest.fixture(scope="session")
def a_kim(residents: Mapping[str, Mapping[str, object]]) -> Mapping[str, object]:
    return residents["a_kim"]


SETTLES_S = 60.0


@pytest.fixture
def lay(camera, reader) -> Callable[..., None]:  # type: ignore[no-untyped-def]
    """`lay(id_face=…)` lays a thing before the camera, `lay()` takes it away; then the camera must be well: drawing a
    picture may keep a loaded machine's simulated camera from sending for a moment.
    """

    def lay_and_wait(**thing: object) -> None:
        camera.ctl("show", **thing) if thing else camera.ctl("clear_view")
        deadline_s = time.monotonic() + SETTLES_S
        while reader.status().state is not DeviceState.ONLINE:
            assert time.monotonic() < deadline_s, "the camera does not come back"

    return lay_and_wait
