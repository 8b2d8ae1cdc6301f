"""The lamps at the slots follow the visit: the hub's light on a real Modbus line, read back from the board."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from drivers import registry
from drivers.api import LightPosition
from kiosk.adapters.clock_socket import SteeredClock
from kiosk.app.device_hub import DeviceWorker, StatusBus
from kiosk.app.watches.guide_light import GuideLight
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.screens.compose import view
from kiosk.domain.visit.machine import Printing, Resident, Step, VisitState
from kiosk.domain.visit.readiness import Capabilities, Capability

NOTHING = Catalogue(1, (), (), ())
KIM = Resident("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", "某处")
CARD_ONLY = Capabilities(frozenset({Capability.READ_ID_CARD}))
ORDER = tuple(LightPosition)
WITHIN_S = 5.0


class Board:
    def __init__(self, twin: Any) -> None:
        self.ctl = twin.ctl
        self.clock = SteeredClock()
        self.bus = StatusBus()
        device = registry.create("lights", "modbus_lights", {"port": str(twin.link)})
        self.worker: DeviceWorker[Any] = DeviceWorker("lights", device, self.clock, self.bus.publish)
        self.light = GuideLight(self.worker)
        self.bus.subscribe(self.light.device_changed)
        self.worker.start()

    def show(self, state: VisitState) -> None:
        self.light.follow(state, view(state, NOTHING))

    def lit_for(self, seconds: float) -> list[set[LightPosition]]:
        """What was lit, look by look: a lamp that flashes is in some of them."""
        looks, until_s = [], time.monotonic() + seconds
        while time.monotonic() < until_s:
            coils = self.ctl("status")["lamps"]
            looks.append({at for at, coil in zip(ORDER, coils, strict=False) if coil})
            time.sleep(0.02)
        return looks

    def comes_to(self, *wanted: LightPosition) -> bool:
        """Within a few seconds exactly these are lit at the same moment."""
        until_s = time.monotonic() + WITHIN_S
        while time.monotonic() < until_s:
            if self.lit_for(0.01)[-1] == set(wanted):
                return True
        return False


@pytest.fixture
def board(start_twin: Any) -> Iterator[Board]:
    board = Board(start_twin("modbus_board"))
    yield board
    board.worker.close()
    board.clock.close()


GOOD, CARD, SLIT = LightPosition.STATUS_GOOD, LightPosition.CARD_READER, LightPosition.RECEIPT_PRINTER


def test_the_light_wanders_from_the_reader_to_the_slip_and_goes_out(board: Board) -> None:
    board.show(VisitState())
    assert board.comes_to(GOOD)
    board.show(VisitState(step=Step.IDENTIFY, capabilities=CARD_ONLY))
    assert board.comes_to(GOOD, CARD)
    board.show(VisitState(step=Step.ASK, resident=KIM))
    assert board.comes_to(GOOD)
    printing = VisitState(step=Step.PRINT, resident=KIM, printing=Printing.BUSY)
    board.show(printing)
    assert board.comes_to(GOOD, SLIT)
    board.show(replace(printing, step=Step.RATE))
    assert board.comes_to(GOOD)
    board.show(VisitState(note="welcome.out_of_service"))
    assert board.comes_to(LightPosition.STATUS_BAD)


def test_a_slot_that_asks_flashes_at_most_twice_a_second(board: Board) -> None:
    board.show(VisitState(step=Step.IDENTIFY, capabilities=CARD_ONLY))
    assert board.comes_to(GOOD, CARD)
    looks = board.lit_for(3.0)
    began = sum(CARD in now and CARD not in before for before, now in itertools.pairwise(looks))
    assert 1 <= began <= 6, f"{began} flashes in 3 s"
    assert all(GOOD in look for look in looks), "what shines steadily does not flash"


def test_a_board_that_was_away_shines_what_is_wanted_when_it_is_back(board: Board) -> None:
    board.show(VisitState(step=Step.IDENTIFY, capabilities=CARD_ONLY))
    assert board.comes_to(GOOD, CARD)
    board.ctl("unplug")
    board.show(VisitState(step=Step.PRINT, printing=Printing.BUSY))
    board.ctl("power_cut")
    board.ctl("replug")
    board.clock.advance(10)
    assert board.comes_to(GOOD, SLIT)
