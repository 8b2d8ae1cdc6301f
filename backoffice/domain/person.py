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
    vouched_by: str = ""
    """Staff number of whoever looked at her and said, with an own PIN, that it is her; empty: nobody did."""
    vouched_at: str = ""
    """ISO 8601 with offset."""

    def __repr__(self) -> str:
        return "Applicant(***)"

    @property
    def is_vouched(self) -> bool:
        return bool(self.vouched_by and self.vouched_at)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
