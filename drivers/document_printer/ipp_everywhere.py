"""Driver for A4 printers that speak IPP themselves (IPP Everywhere, AirPrint; PWG 5100.14, RFC 8011).

No spooler stands between: a spooler calls a jammed page "completed" and prints a certificate hours later
in an empty hall. "Printed" is said only when the printer finished the job and counted every page.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from drivers import faults, settings
from drivers.api import (
    CompletionCode,
    DeviceError,
    DeviceState,
    DeviceStatus,
    DocumentResult,
    MediaSize,
    MediaState,
    PaperSupply,
    PrintProof,
)
from drivers.codec.ipp_reasons import Condition
from drivers.document_printer._jobs import ENDED, Facts, Job, Jobs, JobState
from drivers.faults import Fault
from drivers.transport.ipp import IppLink
from drivers.transport.pdf_file import BadPdf, media_sheet_count

_LOG = logging.getLogger(__name__)

SETTINGS = ("port", "user", "patience_s", "page_s")
POLL_EVERY_S = 0.25
WAKE_S = 30
"""A laser printer that slept heats up before its first page."""
CALL_BACK_S = 0.05
"""For sending Cancel-Job after `cancel`: half of the 0.1 s in which a command must end. `reset` confirms it."""
JOB_NAME = re.compile(r"[0-9A-Za-z-]{1,64}")


class IppEverywhere:
    """drivers.api.DocumentPrinter. One thread runs commands; `cancel` and `close` may come from another."""

    def __init__(self, table: Mapping[str, object]) -> None:
        """`port` (ipp:// address or a file that holds one), `user` (whose jobs ours are at the printer),
        `patience_s` (120: how long a held document waits for a hand), `page_s` (20: the slowest page).

        :raises ValueError: an unknown or unusable setting.
        """
        settings.only(table, *SETTINGS)
        self._link = IppLink(settings.text(table, "port"), settings.text(table, "user", "kiosk"))
        self._jobs = Jobs(self._link, settings.text(table, "user", "kiosk"))
        self._patience_s = settings.whole(table, "patience_s", 120)
        self._page_s = settings.whole(table, "page_s", 20)

    # --- drivers.api.Device ---

    def open(self) -> None:
        """Have the printer answer, and take back what a broken-off run left in it. :raises DeviceError:"""
        self._link.open()
        with self._link.interrupt.command():
            self._jobs.facts()
            self._jobs.take_back_all()

    def status(self) -> DeviceStatus:
        """One question. Never raises; silence is OFFLINE with paper UNKNOWN."""
        try:
            with self._link.interrupt.command():
                return status_of(self._jobs.facts())
        except DeviceError as error:
            return unreachable(error)

    def cancel(self) -> None:
        self._link.cancel()

    def reset(self) -> None:
        """Delete every unfinished document of ours and have the printer confirm it (state 7, 8 or 9).

        :raises DeviceError: DOC-012 when one is still there; DEV-… when the printer does not answer.
        """
        with self._link.interrupt.command():
            self._jobs.take_back_all()

    def close(self) -> None:
        self._link.close()

    # --- drivers.api.DocumentPrinter ---

    def print_document(
        self,
        pdf: bytes,
        job_name: str,
        media: MediaSize = MediaSize.A4,
        *,
        on_held: Callable[[Fault], None] | None = None,
        on_page: Callable[[int], None] | None = None,
    ) -> DocumentResult:
        """See drivers.api. A document that nobody frees within `patience_s` is taken back."""
        pages = _pages(pdf)
        if not JOB_NAME.fullmatch(job_name):
            raise _unusable(faults.DOC_REFUSED, "a job name is 1-64 letters, digits and hyphens")
        # Of two jobs with one name the proof of the first would be taken for the second's.
        unique = f"{job_name}-{secrets.token_hex(4)}"
        watch: Watch | None = None
        try:
            with self._link.interrupt.command():
                refuse(self._facts(), media)
                job = self._submitted(pdf, unique, media)
                if isinstance(job, DocumentResult):
                    return job
                watch = Watch(job, pages, self._patience_s, self._page_s, on_held, on_page)
                return self._followed(watch)
        except DeviceError as error:
            if watch is not None and error.completion is CompletionCode.CANCELED:
                self._call_back(watch.job)  # outside the cancelled command: inside it every question is refused
            raise

    def _submitted(self, pdf: bytes, name: str, media: MediaSize) -> Job | DocumentResult:
        """The job, or the result when it cannot be known. :raises DeviceError: refused, or CANCELED."""
        try:
            return self._jobs.submit(pdf, name, media)
        except DeviceError as error:
            if error.completion is CompletionCode.CANCELED or error.fault in _NOTHING_SENT:
                raise
            # The answer was lost, the job perhaps not: its name tells.
            try:
                found = self._jobs.find(name)
            except DeviceError as silent:
                if silent.completion is CompletionCode.CANCELED:
                    raise
                found = None
            return found if found is not None else DocumentResult(PrintProof.UNKNOWN, 0, error.fault)

    def _followed(self, watch: Watch) -> DocumentResult:
        """Look at the job until it ends, patience ends or the printer is gone. :raises DeviceError: CANCELED."""
        try:
            while True:
                facts = self._facts()
                job = self._look(watch.job)
                if job.state in ENDED:
                    return self._ended(watch, job, facts.condition)
                if watch.is_over(job, facts.condition):
                    return self._given_up(watch, job, facts.condition)
                self._link.interrupt.pause(POLL_EVERY_S)
        except DeviceError as error:
            if error.completion is CompletionCode.CANCELED:
                raise
            # Unreachable, or a printer that has forgotten the job: nobody knows what lies in its tray.
            return DocumentResult(PrintProof.UNKNOWN, watch.job.pages, error.fault)

    def _facts(self) -> Facts:
        """What is known of the printer now. :raises DeviceError:"""
        return self._jobs.facts()

    def _look(self, job: Job) -> Job:
        """How the document stands now. :raises DeviceError:"""
        return self._jobs.look(job)

    def _ended(self, watch: Watch, job: Job, condition: Condition) -> DocumentResult:
        """What is proved by a job that has ended. :raises DeviceError: CANCELED."""
        return watch.verdict(job, condition)

    def _given_up(self, watch: Watch, job: Job, condition: Condition) -> DocumentResult:
        """Nobody came, or no page moved: take the job back, so that it does not come out later."""
        ended = self._taken_back(job)
        fault = condition.blocking or faults.DOC_UNPROVED
        if ended is None:
            _LOG.error("document %s was given up and its deletion is not confirmed", job.name)
            return DocumentResult(PrintProof.UNKNOWN, job.pages, faults.DOC_JOB_LEFT, condition.paper)
        _LOG.warning("document %s is void: %s", job.name, fault.code)
        result = self._ended(watch, ended, condition)
        return result if result.proof is PrintProof.PROVED else replace(result, fault=fault)

    def _taken_back(self, job: Job) -> Job | None:
        """How it ended; None when it is not confirmed that nothing of it is left. :raises DeviceError:"""
        return self._jobs.take_back(job)

    def _call_back(self, job: Job) -> None:
        """After `cancel`: ask once, shortly. `reset` makes sure."""
        try:
            with self._link.interrupt.command():
                self._jobs.ask_cancel(job, CALL_BACK_S)
            _LOG.warning("document %s is void: cancelled", job.name)
        except DeviceError as failed:
            _LOG.warning("the cancelled document %s could not be called back: %s", job.name, failed)


_NOTHING_SENT = (faults.DOC_REFUSED, faults.DOC_DENIED, faults.DEV_NOT_FOUND)
"""After these no job can be in the printer."""


class Watch:
    """What one job has done so far, and until when it may go on like that."""

    def __init__(
        self,
        job: Job,
        pages: int,
        patience_s: float,
        page_s: float,
        on_held: Callable[[Fault], None] | None,
        on_page: Callable[[int], None] | None,
    ) -> None:
        self.job = job
        self._pages = pages
        self._patience_s = patience_s
        self._page_s = page_s
        self._on_held = on_held
        self._on_page = on_page
        self._held: Fault | None = None
        self._until_s = time.monotonic() + WAKE_S + page_s

    def is_over(self, job: Job, condition: Condition) -> bool:
        """Each page and each hand has its own time."""
        now_s = time.monotonic()
        was_freed = self._held is not None and condition.blocking is None
        if self._on_page is not None and (was_freed or job.pages > self.job.pages):
            self._on_page(job.pages)
        if condition.blocking is not self._held:
            self._held = condition.blocking
            self._until_s = now_s + (self._patience_s if self._held is not None else self._page_s)
            if self._held is not None and self._on_held is not None:
                self._on_held(self._held)
        elif job.pages > self.job.pages:
            self._until_s = now_s + self._page_s
        self.job = job
        return now_s >= self._until_s

    def verdict(self, job: Job, condition: Condition) -> DocumentResult:
        """Of a job that has ended."""
        if job.state is not JobState.COMPLETED:
            # Given up behind its last page: whether that page is whole, nobody knows.
            proof = PrintProof.NOT_PRINTED if job.pages < self._pages else PrintProof.UNKNOWN
            return DocumentResult(proof, job.pages, condition.blocking or faults.DOC_ABORTED, condition.paper)
        if job.pages < self._pages:
            return DocumentResult(PrintProof.UNKNOWN, job.pages, faults.DOC_UNPROVED, condition.paper)
        return DocumentResult(PrintProof.PROVED, self._pages, None, condition.paper)


def _pages(pdf: bytes) -> int:
    """:raises DeviceError: DOC-009."""
    try:
        return media_sheet_count(pdf)
    except BadPdf as error:
        raise _unusable(faults.DOC_FORMAT, str(error)) from error


def _unusable(fault: Fault, detail: str) -> DeviceError:
    return DeviceError(fault, detail, CompletionCode.INVALID_DATA)


def refuse(facts: Facts, media: MediaSize) -> None:
    """:raises DeviceError: when the document could not come out as it should."""
    if media not in facts.media:
        # A printer that substitutes cuts the certificate's edge off: better none.
        raise DeviceError(faults.DOC_MEDIA, f"{media.value} is not in media-supported", CompletionCode.UNSUPPORTED_DATA)
    if not facts.takes_pdf:
        raise DeviceError(faults.DOC_FORMAT, "application/pdf is not supported", CompletionCode.UNSUPPORTED_DATA)
    if (fault := facts.blocking) is not None:
        raise DeviceError(fault, completion=CompletionCode.DEVICE_NOT_READY)


_USER_ERRORS = (faults.DOC_PAPER_OUT, faults.DOC_OPEN)


def status_of(facts: Facts) -> DeviceStatus:
    """An answering printer is never OFFLINE: its faults say what keeps it from printing."""
    fault, condition = facts.blocking, facts.condition
    state = DeviceState.DEVICE_BUSY if facts.is_printing else DeviceState.ONLINE
    if fault is not None or not facts.usable:
        state = DeviceState.USER_ERROR if fault in _USER_ERRORS else DeviceState.HARDWARE_ERROR
    codes = {held.code for held in condition.holding} | ({fault.code} if fault is not None else set())
    if MediaSize.A4 not in facts.media:
        codes.add(faults.DOC_MEDIA.code)
    if not facts.takes_pdf:
        codes.add(faults.DOC_FORMAT.code)
    media = MediaState.JAMMED if condition.paper is PaperSupply.JAMMED else MediaState.UNKNOWN
    return DeviceStatus(state, media, condition.paper, condition.cover_open, frozenset(codes))


def unreachable(error: DeviceError) -> DeviceStatus:
    """Silence and loss are states of their own; its paper is then unknown."""
    if error.completion is CompletionCode.CANCELED:
        return DeviceStatus(DeviceState.DEVICE_BUSY)
    lost = error.fault in (faults.DEV_LOST, faults.DEV_NOT_FOUND)
    state = DeviceState.NO_DEVICE if lost else DeviceState.OFFLINE
    return DeviceStatus(state, paper=PaperSupply.UNKNOWN, faults=frozenset((error.fault.code,)))


DRIVER = IppEverywhere
