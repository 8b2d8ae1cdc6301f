"""The light at the slot to use now: it follows the visit, and flashes at most twice a second (WCAG 2.3.1)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from drivers.api import DeviceState, Flash, LightPosition, Lights
from kiosk.app.device_hub import DeviceEvent, DeviceWorker
from kiosk.domain.screens.compose import View
from kiosk.domain.visit.machine import CardPlace, Overlay, Printing, Step, VisitState
from kiosk.domain.visit.readiness import Capability
from kiosk.domain.visit.rows import place_of

log = logging.getLogger(__name__)

Shine = Mapping[LightPosition, Flash]

_OF_PLACE: Mapping[CardPlace, LightPosition] = {
    CardPlace.ID_CARD: LightPosition.CARD_READER,
    CardPlace.CHIP_CARD: LightPosition.CHIP_CARD,
    CardPlace.ID_FACE: LightPosition.SCANNER,
}
_OF_CAPABILITY: Mapping[Capability, LightPosition] = {
    Capability.READ_ID_CARD: LightPosition.CARD_READER,
    Capability.READ_SOCIAL_CARD: LightPosition.CHIP_CARD,
}
HERE = Flash.MEDIUM
"""Put something in here. Once a second: quick enough to be found, far below what may harm."""
TAKE = Flash.SLOW
"""Something of yours is in here."""
WORKING = Flash.CONTINUOUS
"""It works in here: wait."""
DARK: Shine = dict.fromkeys(LightPosition, Flash.OFF)


def lights_for(state: VisitState) -> Shine:
    """Every position with what it shall do in this state of the visit."""
    is_out = state.note == "welcome.out_of_service"
    status = {LightPosition.STATUS_BAD if is_out else LightPosition.STATUS_GOOD: Flash.CONTINUOUS}
    return {**DARK, **status, **_slots(state)}


def _slots(state: VisitState) -> Shine:
    if state.left is not None:
        return {_OF_PLACE[state.left.place]: TAKE}
    if state.overlay is Overlay.CANNOT:
        return {}
    match state.step:
        case Step.IDENTIFY:
            return _wanted(state)
        case Step.CONFIRM_WHO:
            return {_OF_PLACE[place_of(state.resident)]: WORKING} if state.card_seen else {}
        case Step.TAKE_CARD:
            return {_OF_PLACE[place_of(state.resident)]: TAKE}
        case Step.PRINT:
            return _paper(state)
        case Step.WIPE if state.slip_left:
            return {_slit(state): TAKE}
    return {}


def _wanted(state: VisitState) -> Shine:
    if state.reads_face:
        return {LightPosition.SCANNER: WORKING if state.card_seen else HERE}
    flash = WORKING if state.card_seen else HERE
    usable = {light: flash for one, light in _OF_CAPABILITY.items() if state.capabilities.has(one)}
    # Without any of them the reader's own fault is told; it may come back.
    return usable or {LightPosition.CARD_READER: flash}


def _paper(state: VisitState) -> Shine:
    if state.printing is Printing.BUSY:
        return {_slit(state): WORKING}
    return {_slit(state): HERE} if state.printing in (Printing.PROVED, Printing.UNKNOWN) else {}


def _slit(state: VisitState) -> LightPosition:
    return LightPosition.DOCUMENT_PRINTER if state.on_sheet else LightPosition.RECEIPT_PRINTER


class GuideLight:
    """Sets the lamps that must change, on the worker of the lights. What shines is forgotten when the board is lost."""

    def __init__(self, worker: DeviceWorker[Any]):
        self._worker = worker
        self._wanted: Shine = {}
        self._shining: dict[LightPosition, Flash] = {}
        """Touched by the worker's thread alone."""

    def follow(self, state: VisitState, shown: View) -> None:
        """A subscriber of the visit."""
        wanted = lights_for(state)
        if wanted != self._wanted:
            self._wanted = wanted
            # A board that is lost is told what to shine when it is back; until then nothing waits for it.
            self._worker.run_soon(self._shine, on_lost=_nothing)

    def device_changed(self, event: DeviceEvent) -> None:
        """A listener of the status bus: a board that is back is dark until it is told again."""
        if event.device == self._worker.device_name and event.state is DeviceState.ONLINE and event.fault is None:
            self._worker.run_soon(self._shine_anew, on_lost=_nothing)

    def _shine_anew(self, lights: Lights) -> None:
        self._shining.clear()
        self._shine(lights)

    def _shine(self, lights: Lights) -> None:
        """Dark first: at no moment do two slots ask for something."""
        wanted = self._wanted
        changed = [(at, flash) for at, flash in wanted.items() if self._shining.get(at) is not flash]
        for at, flash in sorted(changed, key=lambda change: change[1] is not Flash.OFF):
            lights.set(at, flash)
            self._shining[at] = flash


def _nothing() -> None: ...
