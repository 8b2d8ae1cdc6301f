"""Following one device all day: look after look, whatever a look comes to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from drivers.api import Device, DeviceError
from kiosk.app.device_hub import DeviceWorker
from kiosk.domain.timing import LOOK_AGAIN_S

D = TypeVar("D", bound=Device)

LOOK_S = 1.0
"""One look; between two the worker can close or reopen the device and do what others ask of it."""


def follow(worker: DeviceWorker[D], look: Callable[[D], None]) -> None:
    """Look again and again until the worker closes.

    A code that is no text or a lens that is covered ends a look, not the day: the next one comes a little later.
    """

    def once(device: D) -> None:
        try:
            look(device)
        except DeviceError as error:
            if error.fault.code.startswith("DEV-"):
                again()  # lost or called off: the worker has it back before it gives it this
            elif not worker.is_closing:
                worker.run_later(LOOK_AGAIN_S, once)
            raise
        again()

    def again() -> None:
        if not worker.is_closing:
            worker.run_soon(once)

    worker.run_soon(once)
