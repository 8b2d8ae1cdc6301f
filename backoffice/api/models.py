"""Bodies of the contract. Unknown fields are refused: two sides that drift apart must notice."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


def keepable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("no database keeps a NUL")
    return text


def _moment(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("a time needs its offset")
    return text


CaseNo = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{22}$",
        description="The one number, 22 digits: 350213, the terminal's site number (3), the channel (1; 8 = terminal), "
        "yyMMdd, a serial of its own (5), check digit by ISO 7064 MOD 11,10. Papers show the last 16",
    ),
]
Site = Annotated[str, Field(pattern=r"^[0-9]{12}$", description="Village code, 12 digits")]
Moment = Annotated[str, Field(max_length=40, description="ISO 8601 with offset"), AfterValidator(_moment)]
MomentOrEmpty = Annotated[str, Field(max_length=40), AfterValidator(lambda text: text and _moment(text))]
DayOrEmpty = Annotated[str, Field(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$", description="ISO 8601 date or empty")]
Short = Annotated[str, Field(max_length=64), AfterValidator(keepable)]
Answer = Annotated[str, Field(max_length=1000, description="As its field's type writes it"), AfterValidator(keepable)]
ItemId = Annotated[str, Field(pattern=r"^[A-Z]{2}[0-9]{3}$")]
Lang = Literal["nan", "cmn"]


class Arg(Model):
    kind: str = Field(description="How the value is read aloud: date, time, count, digits, money, text, key")
    value: str


class Line(Model):
    key: str = Field(description="Text key, see config/schema/reason_keys.json")
    args: dict[str, Arg]


class Health(Model):
    status: Literal["ok"]
    release: int
    papers: bool
    """False while the faces are missing that papers are set in."""
    time: Moment


class Alive(Model):
    status: Literal["ok"]


Document = Literal["resident", "hmt", "foreigner_2017", "foreigner_2023"]


class Person(Model):
    document: Document = Field(description="The kind of card; a foreigner's is named by its edition")
    name: Annotated[str, Field(min_length=1, max_length=128)]
    number: Annotated[str, Field(pattern=r"^[0-9A-Z]{8,18}$")]


class Prefill(Model):
    item_id: Annotated[str, Field(pattern=r"^([A-Z]{2}[0-9]{3})?$", description="Empty when the card came first")]
    applicant: Person
    consent_version: Annotated[str, Field(max_length=64)] = Field(
        "",
        description="Of the item's consent text that was agreed to; without it no register is asked that needs consent",
    )


class Account(Model):
    bank: str
    last4: str


class KnownAnswer(Model):
    value: str = Field(description="The answer as a form takes it")
    label: str = Field(description="As it reads; empty where it reads as it stands")


class Known(Model):
    """By key of a form's field; a field that is not here is asked."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, KnownAnswer] = Field(init=False)
    account: Account | None = None


class Entitlement(Model):
    items: list[ItemId]
    reason: Line
    since: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")] | None = Field(
        None, description="Since when, or by when: the day that the reason names"
    )


class Prefilled(Model):
    known: Known
    entitlements: list[Entitlement] | None = Field(
        None, description="Why each of the dues is one; only when the card came first"
    )
    dues: list[ItemId] = Field(description="Items that this person is entitled to and has not claimed")
    unanswered: list[str] = Field(description="Look-ups that did not answer in time")


class Applicant(Person):
    sex: Short
    birth: DayOrEmpty
    address: Annotated[str, Field(max_length=256)]
    valid_until: DayOrEmpty = Field(description="Empty for 长期")
    source: Short = Field(description="How the data came in, e.g. chip")
    vouched_by: Annotated[str, Field(pattern=r"^[0-9]{0,12}$")] = Field(
        default="", description="Staff number of whoever looked at her, where no register compared her face"
    )
    vouched_at: MomentOrEmpty = Field(default="", description="When that was; never without vouched_by")

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if bool(self.vouched_by) is not bool(self.vouched_at):
            raise ValueError("who vouched, and when, belong together")
        return self


class UploadedMaterial(Model):
    material: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,64}$", description="As the guide names it")]
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="As declared to /v1/uploads")]


class GivenConsent(Model):
    purpose: Annotated[str, Field(pattern=r"^(register\.L[0-9]{2}|sign\.by_key)$")] = Field(
        description="register.<code>: this register may be asked for this case; sign.by_key: the promise was agreed to "
        "aloud"
    )
    text_version: Annotated[str, Field(pattern=r"^[0-9a-zA-Z._-]{1,32}$", description="Of the words that were read")]


