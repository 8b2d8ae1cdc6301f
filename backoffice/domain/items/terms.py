"""On what terms an item is served: who may come for somebody, what it costs, who helps when it cannot be done here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DeputyWho(StrEnum):
    AUTHORISED = "authorised"
    """Anybody with a written authority."""
    HOUSEHOLD = "household"
    """Who lives with the person, by the household register."""
    KIN = "kin"
    """Spouse, parent, child: the kinship is verified."""
    GUARDIAN = "guardian"
    AGENT = "agent"
    """The village's 代办员, with a log-in of his own."""
    VILLAGE = "village"
    """The village files it."""
    VISIT = "visit"
    """Nobody in the person's place: the grid worker comes to the house."""
    ANYONE = "anyone"
    """Whoever pays, or holds the slip."""


class DeputyPromise(StrEnum):
    """Whether a deputy may promise in the person's name; without authority nobody ever may."""

    NEVER = "never"
    WITH_AUTHORITY = "with_authority"


AUTHORITY = frozenset((DeputyWho.AUTHORISED, DeputyWho.GUARDIAN))
"""Who can hold the authority to promise for somebody."""


@dataclass(frozen=True, slots=True)
class Deputy:
    who: tuple[DeputyWho, ...]
    """Empty: nobody, the person comes alone."""
    promise: DeputyPromise
    text: str
    """As published."""

    @property
    def allowed(self) -> bool:
        """True when somebody may come in the person's place."""
        return any(one is not DeputyWho.VISIT for one in self.who)


class ExpertNeed(StrEnum):
    """Whether an expert looks at a case between its review and its decision (技术审查)."""

    NONE = "none"
    POSSIBLE = "possible"
    """Where the reviewer needs an opinion."""
    REQUIRED = "required"
    """Nobody decides without it."""


@dataclass(frozen=True, slots=True)
class TechnicalReview:
    need: ExpertNeed = ExpertNeed.NONE
    what: str = ""
    """What is looked at, as the guide says it."""
    basis: str = ""
    """The law that asks for it: an expert whom no law names would be one hurdle more."""


NO_TECHNICAL_REVIEW = TechnicalReview()


class FeeKind(StrEnum):
    FREE = "free"
    FIXED = "fixed"
    BY_BILL = "by_bill"
    """What a register says is due."""
    STATED = "stated"
    """Published in words only; the window tells it."""


@dataclass(frozen=True, slots=True)
class Fee:
    kind: FeeKind
    text: str
    """As published."""
    amount_fen: int = 0
    """Of a fixed fee."""
    register: str = ""
    """Of a bill: the look-up that knows it."""


class PlaceKind(StrEnum):
    """Where a human serves an item."""

    VILLAGE_DESK = "village_desk"
    TOWN_DESK = "town_desk"
    DISTRICT_HALL = "district_hall"
    DEPARTMENT_WINDOW = "department_window"
    POLICE_STATION = "police_station"
    BANK_BRANCH = "bank_branch"
    HOSPITAL = "hospital"
    SPECIAL_MACHINE = "special_machine"
    HOME_VISIT = "home_visit"


@dataclass(frozen=True, slots=True)
class Fallback:
    """The human way, where the machine's ends."""

    where: PlaceKind
    text: str
    """As published; empty where nothing beyond the place is."""


@dataclass(frozen=True, slots=True)
class Guide:
    """Of an item that no terminal carries: where to go, and by whose hours."""

    place: PlaceKind
    hours: str
    """A post of `service_hours.toml`."""
