"""What a device is, to anyone who uses one: states, results, errors and small protocols.

Names and values follow XFS4IoT (CEN/CWA XFS4IoT, Common.Status and the class interfaces); the
spelling of its values is kept so that logs read like the standard.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol, runtime_checkable

from drivers.faults import Fault


class DeviceState(StrEnum):
    """XFS4IoT Common.Status `device` (the two fraud values are not used)."""

    ONLINE = "online"
    OFFLINE = "offline"
    POWER_OFF = "powerOff"
    NO_DEVICE = "noDevice"
    HARDWARE_ERROR = "hardwareError"
    USER_ERROR = "userError"
    DEVICE_BUSY = "deviceBusy"
    STARTING = "starting"


class MediaState(StrEnum):
    """XFS4IoT CardReader and Printer `media`."""

    UNKNOWN = "unknown"
    PRESENT = "present"
    NOT_PRESENT = "notPresent"
    JAMMED = "jammed"
    ENTERING = "entering"
    LATCHED = "latched"


class PaperSupply(StrEnum):
    """XFS4IoT Printer `paperSupply`. A printer that does not answer is UNKNOWN, never FULL."""

    UNKNOWN = "unknown"
    FULL = "full"
    LOW = "low"
    OUT = "out"
    JAMMED = "jammed"


class CompletionCode(StrEnum):
    """XFS4IoT completion codes."""

    SUCCESS = "success"
    CANCELED = "canceled"
    DEVICE_NOT_READY = "deviceNotReady"
    HARDWARE_ERROR = "hardwareError"
    INTERNAL_ERROR = "internalError"
    INVALID_DATA = "invalidData"
    TIME_OUT = "timeOut"
    UNSUPPORTED_COMMAND = "unsupportedCommand"
    UNSUPPORTED_DATA = "unsupportedData"
    USER_ERROR = "userError"
    SEQUENCE_ERROR = "sequenceError"
    COMMAND_ERROR_CODE = "commandErrorCode"


class DeviceError(Exception):
    """A device could not do what was asked; `fault` says why, `completion` how it ended.

    The original exception is kept as `__cause__`. The text carries no personal data.
    """

    def __init__(self, fault: Fault, detail: str = "", completion: CompletionCode = CompletionCode.HARDWARE_ERROR):
        super().__init__(f"{fault.code} {fault.name}: {detail}" if detail else f"{fault.code} {fault.name}")
        self.fault = fault
        self.detail = detail
        self.completion = completion


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """One reading of a device's state; what a device cannot know stays UNKNOWN or None."""

    state: DeviceState
    media: MediaState = MediaState.UNKNOWN
    paper: PaperSupply = PaperSupply.UNKNOWN
    cover_open: bool | None = None
    faults: frozenset[str] = frozenset()
    """Codes of the faults that hold now, e.g. `PRN-002`."""


@runtime_checkable
class Device(Protocol):
    """What every driver can do. `cancel` and `close` may come from another thread."""

    def open(self) -> None:
        """Open the port and prove that the expected device answers. :raises DeviceError:"""

    def status(self) -> DeviceStatus:
        """Ask the device; never raises for a lost device, that is a state."""

    def cancel(self) -> None:
        """End the running command within 100 ms; it raises DeviceError with CANCELED.

        A cancel while none runs does nothing: it does not concern the next command.
        """

    def reset(self) -> None:
        """Bring the device back to a known state. :raises DeviceError:"""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class DeviceIdentity:
    """What a device says about itself, for technicians; empty where it cannot say."""

    product: str = ""
    firmware: str = ""
    serial: str = ""


@runtime_checkable
class Identified(Protocol):
    """A device that can be asked who it is."""

    def identity(self) -> DeviceIdentity:
        """:raises DeviceError: when it does not answer."""


class IdDocument(StrEnum):
    """The four text layouts on the chip, by the marker at byte 248 (GA/T 467 text block)."""

    RESIDENT = "resident"
    HMT = "hmt"
    FOREIGNER_2017 = "foreigner_2017"
    FOREIGNER_2023 = "foreigner_2023"


