"""IPP over HTTP to one printer (RFC 8010, RFC 8011): one exchange at a time, each with a deadline.

pyipp is asyncio; every exchange runs in a loop of its own on the caller's thread, so nothing of it
outlives the exchange. `cancel` from another thread ends the exchange that runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from pyipp import IPP
from pyipp.enums import IppOperation
from pyipp.exceptions import IPPConnectionError, IPPConnectionUpgradeRequired, IPPError, IPPParseError, IPPResponseError

from drivers import faults
from drivers.api import CompletionCode, DeviceError
from drivers.transport.denied import fault_of_opening
from drivers.transport.interrupt import Interrupt

EXCHANGE_S = 6.0
"""An answer about state comes in milliseconds; a printer that wakes from sleep takes seconds."""
BYTES_PER_S = 200_000
"""The slowest line that a document may take: it lengthens the deadline of a print job."""

Attributes = Mapping[str, object]


class Ask(Enum):
    """The operations that are used (RFC 8011 5.4.15)."""

    PRINT_JOB = IppOperation.PRINT_JOB
    GET_JOB = IppOperation.GET_JOB_ATTRIBUTES
    GET_JOBS = IppOperation.GET_JOBS
    GET_PRINTER = IppOperation.GET_PRINTER_ATTRIBUTES
    CANCEL_JOB = IppOperation.CANCEL_JOB
    RESUME_PRINTER = IppOperation.RESUME_PRINTER


_DENIED = (0x0401, 0x0402, 0x0403)
"""client-error-forbidden, -not-authenticated, -not-authorized."""
_HTTP_DENIED = (401, 403)


class IppRefused(DeviceError):
    """The printer understood and said no; `status` is the IPP status code (RFC 8011 appendix B)."""

    def __init__(self, status: int) -> None:
        fault = faults.DOC_DENIED if status in _DENIED else faults.DOC_REFUSED
        super().__init__(fault, f"status 0x{status:04x}", CompletionCode.COMMAND_ERROR_CODE)
        self.status = status

    @property
    def not_found(self) -> bool:
        """client-error-not-found and client-error-gone."""
        return self.status in (0x0406, 0x0407)


@dataclass(frozen=True, slots=True)
class Answer:
    """The attribute groups of one answer; several values of an attribute are a list."""

    printer: Attributes
    jobs: tuple[Attributes, ...]


class IppLink:
    """The way to one printer. `port` is its ipp:// or ipps:// address, or a file that holds one.

    The file is read at every `open`: whoever finds the printer again under a new address writes it there.
    """

    def __init__(self, port: str, user: str) -> None:
        """:raises ValueError: an address of another scheme."""
        self._port = port
        self._user = user
        self._uri = ""
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Task[object]] | None = None
        self.interrupt = Interrupt()
        if "://" in port:
            _checked(port)

    def open(self) -> None:
        """Find the printer's address; nothing is sent yet. :raises DeviceError:"""
        self.interrupt.reopen()
        try:
            self._uri = _checked(self._port if "://" in self._port else _address_in(Path(self._port)))
        except (OSError, ValueError) as error:
            raise DeviceError(fault_of_opening(error), str(error), CompletionCode.DEVICE_NOT_READY) from error

    def cancel(self) -> None:
        """End the running exchange or pause; from another thread."""
        self.interrupt.cancel()
        self._end_exchange()

    def close(self) -> None:
        """End what runs and refuse the next until `open`; from any thread."""
        self.interrupt.shut()
        self._end_exchange()

    def _end_exchange(self) -> None:
        if (running := self._running) is not None:
            loop, task = running
            with contextlib.suppress(RuntimeError):  # its loop has just ended: so has the exchange
                loop.call_soon_threadsafe(task.cancel)

    def ask(
        self,
        what: Ask,
        operation: Attributes,
        *,
        job: Attributes | None = None,
        document: bytes = b"",
        timeout_s: float = EXCHANGE_S,
    ) -> Answer:
        """One request and its answer.

        :param operation: operation attributes; printer-uri, charset and user are added.
        :raises IppRefused: the printer said no.
        :raises DeviceError: DEV-001 nothing listens there, DEV-002 no answer in time, DEV-003 no IPP answer,
            DEV-004 the connection broke, DEV-005 cancelled, DOC-013 not allowed.
        """
        if not self._uri:
            raise DeviceError(faults.DEV_NOT_FOUND, "not open", CompletionCode.SEQUENCE_ERROR)
        message: dict[str, object] = {"operation-attributes-tag": {"requesting-user-name": self._user, **operation}}
        if job:
            message["job-attributes-tag"] = dict(job)
        if document:
            message["data"] = document
        deadline_s = timeout_s + len(document) / BYTES_PER_S
        try:
            parsed = asyncio.run(self._exchange(what, message, deadline_s))
        except asyncio.CancelledError as error:
            raise DeviceError(faults.DEV_CANCELLED, completion=CompletionCode.CANCELED) from error
        except Exception as error:
            raise _named(error) from error
        return _answer(parsed)

    async def _exchange(self, what: Ask, message: dict[str, object], deadline_s: float) -> dict[str, object]:
        task = asyncio.current_task()
        assert task is not None
        self._running = (asyncio.get_running_loop(), task)
        try:
            self.interrupt.check()  # after `_running` is set: a cancel is seen here or ends the task
            # A connection of its own: one kept from before a printer's restart would break the next job.
            async with asyncio.timeout(deadline_s), IPP(self._uri, request_timeout=int(deadline_s) + 1) as printer:
                return await printer.execute(what.value, message)
        finally:
            self._running = None


