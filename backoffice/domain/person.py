"""The applicant as the card said it; shown nowhere, stored only sealed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, repr=False)
class Applicant:
    document: str
    """resident, hmt, foreigner_2017 or foreigner_2023."""
    name: str
    number: str
    sex: str = ""
    birth: str = ""
    address: str = ""
    valid_until: str = ""
    source: str = ""

    def __repr__(self) -> str:
        return "Applicant(***)"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
