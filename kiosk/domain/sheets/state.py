"""What a visit knows of registers' answers, of a certificate on its way to paper, of where to go, and of dues."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum, auto

from kiosk.domain.speech import ArgKind, Line


class Trouble(StrEnum):
    """Why there is no answer; the words are `trouble.<value>`."""

    OFFLINE = auto()
    """Nobody can be reached."""
    SILENT = auto()
    """A register does not answer; later it may."""
    REFUSED = auto()
    """A rule says no, with its reasons."""
    BROKEN = auto()
    """The back office could not do it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Value of Ev.NOT_ANSWERED."""

    trouble: Trouble
    reasons: tuple[Line, ...] = ()
    next_step: Line | None = None

    @property
    def may_be_repeated(self) -> bool:
        return self.trouble is not Trouble.REFUSED


@dataclass(frozen=True, slots=True)
class Register:
    """One register's part in an answer: how old its data are, or that it said nothing."""

    code: str
    """L01 to L33; the name is `register.<code>`."""
    is_fresh: bool
    line: Line


@dataclass(frozen=True, slots=True)
class Told:
    """What registers say about the person who stands here; for her eyes alone."""

    item_id: str
    rows: tuple[Line, ...] = ()
    registers: tuple[Register, ...] = ()
    next_step: Line | None = None

    @property
    def figure(self) -> Line | None:
        """The one that is asked for first: money where there is some."""
        with_money = (row for row in self.rows if any(arg.kind is ArgKind.MONEY for arg in row.args.values()))
        return next(with_money, self.rows[0] if self.rows else None)

    @property
    def rest(self) -> tuple[Line, ...]:
        figure = self.figure
        return tuple(row for row in self.rows if row is not figure)


class PaperStage(StrEnum):
    """What is known of a certificate's sheets."""

    MAKING = auto()
    PRINTING = auto()
    HELD = auto()
    """The printer waits for a hand, and goes on by itself after it."""
    PROVED = auto()
    UNKNOWN = auto()
    """Nobody knows what lies in the tray."""
    FAILED = auto()
    """It ended before the last sheet."""

    @property
    def is_under_way(self) -> bool:
        return self in (PaperStage.MAKING, PaperStage.PRINTING, PaperStage.HELD)


@dataclass(frozen=True, slots=True)
class Printout:
    """Value of Ev.PAPER: a certificate on its way to paper."""

    stage: PaperStage = PaperStage.MAKING
    sheets: int = 0
    """Of the whole document; 0 while it is not here yet."""
    done: int = 0
    """Sheets that the printer has proved."""
    fault: str = ""
    """Name of the device fault that keeps or ended it."""


@dataclass(frozen=True, slots=True)
class Point:
    """Somewhere to go."""

    name: str
    address: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Directions:
    """Value of Ev.DIRECTIONS: how an item is served today, beyond what the catalogue says."""

    item_id: str
    place: str
    """Kind of place; its name is `place.<value>`."""
    where: Point
    department: str = ""
    is_open: bool = False
    opens_at: str = ""
    """ISO 8601 with offset; empty while it is open, or when nobody knows."""


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that somebody is entitled to and has not asked for."""

    item_id: str
    reason: Line


@dataclass(frozen=True, slots=True)
class Dues:
    """Value of Ev.DUES."""

    dues: tuple[Due, ...] = ()


class After(StrEnum):
    """What is wanted once the guidance is kept."""

    PAPER = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Sheets:
    """Field `sheets` of the visit's state."""

    told: Told | None = None
    refusal: Refusal | None = None
    page: int = 0
    paper: Printout | None = None
    copies: int = 0
    """How often a whole certificate was asked for."""
    is_partly_left: bool = False
    """The rest of a certificate is wanted another day: a slip says with which number."""
    way: Directions | None = None
    after: After | None = None
    is_guided: bool = False
    """She was told the way, and that is kept: it has the visit's number."""
    dues: tuple[Due, ...] = ()

    def anew(self) -> Sheets:
        """For another item of the same visit: what she is due stays."""
        return Sheets(dues=self.dues)

    def with_paper(self, paper: Printout) -> Sheets:
        return replace(self, paper=paper)


NO_SHEETS = Sheets()
