"""Bodies about commitments: withdrawal, the later check, the local ledger."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from backoffice.api.models import CaseNo, ItemId, Model, Moment
from backoffice.api.models_casework import NeededWords, Town

Key = Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]


class DueCheck(Model):
    commitment_id: Key
    case_no: CaseNo
    item_id: ItemId
    town: Town
    text_key: str
    text_version: str
    signed_at: Moment
    signed_by: Literal["applicant", "deputy"]
    check_due_on: str
    check_provisional: bool = Field(description="Counted with days that no published calendar names yet")
    overdue: bool = Field(description="The day of the check has passed and nobody has said what it found")
    row_version: int


class DueChecks(Model):
    commitments: list[DueCheck]


class Result(Model):
    kept: bool
    words: NeededWords = Field(description="What the check saw; kept sealed")


class Settled(Model):
    commitment_id: Key
    state: Literal["kept", "broken"]
    row_version: int
    bar_id: Key | None = Field(description="The entry in the ledger, where it was not kept")


class Bar(Model):
    bar_id: Key
    commitment_id: Key
    case_no: CaseNo
    town: Town
    entered_at: Moment
    entered_by: str
    row_version: int


class Bars(Model):
    bars: list[Bar]


class Lifting(Model):
    why: Literal["repair", "appeal"]


class LiftedBar(Model):
    bar_id: Key
    lifted_for: Literal["repair", "appeal"]
    row_version: int
