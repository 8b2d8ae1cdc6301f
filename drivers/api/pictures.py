"""Document scanners and the reading of an identity card's printed face."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, runtime_checkable

from drivers import faults
from drivers.api.device import Device


class CaptureHint(StrEnum):
    """Why what lies under the camera cannot be taken yet; each one has a sentence for the resident."""

    NO_PAGE = "no_page"
    BLURRED = "blurred"
    GLARE = "glare"
    TOO_DARK = "too_dark"
    CUT_OFF = "cut_off"
    HOLD_STILL = "hold_still"
    OTHER_SIDE = "other_side"
    """The other side of the card is wanted."""
    UNREADABLE = "unreadable"
    """The picture is good, but too little of its text could be read."""
    NUMBER_WRONG = "number_wrong"
    """A number was read that is none: its check digit, region or birth date is wrong."""
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    TOO_FAR = "too_far"


_PICTURE_FAULTS: Mapping[CaptureHint, faults.Fault] = {
    CaptureHint.NO_PAGE: faults.PIC_NO_PAGE,
    CaptureHint.BLURRED: faults.PIC_BLURRED,
    CaptureHint.GLARE: faults.PIC_GLARE,
    CaptureHint.TOO_DARK: faults.PIC_TOO_DARK,
    CaptureHint.CUT_OFF: faults.PIC_CUT_OFF,
    CaptureHint.HOLD_STILL: faults.PIC_MOVED,
    CaptureHint.OTHER_SIDE: faults.FAC_OTHER_SIDE,
    CaptureHint.UNREADABLE: faults.FAC_UNREADABLE,
    CaptureHint.NUMBER_WRONG: faults.FAC_NUMBER_WRONG,
}
PAGE_FAULT_OF_HINT: Mapping[CaptureHint, faults.Fault] = _PICTURE_FAULTS
"""What is said of a hint while a page is wanted: the words `fault.<name>` of this row."""
FACE_FAULT_OF_HINT: Mapping[CaptureHint, faults.Fault] = {
    **_PICTURE_FAULTS,
    CaptureHint.NO_PAGE: faults.FAC_ABSENT,
}
"""The same while an identity card is wanted."""
PORTRAIT_FAULT_OF_HINT: Mapping[CaptureHint, faults.Fault] = {
    CaptureHint.NO_FACE: faults.POR_ABSENT,
    CaptureHint.SEVERAL_FACES: faults.POR_SEVERAL,
    CaptureHint.TOO_FAR: faults.POR_FAR,
    CaptureHint.TOO_DARK: faults.POR_DARK,
    CaptureHint.BLURRED: faults.POR_BLURRED,
    CaptureHint.HOLD_STILL: faults.POR_MOVED,
}
"""The same while somebody's own face is wanted."""

OnHint = Callable[[CaptureHint], None]
"""Called from the thread that captures, only when the hint is another one than before."""


@dataclass(frozen=True, slots=True, repr=False)
class PageImage:
    """One captured page, as JPEG. Personal data: the repr shows sizes only."""

    jpeg: bytes
    """The page alone: straightened, evenly lit, in colour (a red stamp is evidence)."""
    full_jpeg: bytes
    """The whole frame as the camera gave it: straightening may cut a margin."""
    width_px: int
    height_px: int
    sharpness: float
    """Ratio of fine to coarse detail on the strokes; 0 where the device cannot tell."""

    def __repr__(self) -> str:
        return f"PageImage({self.width_px}x{self.height_px} px, ***)"


class DocumentScanner(Device, Protocol):
    """XFS4IoT has no class of its own for flat documents; the nearest is Scanner of its media."""

    def capture(self, timeout_s: float, *, on_hint: OnHint | None = None) -> PageImage:
        """Wait for a page that lies still, whole and sharp, and take it.

        :raises DeviceError: PIC-001…006 of the last hint at the time-out, or what the line says.
        """


