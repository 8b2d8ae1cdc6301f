"""Fallback for an A4 printer behind a CUPS queue: what CUPS says of a document is never believed.

CUPS calls a jammed page "completed" and retries a document hours later. So the queue only carries the document; what
became of it is asked of the printer itself at the address behind the queue (`device-uri`), by the document's unique
name. A printer that cannot be asked leaves every document "unknown". Where the printer speaks IPP itself, use
ipp_everywhere.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace

from drivers import faults, settings
from drivers.api import (
    CompletionCode,
    DeviceError,
    DeviceStatus,
    DocumentResult,
    MediaSize,
    PaperSupply,
    PrintProof,
)
from drivers.codec.ipp_reasons import Condition
from drivers.document_printer import ipp_everywhere
from drivers.document_printer._jobs import ENDED, Facts, Job, Jobs, JobState, PrinterState
from drivers.document_printer.ipp_everywhere import POLL_EVERY_S, IppEverywhere, Watch, status_of, unreachable
from drivers.transport.ipp import Ask, IppLink, IppRefused, texts

_LOG = logging.getLogger(__name__)

SETTLE_S = 8.0
"""How long the printer itself may go on after CUPS has called the document ended."""
_OWN_LANGUAGE = ("ipp://", "ipps://")
_WITHOUT_PAGES = (JobState.PENDING, JobState.PENDING_HELD)
"""A printer's job that waits for its document: the exchange that should have brought it broke off."""


