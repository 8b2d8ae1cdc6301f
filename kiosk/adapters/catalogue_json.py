"""The catalogue as the contract writes it -> `kiosk.domain.catalogue`.

Strict in what it uses: a wrong type, an unknown mode or a reference into nothing is an error that
names the place. Fields it does not know are left alone, so that the back office may add some.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from kiosk.domain.catalogue import (
    CLOSED,
    NEVER,
    Catalogue,
    Entry,
    FieldSource,
    FieldType,
    FormField,
    Mode,
    Paper,
    ServiceItem,
    Terms,
    When,
)

E = TypeVar("E", bound=StrEnum)
MOST_HOME = 6
TO_BRING = ("present", "photo")
"""Kinds of material; what a register answers and what is promised is not brought."""

FACE = "face"
"""Quality of a picture of the resident's own face."""


class UnreadableCatalogue(ValueError):
    """Names the place, e.g. `catalogue.items[3].form[0].source: unknown value 'sms'`."""


def parse_catalogue(document: str | bytes | Mapping[str, object]) -> Catalogue:
    """
    :param document: the answer of `GET /v1/catalogue`, as text or decoded.
    :raises UnreadableCatalogue: not usable; the release before it stays in force.
    """
    root = _Place("catalogue", _decoded(document))
    categories = root.texts("categories")
    items = tuple(_item(place) for place in root.children("items"))
    release = root.number("release")
    home = root.texts("home")
    ids = [item.item_id for item in items]
    _unique(ids, "items")
    _unique(categories, "categories")
    _known(home, ids, "home")
    _known([item.category for item in items], categories, "items: category")
    if not items or not home or len(home) > MOST_HOME:
        raise UnreadableCatalogue(f"home: 1 to {MOST_HOME} items are needed, here {len(home)} of {len(items)}")
    lists = _lists(root.child("lists"))
    _known([field.table for item in items for field in item.form if field.table], lists, "form: table")
    labels = tuple((label.text("code"), label.number("level")) for label in root.children("rating_labels"))
    return Catalogue(release, categories, home, items, root.text("effective_from", ""), lists, rating_labels=labels)


def _lists(place: _Place) -> dict[str, tuple[Entry, ...]]:
    return {
        name: tuple(Entry(entry.text("code"), entry.text("label")) for entry in place.children(name))
        for name in place.names()
    }


def _item(place: _Place) -> ServiceItem:
    materials = place.children("materials")
    item_id = place.text("item_id")
    brought = [material for material in materials if material.text("kind") in TO_BRING]
    return ServiceItem(
        item_id=item_id,
        version=place.number("version"),
        category=place.text("category"),
        official=place.text("official"),
        village=place.text("village"),
        mode=place.choice("mode", Mode),
        transact=place.flag("transact"),
        form=tuple(_field(field) for field in place.children("form")),
        commitment=place.text("commitment", "") or "",
        consent_version=place.text("consent_version", ""),
        by_witness=place.flag("witness", True),
        consents=place.texts("consents", ()),
        materials=tuple(material.text("name") for material in brought),
        papers=_papers(item_id, materials),
        asks_face=any(field.text("type", "") == "picture" for field in place.children("form")),
        face_material=_named(materials, lambda material: material.text("quality", "") == FACE),
        promised=_named(materials, lambda material: material.text("kind") == "promise"),
        deputy_promise=place.child("deputy").text("promise", NEVER),
        deputy_who=place.child("deputy").texts("who", ()),
        fallback=place.child("fallback").text("text", ""),
        terms=_terms(place),
    )


DESKS = {"village_desk": "who.village_clerk", "home_visit": "who.village_clerk"}
"""Whose hours a kind of place keeps that no guide names; all others keep the town's."""


def _terms(place: _Place) -> Terms:
    guide = place.child("guide")
    where = guide.text("place", "") or place.child("fallback").text("where", "")
    fee = place.child("fee")
    return Terms(
        place=where,
        hours=guide.text("hours", "") or DESKS.get(where, "who.town_desk"),
        department=place.text("department", ""),
        deputy=place.child("deputy").text("text", ""),
        fee=fee.text("text", ""),
        is_free=fee.text("kind", "") == "free",
        limit=place.child("promised_limit").text("text", ""),
    )


def _papers(item_id: str, materials: Sequence[_Place]) -> tuple[Paper, ...]:
    """What is photographed; each has its place among the materials in its key."""
    return tuple(
        Paper(
            key=f"paper.{item_id}.{n}",
            name=material.text("name"),
            quality=material.text("quality", "page"),
            pages=material.number("pages", 1),
            sides=material.number("sides", 1),
            replaced_by=material.texts("replaced_by", ()),
        )
        for n, material in enumerate(materials, start=1)
        if material.text("kind") == "photo"
    )


