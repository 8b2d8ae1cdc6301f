"""The catalogue as the contract shows it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backoffice.api.models import ItemId, Model
from backoffice.domain.items.fields import FieldType


class AskedWhen(Model):
    key: str
    answer: str


class FormField(Model):
    key: str = Field(description="The question is the text ask.<key>, an answer ask.<key>.<option>")
    label: str = Field(description="As on papers")
    type: FieldType
    check: str = Field(description="The named check of the answer")
    source: Literal["card", "look_up", "ask"]
    options: list[str] = Field(description="At most 4; a longer choice has a table")
    optional: bool
    confirm: bool = Field(description="A known answer is shown and confirmed all the same")
    sensitive: bool = Field(description="Never on the loudspeaker")
    beside: bool = Field(description="Travels beside the form, with a bill, a booking or a picture")
    when: AskedWhen | None = Field(description="Asked only where an earlier field has this answer")
    table: str = Field(description="Name of the list that is chosen from, or empty")
    not_before: str = Field(description="A field that this one does not come before, or empty")
    unit: str
    alphabet: str = Field(description="Of a number plate: the characters that it may begin with")
    least: float | None = Field(description="A length, a value, a year (YYYY) or a month (YYYYMM)")
    most: float | None


class Material(Model):
    kind: Literal["present", "shared", "photo", "promise"]
    name: str
    pages: int = Field(description="0 = as many as there are")
    sides: int
    quality: str = Field(description="Id of the capture rule of its picture, or empty")
    replaced_by: list[str] = Field(description="Look-ups that stand for it, or promise")
    original: bool
    handling: Literal["returned", "kept", "none"]


class Deputy(Model):
    who: list[Literal["authorised", "household", "kin", "guardian", "agent", "village", "visit", "anyone"]]
    promise: Literal["never", "with_authority"]
    text: str


class Fee(Model):
    kind: Literal["free", "fixed", "by_bill", "stated"]
    text: str
    amount_fen: int
    register_code: str = Field(description="Of a bill: the look-up that knows it")


class Limit(Model):
    text: str
    count: int | None
    unit: Literal["workday", "day", "hour", ""]


class Fallback(Model):
    where: str = Field(description="Kind of place where a human serves the item")
    text: str


class TechnicalReview(Model):
    need: Literal["none", "possible", "required"]
    what: str = Field(description="What an expert looks at before it is decided")
    basis: str = Field(description="The law that asks for it")


class Guide(Model):
    place: str
    hours: str = Field(description="A post of the service hours")


class CatalogueItem(Model):
    item_id: ItemId
    version: int
    category: str
    official: str
    village: str
    plain: str
    department: str
    mode: Literal["apply", "query", "print", "pay", "book", "guide"]
    transact: bool = Field(description="True when a terminal that has the screens can carry the item to its end")
    form: list[FormField]
    commitment: str
    consent_version: str
    consents: list[str] = Field(description="Registers that are asked only after the resident's own word")
    witness: bool = Field(description="False where only the register of faces may say that it is her")
    materials: list[Material]
    deputy: Deputy
    fee: Fee
    legal_limit: Limit
    promised_limit: Limit
    result: str
    fallback: Fallback
    technical_review: TechnicalReview
    guide: Guide | None = Field(description="Of an item that only humans serve")
    self_service: bool = Field(description="One of the 78 of the district's self-service list")
    instant: bool = Field(description="One of the 46 decided at once")


class CaptureRule(Model):
    id: str
    label: str
    least_dpi: int = Field(description="0 = a thing and no page")
    whole_page: bool
    glare: bool = Field(description="True when a shine over the print spoils it")
    face: bool


class Entry(Model):
    code: str
    label: str


class RatingLabel(Model):
    code: str = Field(description="Its words at the terminal are the text rate.label.<code>")
    level: int


class Catalogue(Model):
    release: int
    effective_from: str = Field(description="ISO 8601 date")
    categories: list[str]
    home: list[ItemId]
    items: list[CatalogueItem]
    capture_rules: list[CaptureRule]
    lists: dict[str, list[Entry]] = Field(
        description="The long lists by name; besides them `towns` and `villages` of today, "
        "`places` (provinces and this one's cities, 6 digits), `hours` of each post"
    )
    rating_labels: list[RatingLabel] = Field(description="Those that a terminal may show, in their order")
