"""Starts the command of a class that goes on until something ends it."""

from __future__ import annotations

import time
from collections.abc import Mapping

from drivers.api import Device, DeviceState
from drivers.conformance.calls import Breach, Call, NoCheck
from drivers.conformance.stage import Stage

BEGIN_S = 10.0
POLL_S = 0.005


def start_long_call(stage: Stage, device: Device) -> Call:
    """Start the long command and return when it truly runs. :raises Breach, NoCheck:"""
    action, kind = stage.long_call, stage.kind
    if action is None:
        raise NoCheck("a real printer would spend paper" if kind.waits is not None else "has no command that waits")
    if kind.calm is not None:
        kind.calm(device)
    if kind.slows is not None and stage.hands is not None:
        kind.slows(stage.hands)
    before = _status(stage)
    call = Call(lambda: action(device))
    end_s = time.monotonic() + BEGIN_S
    while time.monotonic() < end_s:
        if not call.running:
            raise Breach(f"the waiting command ended at once: {call.error or call.result!r}")
        if kind.runs is not None:
            if kind.runs(before, _status(stage)):
                return call
        elif device.status().state is DeviceState.DEVICE_BUSY:
            return call
        time.sleep(POLL_S)
    raise Breach("while a command runs, `status` does not say deviceBusy")


def _status(stage: Stage) -> Mapping[str, object]:
    return stage.hands("status") if stage.hands is not None else {}