def _named(materials: Sequence[_Place], fits: Callable[[_Place], bool]) -> str:
    """Name of the first that fits, empty without one."""
    return next((material.text("name") for material in materials if fits(material)), "")


def _field(place: _Place) -> FormField:
    field = FormField(
        key=place.text("key"),
        source=place.choice("source", FieldSource),
        options=place.texts("options", ()),
        confirm=place.flag("confirm", False),
        optional=place.flag("optional", False),
        type=place.choice("type", FieldType),
        check=place.text("check", ""),
        when=_when(place.child("when")) if place.has("when") else None,
        table=place.text("table", ""),
        sensitive=place.flag("sensitive", False),
        beside=place.flag("beside", False),
        not_before=place.text("not_before", ""),
        unit=place.text("unit", ""),
        least=place.measure("least"),
        most=place.measure("most"),
        alphabet=place.text("alphabet", ""),
    )
    if field.type in CLOSED and not field.options:
        raise UnreadableCatalogue(f"{place.name}.options: a question needs closed answers")
    return field


def _when(place: _Place) -> When:
    return When(place.text("key"), place.text("answer"))


def _decoded(document: str | bytes | Mapping[str, object]) -> object:
    if not isinstance(document, (str, bytes)):
        return document
    try:
        decoded: object = json.loads(document)
    except ValueError as error:
        raise UnreadableCatalogue("catalogue: no JSON") from error
    return decoded


def _unique(names: list[str] | tuple[str, ...], place: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnreadableCatalogue(f"{place}: twice {', '.join(twice)}")


def _known(names: Iterable[str], known: Iterable[str], place: str) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise UnreadableCatalogue(f"{place}: unknown {', '.join(unknown)}")


_NEEDED: Any = object()


class _Place:
    """An object of the document and the way to it, for error texts."""

    def __init__(self, name: str, data: object) -> None:
        if not isinstance(data, Mapping):
            raise UnreadableCatalogue(f"{name}: an object is needed")
        self.name, self._data = name, data

    def _get(self, key: str, kind: type, default: Any) -> Any:
        value = self._data.get(key)
        if value is None:
            if default is _NEEDED:
                raise UnreadableCatalogue(f"{self.name}.{key}: missing")
            return default
        # bool is an int in Python; in the contract it is not.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise UnreadableCatalogue(f"{self.name}.{key}: {kind.__name__} is needed, not {type(value).__name__}")
        return value

    def text(self, key: str, default: Any = _NEEDED) -> str:
        text: str = self._get(key, str, default)
        if default is _NEEDED and not text:
            raise UnreadableCatalogue(f"{self.name}.{key}: empty")
        return text

    def number(self, key: str, default: Any = _NEEDED) -> int:
        number: int = self._get(key, int, default)
        if number < 0:
            raise UnreadableCatalogue(f"{self.name}.{key}: negative")
        return number

    def measure(self, key: str) -> float | None:
        value = self._data.get(key)
        if value is not None and (not isinstance(value, (int, float)) or isinstance(value, bool)):
            raise UnreadableCatalogue(f"{self.name}.{key}: a number is needed, not {type(value).__name__}")
        return value

    def names(self) -> tuple[str, ...]:
        return tuple(map(str, self._data))

    def flag(self, key: str, default: Any = _NEEDED) -> bool:
        return bool(self._get(key, bool, default))

    def texts(self, key: str, default: Any = _NEEDED) -> tuple[str, ...]:
        values = self._get(key, list, default)
        if not all(isinstance(value, str) and value for value in values):
            raise UnreadableCatalogue(f"{self.name}.{key}: only texts are allowed")
        return tuple(values)

    def choice(self, key: str, kind: type[E]) -> E:
        text = self.text(key)
        try:
            return kind(text)
        except ValueError as error:
            raise UnreadableCatalogue(f"{self.name}.{key}: unknown value {text!r}") from error

    def child(self, key: str) -> _Place:
        return _Place(f"{self.name}.{key}", self._get(key, Mapping, {}))

    def has(self, key: str) -> bool:
        return self._data.get(key) is not None

    def children(self, key: str) -> list[_Place]:
        return [_Place(f"{self.name}.{key}[{i}]", child) for i, child in enumerate(self._get(key, list, []))]
