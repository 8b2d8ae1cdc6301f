"""Bodies about the life of a case: the queue, moves, notices, refusals, delivery, supplements."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, Strict

from backoffice.api.models import Answer, Applicant, CaseNo, ItemId, Lang, Line, Model, Moment, Short, keepable
from backoffice.casework.delivery import Shown, Way
from backoffice.domain.cases.case import CaseState, Move, Role
from backoffice.domain.cases.limits import Colour, StopReason

Words = Annotated[str, Field(max_length=2000), AfterValidator(keepable)]
NeededWords = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(keepable)]
Town = Annotated[str, Field(pattern=r"^[0-9]{9}$", description="Town code, 9 digits")]
PlaceCode = Annotated[str, Field(pattern=r"^([0-9]{6}|[0-9]{9}|[0-9]{12})$", description="A division of any province")]
Code = Annotated[str, Field(pattern=r"^[0-9]{4}$", description="The slip's query code")]
Digest = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$", description="Of an uploaded file; empty for paper")]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(lambda text: _day(text))]
StateName = Annotated[CaseState, Strict(False)]


def _day(text: str) -> str:
    date.fromisoformat(text)
    return text


class Queued(Model):
    case_no: CaseNo
    item_id: ItemId
    state: StateName
    town: Town
    site: str
    accepted_at: Moment
    admitted_at: Moment | None
    priority: bool
    reach: str = Field(description="nation, province or local: how far this item can be asked for elsewhere")
    place: str = Field(description="The other place that it is for, or empty")
    due_at: Moment | None
    provisional: bool = Field(description="Counted with days that no published calendar names yet")
    colour: Annotated[Colour, Strict(False)] | None
    stopped: bool
    by: str = Field(description="The day that orders the queue")
    claimed_by: str | None
    claimed_until: Moment | None
    row_version: int


class QueuePage(Model):
    cases: list[Queued]
    next: str | None = Field(description="Cursor of the next page")


class Moved(Model):
    case_no: CaseNo
    row_version: int


class Claimed(Model):
    case_no: CaseNo
    claimed_until: Moment


class Ordinary(Model):
    move: Annotated[Move, Strict(False)]
    words: Words = ""


class Point(Model):
    what: NeededWords = Field(description="A material or a question of the item, as its guide names it")
    why: NeededWords
    basis: NeededWords
    how: NeededWords = Field(description="How it can be supplied")
    unusable: bool = Field(default=False, description="It was given, and cannot be used")
    field: Short = Field(default="", description="Of a question: the form's field that is answered anew")


class NewNotice(Model):
    points: Annotated[list[Point], Field(min_length=1, max_length=30)]
    until: Day
    helper: NeededWords = Field(description="Who can help, and how to reach them")
    why_again: Words = Field(default="", description="Of a second notice: why the first was not enough")


class NewStop(Model):
    reason: Annotated[StopReason, Strict(False)]
    words: Words = ""


class Resumed(Model):
    words: Words = ""


class NewRefusal(Model):
    reason_code: Short = Field(description="Of the closed list, see config/catalogue/refusal_reasons.tsv")
    basis: NeededWords
    authority: NeededWords = Field(description="Who can help instead")
    words: NeededWords


class SecondReview(Model):
    confirm: bool
    words: NeededWords


class PostalAddress(Model):
    name: NeededWords
    phone: Short
    address: NeededWords


class NewDelivery(Model):
    way: Annotated[Way, Strict(False)]
    address: PostalAddress | None = None


class Prepared(Moved):
    delivery: int


class Handed(Model):
    tracking_no: Annotated[str, Field(max_length=40, pattern=r"^[A-Za-z0-9-]*$")] = ""
    collector: Short = ""
    relation: Short = ""
    shown: Annotated[Shown, Strict(False)] | None = None
    signed: bool = False


class NewTransfer(Model):
    place: PlaceCode
    authority: Short = ""
    reason: Literal["other_place", "other_authority", "collected_here_for_there"]


class TransferAnswer(Model):
    answer: Literal["received", "returned"]


class BroughtThing(Model):
    what: NeededWords
    digest: Digest = ""
    answer: Answer = Field(default="", description="Of a question that was asked again, as its field's type writes it")


class CounterSupplement(Model):
    brought: Annotated[list[BroughtThing], Field(min_length=1, max_length=30)]


class Supplement(CounterSupplement):
    code: Code


class CaseWithdrawal(Model):
    code: Code


class Notices(Model):
    item_id: ItemId
    notices: list[dict[str, Any]] = Field(
        description="Each with its points: what, why, basis, how, field, until, helper; a machine's has a line instead"
    )


class Received(Line):
    case_no: CaseNo


class AtCounter(Model):
    town: Town
    item_id: ItemId
    item_version: Annotated[int, Field(ge=1, le=1_000_000)]
    consent_version: Short
    applicant: Applicant
    form: Annotated[dict[Short, Answer], Field(max_length=64)]
    commitment: Short | None
    lang: Lang
    for_place: Annotated[PlaceCode | Literal[""], Field(description="Another place that it is for")] = ""
    for_authority: Short = ""


Letter = Literal["refusal", "decision", "supplement", "acceptance", "receipt"]


class Letters(Model):
    case_no: CaseNo
    letters: list[Letter]


class WholeCase(Model):
    """Everything about one case. The parts are described by the routes that write them."""

    case_no: CaseNo
    item_id: ItemId
    item_version: int
    state: StateName
    outcome: str | None
    effect: Annotated[str | None, Field(description="Of an approval: under_way or done")]
    town: Town
    site: str
    accepted_at: Moment
    admitted_at: Moment | None
    row_version: int
    applicant: dict[str, str]
    form: dict[str, str]
    materials: list[dict[str, Any]]
    decision: dict[str, Any] | None
    moves: list[Annotated[Move, Strict(False)]] = Field(description="What the caller could do now")
    stopped: bool
    limits: list[dict[str, Any]]
    stops: list[dict[str, Any]]
    notices: list[dict[str, Any]]
    refusals: list[dict[str, Any]]
    deliveries: list[dict[str, Any]]
    transfers: list[dict[str, Any]]
    events: list[dict[str, Any]]


class LedgerRow(Model):
    case_no: CaseNo
    n: int
    town: Town
    item_id: ItemId
    kind: Literal["not_admitted", "not_granted"]
    reason_code: str
    basis: str
    helping_authority: str
    proposed_by: str
    proposed_at: Moment
    verdict: Literal["confirmed", "overruled", "withdrawn"] | None
    reviewed_by: str | None
    reviewed_at: Moment | None
    review_days: int
    lawsuit_months: int


class Ledger(Model):
    refusals: list[LedgerRow]
    next: str | None = Field(description="Cursor of the next page")


class Register(Model):
    collected: list[dict[str, Any]]
    next: str | None = Field(description="Cursor of the next page")


RoleName = Annotated[Role, Strict(False)]