_GARBAGE = (
    IPPParseError,
    IPPResponseError,
    IPPConnectionUpgradeRequired,
    aiohttp.ClientPayloadError,
    UnicodeDecodeError,
)
"""The last: pyipp reads the body of an HTTP error as text."""


def _named(error: Exception) -> Exception:
    """Whatever the library raised, as one of our faults; a fault of ours stays what it is."""
    if isinstance(error, DeviceError):
        return error
    if isinstance(error, TimeoutError) or isinstance(error.__cause__, TimeoutError):
        return DeviceError(faults.DEV_SILENT, "no answer in time", CompletionCode.TIME_OUT)
    if isinstance(error, IPPResponseError) and (status := _status_in(error)) in _HTTP_DENIED:
        return DeviceError(faults.DOC_DENIED, f"HTTP {status}", CompletionCode.COMMAND_ERROR_CODE)
    if isinstance(error, _GARBAGE):
        return DeviceError(faults.DEV_GARBLED, f"no IPP answer ({type(error).__name__})")
    if isinstance(error, IPPConnectionError):
        return _broken(error.__cause__)
    if isinstance(error, IPPError):
        return _refusal(error)
    if isinstance(error, aiohttp.ClientError | OSError):
        return _broken(error)
    return error


def _broken(cause: BaseException | None) -> DeviceError:
    """Nothing there, or there and then gone; bytes that are no HTTP are garbage, not absence."""
    if isinstance(cause, aiohttp.ClientConnectorError | socket.gaierror):
        return DeviceError(faults.DEV_NOT_FOUND, "no connection", CompletionCode.DEVICE_NOT_READY)
    if isinstance(cause, aiohttp.ClientResponseError):
        return DeviceError(faults.DEV_GARBLED, "no HTTP answer")
    return DeviceError(faults.DEV_LOST, "the connection broke", CompletionCode.DEVICE_NOT_READY)


def _refusal(error: IPPError) -> DeviceError:
    status = _status_in(error)
    # pyipp reads the status as a signed number.
    return IppRefused(status & 0xFFFF) if isinstance(status, int) else DeviceError(faults.DEV_GARBLED, str(error))


def _status_in(error: IPPError) -> int | None:
    details = error.args[1] if len(error.args) > 1 else {}
    status = details.get("status-code") if isinstance(details, dict) else None
    return status if isinstance(status, int) else None


def _answer(parsed: Mapping[str, object]) -> Answer:
    """:raises DeviceError: DEV-003 when the groups are no groups."""
    printers, jobs = parsed.get("printers"), parsed.get("jobs")
    if not isinstance(printers, list) or not isinstance(jobs, list):
        raise DeviceError(faults.DEV_GARBLED, "no attribute groups")
    # An empty group parses to an empty table; it is none.
    return Answer(printers[0] if printers else {}, tuple(job for job in jobs if job))


def texts(attributes: Attributes, name: str) -> Sequence[str]:
    """All values of an attribute as texts; none when it is missing."""
    value = attributes.get(name)
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [str(item) for item in values]


def number(attributes: Attributes, name: str) -> int | None:
    """One whole number, None when missing or something else."""
    value = attributes.get(name)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _address_in(path: Path) -> str:
    lines = path.read_text(encoding="ascii").split()
    return lines[0] if lines else ""


def _checked(uri: str) -> str:
    """:raises ValueError: no ipp or ipps address with a host."""
    parts = urlsplit(uri)
    if parts.scheme not in ("ipp", "ipps") or not parts.hostname:
        raise ValueError("port must be an ipp:// or ipps:// address, or a file that holds one")
    return uri
