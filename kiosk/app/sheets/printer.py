"""What the document printer prints: certificates, and the slip where the slip printer cannot be used."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

from drivers.api import CompletionCode, Device, DeviceError, DocumentPrinter, DocumentResult, PrintProof
from drivers.faults import DEV_NOT_FOUND, Fault
from kiosk.app.capabilities import why_unusable
from kiosk.app.device_hub import DeviceWorker
from kiosk.app.slip.printing import printed
from kiosk.domain.slip.blocks import Slip
from kiosk.domain.speech import Lang
from kiosk.domain.visit.machine import Printed, Printing

log = logging.getLogger(__name__)


class Sheets(Protocol):
    """Makes a document of a slip."""

    def pdf(self, slip: Slip, lang: Lang) -> bytes:
        """:raises KeyError: a text key without words."""


@dataclass(frozen=True, slots=True)
class Following:
    """Who is told of a certificate under way."""

    on_page: Callable[[int], None]
    """So many pages are done; it goes on."""
    on_held: Callable[[Fault], None]
    """It waits for a hand."""
    on_end: Callable[[DocumentResult], None]


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

        def make() -> bytes:
            return self._sheets.pdf(slip, lang)

        self._worker.run_soon(lambda printer: self._print(printer, make, case_no, on_done), on_lost=lost)

    def print_at_once(self, pdf: bytes, case_no: str, on_done: Callable[[Printed], None]) -> None:
        """A document that waits for no hand: where the printer wants one nothing comes out, and that is told."""

        def lost() -> None:
            on_done(Printed(Printing.FAILED, (self._worker.fault or DEV_NOT_FOUND).name))

        self._worker.run_soon(lambda printer: self._print(printer, lambda: pdf, case_no, on_done), on_lost=lost)

    def print_pdf(self, pdf: bytes, case_no: str, follow: Following) -> None:
        """A certificate, page by page: it may wait for a hand while somebody stands here. From the worker's thread."""

        def lost() -> None:
            follow.on_end(DocumentResult(PrintProof.NOT_PRINTED, 0, self._worker.fault or DEV_NOT_FOUND))

        self._worker.run_soon(lambda printer: self._follow(printer, pdf, case_no, follow), on_lost=lost)

    def _follow(self, device: Device, pdf: bytes, case_no: str, follow: Following) -> None:
        def on_held(fault: Fault) -> None:
            # Whoever fills trays and closes covers is told while it waits, not when it was given up.
            self._worker.note(fault)
            follow.on_held(fault)

        with self._lock:
            self._is_printing = True
        try:
            printer = cast(DocumentPrinter, device)
            result = printer.print_document(pdf, case_no, on_held=on_held, on_page=follow.on_page)
        except DeviceError as error:
            if error.completion is CompletionCode.CANCELED:
                raise
            # Before anything was sent: nothing can come out later.
            self._worker.note(error.fault)
            follow.on_end(DocumentResult(PrintProof.NOT_PRINTED, 0, error.fault))
        else:
            self._worker.note(result.fault)
            follow.on_end(result)
        finally:
            with self._lock:
                self._is_printing = False

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

    def _print(
        self, device: Device, make: Callable[[], bytes], case_no: str, on_done: Callable[[Printed], None]
    ) -> None:
        held: list[Fault] = []

        def on_held(fault: Fault) -> None:
            # A document that waits for paper would come out when nobody of this visit stands here any more.
            held.append(fault)
            self._take_back()

        with self._lock:
            self._is_printing = True
        try:
            result = cast(DocumentPrinter, device).print_document(make(), case_no, on_held=on_held)
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
