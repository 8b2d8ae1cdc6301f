"""Bodies of bills, payments and deduction authorities. Amounts are fen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from backoffice.api.models import ItemId, Line, Model, Moment, Person, Site, Submission, TakenCase

BillNo = Annotated[str, Field(pattern=r"^[0-9]{18}$", description="Number of a bill")]
Code = Annotated[str, Field(pattern=r"^[0-9A-Z]{4,32}$", description="Meter number or payment code, as printed")]
Fen = Annotated[int, Field(ge=1, le=10**9)]


class BillRequest(Model):
    item_id: ItemId
    site: Site
    applicant: Person
    codes: Annotated[list[Code], Field(max_length=16, description="One meter number, or codes of decisions on fines")]
    family: bool = Field(description="Also the household's; only after the resident agreed to that look-up")


class BillChoice(Model):
    lines: Annotated[list[Annotated[int, Field(ge=1, le=999)]], Field(min_length=1, max_length=64)]


class BillLine(Model):
    n: int
    what: Line
    standing: Literal["due", "exempt", "exemption_unclear", "register_silent", "under_way", "paid_already"]
    amount_fen: int = Field(description="0 unless due")
    period: str = Field(description="Year, or empty")
    as_of: Moment | None = Field(description="When the register said so")
    payer: str = Field(description="Whose contribution it is; empty for a meter or a fine")


class Bill(Model):
    bill_no: BillNo
    valid_until: Moment
    total_fen: int
    line: Line = Field(description="What is said about the whole")
    lines: list[BillLine]


class Means(Model):
    way: Literal["slip", "code", "authority"]
    code: Annotated[str, Field(pattern=r"^([0-9]{16,24})?$", description="Scanned payment code; only with way code")]


class PayRequest(Model):
    submission: Submission
    bill_no: BillNo
    means: Means


class Payment(Model):
    bill_no: BillNo
    attempt: int
    way: Literal["slip", "code", "authority"]
    state: Literal["created", "sent", "unknown", "paid", "reversing", "booked", "refused", "reversed"]
    amount_fen: int
    slip_code: str | None = Field(description="20 digits while the slip may be paid")
    expires_on: str | None = Field(description="Last day of the slip")
    receipt_no: str | None
    line: Line


class PaidCase(TakenCase):
    payment: Payment


class AuthorityRequest(Model):
    item_id: ItemId
    site: Site
    applicant: Person
    year_limit_fen: Fen
    paper_digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="Of the scan of the signed paper")]


class Authority(Model):
    authority_id: str
    bank: str
    last4: str
    year_limit_fen: int
    given_at: Moment


class AuthoritySearch(Model):
    item_id: ItemId
    applicant: Person


class AuthorityFound(Model):
    authority: Authority | None = Field(description="In force for this item; null where there is none")


class Revocation(Model):
    applicant: Person


class Revoked(Model):
    authority_id: str
    revoked_at: Moment


AuthorityId = Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