@dataclass(frozen=True, slots=True, repr=False)
class Portrait:
    """Head and shoulders of whoever stands before the camera, as JPEG, and nothing of the room around them.

    Personal data: the repr shows sizes only.
    """

    jpeg: bytes
    width_px: int
    height_px: int
    sharpness: float
    """As of a page, on the face."""

    def __repr__(self) -> str:
        return f"Portrait({self.width_px}x{self.height_px} px, ***)"


class PortraitCamera(Device, Protocol):
    """Takes a picture of one face. It compares it with nothing: whose it is, is for the office to say."""

    def capture(self, timeout_s: float, *, on_hint: OnHint | None = None) -> Portrait:
        """Wait for one face that is near, still, lit and sharp, and take it. Nobody has to blink or to nod.

        :raises DeviceError: POR-001…006 of the last hint at the time-out, or what the line says.
        """


@dataclass(frozen=True, slots=True, repr=False)
class IdFace:
    """What is printed on the front of a resident's card, read by eye. Nothing here may be logged.

    It is never as good as the chip: every field is shown to the resident, and `uncertain` ones are asked for aloud.
    """

    name: str
    sex: str
    """GB/T 2261.1: 1 male, 2 female; derived from the number."""
    nation: str
    """GB/T 3304 two digits; empty when it could not be read."""
    birth: date
    """Derived from the number."""
    address: str
    number: str
    """Always passes GB 11643 (MOD 11-2), with a plausible region and birth date."""
    uncertain: tuple[str, ...] = ()
    """Names of fields that were corrected, are missing, or that two pictures showed differently."""
    source: str = "ocr"

    def __repr__(self) -> str:
        return f"IdFace({self.source}, ***)"


@dataclass(frozen=True, slots=True, repr=False)
class IdBack:
    """What is printed on the back of a resident's card. Nothing here may be logged."""

    issuer: str
    valid_from: date
    valid_until: date | None
    """None for 长期."""
    uncertain: tuple[str, ...] = ()
    source: str = "ocr"

    def __repr__(self) -> str:
        return f"IdBack({self.source}, ***)"


class IdFaceReader(Device, Protocol):
    """Reads the printed card when its chip is dead."""

    def wait_face(self, timeout_s: float) -> bool:
        """Wait until something shaped like a card lies there; False when nothing came. :raises DeviceError:"""

    def read(self, timeout_s: float, *, on_hint: OnHint | None = None) -> IdFace:
        """Read the front; two pictures must agree on the number and the name.

        :raises DeviceError: FAC-001…004 or PIC-002…006 of the last hint at the time-out, FAC-005 without the
            reading engine, or what the line says.
        """

    def read_back(self, timeout_s: float, *, on_hint: OnHint | None = None) -> IdBack:
        """Read the other side: who issued it and how long it holds. :raises DeviceError: as `read`."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class CameraPicture:
    """What a camera sees now, small. It may show somebody's card: never logged, kept nowhere; the repr shows sizes."""

    width_px: int
    height_px: int
    rgb: bytes
    """Rows from the top, three bytes a pixel."""
    fault: faults.Fault | None = None
    """What is wrong with what it shows: CAM-002 black, CAM-003 white."""

    def __repr__(self) -> str:
        return f"CameraPicture({self.width_px}x{self.height_px} px, ***)"


@runtime_checkable
class Framed(Device, Protocol):
    """What every driver with a camera can do besides: show its picture, and look only at a part of it."""

    def frame(self, box: Sequence[float] | None) -> None:
        """Look at this part only, from the next command on: left, top, right, bottom, each from 0 to 1.

        None: at the part that devices.toml names. May come from any thread, open or not. :raises ValueError: no box.
        """

    def look(self, timeout_s: float) -> CameraPicture:
        """The whole picture as it is now, whatever the box is.

        :raises DeviceError: DEV-001…004, CAM-001, CAM-004, CAM-005; DEV-002 when none came in time; CANCELED.
        """
