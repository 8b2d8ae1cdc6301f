"""The words of technician mode: its four states, pages, events, effects and values.

Modes and their spelling are XFS4IoT's VendorMode (CEN/CWA XFS4IoT, VendorMode interface, `service` status).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, auto

from kiosk.domain.event import Event, EventKind
from kiosk.domain.technician.calibration import WHOLE_PICTURE, Calibration, CameraBox, Point


class VendorMode(StrEnum):
    ENTER_PENDING = "enterPending"
    """Asked for; a visit may still go on, and nobody has shown who they are."""
    ACTIVE = "active"
    EXIT_PENDING = "exitPending"
    """Left; a device still works for it."""
    INACTIVE = "inactive"


class Page(StrEnum):
    """What the technician sees. `NONE`: the visit has the screen."""

    NONE = auto()
    NO_STAFF = auto()
    """Nobody may come in yet: how to make the first one."""
    LOGIN = auto()
    HOME = auto()
    DEVICES = auto()
    DEVICE = auto()
    TEST = auto()
    HAND = auto()
    """A device needs a hand: lay a card, plug a headphone."""
    RESULT = auto()
    PAPER = auto()
    CALIBRATE = auto()
    TOUCH = auto()
    TOUCH_CHECK = auto()
    RULER = auto()
    LOUDNESS = auto()
    CAMERA = auto()
    HEIGHT = auto()
    LEAVING = auto()


PARENT: dict[Page, Page] = {
    Page.DEVICES: Page.HOME,
    Page.DEVICE: Page.DEVICES,
    Page.RESULT: Page.HOME,
    Page.PAPER: Page.HOME,
    Page.CALIBRATE: Page.HOME,
    Page.TOUCH: Page.CALIBRATE,
    Page.TOUCH_CHECK: Page.CALIBRATE,
    Page.RULER: Page.CALIBRATE,
    Page.LOUDNESS: Page.CALIBRATE,
    Page.CAMERA: Page.CALIBRATE,
    Page.HEIGHT: Page.CALIBRATE,
}
"""Where back leads."""
HAS_BACK = frozenset(PARENT)


class StaffDo(StrEnum):
    """Effects; each is performed by one method of `kiosk.app.technician.service`."""

    HOLD_VISIT = auto()
    LOOK_UP_STAFF = auto()
    CHECK_PIN = auto()
    BORROW = auto()
    TEST = auto()
    REPLY = auto()
    PRINT = auto()
    PLAY = auto()
    SET = auto()
    """Apply and keep `state.calibration`."""
    TRY_TOUCH = auto()
    """Apply the new touch correction, keep it only when it is confirmed."""
    DROP_TOUCH = auto()
    PATIENCE = auto()
    STOP = auto()
    GIVE_BACK = auto()


class Proof(StrEnum):
    """What is known of the test slip."""

    NONE = auto()
    BUSY = auto()
    PROVED = auto()
    UNKNOWN = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device as it is now."""

    name: str
    model: str
    well: bool
    state: str
    """XFS4IoT device state."""
    code: str = ""
    fault: str = ""
    action: str = ""
    """What kind of remedy: `drivers.faults.Action`."""
    tested: str = ""
    """Result of the last self-test: pass, fail, not-applicable, or empty."""
    tested_on: str = ""
    """ISO date."""


@dataclass(frozen=True, slots=True)
class HouseFacts:
    """Everything the home page tells. Cases only as a number, never whose."""

    devices: tuple[DeviceRow, ...] = ()
    waiting: int = 0
    """Items that have not reached the back office."""
    is_unhurried: bool | None = None
    """Nobody is asked whether she is still there; None where staff may not decide it."""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One finding of a self-test; `check` names it as docs/technician.md does."""

    device: str
    check: str
    result: str
    figure: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the login came to."""

    right: bool
    wait_s: int = 0


@dataclass(frozen=True, slots=True)
class Printed:
    proof: Proof
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Unseen:
    """Why the camera shows nothing; empty when it does."""

    code: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A value one step up or down; `name` only where a page has several."""

    by: int
    name: str = ""


class StaffEv:
    """Every event of technician mode, each with the type of its value."""

    # asked for
    ASK = EventKind[None]()
    """The gesture on the first screen, or the operator's switch."""
    BADGE = EventKind(str)
    """A staff member's card lies on the reader of the first screen: her number."""
    QUIET = EventKind[None]()
    """The visit is over and wiped, and takes nothing more."""
    # the technician's finger
    KEY = EventKind(str)
    ERASE = EventKind[None]()
    ENTER = EventKind[None]()
    OPEN = EventKind(Page)
    BACK = EventKind[None]()
    LEAVE = EventKind[None]()
    DEVICE = EventKind(str)
    PAGE = EventKind(int)
    TEST = EventKind(str)
    """Name of a device; empty for all of them."""
    REPLY = EventKind(str)
    NEXT = EventKind[None]()
    PRINT = EventKind[None]()
    PLAY = EventKind[None]()
    STEP = EventKind(Step)
    KEEP = EventKind[None]()
    UNDO = EventKind(str)
    PATIENCE = EventKind[None]()
    """Whether residents are asked if they are still there: the other way."""
    TOUCHED = EventKind[Point](tuple)
    # answers
    ROLL = EventKind(bool)
    """Whether anybody may come in."""
    CHECKED = EventKind(Checked)
    FACTS = EventKind(HouseFacts)
    ASKED = EventKind(str)
    """A self-test asks for a hand: name of the task."""
    TESTED = EventKind[tuple[CheckRow, ...]](tuple)
    PRINTED = EventKind(Printed)
    SEEN = EventKind(Unseen)
    """What is wrong with the camera's picture. The picture itself is in no event."""
    CALIBRATED = EventKind(Calibration)
    NOT_KEPT = EventKind[None]()
    IDLE = EventKind[None]()
    UNSURE = EventKind[None]()
    """The new touch correction was not confirmed in time."""
    FREE = EventKind[None]()
    """No device works for technician mode any more."""


class StaffEvent(Event):
    """An event of technician mode: no visit knows it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class VendorState:
    mode: VendorMode = VendorMode.INACTIVE
    page: Page = Page.NONE
    has_camera: bool = False
    # login
    staff: str = ""
    """Number of who is in."""
    number: str = ""
    number_done: bool = False
    pin: str = field(default="", repr=False)
    checking: bool = False
    wrong: bool = False
    wait_s: int = 0
    # what is known
    facts: HouseFacts = HouseFacts()
    calibration: Calibration = field(default_factory=Calibration)
    screen_inch: float = 21.5
    """What the screen is drawn for now."""
    factory_inch: float = 21.5
    factory_mount_mm: int = 1250
    factory_box: CameraBox = WHOLE_PICTURE
    """What devices.toml says of the camera's box."""
    # where
    device: str = ""
    list_page: int = 0
    testing: tuple[str, ...] = ()
    task: str = ""
    report: tuple[CheckRow, ...] = ()
    guide_step: int = 0
    proof: Proof = Proof.NONE
    print_fault: str = ""
    draft: int = 0
    """The value that is being set: millimetres, decibels."""
    entry: str = ""
    """Digits typed on a page with a pad."""
    edge: str = "left"
    unseen: Unseen = Unseen()
    touched: tuple[Point, ...] = ()
    note: str = ""
    """Text key of a short reason."""
