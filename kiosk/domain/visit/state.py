"""The values of events, and the state that the machine in `visit` moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum, auto

from kiosk.domain.aid.state import NO_AID, Aid, CallStage
from kiosk.domain.bring.state import NO_BRINGING, Bringing
from kiosk.domain.deputy.state import NO_DEPUTY, NOT_TYPED, Deputy, Typed
from kiosk.domain.drafts.state import NO_DRAFT, Drafts
from kiosk.domain.ear.state import Ear
from kiosk.domain.money.state import Appointment, Money, Payment
from kiosk.domain.papers.state import Papers
from kiosk.domain.questions.state import Asking
from kiosk.domain.sheets.state import NO_SHEETS, Sheets
from kiosk.domain.site.state import Nearest
from kiosk.domain.slip.state import NO_SLIP, SlipShown
from kiosk.domain.speech import RATE_DEFAULT, RATES, VOLUME_DEFAULT, VOLUME_STEPS, Arg, Lang, Line
from kiosk.domain.visit.plan import Action, Facts
from kiosk.domain.visit.readiness import EVERYTHING, Capabilities
from kiosk.domain.visit.words import OVER_ALL, Outcome, Overlay, Step


class Printing(StrEnum):
    """What is known about the slip."""

    NONE = auto()
    BUSY = auto()
    PROVED = auto()
    UNKNOWN = auto()
    FAILED = auto()


class CardPlace(StrEnum):
    """Where a card lies; the values are the devices' tables."""

    ID_CARD = "id_card"
    CHIP_CARD = "chip_card"
    ID_FACE = "id_face"


PLACE_OF_SOURCE: Mapping[str, CardPlace] = {
    "chip": CardPlace.ID_CARD,
    "social_card": CardPlace.CHIP_CARD,
    "ocr": CardPlace.ID_FACE,
}
"""`Resident.source` -> where her card was read."""


@dataclass(frozen=True, slots=True)
class LeftCard:
    """Value of Ev.CARD_LEFT. Says where, never whose."""

    place: CardPlace
    reminder: int = 1
    """Which reminder this is."""
    is_overdue: bool = False
    """True once: now the clerk is told."""


class DecisionKind(StrEnum):
    APPROVED = auto()
    NOTICE = auto()
    """Something is missing: never a bare refusal."""
    PENDING = auto()
    """A human decides."""
    DONE = auto()
    """Looked up, printed, paid, booked or told: nothing was left to decide."""


SlipFigure = tuple[str, Arg]
"""Text key of what it is, and a value that stands on the paper."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The back office's answer, in text keys."""

    kind: DecisionKind
    reasons: tuple[Line, ...] = ()
    next_step: Line | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    visit_token: str = ""
    query_code: str = ""

    @property
    def repeats(self) -> str:
        """The number of the case that says the same already; empty = this is no repeat."""
        return self.facts.get("repeats", "")


@dataclass(frozen=True, slots=True, repr=False)
class Resident:
    """Who stands here; taken from the card, shown masked, gone with the visit."""

    document: str
    name: str
    number: str
    sex: str
    birth: str
    """ISO 8601 date."""
    address: str
    valid_until: str = ""
    """ISO 8601 date, empty for 长期."""
    source: str = "chip"
    """How it came in: chip, social_card or ocr (a key of PLACE_OF_SOURCE), or `witness` and who it was."""
    uncertain: tuple[str, ...] = ()
    """Fields that were read by eye and not surely."""

    def __repr__(self) -> str:
        return "Resident(***)"


@dataclass(frozen=True, slots=True)
class Access:
    """Access mode; reset to the default at the end of every visit."""

    size: int = 0
    """Index into the theme's text sizes, 0 = 标准."""
    theme: str = "day"
    rate_percent: int = RATE_DEFAULT
    """One of RATES."""
    volume_step: int = VOLUME_DEFAULT
    """1 to VOLUME_STEPS."""
    voice: bool = True
    slow: bool = False
    """Longer pauses, a longer wait before anybody is asked, nothing that moves."""
    low_reach: bool = False
    """Everything that can be touched stands where it is reached from a wheelchair."""
    explore: bool = False
    """The first touch names, the second takes."""
    screen_off: bool = False
    """Heard only: the screen is black and alive."""

    def faster(self, steps: int) -> Access:
        """So many steps faster, slower when negative; the ends of the scale hold."""
        return replace(self, rate_percent=RATES[_held(RATES.index(self.rate_percent) + steps, 0, len(RATES) - 1)])

    def louder(self, steps: int) -> Access:
        """So many steps louder, softer when negative; the upper end holds, below the first step nothing is said."""
        at = _held(self.volume + steps, 0, VOLUME_STEPS)
        return replace(self, voice=at > 0, volume_step=max(at, 1))

    @property
    def volume(self) -> int:
        """The step that is heard, 0 for none."""
        return self.volume_step if self.voice else 0


