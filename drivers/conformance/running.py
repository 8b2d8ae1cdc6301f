"""Runs a call in a thread of its own, so that a driver that hangs fails its check and stops nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from drivers.api import Device, DeviceState
from drivers.conformance.stage import Stage

BEGIN_S = 10.0
POLL_S = 0.005
BYTES_OF_A_JOB = 400


class Failed(Exception):
    """The driver broke the contract; the text says how."""


class Skipped(Exception):
    """The check says nothing about this device; the text says why."""


class Call:
    """One call under way; what it raised or returned is kept."""

    def __init__(self, action: Callable[[], object]) -> None:
        self._action = action
        self.error: BaseException | None = None
        self.result: object = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.result = self._action()
        except BaseException as error:  # kept for the check, which judges what may be raised
            self.error = error

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def ended_within(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self.running


def start_long_call(stage: Stage, device: Device) -> Call:
    """Start the long command and return when it truly runs. :raises Failed, Skipped:"""
    action = stage.long_call
    if action is None:
        raise Skipped("a real printer would spend paper")
    printing = stage.subject.device_class == "receipt_printer"
    stage.settle(device)
    before = _bytes_in(stage)
    call = Call(lambda: action(device))
    end_s = time.monotonic() + BEGIN_S
    while time.monotonic() < end_s:
        if not call.running:
            raise Failed(f"the waiting command ended at once: {call.error or call.result!r}")
        if printing and _bytes_in(stage) >= before + BYTES_OF_A_JOB:
            return call
        if not printing and device.status().state is DeviceState.DEVICE_BUSY:
            return call
        time.sleep(POLL_S)
    raise Failed("while a command runs, `status` does not say deviceBusy")


def _bytes_in(stage: Stage) -> int:
    return int(str(stage.hands("status")["bytes_in"])) if stage.hands is not None else 0
