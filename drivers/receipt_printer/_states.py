"""What the printer's bits mean: its faults, its paper, its state."""

from __future__ import annotations

from collections.abc import Mapping

from drivers import faults
from drivers.api import CompletionCode, DeviceError, DeviceState, DeviceStatus, PaperSupply
from drivers.codec.escpos.status import PrinterBits
from drivers.faults import Fault


def holding_faults(state: PrinterBits) -> tuple[Fault, ...]:
    """Every fault that holds, the one that keeps a slip from coming out first."""
    table = (
        (state.cover_open, faults.PRN_COVER),
        (state.paper_out or state.stopped_by_paper_end, faults.PRN_PAPER_OUT),
        (state.cutter_error, faults.PRN_CUTTER),
        (state.unrecoverable_error, faults.PRN_ERROR),
        (state.head_hot, faults.PRN_HEAD_HOT),
    )
    holding = [fault for holds, fault in table if holds]
    if not holding and (state.error or state.recoverable_error or (state.offline and not state.feeding_by_button)):
        holding.append(faults.PRN_ERROR)
    if state.paper_low and faults.PRN_PAPER_OUT not in holding:
        holding.append(faults.PRN_PAPER_LOW)
    return tuple(holding)


def blocking_fault(state: PrinterBits) -> Fault | None:
    """The fault for which nothing can be printed now; low paper is none."""
    return next((fault for fault in holding_faults(state) if fault is not faults.PRN_PAPER_LOW), None)


def paper_of(state: PrinterBits) -> PaperSupply:
    if state.paper_out or state.stopped_by_paper_end:
        return PaperSupply.OUT
    return PaperSupply.LOW if state.paper_low else PaperSupply.FULL


_STATES: Mapping[str, DeviceState] = {
    faults.PRN_COVER.code: DeviceState.USER_ERROR,
    faults.PRN_PAPER_OUT.code: DeviceState.USER_ERROR,
    faults.PRN_HEAD_HOT.code: DeviceState.DEVICE_BUSY,
}


def status_of(state: PrinterBits, pages_left: int | None = None) -> DeviceStatus:
    """An answering printer is never OFFLINE here: its faults say what keeps it from printing."""
    fault = blocking_fault(state)
    device = DeviceState.ONLINE if fault is None else _STATES.get(fault.code, DeviceState.HARDWARE_ERROR)
    codes = frozenset(found.code for found in holding_faults(state))
    return DeviceStatus(device, paper=paper_of(state), cover_open=state.cover_open, faults=codes, pages_left=pages_left)


def unreachable(error: DeviceError) -> DeviceStatus:
    if error.completion is CompletionCode.CANCELED:
        return DeviceStatus(DeviceState.DEVICE_BUSY)
    lost = error.fault in (faults.DEV_LOST, faults.DEV_NOT_FOUND)
    return DeviceStatus(
        DeviceState.NO_DEVICE if lost else DeviceState.OFFLINE,
        paper=PaperSupply.UNKNOWN,
        faults=frozenset((error.fault.code,)),
    )


def refuse(state: PrinterBits) -> None:
    """:raises DeviceError: when a slip could not come out."""
    if (fault := blocking_fault(state)) is not None:
        raise DeviceError(fault, completion=CompletionCode.DEVICE_NOT_READY)
