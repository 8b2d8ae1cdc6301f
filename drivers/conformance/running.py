"""Runs a call in a thread of its own, so that a driver that hangs fails its check and stops nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from drivers.api import Device, DeviceState
from drivers.conformance.stage import Stage

BEGIN_S = 10.0
POLL_S = 0.005


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
    action, kind = stage.long_call, stage.kind
    if action is None:
        raise Skipped("a real printer would spend paper" if kind.waits is not None else "has no command that waits")
    if kind.calm is not None:
        kind.calm(device)
    if kind.slows is not None and stage.hands is not None:
        kind.slows(stage.hands)
    before = _status(stage)
    call = Call(lambda: action(device))
    end_s = time.monotonic() + BEGIN_S
    while time.monotonic() < end_s:
        if not call.running:
            raise Failed(f"the waiting command ended at once: {call.error or call.result!r}")
        if kind.runs is not None:
            if kind.runs(before, _status(stage)):
                return call
        elif device.status().state is DeviceState.DEVICE_BUSY:
            return call
        time.sleep(POLL_S)
    raise Failed("while a command runs, `status` does not say deviceBusy")


def _status(stage: Stage) -> Mapping[str, object]:
    return stage.hands("status") if stage.hands is not None else {}
