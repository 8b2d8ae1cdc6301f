from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from kiosk.adapters.catalogue_json import UnreadableCatalogue, parse_catalogue
from kiosk.domain.catalogue import Entry, FieldSource, FieldType, Mode

ITEM: dict[str, Any] = {
    "item_id": "XA032",
    "version": 1,
    "category": "welfare",
    "official": "高龄津贴",
    "village": "老人补贴",
    "plain": "八十岁以上每个月领",
    "mode": "apply",
    "transact": True,
    "form": [
        {"key": "account", "type": "account", "source": "look_up", "options": ["yes", "other", "none"], "confirm": True}
    ],
    "commitment": "",
    "consent_version": "2026-1",
    "materials": [{"kind": "shared", "name": "户口簿"}, {"kind": "present", "name": "身份证"}],
    "fallback": {"where": "town_desk", "text": ""},
    "self_service": True,
    "instant": True,
}
GUIDE: dict[str, Any] = {
    "item_id": "XA001",
    "version": 3,
    "category": "pension",
    "official": "养老",
    "village": "养老金",
    "mode": "guide",
    "transact": False,
    "form": [],
    "materials": [{"kind": "present", "name": "id_card"}, {"kind": "photo", "name": "form"}],
}
CATALOGUE: dict[str, Any] = {
    "release": 1,
    "effective_from": "2026-01-01",
    "categories": ["pension", "welfare"],
    "home": ["XA032", "XA001"],
    "items": [ITEM, GUIDE],
}


def changed(path: list[str | int], value: object) -> dict[str, Any]:
    document = copy.deepcopy(CATALOGUE)
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return document


def test_a_catalogue_is_read_from_text_or_decoded() -> None:
    catalogue = parse_catalogue(json.dumps(CATALOGUE))
    assert catalogue == parse_catalogue(CATALOGUE)
    assert catalogue.effective_from == "2026-01-01"
    item = catalogue.item("XA032")
    assert (item.mode, item.transact, item.consent_version) == (Mode.APPLY, True, "2026-1")
    field = item.form[0]
    assert (field.key, field.source, field.options, field.confirm) == (
        "account",
        FieldSource.LOOK_UP,
        ("yes", "other", "none"),
        True,
    )
    assert (item.materials, item.papers) == (("身份证",), ())
    guide = catalogue.item("XA001")
    assert (guide.materials, [paper.name for paper in guide.papers]) == (("id_card", "form"), ["form"])


def test_a_free_answer_needs_no_options_and_an_optional_one_is_marked() -> None:
    asked = {"key": "phone", "source": "ask", "options": [], "confirm": False, "optional": True, "type": "phone"}
    field = parse_catalogue(changed(["items", 0, "form", 0], asked)).item("XA032").form[0]
    assert (field.options, field.optional, field.is_question) == ((), True, True)


def test_a_field_is_read_with_its_type_its_bounds_and_its_condition() -> None:
    asked = {
        "key": "bank",
        "type": "table",
        "check": "in_table",
        "source": "ask",
        "table": "banks",
        "sensitive": True,
        "least": 0.5,
        "most": 9,
        "when": {"key": "account", "answer": "other"},
    }
    lists = {"banks": [{"code": "rural", "label": "农商银行"}]}
    document = {**changed(["items", 0, "form"], [asked]), "lists": lists}
    catalogue = parse_catalogue(document)
    field = catalogue.item("XA032").form[0]
    assert (field.type, field.check, field.table, field.sensitive) == (FieldType.TABLE, "in_table", "banks", True)
    assert (field.least, field.most) == (0.5, 9)
    assert not field.applies({"account": "yes"}) and field.applies({"account": "other"})
    assert catalogue.lists["banks"] == (Entry("rural", "农商银行"),)
    with pytest.raises(UnreadableCatalogue, match="table: unknown banks"):
        parse_catalogue({**document, "lists": {}})


def test_a_field_that_came_later_disturbs_nobody() -> None:
    assert parse_catalogue(changed(["items", 0, "new_field"], {"a": 1})) == parse_catalogue(CATALOGUE)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["release"], ..., "catalogue.release: missing"),
        (["release"], "1", "catalogue.release: int is needed, not str"),
        (["release"], True, "catalogue.release: int is needed, not bool"),
        (["items"], {}, "catalogue.items: list is needed"),
        (["items", 0], "XA032", "catalogue.items[0]: an object is needed"),
        (["items", 0, "item_id"], "", "catalogue.items[0].item_id: empty"),
        (["items", 0, "version"], -1, "catalogue.items[0].version: negative"),
        (["items", 1, "mode"], "dance", "catalogue.items[1].mode: unknown value 'dance'"),
        (["items", 0, "transact"], ..., "catalogue.items[0].transact: missing"),
        (["items", 0, "transact"], 1, "catalogue.items[0].transact: bool is needed"),
        (["items", 0, "form", 0, "source"], "sms", "catalogue.items[0].form[0].source: unknown value 'sms'"),
        (["items", 0, "form", 0, "type"], "dance", "catalogue.items[0].form[0].type: unknown value 'dance'"),
        (["items", 0, "form", 0, "least"], "1", "catalogue.items[0].form[0].least: a number is needed"),
        (["items", 0, "form", 0, "options"], [], "catalogue.items[0].form[0].options"),
        (["items", 0, "form", 0, "options"], [1], "catalogue.items[0].form[0].options: only texts"),
        (["items", 0, "category"], "police", "items: category: unknown police"),
        (["items", 1, "item_id"], "XA032", "items: twice XA032"),
        (["home"], ["XA999"], "home: unknown XA999"),
        (["home"], [], "home: 1 to 6"),
        (["categories"], ["pension", "pension", "welfare"], "categories: twice pension"),
    ],
)
def test_a_wrong_catalogue_is_refused_with_its_place(path: list[str | int], value: object, message: str) -> None:
    with pytest.raises(UnreadableCatalogue) as caught:
        parse_catalogue(changed(path, value))
    assert message in str(caught.value)


@pytest.mark.parametrize("document", ["", "{", "[]", "null"])
def test_what_is_no_object_is_refused(document: str) -> None:
    with pytest.raises(UnreadableCatalogue):
        parse_catalogue(document)