class PromisedBy(Model):
    name: Annotated[str, Field(min_length=1, max_length=128), AfterValidator(keepable)]
    number: Annotated[str, Field(pattern=r"^[0-9A-Z]{8,18}$")]
    authority: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="Digest of the written authority")]


class Submission(Model):
    case_no: CaseNo
    item_id: ItemId
    item_version: Annotated[int, Field(ge=1, le=1_000_000)]
    consent_version: Short
    applicant: Applicant
    form: Annotated[dict[Short, Answer], Field(max_length=64)]
    commitment: Short | None
    created_at: Moment
    site: Site
    lang: Lang
    boot_id: Short
    monotonic_s: Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
    materials: Annotated[
        list[UploadedMaterial], Field(max_length=32, description="Files of /v1/uploads; all must be complete")
    ] = []
    consents: Annotated[list[GivenConsent], Field(max_length=16)] = Field(
        default=[],
        description="What the resident agreed to before it was sent; no register that needs it is asked without",
    )
    promised_by: PromisedBy | None = Field(
        None, description="Who made the commitment in the applicant's name; null: the applicant"
    )


class Decision(Model):
    outcome: Literal["approved", "notice", "pending", "done"]
    reasons: list[Line]
    next: Line | None
    facts: dict[str, str]


class TakenCase(Model):
    case_no: CaseNo
    state: Literal["accepted", "decided"]
    accepted_at: Moment
    query_code: Annotated[str, Field(pattern=r"^[0-9]{4}$")]
    visit_token: str
    decision: Decision | None


class Progress(Model):
    state: Literal["accepted", "decided"]
    key: str
    args: dict[str, Arg]
    letter: Literal["refusal", "decision", "supplement", "acceptance", "receipt"] = Field(
        description="The letter that says so, which POST /v1/cases/{case_no}/letters makes"
    )


class Rating(Model):
    visit_token: Annotated[str, Field(min_length=1, max_length=128)]
    level: Annotated[int, Field(ge=1, le=5, description="5 is best")]
    labels: Annotated[list[Annotated[str, Field(pattern=r"^[0-9]{3}$")]], Field(max_length=8)]
    rated_at: Moment


class Rated(Model):
    case_no: CaseNo
    received_at: Moment


CallId = Annotated[str, Field(pattern=r"^[0-9]{21}$")]
HelpState = Literal["sent", "accepted", "unanswered"]


class HelpCall(Model):
    case_no: Annotated[str, Field(pattern=r"^([0-9]{22})?$")]
    site: Site
    step: Annotated[str, Field(max_length=32), AfterValidator(keepable)]
    item_id: Annotated[str, Field(pattern=r"^([A-Z]{2}[0-9]{3})?$")]
    note: Annotated[str, Field(max_length=2000)]
    called_at: Moment


class HelpAnswer(Model):
    call_id: CallId
    ticket: Annotated[str, Field(pattern=r"^[0-9]{3}$")]
    state: HelpState
    row_version: int
    answer_within_s: int = Field(description="Until somebody must have accepted; 0 when that time is over")
    answer: Line = Field(description="What may be said of the call as it stands")


class StaffHelpCall(Model):
    call_id: CallId
    site: Site
    ticket: str
    step: str
    item_id: str
    called_at: Moment
    received_at: Moment
    state: HelpState
    answer_by: Moment
    accepted_by: str | None
    accepted_who: str | None
    minutes: int | None
    row_version: int


class StaffHelpCalls(Model):
    calls: list[StaffHelpCall]


class HelpAcceptance(Model):
    who: str | None = Field(None, max_length=64, description="The post that comes, e.g. who.village_clerk")
    minutes: Annotated[int, Field(ge=1, le=240)] | None = Field(None, description="Until somebody is there")


class FieldProblem(Model):
    pointer: str = Field(description="Where in the request, as a JSON pointer; never the value")
    detail: str


class ProblemDetails(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(description="urn:tshu-pinn:problem:<code>")
    title: str
    status: int
    detail: str
    instance: str = Field(description="urn:uuid:… of this one answer; the server's log carries it")
    code: str
    next: Literal["retry", "ask_clerk", "correct_input", "call", "none"] = Field(description="What to do now")
    speech: str = Field(description="Text key for a resident, one of a small shared set: problem.…")
    errors: list[FieldProblem] | None = None
    server_time: int | None = Field(None, description="Unix ms; only with code clock_skew")
    server_signature: str | None = Field(
        None, description='MAC with the device key over "server-time\\n<server_time>\\n<Nonce>"; only with clock_skew'
    )
