"""Service items as the kiosk sees them: read from the back office's contract, never written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum

from kiosk.domain.site.state import NOTHING_TOLD, SiteToday


class Mode(StrEnum):
    """How an item is served (items.tsv 自助模式)."""

    APPLY = "apply"
    QUERY = "query"
    PRINT = "print"
    PAY = "pay"
    BOOK = "book"
    GUIDE = "guide"


LIVE = frozenset((Mode.QUERY, Mode.PRINT, Mode.PAY, Mode.BOOK))
"""Modes that nothing can be kept of for later: without the network they cannot be begun."""


class FieldSource(StrEnum):
    CARD = "card"
    LOOK_UP = "look_up"
    ASK = "ask"


class FieldType(StrEnum):
    """What kind of answer a field takes; its text form on the wire is the contract's (schema `FieldType`)."""

    CHOICE = "choice"
    YES_NO = "yes_no"
    TABLE = "table"
    TEXT = "text"
    DIGITS = "digits"
    PHONE = "phone"
    DATE = "date"
    MONTH = "month"
    YEAR = "year"
    MONEY = "money"
    COUNT = "count"
    MEASURE = "measure"
    ACCOUNT = "account"
    PLACE = "place"
    PERSON = "person"
    PEOPLE = "people"
    PLATE = "plate"
    METER_NO = "meter_no"
    COMPANY = "company"
    PICKS = "picks"
    SLOT = "slot"
    PICTURE = "picture"
    SECRET = "secret"


CLOSED = frozenset((FieldType.CHOICE, FieldType.YES_NO, FieldType.ACCOUNT))
"""Types that are answered with one of the field's options."""


@dataclass(frozen=True, slots=True)
class When:
    """Asked only where an earlier field has this answer."""

    key: str
    answer: str


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form; its question is the text `ask.<key>`."""

    key: str
    source: FieldSource
    options: tuple[str, ...] = ()
    """Closed answers, the likely one first; their texts are `ask.<key>.<option>`. Empty where an answer is free."""
    confirm: bool = False
    """True when a known answer must still be shown and confirmed."""
    optional: bool = False
    """True when the form may go without it: asked, and passed over with one touch."""
    type: FieldType = FieldType.CHOICE
    check: str = "one_of"
    """Name of the check that an answer must pass: `kiosk.domain.questions.checks`."""
    when: When | None = None
    table: str = ""
    """Name of the list in `Catalogue.lists` that is chosen from; empty where there is none."""
    sensitive: bool = False
    """Never said over the loudspeaker, masked on the review."""
    beside: bool = False
    """Travels beside the form, with a bill, a booking or a picture: no question of a form."""
    not_before: str = ""
    """A field of the same type that this one does not come before."""
    unit: str = ""
    least: float | None = None
    """Of texts and digits the length, of numbers the value, of years YYYY, of months YYYYMM."""
    most: float | None = None
    alphabet: str = ""
    """First signs of a number plate."""

    @property
    def is_question(self) -> bool:
        """Neither the card, nor a register, nor a bill, booking or picture says it. What a register says without
        being confirmed is looked up when the case is decided."""
        if self.source is FieldSource.CARD or self.beside or self.key in OF_DEPUTIES:
            return False
        return self.source is FieldSource.ASK or self.confirm

    def applies(self, answers: Mapping[str, str]) -> bool:
        """False where an earlier answer makes the question idle."""
        return self.when is None or answers.get(self.when.key) == self.when.answer


OF_DEPUTIES = frozenset(("agent",))
"""Who comes for somebody is known by the card that was laid down, not by a question."""


NEVER, WITH_AUTHORITY = "never", "with_authority"
"""Values of `ServiceItem.deputy_promise`."""
PROMISE = "promise"
"""In `Paper.replaced_by`: a promise stands for it."""


@dataclass(frozen=True, slots=True)
class Paper:
    """Something that is photographed here."""

    key: str
    """Text key of its name, `paper.<item>.<n>`, and the subject of its action in a plan."""
    name: str
    """As the guide names it."""
    quality: str = "page"
    """Which rule its picture must meet: page, receipt, drawing, thing, portrait."""
    pages: int = 1
    """0 = as many as there are."""
    sides: int = 1
    replaced_by: tuple[str, ...] = ()
    """Look-ups that stand for it, or PROMISE."""

    @property
    def least(self) -> int:
        """Pictures without which it is not whole."""
        return max(self.pages, 1) * self.sides


@dataclass(frozen=True, slots=True)
class Terms:
    """How an item is served by people, in the catalogue's own texts: what a guide says without the network."""

    place: str = ""
    """Kind of place, e.g. `town_desk`; its name is `place.<value>`."""
    hours: str = ""
    """Whose hours: a code of the list `hours`."""
    department: str = ""
    deputy: str = ""
    """Who may come instead."""
    fee: str = ""
    is_free: bool = False
    limit: str = ""
    """How long it takes, as promised."""


