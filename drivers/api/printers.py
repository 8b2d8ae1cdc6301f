"""Printers: rows of a slip, documents, and what was proved of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from drivers.api.device import Device, PaperSupply
from drivers.faults import Fault


@dataclass(frozen=True, slots=True)
class TextRow:
    """One line of large or normal print; wrapped by the driver, never cut."""

    text: str
    scale: int = 1
    """1 = 24 dots high, 2 = 48, 3 = 72."""
    bold: bool = False
    align: str = "left"
    """left, center or right."""


@dataclass(frozen=True, slots=True)
class PairRow:
    """A label at the left, a value at the right of the same line."""

    label: str
    value: str
    scale: int = 2
    """Largest size of the value, as in TextRow; smaller when it does not fit beside its label."""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A dashed line over the paper's width."""


@dataclass(frozen=True, slots=True)
class BoxRow:
    """Lines of text in a drawn box: what to do next."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QrRow:
    """A QR code, error correction M, centred."""

    data: str
    module_dots: int = 6


@dataclass(frozen=True, slots=True)
class FeedRow:
    dots: int


ReceiptRow = TextRow | PairRow | RuleRow | BoxRow | QrRow | FeedRow


class PrintProof(StrEnum):
    """What the device proved about a page. Only PROVED may be told to a resident as printed."""

    PROVED = "proved"
    UNKNOWN = "unknown"
    NOT_PRINTED = "notPrinted"


@dataclass(frozen=True, slots=True)
class PrintResult:
    proof: PrintProof
    fault: Fault | None = None
    paper: PaperSupply = PaperSupply.UNKNOWN


class ReceiptPrinter(Device, Protocol):
    """XFS4IoT Printer, class receipt."""

    def print_receipt(self, rows: Sequence[ReceiptRow], *, copy_no: int = 1) -> PrintResult:
        """Print and cut one slip and wait for the device's proof. :raises DeviceError: before any byte was sent."""


@dataclass(frozen=True, slots=True)
class SlipsLeft:
    """How many slips of the longest kind the roll still holds: at least `least`, at most `most`."""

    least: int
    most: int


@runtime_checkable
class PaperForecast(Protocol):
    """A receipt printer that counts the paper it used since its near-end sensor switched."""

    def slips_left(self) -> SlipsLeft | None:
        """From the readings so far; asks nothing. None while the sensor says nothing."""


class MediaSize(StrEnum):
    """PWG 5101.1 self-describing names of the paper sizes that are used."""

    A4 = "iso_a4_210x297mm"
    A5 = "iso_a5_148x210mm"


@dataclass(frozen=True, slots=True)
class DocumentResult:
    """How a document ended. PROVED only when the printer finished the job and counted every page."""

    proof: PrintProof
    pages: int
    """Pages that the printer counted as done; with NOT_PRINTED these lie there as an incomplete piece."""
    fault: Fault | None = None
    paper: PaperSupply = PaperSupply.UNKNOWN


class DocumentPrinter(Device, Protocol):
    """XFS4IoT Printer, class document (PrintNative). `reset` leaves no unfinished document behind."""

    def print_document(
        self,
        pdf: bytes,
        job_name: str,
        media: MediaSize = MediaSize.A4,
        *,
        on_held: Callable[[Fault], None] | None = None,
        on_page: Callable[[int], None] | None = None,
    ) -> DocumentResult:
        """Print one document one-sided and wait for the printer's proof.

        :param job_name: what the printer's panel may show: a case number, never a name.
        :param on_held: told each time the printer begins to wait for a hand (paper, cover).
        :param on_page: told how many pages are done, each time one is counted and when a hand has freed it.
        :raises DeviceError: before anything was sent; or CANCELED, after which `reset` removes the rest.
        """
