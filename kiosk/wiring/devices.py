"""Which watch, printer and light each device of devices.toml gets: the part of the composition root for devices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, cast

from drivers.api import CodeScanner, Device, HeadphoneSensor, Keypad, ReceiptPrinter
from kiosk.adapters.slip_pdf import SlipSheets
from kiosk.app.device_hub import DeviceWorker, StatusBus
from kiosk.app.identify.card_desk import CardDesk, Watch
from kiosk.app.identify.card_watch import CardWatch
from kiosk.app.identify.face_watch import FaceWatch
from kiosk.app.identify.residents import of_id_card, of_id_face, of_social_card
from kiosk.app.papers.camera import Camera, PaperCamera
from kiosk.app.sheets.printer import SheetOnHub
from kiosk.app.slip.printer import SlipOnHub
from kiosk.app.slip.printing import PrintingService
from kiosk.app.visit.service import VisitService
from kiosk.app.watches.code import CodeWatch
from kiosk.app.watches.guide_light import GuideLight
from kiosk.app.watches.headphone import HeadphoneWatch
from kiosk.app.watches.keypad import KeypadWatch
from kiosk.domain.ports import CatalogueSource, Clock, Voice, Words
from kiosk.domain.timing import DEVICE_POLL_S, PRINTER_POLL_S
from kiosk.domain.visit.machine import CardPlace, Ev, Event
from kiosk.domain.visit.readiness import Capability

Workers = Mapping[str, DeviceWorker[Device]]

_WATCHED = frozenset(("id_card", "chip_card", "code_scanner", "headphone", "keypad", "ups"))
"""Somebody waits for these all the time and sees at once when they are lost; the others are asked."""


def make_workers(devices: Mapping[str, Device], clock: Clock, bus: StatusBus) -> dict[str, DeviceWorker[Device]]:
    """One worker for each configured device; whom nobody waits for is asked how it is while it is idle."""
    return {name: DeviceWorker(name, device, clock, bus.publish, _poll_s(name)) for name, device in devices.items()}


def _poll_s(name: str) -> float | None:
    if name in _WATCHED:
        return None
    return PRINTER_POLL_S if name == "receipt_printer" else DEVICE_POLL_S


def make_cards(workers: Workers, clock: Clock) -> CardDesk:
    """Every place of this terminal where a card can be laid."""

    def today() -> date:
        return clock.wall().date()

    watches: dict[CardPlace, Watch] = {
        CardPlace.ID_CARD: CardWatch(
            workers["id_card"], CardPlace.ID_CARD, lambda card: of_id_card(card, today()), clock
        )
    }
    if chip := workers.get("chip_card"):
        watches[CardPlace.CHIP_CARD] = CardWatch(
            chip, CardPlace.CHIP_CARD, lambda card: of_social_card(card, today()), clock
        )
    if eye := workers.get("id_face"):
        watches[CardPlace.ID_FACE] = FaceWatch(eye, CardPlace.ID_FACE, lambda face: of_id_face(face, today()), clock)
    return CardDesk(watches)


def make_sheets(workers: Workers, words: Words) -> SheetOnHub | None:
    """The A4 printer, where there is one."""
    document = workers.get("document_printer")
    return SheetOnHub(document, SlipSheets(words, _font_dirs())) if document else None


def make_slip_printer(
    workers: Workers,
    printing: PrintingService,
    catalogue: CatalogueSource,
    clock: Clock,
    sheet: SheetOnHub | None,
) -> SlipOnHub:
    """The slip printer, and the A4 printer behind it where there is one."""
    receipt = cast("DeviceWorker[ReceiptPrinter]", workers["receipt_printer"])
    return SlipOnHub(receipt, printing, catalogue, clock, sheet)


def _font_dirs() -> set[Path]:
    # Here, not above: only a terminal with an A4 printer sets pages.
    from kiosk.ui.drawing import fonts

    faces = fonts.load(fonts.default_dir())
    return {Path(file).parent for face in (faces.main, faces.second) for file in (face.regular, face.bold)}


def start_watches(workers: Workers, visit: VisitService, voice: Voice) -> None:
    """What waits for its device as long as the terminal runs."""
    if headphone := workers.get("headphone"):
        sensor = cast("DeviceWorker[HeadphoneSensor]", headphone)
        HeadphoneWatch(sensor, voice, lambda plugged: visit.post(Event(Ev.HEADPHONE, plugged))).start()
    if scanner := workers.get("code_scanner"):
        CodeWatch(cast("DeviceWorker[CodeScanner]", scanner), visit.post).start()


def watch_keypad(workers: Workers, press: Callable[[str], None]) -> None:
    """From now on the keypad's keys go to the screen; a keypad that is only a keyboard of X needs nobody."""
    if keypad := workers.get("keypad"):
        KeypadWatch(cast("DeviceWorker[Keypad]", keypad), press).start()


def make_light(workers: Workers, visit: VisitService, bus: StatusBus) -> None:
    """The lights follow the visit; without a board nothing changes."""
    if board := cast("DeviceWorker[Any] | None", workers.get("lights")):
        light = GuideLight(board)
        visit.subscribe(light.follow)
        bus.subscribe(light.device_changed)


def make_cameras(workers: Workers, visit: VisitService) -> None:
    """The cameras that take pictures follow the visit; a terminal without one goes on without pictures."""
    for name, capability in (("document_scanner", Capability.CAPTURE_PAGE), ("portrait", Capability.CAPTURE_FACE)):
        if camera := cast("DeviceWorker[Camera] | None", workers.get(name)):
            visit.subscribe(PaperCamera(camera, capability, visit.post).follow)
