"""The contract of `drivers.api.Device`, one check each. A check returns what it measured, or raises."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import gt
from pathlib import Path

from drivers import faults
from drivers.api import (
    CameraPicture,
    CompletionCode,
    Device,
    DeviceError,
    DeviceState,
    DeviceStatus,
    DocumentResult,
    Framed,
    PrintResult,
)
from drivers.conformance.calls import Breach, Call, NoCheck
from drivers.conformance.printing import PRINTED_S
from drivers.conformance.running import start_long_call
from drivers.conformance.stage import Stage
from drivers.faults import Fault
from drivers.sim.client import Control

CANCEL_S = 0.1
LOST_S = 5.0
CYCLES = 5
ENDS_S = 2.0
POLL_S = 0.01
NO_HANDS = "needs a simulated device"
NO_CABLE = "the port is a real one: its cable is not the simulated device's to pull"


@dataclass(frozen=True, slots=True)
class Measured:
    """How long the decisive step took and may take at most."""

    seconds: float
    deadline_s: float
    what: str = ""


def timed(action: Callable[[], object], deadline_s: float, name: str) -> tuple[Call, float]:
    """:raises Breach: when it does not end in time."""
    began_s = time.monotonic()
    call = Call(action)
    if not call.ended_within(deadline_s):
        raise Breach(f"{name} did not end within {deadline_s:g} s")
    return call, time.monotonic() - began_s


def named(call: Call, what: str) -> DeviceError:
    """The device error that the call ended with. :raises Breach: when it ended otherwise."""
    if call.error is None:
        raise Breach(f"{what} raised nothing")
    if not isinstance(call.error, DeviceError):
        raise Breach(f"{what} raised {type(call.error).__name__} and no DeviceError")
    if faults.CATALOGUE.get(call.error.fault.code) is not call.error.fault:
        raise Breach(f"{what} raised a fault that is not in the catalogue: {call.error.fault.code}")
    return call.error


def status_of(stage: Stage, device: Device, when: str) -> DeviceStatus:
    """:raises Breach: when `status` raises, hangs, or returns something else."""
    call, _ = timed(device.status, stage.kind.status_s, f"status {when}")
    if call.error is not None:
        raise Breach(f"status {when} raised {type(call.error).__name__}")
    if not isinstance(call.result, DeviceStatus):
        raise Breach(f"status {when} returned no DeviceStatus")
    return call.result


def expect_state(stage: Stage, device: Device, when: str, *allowed: DeviceState) -> None:
    state = status_of(stage, device, when).state
    if state not in allowed:
        raise Breach(f"status {when} is {state}, expected {' or '.join(allowed)}")


def making_opens_nothing(stage: Stage) -> Measured:
    """A missing port is met by `open`, not before; a misspelt setting is refused by its name."""
    nowhere = stage.make(port=str(Path(stage.port).parent / "nothing-here"))
    call, seconds = timed(nowhere.open, stage.kind.open_s, "open of a missing port")
    if (fault := named(call, "open of a missing port").fault) is not faults.DEV_NOT_FOUND:
        raise Breach(f"open of a missing port says {fault.code}, expected DEV-001")
    try:
        stage.make(misspelt_setting=1)
    except ValueError as error:
        if "misspelt_setting" in str(error):
            return Measured(seconds, stage.kind.open_s)
        raise Breach("a misspelt setting is refused without its name") from error
    raise Breach("a misspelt setting is not refused")


def open_proves(stage: Stage) -> Measured:
    device = stage.make()
    call, seconds = timed(device.open, stage.kind.open_s, "open")
    try:
        if call.error is not None:
            raise Breach(f"open raised {call.error}") from call.error
        expect_state(stage, device, "after open", DeviceState.ONLINE)
    finally:
        device.close()
    return Measured(seconds, stage.kind.open_s, "" if stage.asked else "answers no question: only the port is proved")


def second_open_refused(stage: Stage) -> Measured:
    if stage.kind.shared:
        raise NoCheck(stage.kind.shared)
    with stage.opened() as first:
        second = stage.make()
        call, seconds = timed(second.open, stage.kind.open_s, "second open")
        second.close()
        if (fault := named(call, "second open").fault) is not faults.DEV_NOT_FOUND:
            raise Breach(f"second open says {fault.code}, expected DEV-001")
        expect_state(stage, first, "of the first after a second open", DeviceState.ONLINE)
    return Measured(seconds, stage.kind.open_s)


def status_never_raises(stage: Stage) -> Measured:
    device = stage.make()
    began_s = time.monotonic()
    if status_of(stage, device, "before open").state is DeviceState.ONLINE:
        raise Breach("status before open is online")
    device.open()
    try:
        expect_state(stage, device, "after open", DeviceState.ONLINE)
        if stage.hands is not None and stage.asked and stage.kind.asks is None:
            for fault in filter(None, (stage.kind.silence, stage.garbage())):
                stage.hands("fault", name=fault, count=-1)
                if status_of(stage, device, f"under {fault}").state is DeviceState.ONLINE:
                    raise Breach(f"status under {fault} is online")
                stage.hands("clear")
    finally:
        device.close()
    if status_of(stage, device, "after close").state is DeviceState.ONLINE:
        raise Breach("status after close is online")
    return Measured(time.monotonic() - began_s, stage.kind.status_s * 5)


def cancel_ends_a_command(stage: Stage) -> Measured:
    """The best of three: the machine may be busy, the driver may not."""
    best_s = float("inf")
    for _ in range(3):
        stage.renew()
        with stage.opened() as device:
            call = start_long_call(stage, device)
            began_s = time.monotonic()
            device.cancel()
            if not call.ended_within(LOST_S):
                raise Breach("cancel did not end the command")
            best_s = min(best_s, time.monotonic() - began_s)
            _cancelled(call)
            if stage.kind.after_cancel is not None:
                stage.kind.after_cancel(device)
            expect_state(stage, device, "after a cancel", DeviceState.ONLINE)
    if best_s > CANCEL_S:
        raise Breach(f"cancel took {best_s * 1000:.0f} ms at best, allowed {CANCEL_S * 1000:.0f}")
    return Measured(best_s, CANCEL_S)


def _cancelled(call: Call) -> None:
    completion = named(call, "the cancelled command").completion
    if completion is not CompletionCode.CANCELED:
        raise Breach(f"the cancelled command ended with {completion}, expected canceled")


def early_cancel_does_nothing(stage: Stage) -> Measured:
    with stage.opened() as device:
        device.cancel()
        began_s = time.monotonic()
        expect_state(stage, device, "after a cancel while nothing ran", DeviceState.ONLINE)
        return Measured(time.monotonic() - began_s, stage.kind.status_s)


def close_ends_a_command(stage: Stage) -> Measured:
    device = stage.make()
    device.open()
    try:
        call = start_long_call(stage, device)
        closing, seconds = timed(device.close, LOST_S, "close from another thread")
    finally:
        device.close()
    if closing.error is not None or not call.ended_within(1.0):
        raise Breach("close from another thread did not end the command")
    named(call, "the command that a close ended")
    return Measured(seconds, LOST_S)


def unplug_is_named(stage: Stage) -> Measured:
    hands = _cable(stage)
    with stage.opened() as device:
        call = start_long_call(stage, device) if stage.kind.waits is not None else None
        began_s = time.monotonic()
        hands("unplug")
        if call is not None and not call.ended_within(_lost_s(stage)):
            raise Breach(f"a pulled cable did not end the command within {_lost_s(stage):g} s")
        fault = _fault_of_loss(call) if call is not None else ""
        seconds = time.monotonic() - began_s
        expect_state(stage, device, "with the cable pulled", DeviceState.NO_DEVICE)
    return Measured(seconds, _lost_s(stage), fault)


def _lost_s(stage: Stage) -> float:
    """A device that is asked now and then is lost when it leaves a question unanswered."""
    return max(LOST_S, stage.kind.status_s)


def _cable(stage: Stage) -> Control:
    """:raises NoCheck: nobody here can pull the cable."""
    if stage.hands is None:
        raise NoCheck(NO_HANDS)
    if stage.cable is None or stage.kind.no_cable:
        raise NoCheck(stage.kind.no_cable or NO_CABLE)
    return stage.cable


def _fault_of_loss(call: Call) -> str:
    """A print job that was under way ends with a result that says it is not proved."""
    if isinstance(call.result, PrintResult | DocumentResult) and call.result.fault is not None:
        return call.result.fault.code
    return named(call, "the command whose cable was pulled").fault.code


def reopen_works(stage: Stage) -> Measured:
    hands = _cable(stage)
    device = stage.make()
    longest_s = 0.0
    for _ in range(CYCLES):
        device.open()
        hands("unplug")
        expect_state(stage, device, "with the cable pulled", DeviceState.NO_DEVICE)
        hands("replug")
        call, seconds = timed(device.open, stage.kind.open_s, "open after replugging")
        if call.error is not None:
            raise Breach(f"open after replugging raised {call.error}") from call.error
        longest_s = max(longest_s, seconds)
        expect_state(stage, device, "after replugging", DeviceState.ONLINE)
        device.close()
    return Measured(longest_s, stage.kind.open_s)


def garbage_is_named(stage: Stage) -> Measured:
    if stage.hands is None:
        raise NoCheck(NO_HANDS)
    if not stage.garbage():
        raise NoCheck("its answers cannot be made nonsense")
    if not stage.asked:
        return _garbage_unasked(stage)
    return _named_under(stage, stage.garbage(), "garbage", None)


def silence_is_named(stage: Stage) -> Measured:
    if stage.hands is None:
        raise NoCheck(NO_HANDS)
    if not stage.asked:
        raise NoCheck("answers no question, so silence is its ordinary state")
    if stage.kind.silence not in stage.known_faults:
        raise NoCheck("it cannot be made silent without pulling its cable")
    return _named_under(stage, stage.kind.silence, "silence", faults.DEV_SILENT if stage.kind.asks is None else None)


def _named_under(stage: Stage, fault: str, what: str, expected: Fault | None) -> Measured:
    """The first question under a fault of the device: that of `open`, or of the command that makes it answer."""
    hands, asks = stage.hands, stage.kind.asks
    assert hands is not None
    device = stage.make()
    if asks is not None:
        device.open()
    hands("fault", name=fault, count=-1)
    name = f"open under {what}" if asks is None else f"the question under {what}"
    try:
        call, seconds = timed(device.open if asks is None else lambda: asks(hands, device), stage.kind.open_s, name)
    finally:
        device.close()
    found = named(call, name).fault
    if expected is not None and found is not expected:
        raise Breach(f"{name} says {found.code}, expected {expected.code}")
    return Measured(seconds, stage.kind.open_s, found.code)


def _garbage_unasked(stage: Stage) -> Measured:
    """Such a device may say nothing wrong; it may not raise anything but a device error."""
    assert stage.hands is not None and stage.kind.speaks is not None
    with stage.opened() as device:
        call = start_long_call(stage, device)
        stage.hands("fault", name=stage.garbage(), count=-1)
        began_s = time.monotonic()
        stage.kind.speaks(stage.hands)
        if not call.ended_within(1.0):
            device.cancel()
            call.ended_within(1.0)
        error = named(call, "reading garbage") if call.error is not None else None
        silent = error is None or error.completion is CompletionCode.CANCELED
        what = error.fault.code if error is not None and not silent else "taken for nothing or for a value"
        return Measured(time.monotonic() - began_s, stage.kind.open_s, what)


def camera_shows(stage: Stage) -> Measured:
    """What a camera sees can be looked at whatever part of it counts, and a box that is none is refused."""
    with stage.opened() as device:
        if not isinstance(device, Framed):
            raise NoCheck("it looks through no camera")
        device.frame((0.25, 0.25, 0.75, 0.75))
        call, seconds = timed(lambda: device.look(LOST_S), LOST_S * 2, "look")
        device.frame(None)
        picture = call.result
        if not isinstance(picture, CameraPicture) or len(picture.rgb) != picture.width_px * picture.height_px * 3:
            raise Breach(f"look gave no whole picture: {call.error}")
        try:
            device.frame((0.75, 0.25, 0.25, 0.75))
        except ValueError:
            return Measured(seconds, LOST_S, f"{picture.width_px} x {picture.height_px} pixels")
        raise Breach("a box whose right edge is left of its left one is taken")


def print_is_proved(stage: Stage) -> Measured:
    """What came out is proved, nothing else is, and it is as wide as the paper."""
    if stage.kind.proves is None:
        raise NoCheck("it prints nothing")
    if stage.hands is None:
        raise NoCheck("a real printer would spend paper")
    with stage.opened() as device:
        began_s = time.monotonic()
        what = stage.kind.proves(stage.hands, device)
        return Measured(time.monotonic() - began_s, PRINTED_S, what)


def leaves_nothing_behind(stage: Stage) -> Measured:
    device = stage.make()
    began_s = time.monotonic()
    device.open()
    device.close()
    before = (_descriptors(), threading.active_count())
    for _ in range(CYCLES):
        device.open()
        device.close()
    ends_s = time.monotonic() + ENDS_S
    while any(map(gt, after := (_descriptors(), threading.active_count()), before)) and time.monotonic() < ends_s:
        time.sleep(POLL_S)  # a helper thread that was told to end may still be on its way out
    if after[0] > before[0] or after[1] > before[1]:
        raise Breach(f"descriptors, threads: {before} before, {after} after {CYCLES} openings")
    return Measured(time.monotonic() - began_s, stage.kind.open_s * CYCLES)


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


CHECKS: Mapping[str, Callable[[Stage], Measured]] = {
    "making a driver opens nothing": making_opens_nothing,
    "open proves the device": open_proves,
    "a second open is refused": second_open_refused,
    "status never raises": status_never_raises,
    "cancel ends a command": cancel_ends_a_command,
    "an early cancel does nothing": early_cancel_does_nothing,
    "close ends a command": close_ends_a_command,
    "a pulled cable is named": unplug_is_named,
    "replugging and opening works": reopen_works,
    "garbage is named": garbage_is_named,
    "silence is named": silence_is_named,
    "a camera shows its picture": camera_shows,
    "a print is proved by the paper": print_is_proved,
    "nothing is left behind": leaves_nothing_behind,
}
