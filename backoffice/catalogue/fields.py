"""`fields.toml`, `capture_rules.toml` and the long lists: read and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from backoffice.catalogue.place import Place
from backoffice.domain.items.answer_checks import Bounds
from backoffice.domain.items.fields import CHECKS_OF_TYPE, MOST_ON_A_SCREEN, FieldSpec, FieldType
from backoffice.domain.items.material import CaptureRule

CARD_ELEMENTS = frozenset({"card.name", "card.number", "card.birth", "card.address", "card.sex"})
_CLOSED = (FieldType.CHOICE, FieldType.YES_NO, FieldType.ACCOUNT)
GUIDE_WORDS = "guide_words"
"""Among the lists: the words of the guides, released with what they say."""
VILLAGES = "villages"
"""The one long list that is not the catalogue's: divisions change by their own calendar."""


def fields_of(
    rows: Iterable[Mapping[str, Any]], lists: Iterable[str], file: str = "fields.toml"
) -> dict[str, FieldSpec]:
    """The dictionary, in the order of its file.

    :param lists: names of the long lists that there are.
    :raises CatalogueError: an entry is malformed, or names what there is not.
    """
    known_lists = {*lists, VILLAGES}
    specs: dict[str, FieldSpec] = {}
    for at, row in enumerate(rows):
        place = Place(f"{file} field[{at}]", row)
        spec = _spec(place)
        place = Place(f"{file} {spec.key}", row)
        if spec.key in specs:
            raise place.wrong("key", "stands twice")
        if spec.table and spec.table not in known_lists:
            raise place.wrong("table", f"there is no list {spec.table}")
        specs[spec.key] = spec
    for spec in specs.values():
        if spec.not_before and specs.get(spec.not_before, spec).type is not spec.type:
            raise Place(f"{file} {spec.key}", {}).wrong("not_before", f"{spec.not_before} is no {spec.type}")
    return specs


def _spec(place: Place) -> FieldSpec:
    place.only(
        *("key", "label", "type", "check", "options", "option_labels", "optional", "sensitive", "filled_by"),
        *("table", "not_before", "unit", "least", "most", "alphabet"),
    )
    spec = FieldSpec(
        key=place.text("key"),
        label=place.text("label"),
        type=place.choice("type", FieldType),
        check=place.text("check"),
        options=place.texts("options", ()),
        option_labels=place.texts("option_labels", ()),
        optional=place.flag("optional", False),
        sensitive=place.flag("sensitive", False),
        filled_by=place.texts("filled_by", ()),
        table=place.text("table", ""),
        not_before=place.text("not_before", ""),
        unit=place.text("unit", ""),
        bounds=Bounds(place.bound("least"), place.bound("most"), place.text("alphabet", "")),
    )
    _check_spec(Place(f"{place.name} {spec.key}", {}), spec)
    return spec


def _check_spec(place: Place, spec: FieldSpec) -> None:
    if not spec.key.isidentifier() or spec.key != spec.key.lower():
        raise place.wrong("key", "small letters, digits and low lines")
    if spec.check not in CHECKS_OF_TYPE[spec.type]:
        raise place.wrong("check", f"{spec.type} is checked by {', '.join(sorted(CHECKS_OF_TYPE[spec.type]))}")
    if (spec.type in _CLOSED) != bool(spec.options):
        raise place.wrong("options", f"{'needed' if not spec.options else 'not possible'} for {spec.type}")
    if len(spec.options) > MOST_ON_A_SCREEN or len(set(spec.options)) != len(spec.options):
        raise place.wrong("options", f"at most {MOST_ON_A_SCREEN}, each once")
    if spec.type is FieldType.YES_NO and spec.options != ("yes", "no"):
        raise place.wrong("options", "yes and no")
    if len(spec.option_labels) != len(spec.options):
        raise place.wrong("option_labels", "one an option")
    if spec.type is FieldType.TABLE and not spec.table:
        raise place.wrong("table", "missing")
    if spec.type is FieldType.PLATE and not spec.bounds.alphabet:
        raise place.wrong("alphabet", "missing")
    for source in spec.filled_by:
        if source not in CARD_ELEMENTS and not (len(source) == 3 and source[0] == "L" and source[1:].isdigit()):
            raise place.wrong("filled_by", f"{source} is no element of a card and no look-up")


def capture_rules_of(rows: Iterable[Mapping[str, Any]], file: str = "capture_rules.toml") -> dict[str, CaptureRule]:
    """:raises CatalogueError: an entry is malformed."""
    rules: dict[str, CaptureRule] = {}
    for at, row in enumerate(rows):
        place = Place(f"{file} rule[{at}]", row)
        place.only("id", "label", "least_dpi", "whole_page", "glare", "face")
        rule = CaptureRule(
            rule_id=place.text("id"),
            label=place.text("label"),
            least_dpi=place.number("least_dpi"),
            whole_page=place.flag("whole_page"),
            glare=place.flag("glare"),
            face=place.flag("face"),
        )
        if rule.rule_id in rules:
            raise place.wrong("id", f"{rule.rule_id} stands twice")
        rules[rule.rule_id] = rule
    return rules


def lists_of(entries: Mapping[str, Iterable[Mapping[str, Any]]], file: str = "lists.toml") -> dict[str, dict[str, str]]:
    """Name of a list -> code -> label. :raises CatalogueError: a code stands twice or nothing is in a list."""
    found: dict[str, dict[str, str]] = {}
    for name, rows in entries.items():
        found[name] = {}
        for at, row in enumerate(rows):
            place = Place(f"{file} {name}[{at}]", row)
            place.only("code", "label")
            if place.text("code") in found[name]:
                raise place.wrong("code", "stands twice")
            found[name][place.text("code")] = place.text("label")
        if not found[name]:
            raise Place(f"{file} {name}", {}).wrong("code", "missing")
    return found
