"""One `[[item]]` table with its form, typed and checked; what it names elsewhere is checked with the release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backoffice.catalogue.place import Place
from backoffice.domain.items.fields import FieldSpec
from backoffice.domain.items.form import Form, FormField, Source, When
from backoffice.domain.items.item import Item, Limit, Mode, SelfService
from backoffice.domain.items.material import Handling, Material, MaterialKind
from backoffice.domain.items.ruling import Ruling
from backoffice.domain.items.terms import (
    NO_TECHNICAL_REVIEW,
    Deputy,
    DeputyPromise,
    DeputyWho,
    ExpertNeed,
    Fallback,
    Fee,
    FeeKind,
    Guide,
    PlaceKind,
    TechnicalReview,
)

_ITEM_NAMES = (
    *("id", "version", "official", "village", "plain", "department", "level", "subject", "elder", "type_code"),
    *("mode", "case_type", "asks", "legal_limit", "legal_count", "legal_unit", "promised_limit", "promised_count"),
    *("promised_unit", "result", "self_service", "instant", "intelligent", "commitment", "lookups", "reach", "code"),
    *("fee", "deputy", "fallback", "guide", "technical_review", "material"),
)


def item_from(
    row: Mapping[str, Any],
    category: str,
    form: Mapping[str, Any] | None,
    ruling: Ruling | None,
    specs: Mapping[str, FieldSpec],
) -> Item:
    """:raises CatalogueError: something is missing, of a wrong type or out of its list."""
    place = Place(f"items/{category}.toml {row.get('id', '?')}", row)
    place.only(*_ITEM_NAMES)
    item_id = place.text("id")
    if place.number("version") < 1:
        raise place.wrong("version", "1 or more")
    return Item(
        item_id=item_id,
        version=place.number("version"),
        category=category,
        official=place.text("official"),
        village=place.text("village"),
        plain=place.text("plain"),
        department=place.text("department"),
        level=place.word("level", "village", "town", "district", "city"),
        subject=place.word("subject", "person", "legal_person", "both"),
        elder=place.word("elder", "yes", "partly", "no"),
        type_code=place.text("type_code"),
        mode=place.choice("mode", Mode),
        case_type=place.word("case_type", "instant_counter", "promised"),
        materials=tuple(_material(each) for each in place.tables("material")),
        asks=place.texts("asks"),
        fee=_fee(place.table("fee")),
        legal_limit=_limit(place, "legal"),
        promised_limit=_limit(place, "promised"),
        result=place.text("result"),
        self_service=place.choice("self_service", SelfService),
        instant=place.flag("instant"),
        intelligent=place.flag("intelligent"),
        commitment=place.flag("commitment"),
        lookups=place.texts("lookups"),
        reach=place.word("reach", "nation", "province", "local"),
        deputy=_deputy(place.table("deputy")),
        fallback=_fallback(place.table("fallback")),
        code=place.text("code"),
        guide=_guide(place.table("guide")) if place.has("guide") else None,
        technical_review=_technical(place) if place.has("technical_review") else NO_TECHNICAL_REVIEW,
        form=form_from(Place(f"forms/{category}.toml {item_id}", form), specs) if form else None,
        ruling=ruling,
    )


def form_from(place: Place, specs: Mapping[str, FieldSpec]) -> Form:
    """One `[[form]]` table. :raises CatalogueError: malformed, or a field that the dictionary does not know."""
    place.only("item", "consent_version", "commitment", "field")
    fields = tuple(_field(each, specs) for each in place.tables("field"))
    keys = [field.key for field in fields]
    if len(set(keys)) != len(keys):
        raise place.wrong("field", "a key stands twice")
    for at, field in enumerate(fields):
        if field.when is not None:
            _check_when(place, field, fields[:at])
    return Form(place.text("consent_version"), place.text("commitment"), fields)


def _field(place: Place, specs: Mapping[str, FieldSpec]) -> FormField:
    place.only("key", "source", "confirm", "optional", "when", "beside")
    key = place.text("key")
    if key not in specs:
        raise place.wrong("key", f"{key} is not in the dictionary of fields")
    spec = specs[key]
    source = place.choice("source", Source)
    if source is Source.CARD and not any(filler.startswith("card.") for filler in spec.filled_by):
        raise place.wrong("source", f"no card says {key}")
    if source is Source.LOOK_UP and not any(filler.startswith("L") for filler in spec.filled_by):
        raise place.wrong("source", f"no register says {key}")
    return FormField(
        key=key,
        source=source,
        spec=spec,
        confirm=place.flag("confirm", False),
        optional=place.flag("optional", spec.optional),
        when=_when(place.table("when")) if place.has("when") else None,
        beside=place.flag("beside", False),
    )


def _when(place: Place) -> When:
    place.only("key", "answer")
    return When(place.text("key"), place.text("answer"))


def _check_when(place: Place, field: FormField, before: tuple[FormField, ...]) -> None:
    """The answer that a field hangs on is asked for earlier, and is one that can be given."""
    when = field.when
    asked = next((each for each in before if when is not None and each.key == when.key), None)
    if asked is None or when is None or when.answer not in asked.options:
        raise place.wrong(f"field {field.key}.when", "an earlier field and one of its options are needed")


def _material(place: Place) -> Material:
    place.only("kind", "name", "pages", "sides", "quality", "replaced_by", "original", "handling")
    material = Material(
        kind=place.choice("kind", MaterialKind),
        name=place.text("name"),
        pages=place.number("pages", 1),
        sides=place.number("sides", 1),
        quality=place.text("quality", ""),
        replaced_by=place.texts("replaced_by", ()),
        original=place.flag("original", False),
        handling=place.choice("handling", Handling, Handling.NONE.value),
    )
    if material.pages < 0:
        raise place.wrong("pages", "0 = as many as there are, or a number")
    if material.sides not in (1, 2):
        raise place.wrong("sides", "1 or 2")
    if material.original == (material.handling is Handling.NONE):
        raise place.wrong("handling", "said of an original, and of nothing else")
    return material


def _fee(place: Place) -> Fee:
    place.only("kind", "text", "amount_fen", "register")
    fee = Fee(
        place.choice("kind", FeeKind), place.text("text"), place.number("amount_fen", 0), place.text("register", "")
    )
    if (fee.kind is FeeKind.FIXED) != (fee.amount_fen > 0):
        raise place.wrong("amount_fen", "of a fixed fee, and of no other")
    if (fee.kind is FeeKind.BY_BILL) != bool(fee.register):
        raise place.wrong("register", "of a bill, and of nothing else")
    return fee


def _deputy(place: Place) -> Deputy:
    place.only("who", "promise", "text")
    return Deputy(place.choices("who", DeputyWho), place.choice("promise", DeputyPromise), place.text("text"))


def _fallback(place: Place) -> Fallback:
    place.only("where", "text")
    return Fallback(place.choice("where", PlaceKind), place.text("text"))


def _guide(place: Place) -> Guide:
    place.only("place", "hours")
    return Guide(place.choice("place", PlaceKind), place.text("hours"))


def _technical(item: Place) -> TechnicalReview:
    place = item.table("technical_review")
    place.only("need", "what", "basis")
    review = TechnicalReview(place.choice("need", ExpertNeed), place.text("what"), place.text("basis"))
    if review.need is ExpertNeed.NONE:
        raise place.wrong("need", "an item without an expert has no such table")
    if not (review.what and review.basis):
        raise place.wrong("basis", "what is looked at, and the law that asks for it")
    return review


def _limit(place: Place, which: str) -> Limit:
    count = place.number(f"{which}_count")
    unit = place.word(f"{which}_unit", "workday", "day", "hour", "")
    if (count < 0) != (unit == ""):
        raise place.wrong(f"{which}_unit", "of a number, and -1 without one")
    return Limit(place.text(f"{which}_limit"), None if count < 0 else count, unit)
