"""The slip of a visit on the printer's own worker: at most one at a time, none after the visit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from drivers.api import ReceiptPrinter
from drivers.faults import DEV_NOT_FOUND
from kiosk.app.capabilities import why_unusable
from kiosk.app.device_hub import DeviceWorker
from kiosk.app.sheets.printer import SheetOnHub
from kiosk.app.slip.printing import PrintingService
from kiosk.domain.ports import CatalogueSource, Clock
from kiosk.domain.slip.told import figures_of
from kiosk.domain.visit.machine import Printed, Printing, VisitState


class SlipOnHub:
    """
    :param sheet: the document printer, where there is one: it stands in for a slip printer that cannot be used.
    """

    def __init__(
        self,
        worker: DeviceWorker[ReceiptPrinter],
        printing: PrintingService,
        catalogue: CatalogueSource,
        clock: Clock,
        sheet: SheetOnHub | None = None,
    ) -> None:
        self._worker = worker
        self._printing = printing
        self._catalogue = catalogue
        self._clock = clock
        self._sheet = sheet

    def print_slip(self, state: VisitState, on_done: Callable[[Printed], None]) -> None:
        """`on_done` gets what is proved of the slip, from the worker's thread."""
        catalogue, wall = self._catalogue.current(), self._clock.wall()
        sheet = self._sheet

        def on_sheet() -> None:
            assert sheet is not None
            slip = self._printing.slip(state, catalogue, wall)
            told = figures_of(slip)
            sheet.print_slip(slip, state.lang, state.case_no, lambda printed: on_done(replace(printed, figures=told)))

        def lost() -> None:
            # Waiting for a printer that is not there would print a slip when nobody stands here any more.
            if sheet is not None and sheet.is_usable:
                on_sheet()
            else:
                on_done(Printed(Printing.FAILED, (self._worker.fault or DEV_NOT_FOUND).name))

        if why_unusable(self._worker) and sheet is not None and sheet.is_usable:
            on_sheet()
            return
        self._worker.run_soon(
            lambda printer: on_done(self._printing.print_slip(printer, state, catalogue, wall)), on_lost=lost
        )

    def stop(self) -> None:
        self._worker.cancel()
        if self._sheet is not None:
            self._sheet.stop()
