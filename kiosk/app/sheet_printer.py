"""The slip on a sheet of the document printer, where the slip printer cannot be used."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, Protocol, cast

from drivers.api import CompletionCode, Device, DeviceError, DocumentPrinter
from drivers.faults import DEV_NOT_FOUND, Fault
from kiosk.app.capabilities import why_unusable
from kiosk.app.device_hub import DeviceWorker
from kiosk.app.printing import printed
from kiosk.domain.slip import Slip
from kiosk.domain.speech import Lang
from kiosk.domain.visit import Printed, Printing

log = logging.getLogger(__name__)


class Sheets(Protocol):
    """Makes a document of a slip."""

    def pdf(self, slip: Slip, lang: Lang) -> bytes:
        """:raises KeyError: a text key without words."""


class SheetOnHub:
    """At most one at a time; what is not out when the visit ends is taken back from the printer."""

    def __init__(self, worker: DeviceWorker[Any], sheets: Sheets) -> None:
        self._worker = worker
        self._sheets = sheets
        self._lock = threading.Lock()
        self._is_printing = False

    @property
    def is_usable(self) -> bool:
        return not why_unusable(self._worker)

    def print_slip(self, slip: Slip, lang: Lang, case_no: str, on_done: Callable[[Printed], None]) -> None:
        """`on_done` gets what is proved of the sheet, from the worker's thread."""

        def lost() -> None:
            on_done(Printed(Printing.FAILED, (self._worker.fault or DEV_NOT_FOUND).name))

        self._worker.run_soon(lambda printer: self._print(printer, slip, lang, case_no, on_done), on_lost=lost)

    def stop(self) -> None:
        """The visit is over: nothing of it may come out any more."""
        with self._lock:
            is_printing, self._is_printing = self._is_printing, False
        if is_printing:
            self._take_back()
        else:
            self._worker.cancel()

    def _take_back(self) -> None:
        self._worker.cancel()
        self._worker.run_soon(lambda device: device.reset())

    def _print(self, device: Device, slip: Slip, lang: Lang, case_no: str, on_done: Callable[[Printed], None]) -> None:
        held: list[Fault] = []

        def on_held(fault: Fault) -> None:
            # A document that waits for paper would come out when nobody of this visit stands here any more.
            held.append(fault)
            self._take_back()

        with self._lock:
            self._is_printing = True
        try:
            pdf = self._sheets.pdf(slip, lang)
            result = cast(DocumentPrinter, device).print_document(pdf, case_no, on_held=on_held)
        except KeyError as error:
            log.error("the slip has a text without words: %s", error)
            on_done(Printed(Printing.FAILED))
        except DeviceError as error:
            if error.completion is CompletionCode.CANCELED and not held:
                raise
            fault = held[-1] if held else error.fault
            self._worker.note(fault)
            on_done(Printed(Printing.FAILED, fault.name))
        else:
            self._worker.note(result.fault)
            on_done(printed(result))
        finally:
            with self._lock:
                self._is_printing = False
