"""How an item is decided at once: by which rules, after asking whom about whom, and what it brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backoffice.domain.facts.derive import APPLICANT
from backoffice.domain.rules import Rule


@dataclass(frozen=True, slots=True)
class Band:
    from_age: int
    amount_fen: int
    """Per month."""


@dataclass(frozen=True, slots=True)
class Benefit:
    """A sum that is paid every month, by age."""

    payday: int
    """Day of the month."""
    bands: tuple[Band, ...]
    provisional: bool

    def amount_fen(self, age_years: int) -> int:
        """0 below the lowest band."""
        return max((band.amount_fen for band in self.bands if age_years >= band.from_age), default=0)


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody else whom an item asks about; who it is stands in the form."""

    role: str
    """In front of every fact about this one, e.g. `deceased` in `deceased_cremated`."""
    field: str
    """Of the form: `number name` of a person, or a firm's unified social credit code; left out = there is nobody."""
    firm: bool

    def number_and_name(self, form: Mapping[str, str]) -> tuple[str, str]:
        number, _, name = form.get(self.field, "").partition(" ")
        return number, name


FROM_FORM = "form."


@dataclass(frozen=True, slots=True)
class Asking:
    """Why and with what registers are asked, beyond the applicant's name and number."""

    consents: tuple[str, ...] = ()
    """Look-ups that the item's consent text asks the resident to agree to."""
    statute: str = ""
    """The clause of law that lets this item ask about judgment debtors."""
    details: Mapping[str, str] = field(default_factory=dict)
    """Field of a question -> `form.<field>`, or the value itself."""
    parties: tuple[Party, ...] = ()

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(party.role for party in self.parties)

    @property
    def confirmed(self) -> frozenset[str]:
        """Second persons of whom the population register must know name and number as one person's."""
        return frozenset(party.role for party in self.parties if not party.firm)

    def whole(self, form: Mapping[str, str]) -> dict[str, str]:
        """The form with an empty text for whoever and whatever it leaves out: nothing given is an answer too."""
        named = [source.removeprefix(FROM_FORM) for source in self.details.values() if source.startswith(FROM_FORM)]
        return {**dict.fromkeys([*named, *(party.field for party in self.parties)], ""), **form}

    def detail(self, field_name: str, form: Mapping[str, str]) -> str:
        """What a question's field is filled with; empty when the form does not say."""
        source = self.details[field_name]
        return form.get(source.removeprefix(FROM_FORM), "") if source.startswith(FROM_FORM) else source


@dataclass(frozen=True, slots=True)
class Ruling:
    rules: tuple[Rule, ...]
    asking: Asking = field(default_factory=Asking)
    benefit: Benefit | None = None
    minimum_age: int = 0
    offered: bool = False
    """True: whoever is entitled is told so, unasked."""
    several: str = "next.notice"
    """Text key of the next step when more than one thing is missing."""
    ordinary_workdays: int = 0
    """The ordinary procedure's own limit where the item publishes none; 0 = it does."""
    check_workdays: int = 0
    """A commitment is checked within so many workdays; 0 = the item takes no commitment."""

    @property
    def payday(self) -> int:
        return self.benefit.payday if self.benefit else 0

    def amount_fen(self, age_years: int) -> int:
        """The monthly amount at an age; 0 when nothing is paid."""
        return self.benefit.amount_fen(age_years) if self.benefit else 0

    def confirmed(self, lookups: tuple[str, ...]) -> frozenset[str]:
        """Roles that the population register must confirm, for an item that asks these registers."""
        return self.asking.confirmed | ({APPLICANT} if "L01" in lookups else frozenset())