class CupsQueue(IppEverywhere):
    """drivers.api.DocumentPrinter. Settings: those of ipp_everywhere, `port` being the queue's ipp:// address, and
    `device`: the printer's own ipp:// address when the queue does not tell it.
    """

    def __init__(self, table: Mapping[str, object]) -> None:
        """:raises ValueError: an unknown or unusable setting."""
        settings.only(table, *ipp_everywhere.SETTINGS, "device")
        super().__init__({key: value for key, value in table.items() if key != "device"})
        self._user = settings.text(table, "user", "kiosk")
        self._named_device = settings.text(table, "device") if "device" in table else ""
        if self._named_device and not self._named_device.startswith(_OWN_LANGUAGE):
            raise settings.SettingsError("device must be an ipp:// or ipps:// address")
        self._device: IppLink | None = None
        self._queue_stands = False

    # --- drivers.api.Device ---

    def open(self) -> None:
        """Have the queue answer, and the printer behind it where it can be asked. :raises DeviceError:"""
        self._link.open()
        with self._link.interrupt.command():
            self._device = self._found_device()
            if self._device is None:
                _LOG.warning("the printer behind the CUPS queue cannot be asked: no document will ever be proved")
            self._jobs.facts()
            self._device_facts()
            self._take_back_all()

    def status(self) -> DeviceStatus:
        """The printer's own state. Without it the queue's, whose paper nobody knows."""
        try:
            with self._link.interrupt.command():
                facts = self._facts()
                status = status_of(facts)
        except DeviceError as error:
            return unreachable(error)
        return status if self._device is not None else replace(status, paper=PaperSupply.UNKNOWN, cover_open=None)

    def cancel(self) -> None:
        super().cancel()
        if (device := self._device) is not None:
            device.cancel()

    def reset(self) -> None:
        """Delete every unfinished document of ours, in the queue and in the printer. :raises DeviceError:"""
        with self._link.interrupt.command():
            self._take_back_all()

    def close(self) -> None:
        super().close()
        if (device := self._device) is not None:
            device.close()

    # --- the printer behind the queue ---

    def _found_device(self) -> IppLink | None:
        """Its own address. :raises DeviceError: the queue does not answer."""
        told = self._link.ask(Ask.GET_PRINTER, {"requested-attributes": ["device-uri"]}).printer
        address = self._named_device or next(iter(texts(told, "device-uri")), "")
        if not address.startswith(_OWN_LANGUAGE):
            return None
        device = IppLink(address, self._user)
        device.open()
        return device

    @contextlib.contextmanager
    def _asking(self) -> Iterator[Jobs | None]:
        """Questions to the printer itself; a cancel of the driver ends them, too. None when it cannot be asked."""
        if self._device is None:
            yield None
            return
        with self._device.interrupt.command():
            self._link.interrupt.check()
            yield Jobs(self._device, self._user)

    def _device_facts(self) -> Facts | None:
        with self._asking() as printer:
            return printer.facts() if printer is not None else None

    def _facts(self) -> Facts:
        """The printer's, made unusable by a queue that is stopped or takes nothing; the queue's when it is alone."""
        queue, device = self._jobs.facts(), self._device_facts()
        self._queue_stands = queue.state is PrinterState.STOPPED
        if device is None:
            # A raw queue names no sizes; it prints what it gets, and nobody will call that printed.
            return queue if queue.media else replace(queue, media=frozenset(size.value for size in MediaSize))
        if queue.state is PrinterState.STOPPED or not queue.accepts:
            return replace(device, accepts=False)
        return device

    def _take_back_all(self) -> None:
        """:raises DeviceError: DOC-012 when one stays."""
        self._jobs.take_back_all()
        with self._asking() as printer:
            if printer is not None:
                printer.take_back_all()

    # --- what became of a document ---

    def _look(self, job: Job) -> Job:
        """The queue's word for where it is, the printer's for how many pages are out."""
        seen = self._jobs.look(job)
        if seen.state in ENDED:
            return seen
        if self._queue_stands and seen.state is JobState.PENDING:
            return self._taken_out(seen)
        with self._asking() as printer:
            found = printer.find(job.name) if printer is not None else None
        return seen if found is None else replace(seen, pages=found.pages)

    def _taken_out(self, job: Job) -> Job:
        """CUPS stops its queue when the printer's answer to a job broke off, and would stand for ever: the queue ran
        when this document was given to it. The printer's own job, if it never got its pages, goes, too.
        """
        ended = self._jobs.take_back(job)
        with self._asking() as printer:
            found = printer.find(job.name) if printer is not None else None
            if printer is not None and found is not None and found.state in _WITHOUT_PAGES:
                printer.take_back(found)
        try:
            self._link.ask(Ask.RESUME_PRINTER, {})
            _LOG.warning("CUPS had stopped its queue over document %s; it runs again", job.name)
        except IppRefused as refused:
            _LOG.error("CUPS stopped its queue over document %s and may not be told to go on: %s", job.name, refused)
        return ended if ended is not None else job

    def _ended(self, watch: Watch, job: Job, condition: Condition) -> DocumentResult:
        """CUPS has ended with it, however it calls that. Only the printer's own word counts."""
        try:
            seen = self._seen_by_printer(job.name)
        except DeviceError as error:
            if error.completion is CompletionCode.CANCELED:
                raise
            return DocumentResult(PrintProof.UNKNOWN, 0, error.fault)
        if seen is None:
            return DocumentResult(PrintProof.UNKNOWN, 0, faults.DOC_UNPROVED)
        own_job, facts = seen
        return watch.verdict(own_job, facts.condition)

    def _taken_back(self, job: Job) -> Job | None:
        """CUPS lets go of a document at once; the printer that holds it prints it when somebody fills the tray."""
        ended = super()._taken_back(job)
        with self._asking() as printer:
            found = printer.find(job.name) if printer is not None else None
            if printer is not None and found is not None and found.state not in ENDED and printer.stays(found):
                return None
        return ended

    def _seen_by_printer(self, name: str) -> tuple[Job, Facts] | None:
        """Its job of that name once that has ended, and its state; None when it knows of none that ends.

        :raises DeviceError: it does not answer, or CANCELED.
        """
        deadline_s = time.monotonic() + SETTLE_S
        while True:
            with self._asking() as printer:
                if printer is None:
                    return None
                facts, found = printer.facts(), printer.find(name)
            if found is not None and found.state in ENDED:
                return found, facts
            if time.monotonic() >= deadline_s:
                return None
            self._link.interrupt.pause(POLL_EVERY_S)


def DRIVER(table: Mapping[str, object]) -> CupsQueue:
    """Make the driver from its devices.toml table. :raises ValueError: an unknown or unusable setting."""
    return CupsQueue(table)