@dataclass(frozen=True, slots=True, repr=False)
class IdCard:
    """What the chip says. The repr shows no content; nothing here may be logged."""

    document: IdDocument
    name: str
    sex: str
    """GB/T 2261.1: 0 unknown, 1 male, 2 female, 9 not stated."""
    nation: str
    """GB/T 3304 two digits for residents, otherwise empty."""
    birth: date
    address: str
    number: str
    issuer: str
    valid_from: date
    valid_until: date | None
    """None for 长期."""
    extras: Mapping[str, str] = field(default_factory=dict)
    """pass_number, issues, nationality, english_name … as the layout has them."""
    photo_wlt: bytes = b""
    new_address: str = ""
    fingerprints: bytes = b""
    """Templates of 512 bytes each, as the chip has them; nothing here looks into them. Empty unless asked for."""

    def __repr__(self) -> str:
        return f"IdCard({self.document.value}, ***)"


class IdCardReader(Device, Protocol):
    """XFS4IoT CardReader for contactless identity cards."""

    def wait_card(self, timeout_s: float) -> bool:
        """Poll until a card lies on the reader; False when none came. :raises DeviceError:"""

    def read(self, timeout_s: float) -> IdCard:
        """Find, select and read the card that lies there. :raises DeviceError:"""

    def wait_removed(self, timeout_s: float) -> bool:
        """Poll until no card answers; False when it still lies there. :raises DeviceError:"""


class HolderLock(StrEnum):
    """Whether a chip card shows its holder. A kiosk never asks for a card's PIN and never tries one."""

    OPEN = "open"
    NEEDS_PIN_OR_MODULE = "needsPinOrModule"
    PIN_BLOCKED = "pinBlocked"


@dataclass(frozen=True, slots=True, repr=False)
class SocialHolder:
    """Whose card it is (EF06). The repr shows no content."""

    name: str
    number: str
    """Social security number; a resident's is the citizen number with its check digit."""
    sex: str = ""
    """GB/T 2261.1; empty where the card says nothing."""
    nation: str = ""
    birthplace: str = ""
    birth: date | None = None

    def __repr__(self) -> str:
        return "SocialHolder(***)"


@dataclass(frozen=True, slots=True, repr=False)
class SocialCard:
    """What a social security card says (EF05, and EF06 where it is open). Nothing here may be logged."""

    card_number: str
    region: str
    """Six digits: the pooling region that issued it, e.g. 350200."""
    identifier: str
    category: str
    version: str
    issuer: str
    issued_on: date | None
    valid_until: date | None
    """None where the card names no end."""
    holder: SocialHolder | None
    """None when `lock` is not OPEN."""
    lock: HolderLock = HolderLock.OPEN

    def __repr__(self) -> str:
        return f"SocialCard({self.lock.value}, ***)"


class ChipCardReader(Device, Protocol):
    """XFS4IoT CardReader with a chip (ChipIO, ChipPower), for social security cards."""

    def wait_card(self, timeout_s: float) -> bool:
        """Wait until a card is in the slot; False when none came. :raises DeviceError:"""

    def read(self, timeout_s: float) -> SocialCard:
        """Power the card in the slot, read it, and switch it off. :raises DeviceError:"""

    def wait_removed(self, timeout_s: float) -> bool:
        """Wait until the slot is empty; False when the card is still in it. :raises DeviceError:"""


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
    ) -> DocumentResult:
        """Print one document one-sided and wait for the printer's proof.

        :param job_name: what the printer's panel may show: a case number, never a name.
        :param on_held: told each time the printer begins to wait for a hand (paper, cover).
        :raises DeviceError: before anything was sent; or CANCELED, after which `reset` removes the rest.
        """


@dataclass(frozen=True, slots=True, repr=False)
class ScannedCode:
    """One code. The payload is never logged and never reaches a widget unparsed."""

    symbology: str
    text: str
    raw: bytes

    def __repr__(self) -> str:
        return f"ScannedCode({self.symbology}, {len(self.raw)} bytes)"


class CodeScanner(Device, Protocol):
    """XFS4IoT BarcodeReader."""

    def read(self, timeout_s: float) -> ScannedCode | None:
        """Wait for one code; None when none was shown. :raises DeviceError:"""


class HeadphoneSensor(Device, Protocol):
    """XFS4IoT Auxiliaries enhancedAudioSensor: is a headphone plugged in?"""

    def wait_change(self, timeout_s: float) -> bool | None:
        """True plugged, False unplugged, None when nothing changed. :raises DeviceError:"""


DeviceFactory = Callable[[Mapping[str, object]], Device]
"""Every `drivers/<class>/<model>.py` exposes `DRIVER: DeviceFactory`; the mapping is its devices.toml table."""

CancelFlag = threading.Event
