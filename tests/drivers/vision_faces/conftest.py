"""A reader of printed cards before a simulated camera, as the kiosk has it: three processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from drivers import registry
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