@dataclass(frozen=True, slots=True)
class ServiceItem:
    """One item of the catalogue; `version` is pinned on the visit and on the case."""

    item_id: str
    version: int
    category: str
    official: str
    village: str
    mode: Mode
    transact: bool
    """True when a terminal with all the screens can carry the item to its end; what this one can says `readiness`."""
    form: tuple[FormField, ...] = ()
    _: KW_ONLY  # Lists of names look alike: by their place one would be taken for another.
    commitment: str = ""
    """Key of the commitment to be read and agreed to; empty when the item asks none."""
    consent_version: str = ""
    consents: tuple[str, ...] = ()
    """Registers that are asked only after the resident's own word, by their codes."""
    materials: tuple[str, ...] = ()
    """What to bring, by name."""
    papers: tuple[Paper, ...] = ()
    """What is photographed."""
    asks_face: bool = False
    """True when the resident's own face is compared with a register's picture."""
    by_witness: bool = True
    """False where only the register of faces may say that it is her, and no staff member."""
    face_material: str = ""
    """What the guide calls that picture."""
    promised: str = ""
    """What the guide calls the thing that the commitment stands for."""
    deputy_promise: str = NEVER
    """Whether a deputy may make the commitment: NEVER or WITH_AUTHORITY."""
    deputy_who: tuple[str, ...] = ()
    """Who may come in somebody's absence, as the contract names them; empty: nobody."""
    fallback: str = ""
    terms: Terms = Terms()


@dataclass(frozen=True, slots=True)
class Entry:
    """One of a long list: what is answered, and how it reads."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One published release."""

    release: int
    categories: tuple[str, ...]
    home: tuple[str, ...]
    """At most six item ids by the village's frequency."""
    items: tuple[ServiceItem, ...]
    effective_from: str = ""
    """ISO 8601 date; with an item's version it says which edition of a guide is shown."""
    lists: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    """Long lists by name, e.g. banks."""
    here: SiteToday = NOTHING_TOLD
    """The place where it is offered, as it is now."""
    rating_labels: tuple[tuple[str, int], ...] = ()
    """Code and level (5 is best) of the labels that fit a machine, in the order of the public scheme."""
    _by_id: Mapping[str, ServiceItem] = field(init=False, repr=False, compare=False, default_factory=dict)
    """The items by their id: a screen is made of a state again and again, and each asks for its item."""

    def __post_init__(self) -> None:
        # Frozen from here on: this is the one place that fills the index.
        object.__setattr__(self, "_by_id", {item.item_id: item for item in reversed(self.items)})

    def item(self, item_id: str) -> ServiceItem:
        """:raises KeyError: no such item in this release."""
        return self._by_id[item_id]

    def in_category(self, category: str) -> tuple[ServiceItem, ...]:
        return tuple(item for item in self.items if item.category == category)
