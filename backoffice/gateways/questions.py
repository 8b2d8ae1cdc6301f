"""What may be asked, and with what: the grounds for a question and its fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backoffice.domain.facts.derive import APPLICANT, key_of
from backoffice.gateways.answers import SPECS, Needs, Spec


class PurposeRefused(ValueError):
    """This register must not be asked on these grounds; nothing was asked at all."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why a question may be asked beyond what every service may."""

    consents: frozenset[str] = frozenset()
    """Look-ups that the resident has agreed to on the screen."""
    statute: str = ""
    """The clause of law that lets this item ask about judgment debtors."""

    def allow(self, spec: Spec) -> bool:
        if spec.needs is Needs.CONSENT:
            return spec.code in self.consents
        if spec.needs is Needs.STATUTE:
            return bool(self.statute.strip())
        return True

    def named_for(self, spec: Spec) -> str:
        """The grounds of one question as the ledger keeps them; empty when it needs none."""
        if spec.needs is Needs.STATUTE:
            return f"statute:{self.statute}"
        return spec.needs.value


NO_GROUNDS = Grounds()


@dataclass(frozen=True, slots=True, repr=False)
class Subject:
    """Whom a question is about; shown nowhere."""

    name: str
    number: str
    details: Mapping[str, str] = field(default_factory=dict)
    """Other question fields: `photo_ref`, `certificate_type`, `meter_no`, `payment_code`, `account_ref`, `area`, …"""

    def __repr__(self) -> str:
        return "Subject(***)"

    def question(self, spec: Spec) -> dict[str, str] | None:
        """The fields this register is asked with; None when one of them is not known."""
        known = {**self.details, "name": self.name, "number": self.number}
        return {name: known[name] for name in spec.asks} if all(known.get(name) for name in spec.asks) else None


@dataclass(frozen=True, slots=True, repr=False)
class Question:
    """One register asked about one subject."""

    lookup: str
    subject: Subject
    about: str = APPLICANT
    """The subject's role, never a name or a number."""

    @property
    def key(self) -> str:
        return key_of(self.about, self.lookup)

    @property
    def spec(self) -> Spec:
        return SPECS[self.lookup]

    def __repr__(self) -> str:
        return f"Question({self.key})"


def permitted(lookups: Sequence[str], grounds: Grounds) -> None:
    """:raises PurposeRefused: a look-up that these grounds do not carry, or that does not exist."""
    for code in lookups:
        spec = SPECS.get(code)
        if spec is None:
            raise PurposeRefused(f"{code}: no such look-up; known are {min(SPECS)} to {max(SPECS)}")
        if not grounds.allow(spec):
            wanted = "the resident's consent" if spec.needs is Needs.CONSENT else "a clause of law"
            raise PurposeRefused(f"{code} may be asked with {wanted} only, and none was named")
