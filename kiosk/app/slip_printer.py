"""The slip of a visit on the printer's own worker: at most one at a time, none after the visit."""

from __future__ import annotations

from collections.abc import Callable

from drivers.api import ReceiptPrinter
from drivers.faults import DEV_NOT_FOUND
from kiosk.app.device_hub import DeviceWorker
from kiosk.app.printing import PrintingService
from kiosk.domain.ports import CatalogueSource, Clock
from kiosk.domain.visit import Printed, Printing, VisitState


class SlipOnHub:
    def __init__(
        self,
        worker: DeviceWorker[ReceiptPrinter],
        printing: PrintingService,
        catalogue: CatalogueSource,
        clock: Clock,
    ) -> None:
        self._worker = worker
        self._printing = printing
        self._catalogue = catalogue
        self._clock = clock

    def print_slip(self, state: VisitState, on_done: Callable[[Printed], None]) -> None:
        """`on_done` gets what is proved of the slip, from the worker's thread."""
        catalogue, wall = self._catalogue.current(), self._clock.wall()

        def lost() -> None:
            # Waiting for a printer that is not there would print a slip when nobody stands here any more.
            on_done(Printed(Printing.FAILED, (self._worker.fault or DEV_NOT_FOUND).name))

        self._worker.run_soon(
            lambda printer: on_done(self._printing.print_slip(printer, state, catalogue, wall)), on_lost=lost
        )

    def stop(self) -> None:
        self._worker.cancel()
