"""The printer's jobs and state, as IPP tells them (RFC 8011 4.2, 4.3, 5.3, 5.4)."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from enum import IntEnum

from drivers import faults
from drivers.api import CompletionCode, DeviceError, MediaSize
from drivers.codec.ipp_reasons import Condition, condition
from drivers.faults import Fault
from drivers.transport.ipp import EXCHANGE_S, Answer, Ask, Attributes, IppLink, IppRefused, number, texts

_LOG = logging.getLogger(__name__)

PDF = "application/pdf"
CONFIRM_S = 8.0
"""A page that is under way is fed out before a printer reports its job as cancelled."""
LOOK_AGAIN_S = 0.2
BUSY_S = 10.0
NOT_POSSIBLE = 0x0404
BUSY = 0x0507

PRINTER_ATTRIBUTES = [
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "document-format-supported",
    "media-supported",
]
JOB_ATTRIBUTES = ["job-id", "job-name", "job-state", "job-impressions-completed", "job-originating-user-name"]


class PrinterState(IntEnum):
    """RFC 8011 5.4.11."""

    IDLE = 3
    PROCESSING = 4
    STOPPED = 5


class JobState(IntEnum):
    """RFC 8011 5.3.7."""

    PENDING = 3
    PENDING_HELD = 4
    PROCESSING = 5
    PROCESSING_STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9


_STATES = frozenset(int(state) for state in JobState)
ENDED = frozenset((JobState.CANCELED, JobState.ABORTED, JobState.COMPLETED))


@dataclass(frozen=True, slots=True)
class Facts:
    """One reading of the printer."""

    condition: Condition
    state: PrinterState
    accepts: bool
    takes_pdf: bool
    media: frozenset[str]

    @property
    def is_printing(self) -> bool:
        return self.state is PrinterState.PROCESSING

    @property
    def blocking(self) -> Fault | None:
        """Why no page would come out now; a stopped printer that names no reason has one all the same."""
        if self.condition.blocking is not None:
            return self.condition.blocking
        return faults.DOC_ERROR if self.state is PrinterState.STOPPED or not self.accepts else None

    @property
    def usable(self) -> bool:
        """Whether an A4 PDF could ever be printed here."""
        return self.takes_pdf and MediaSize.A4 in self.media


@dataclass(frozen=True, slots=True)
class Job:
    """One job at the printer. `pages` is job-impressions-completed; what is not told is 0."""

    number: int
    name: str
    state: JobState
    pages: int = 0


class Jobs:
    """Asks one printer. Every method raises DeviceError as `IppLink.ask` does."""

    def __init__(self, link: IppLink, user: str) -> None:
        self._link = link
        self._user = user

    def facts(self) -> Facts:
        """:raises DeviceError: DEV-003 when the answer is IPP but tells no printer state."""
        told = self._link.ask(Ask.GET_PRINTER, {"requested-attributes": PRINTER_ATTRIBUTES}).printer
        try:
            state = PrinterState(number(told, "printer-state") or 0)
        except ValueError as error:
            raise DeviceError(faults.DEV_GARBLED, "no printer-state") from error
        return Facts(
            condition=condition(texts(told, "printer-state-reasons")),
            state=state,
            accepts=told.get("printer-is-accepting-jobs") is not False,
            takes_pdf=PDF in texts(told, "document-format-supported"),
            media=frozenset(texts(told, "media-supported")),
        )

    def submit(self, pdf: bytes, name: str, media: MediaSize) -> Job:
        """Print-Job; fidelity makes the printer refuse what it would otherwise replace."""
        operation = {"job-name": name, "document-format": PDF, "ipp-attribute-fidelity": True}
        wanted = {"media": media.value, "sides": "one-sided"}
        answer = self._accepted(operation, wanted, pdf)
        job_id = number(answer.jobs[0], "job-id") if answer.jobs else None
        if job_id is None:
            raise DeviceError(faults.DEV_GARBLED, "no job-id")
        return Job(job_id, name, JobState.PENDING)

    def _accepted(self, operation: Attributes, wanted: Attributes, pdf: bytes) -> Answer:
        """Many printers take one job at a time: busy (RFC 8011 B.1.5.8) is no refusal until `BUSY_S` is over."""
        deadline_s = time.monotonic() + BUSY_S
        while True:
            try:
                return self._link.ask(Ask.PRINT_JOB, operation, job=wanted, document=pdf)
            except IppRefused as refused:
                if refused.status != BUSY or time.monotonic() >= deadline_s:
                    raise
            self._link.interrupt.pause(LOOK_AGAIN_S)

    def look(self, job: Job) -> Job:
        """How the job stands now. :raises DeviceError: DOC-007 when the printer no longer has this job."""
        operation: Attributes = {"job-id": job.number, "requested-attributes": JOB_ATTRIBUTES}
        try:
            answer = self._link.ask(Ask.GET_JOB, operation)
        except IppRefused as refused:
            if refused.not_found:
                raise DeviceError(faults.DOC_UNPROVED, "the printer forgot the job") from refused
            raise
        found = _jobs_in(answer)
        if not found or found[0].name != job.name:
            # A printer that was switched off counts its jobs from 1 again: this one is somebody else's.
            raise DeviceError(faults.DOC_UNPROVED, "the job's number belongs to another job")
        return found[0]

    def find(self, name: str) -> Job | None:
        """The job of that name, ended or not."""
        for which in ("not-completed", "completed"):
            operation: Attributes = {"which-jobs": which, "requested-attributes": JOB_ATTRIBUTES}
            for job in _jobs_in(self._link.ask(Ask.GET_JOBS, operation)):
                if job.name == name:
                    return job
        return None

    def take_back_all(self) -> None:
        """Delete every unfinished job of our user. :raises DeviceError: DOC-012 when one stays."""
        operation: Attributes = {"which-jobs": "not-completed", "requested-attributes": JOB_ATTRIBUTES}
        answer = self._link.ask(Ask.GET_JOBS, operation)
        ours = [told for told in answer.jobs if self._user in texts(told, "job-originating-user-name")]
        jobs = _jobs_in(Answer({}, tuple(ours)))
        for job in jobs:
            _LOG.warning("document %s is void: it was still in the printer", job.name)
        left = [job.name for job in jobs if self.stays(job)]
        if left:
            raise DeviceError(faults.DOC_JOB_LEFT, ", ".join(left), CompletionCode.DEVICE_NOT_READY)

    def stays(self, job: Job) -> bool:
        """Delete it; whether that was not confirmed. One that the printer no longer knows is gone."""
        try:
            return self.take_back(job) is None
        except DeviceError as error:
            if error.fault is faults.DOC_UNPROVED:
                return False
            raise

    def take_back(self, job: Job) -> Job | None:
        """Cancel-Job, then wait for the end of the job; None when it did not end in time.

        :raises DeviceError: DOC-007 when the printer no longer knows it: then nothing is left either.
        """
        self.ask_cancel(job)
        deadline_s = time.monotonic() + CONFIRM_S
        while True:
            seen = self.look(job)
            if seen.state in ENDED:
                return seen
            if time.monotonic() >= deadline_s:
                return None
            self._link.interrupt.pause(LOOK_AGAIN_S)

    def ask_cancel(self, job: Job, timeout_s: float = EXCHANGE_S) -> None:
        """A job that has ended meanwhile (client-error-not-possible) or is gone needs no cancelling."""
        try:
            self._link.ask(Ask.CANCEL_JOB, {"job-id": job.number}, timeout_s=timeout_s)
        except IppRefused as refused:
            if refused.status != NOT_POSSIBLE and not refused.not_found:
                raise


def _jobs_in(answer: Answer) -> list[Job]:
    """:raises DeviceError: DEV-003 for a job without number or state."""
    jobs = []
    for told in answer.jobs:
        job_id, state = number(told, "job-id"), number(told, "job-state")
        if job_id is None or state not in _STATES:
            raise DeviceError(faults.DEV_GARBLED, "a job without number or state")
        name = next(iter(texts(told, "job-name")), "")
        jobs.append(Job(job_id, name, JobState(state), number(told, "job-impressions-completed") or 0))
    return jobs
