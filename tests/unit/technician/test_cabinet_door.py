"""Opening the cabinet asks for number and PIN, once each time, and opens nothing else."""

from __future__ import annotations

from typing import Any

from drivers.api import DeviceState
from drivers.faults import CAB_DOOR, CAB_HOT, Fault
from kiosk.app.device_hub import DeviceEvent
from kiosk.app.technician.cabinet_door import CabinetDoor
from kiosk.domain.event import EventKind
from kiosk.domain.technician.mode import advance
from kiosk.domain.technician.state import Page, StaffDo, StaffEv, StaffEvent, VendorMode, VendorState


class Terminal:
    def __init__(self) -> None:
        self.state = VendorState()
        self.done: list[StaffDo] = []
        self.door = CabinetDoor(lambda: self.post(StaffEv.ASK))

    def post(self, kind: EventKind[Any]) -> None:
        self.state, done = advance(self.state, StaffEvent(kind))
        self.done += done

    def cabinet(self, fault: Fault | None, device: str = "cabinet") -> None:
        self.door.device_changed(DeviceEvent(device, DeviceState.ONLINE, fault))


def test_the_open_door_asks_who_it_is_and_waits_for_a_visit_to_end() -> None:
    terminal = Terminal()
    terminal.cabinet(None)
    assert terminal.state.mode is VendorMode.INACTIVE
    terminal.cabinet(CAB_DOOR)
    assert terminal.state.mode is VendorMode.ENTER_PENDING
    assert terminal.state.page is Page.NONE, "the screen is still the resident's"
    terminal.post(StaffEv.QUIET)
    assert terminal.state.page is Page.LOGIN


def test_a_door_that_stays_open_asks_no_second_time_and_the_next_opening_does() -> None:
    terminal = Terminal()
    terminal.cabinet(CAB_DOOR)
    terminal.post(StaffEv.QUIET)
    terminal.post(StaffEv.IDLE)
    terminal.cabinet(CAB_DOOR)
    assert terminal.state.mode is VendorMode.INACTIVE
    terminal.cabinet(None)
    terminal.cabinet(CAB_DOOR)
    assert terminal.done.count(StaffDo.HOLD_VISIT) == 2


def test_heat_and_another_device_ask_nobody() -> None:
    terminal = Terminal()
    terminal.cabinet(CAB_HOT)
    terminal.cabinet(CAB_DOOR, device="id_card")
    assert terminal.state.mode is VendorMode.INACTIVE