def _held(number: int, low: int, high: int) -> int:
    return min(max(number, low), high)


@dataclass(frozen=True, slots=True)
class VisitState:
    step: Step = Step.WELCOME
    overlay: Overlay = Overlay.NONE
    under: Overlay = Overlay.NONE
    """What help, the settings and the warning lie over; it counts only while one of them is shown."""
    lang: Lang = Lang.NAN
    access: Access = Access()
    case_no: str = ""
    item_id: str = ""
    item_version: int = 0
    consent_version: str = ""
    category: str = ""
    page: int = 0
    resident: Resident | None = None
    card_seen: bool = False
    card_fault: str = ""
    chip_failures: int = 0
    """How often a card was laid down whose chip could not be read."""
    reads_face: bool = False
    """True while the printed card is read by eye."""
    left: LeftCard | None = None
    slip_left: bool = False
    """At the end: she went without her slip. At the beginning: the one before did."""
    capabilities: Capabilities = EVERYTHING
    """Frozen when the visit begins; only withdrawn from afterwards."""
    known: Facts = field(default_factory=dict)
    offline: bool = False
    plan: tuple[Action, ...] = ()
    index: int = 0
    today: str = ""
    """ISO 8601 date of this visit's plan."""
    answers: Mapping[str, str] = field(default_factory=dict)
    papers: Papers = field(default_factory=Papers)
    """In the contract's text forms; empty where an optional question was passed over."""
    asking: Asking = field(default_factory=Asking)
    stored: bool = False
    decision: Decision | None = None
    printing: Printing = Printing.NONE
    print_fault: str = ""
    slip_figures: tuple[SlipFigure, ...] = ()
    """Of the last slip."""
    copies: int = 0
    on_sheet: bool = False
    """True when the slip came out of the document printer."""
    calls: int = 0
    """How often help was called in this visit; tells a late word of an earlier call from one of the last."""
    call_stage: CallStage = CallStage.NONE
    call_answer: Line | None = None
    progress: Line | None = None
    ear: Ear = field(default_factory=Ear)
    nearest: Nearest | None = None
    """Where else the chosen item can be done; None while nobody has said."""
    note: str = ""
    """Text key of a short spoken reason, e.g. why there is no way back now."""
    money: Money = field(default_factory=Money)
    sheets: Sheets = NO_SHEETS
    """What is looked up, printed, explained and due."""
    cause: Outcome | None = None
    """Set when the visit is left, idle or failed before its natural end."""
    aid: Aid = NO_AID
    deputy: Deputy = NO_DEPUTY
    """Who comes for somebody else; `resident` is always whose matter it is."""
    typed: Typed = NOT_TYPED
    slip: SlipShown = NO_SLIP
    """The slip whose code was shown."""
    bring: Bringing = NO_BRINGING
    """What was missing from the case on that slip."""
    drafts: Drafts = NO_DRAFT
    """What she left in the middle, here or at an earlier visit."""

    @property
    def layer(self) -> Overlay:
        """What lies over the step, seen without help, the settings and the warning."""
        return self.under if self.overlay in OVER_ALL else self.overlay

    @property
    def action(self) -> Action | None:
        return self.plan[self.index] if self.index < len(self.plan) else None

    @property
    def outcome(self) -> Outcome:
        """What this visit is worth if it ended now: a stored case outranks how the person left."""
        if self.decision is not None:
            return Outcome.REFUSED if self.decision.kind is DecisionKind.NOTICE else Outcome.FINISHED
        if self.stored:
            return Outcome.SAVED
        return self.cause or Outcome.CANCELLED


@dataclass(frozen=True, slots=True)
class Chosen:
    """Value of Ev.CHOSEN: the item with the versions that are pinned on the visit."""

    item_id: str
    version: int
    consent_version: str
    transact: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """Value of Ev.PREPARED; `item_id` tells an answer that comes late from the one that is waited for."""

    item_id: str
    plan: tuple[Action, ...]
    known: Facts
    offline: bool
    today: str = ""
    """ISO 8601 date: what answers about days are held against."""


@dataclass(frozen=True, slots=True)
class Printed:
    """Value of Ev.PRINTED."""

    printing: Printing
    fault: str = ""
    on_sheet: bool = False
    """True: on a sheet of the document printer, since the slip printer could not be used."""
    figures: tuple[SlipFigure, ...] = ()
    """Of the slip, for whoever hears it instead of reading it."""


@dataclass(frozen=True, slots=True)
class PaymentTold:
    """Value of Ev.PAYMENT."""

    payment: Payment
    decision: Decision | None = None
    """Of the payment's case, once it is booked."""
    has_case: bool = True
    """False while the back office was not heard to have the case."""


@dataclass(frozen=True, slots=True)
class AppointmentTold:
    """Value of Ev.BOOKED."""

    appointment: Appointment
    tries: int = 0
    decision: Decision | None = None
    """Of the case that a new appointment opens."""
