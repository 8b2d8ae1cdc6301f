"""Bodies about sites, guides and figures."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict

from backoffice.api.models import CaseNo, ItemId, Lang, Model, Moment, Short, Site
from backoffice.district import guides

Health = Literal["ok", "warning", "fault", "not_fitted"]
DeviceClass = Literal[
    "id_card",
    "chip_card",
    "id_face",
    "receipt_printer",
    "document_printer",
    "code_scanner",
    "document_scanner",
    "portrait",
    "headphone",
    "keypad",
    "lights",
]
Capability = Literal[
    "read_id_card",
    "read_social_card",
    "read_id_face",
    "print_slip",
    "print_document",
    "read_code",
    "capture_page",
    "capture_face",
    "private_audio",
    "keypad",
    "guide_light",
    "write_pinyin",
    "write_hand",
    "speak_minnan",
    "speak_mandarin",
]
HindranceName = Literal["closed", "not_by_terminal", "state_unknown", "no_card_reader", "no_printer"]
PlaceName = Literal[
    "village_desk",
    "town_desk",
    "district_hall",
    "department_window",
    "police_station",
    "bank_branch",
    "hospital",
    "special_machine",
    "home_visit",
]


def _once(names: list[str]) -> list[str]:
    if len(set(names)) != len(names):
        raise ValueError("a capability stands twice")
    return names


class SiteReport(Model):
    site: Site
    devices: Annotated[dict[DeviceClass, Health], Field(max_length=16)]
    capabilities: Annotated[list[Capability], Field(max_length=16), AfterValidator(_once)]
    observed_at: Moment


class SiteReported(Model):
    changed: bool = Field(description="False: it is what was known; nothing was written")
    received_at: Moment


class TerminalAtSite(Model):
    device: str
    devices: dict[str, Health]
    capabilities: list[str]
    observed_at: Moment


class SiteNow(Model):
    site: Site
    kind: Literal["town_centre", "village_point"]
    name: str
    address: str
    phone: str
    agent: str
    open: bool
    opens_at: Moment | None = Field(description="The next opening; null: none within a month")
    demo: bool = Field(description="Address, people and position are made up")


class OpenDay(Model):
    date: str
    open: list[str] = Field(description="When people sit there, `08:00-12:00`; empty: the whole day nobody")


class SiteWithTerminals(SiteNow):
    week: list[OpenDay] = Field(description="Today and the seven days after it, holidays reckoned in")
    terminals: list[TerminalAtSite]


class Sites(Model):
    as_of: Moment
    sites: list[SiteWithTerminals]


class ItemHere(Model):
    item_id: ItemId
    usable: bool
    hindrance: HindranceName | None


class SiteItems(SiteNow):
    items: list[ItemHere]


class SiteAway(SiteNow):
    distance_m: int
    distance_is_demo: bool = Field(description="One of the two positions is made up")


class Nearest(Model):
    item_id: ItemId
    from_site: Site
    now: SiteAway | None = Field(description="Can serve it now")
    later: SiteAway | None = Field(description="Could serve it if it were open; opens_at says when")


class Where(SiteNow):
    place: PlaceName


class When(Model):
    open: bool
    opens_at: Moment | None
    provisional: bool = Field(description="The holidays of that year are not published yet")


class GuideOfItem(Model):
    item_id: ItemId
    version: int
    release: int
    effective_from: str
    official: str
    village: str
    plain: str
    department: str = Field(description="Who answers for the item today")
    here_now: bool
    hindrance: HindranceName | None
    where: Where
    when: When
    bring: list[str]
    deputy: str
    fallback: str


class Because(Model):
    """Why somebody is told the way although a terminal carries the item."""

    cause: Annotated[guides.Cause, Strict(False)]
    reasons: Annotated[
        list[Annotated[str, Field(pattern=r"^[a-zA-Z0-9_.]{1,64}$")]],
        Field(default_factory=list, max_length=16, description="Text keys of what was said; of a refusal at least one"),
    ]


class Guidance(Model):
    """A visit that is told where to go. It needs no card: nothing is kept of who it was."""

    case_no: CaseNo
    item_id: ItemId
    item_version: Annotated[int, Field(ge=1, le=1_000_000)]
    created_at: Moment
    site: Site
    lang: Lang
    boot_id: Short
    monotonic_s: Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
    because: Because | None = Field(None, description="Needed for an item that a terminal carries, and only there")


class FigureOut(Model):
    name: str
    numerator: int
    denominator: int | None
    rounded: str
    rounding: str
    query: str = Field(description="The SQL that was run")


class AbsentFigure(Model):
    name: str
    reason: str


class Statistics(Model):
    on: str
    year_from: str
    set: str = Field(description="What the figures are about: the district's own cases, or a made-up set")
    figures: list[FigureOut]
    absent: list[AbsentFigure]
