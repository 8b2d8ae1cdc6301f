"""Release 1: the district's list, in files and in the database."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.catalogue.fields import fields_of
from backoffice.catalogue.items import item_from
from backoffice.catalogue.release import CatalogueError, read_raw, read_release, read_tables, release_of
from backoffice.catalogue.stored import item_version, newest, publish
from backoffice.catalogue.writing import write_release
from backoffice.domain.items.form import Source
from backoffice.domain.items.item import MaterialKind, Mode, Release, SelfService
from backoffice.domain.items.terms import AUTHORITY, DeputyPromise, DeputyWho, ExpertNeed, Fee, FeeKind
from backoffice.office import Office
from backoffice.paths import catalogue_dir
from backoffice.publishing.guide import guide_of

CATEGORIES = [
    *("pension", "work", "medical", "welfare", "disability", "health"),
    *("police", "housing", "farming", "veterans", "market", "utilities"),
]


@pytest.fixture(scope="module")
def release() -> Release:
    return read_release(catalogue_dir())


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield Path(shutil.copytree(catalogue_dir(), tmp_path / "catalogue"))


def test_the_district_offers_106_items_numbered_without_a_gap(release: Release) -> None:
    assert sorted(release.items) == [f"XA{number:03d}" for number in range(1, 107)]


def test_78_items_are_on_the_self_service_list_and_6_are_added_by_the_kiosk(release: Release) -> None:
    counts = Counter(item.self_service for item in release.items.values())
    assert counts == {SelfService.YES: 78, SelfService.EXTENSION: 6, SelfService.NO: 22}


def test_46_items_are_instant_17_of_them_by_rules_and_12_of_those_with_a_commitment(release: Release) -> None:
    items = release.items.values()
    instant = {item.item_id for item in items if item.instant}
    by_rules = {item.item_id for item in items if item.intelligent}
    promised = {item.item_id for item in items if item.intelligent and item.commitment}
    assert (len(instant), len(by_rules), len(promised)) == (46, 17, 12)
    assert by_rules <= instant
    assert all(release.items[item_id].self_service is SelfService.YES for item_id in instant)


def test_rules_serve_five_departments(release: Release) -> None:
    assert len({item.department for item in release.items.values() if item.intelligent}) == 5


def test_33_items_are_for_elders(release: Release) -> None:
    assert sum(item.elder == "yes" for item in release.items.values()) == 33


def test_materials_average_as_the_district_counted_them(release: Release) -> None:
    """2.19 a service and 1.25 to be shown in the original; the list counted "nothing" of one item as a material."""
    materials = [material for item in release.items.values() for material in item.materials]
    shown = [material for material in materials if material.kind is MaterialKind.PRESENT]
    assert round((len(materials) + 1) / 106, 2) == 2.19
    assert round(len(shown) / 106, 2) == 1.25


def test_every_item_has_a_place_two_names_a_plain_sentence_and_a_code(release: Release) -> None:
    assert list(release.categories) == CATEGORIES
    for item in release.items.values():
        assert item.category in CATEGORIES
        assert item.official and item.village and item.plain
        assert len(item.code) == 31


def test_home_shows_at_most_six_items_the_allowance_first(release: Release) -> None:
    assert release.home == ("XA032", "XA002", "XA009", "XA031", "XA007")


def test_84_items_have_a_form_and_22_a_guide_and_none_has_both(release: Release) -> None:
    transacted = {item.item_id for item in release.items.values() if item.transact}
    guided = {item.item_id for item in release.items.values() if item.guide}
    assert (len(transacted), len(guided), transacted & guided) == (84, 22, set())


def test_the_allowance_asks_for_the_account_and_decides_by_its_rules(release: Release) -> None:
    item = release.items["XA032"]
    assert item.form is not None
    asked = {field.key: field for field in item.form.fields}
    assert {key for key, field in asked.items() if field.must_be_answered({})} == {"account"}
    assert (asked["account"].source, asked["account"].options, asked["account"].confirm) == (
        Source.LOOK_UP,
        ("yes", "other", "none"),
        True,
    )
    assert [rule.rule_id for rule in item.rules] == [
        *("age", "household", "alive", "duplicate", "account_choice", "account")
    ]
    assert all(rule.legal_basis and rule.author != rule.signer for rule in item.rules)


def test_the_items_of_which_an_expert_must_or_may_be_asked_say_so_with_the_law(release: Release) -> None:
    named = {item.item_id: item.technical_review for item in release.items.values() if item.technical_review.what}
    required = {item_id for item_id, review in named.items() if review.need is ExpertNeed.REQUIRED}
    assert required == {"XA027", "XA041", "XA047", "XA082", "XA097"}
    assert named.keys() - required == {"XA046", "XA056"}
    assert all(review.basis for review in named.values())
    decided_by_rules = {item.item_id for item in release.items.values() if item.intelligent}
    assert not required & decided_by_rules and all(release.items[item_id].mode is Mode.APPLY for item_id in named)
    guide = guide_of(release, "XA097")
    assert any(named["XA097"].what in block.lines for block in guide.blocks)


def test_what_is_decided_at_once_and_wants_a_commitment_has_its_text_and_nobody_else_has(release: Release) -> None:
    promised = {item.item_id: item.form.commitment for item in release.items.values() if item.form}
    assert {item_id for item_id, key in promised.items() if key} == {
        item.item_id for item in release.items.values() if item.instant and item.commitment
    }
    assert {"XA026", "XA064", "XA065", "XA074", "XA093"} < {item_id for item_id, key in promised.items() if key}
    assert all(key in ("", f"commitment.{item_id}") for item_id, key in promised.items())


def test_the_dictionary_has_each_meaning_once_and_every_one_is_asked(release: Release) -> None:
    asked = {field.key for item in release.items.values() if item.form for field in item.form.fields}
    assert asked == set(release.fields)
    assert 90 <= len(release.fields) <= 130
    assert len({spec.label for spec in release.fields.values()}) >= len(release.fields) - 1
    assert all(len(spec.options) <= 4 for spec in release.fields.values())


def test_every_photo_has_a_capture_rule_and_every_substitute_is_a_look_up_of_its_item(release: Release) -> None:
    for item in release.items.values():
        for material in item.materials:
            assert material.kind is not MaterialKind.PHOTO or material.quality in release.capture_rules
            assert set(material.replaced_by) - {"promise"} <= set(item.lookups)


def test_nobody_promises_for_somebody_without_authority(release: Release) -> None:
    promising = [item for item in release.items.values() if item.deputy.promise is DeputyPromise.WITH_AUTHORITY]
    assert promising and all(AUTHORITY & set(item.deputy.who) for item in promising)
    assert all(item.form and item.form.commitment for item in promising)
    assert release.items["XA010"].deputy.who == (DeputyWho.VISIT,) and not release.items["XA010"].deputy.allowed
    assert release.items["XA044"].deputy.who == ()


def test_fees_are_numbers_where_they_were_published_as_numbers(release: Release) -> None:
    assert release.items["XA069"].fee == Fee(FeeKind.FIXED, "10元", 1000)
    assert release.items["XA101"].fee.register == "L30"
    assert {item.fee.register for item in release.items.values() if item.fee.register} == {"L19", "L30", "L31"}
    assert all(item.fee.kind is not FeeKind.STATED or not item.transact for item in release.items.values())


@pytest.mark.parametrize(
    ("age", "fen"), [(79, 0), (80, 10000), (89, 10000), (90, 20000), (99, 20000), (100, 110000), (110, 110000)]
)
def test_the_amount_follows_the_age(release: Release, age: int, fen: int) -> None:
    ruling = release.items["XA032"].ruling
    assert ruling is not None and ruling.amount_fen(age) == fen


def test_the_contract_shows_the_catalogue(terminal: Any, release: Release) -> None:
    answer = terminal.call("GET", "/v1/catalogue")
    document = answer.json()
    shown = {item["item_id"]: item for item in document["items"]}
    assert (document["release"], document["categories"], len(shown)) == (1, CATEGORIES, 106)
    assert sum(item["self_service"] for item in shown.values()) == 78
    assert sum(item["instant"] for item in shown.values()) == 46
    assert shown["XA032"]["consent_version"] == "2026-1" and shown["XA032"]["transact"]
    account = next(field for field in shown["XA032"]["form"] if field["key"] == "account")
    assert (account["type"], account["options"], account["sensitive"]) == ("account", ["yes", "other", "none"], True)
    assert [material["name"] for material in shown["XA032"]["materials"]] == ["身份证", "户口簿", "银行账户"]
    assert sum(item["transact"] for item in shown.values()) == 84
    assert shown["XA062"]["guide"] == {"place": "police_station", "hours": "who.town_desk"}
    assert {item["mode"] for item in shown.values()} == {mode.value for mode in Mode}


def test_an_unchanged_catalogue_is_not_sent_again(terminal: Any) -> None:
    tag = terminal.call("GET", "/v1/catalogue").headers["etag"]
    headers = {**terminal.headers("GET", "/v1/catalogue", b""), "If-None-Match": tag}
    again = terminal.sent("GET", "/v1/catalogue", b"", headers)
    assert (again.status_code, again.content) == (304, b"")


def test_the_exported_folder_reads_the_same(office: Office, tmp_path: Path) -> None:
    with office.database.read() as connection:
        published = newest(connection)
    write_release(tmp_path / "out", published)
    assert read_raw(tmp_path / "out") == read_raw(catalogue_dir()) == published
    assert release_of(published) == office.release


def test_an_item_may_not_change_under_its_version(office: Office, folder: Path) -> None:
    file = folder / "items" / "pension.toml"
    file.write_text(file.read_text("utf-8").replace("参加老人钱", "别的名字"), "utf-8")
    (folder / "release.toml").write_text(
        (folder / "release.toml").read_text("utf-8").replace("release = 1", "release = 2"), "utf-8"
    )
    with pytest.raises(CatalogueError, match="XA001"), office.database.write() as connection:
        publish(connection, read_raw(folder), "2026-12-01T00:00:00+08:00")
    with office.database.read() as connection:
        assert newest(connection).head["release"] == 1


def test_an_older_version_stays_readable_after_a_new_release(office: Office, folder: Path) -> None:
    own = folder / "rules" / "XA032.toml"
    own.write_text(own.read_text("utf-8").replace("\nversion = 1\n", "\nversion = 2\n", 1), "utf-8")
    file = folder / "items" / "welfare.toml"
    file.write_text(file.read_text("utf-8").replace('id = "XA032"\nversion = 1', 'id = "XA032"\nversion = 2'), "utf-8")
    head = folder / "release.toml"
    head.write_text(head.read_text("utf-8").replace("release = 1", "release = 2"), "utf-8")
    with office.database.write() as connection:
        publish(connection, read_raw(folder), "2026-12-01T00:00:00+08:00")
        old, new = item_version(connection, "XA032", 1), item_version(connection, "XA032", 2)
        assert release_of(newest(connection)).items["XA032"].version == 2
    assert old is not None and new is not None
    assert replace(new, version=1) == old


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("release.toml", "post:catalogue_signer", "post:catalogue_writer", "does not sign"),
        ("release.toml", '"XA007"', '"XA999"', "known items"),
        ("rules/XA032.toml", "post:welfare_rule_signer", "post:welfare_rule_writer", "does not release"),
        ("rules/XA032.toml", '"age_years >= 80"', '"has(a.age_years)"', "absent"),
        ("rules/XA032.toml", '"age_years >= 80"', '"age_years >="', "not a CEL"),
        ("rules/XA032.toml", 'item = "XA032"', 'item = "XA033"', "XA033"),
        ("items/welfare.toml", 'mode = "apply"', 'mode = "wish"', "wish"),
        ("items/welfare.toml", 'id = "XA033"', 'id = "XA032"', "twice"),
        ("items/welfare.toml", "version = 1", "version =", "welfare.toml"),
        ("items/welfare.toml", 'elder = "partly"', 'elder = "old"', "elder: 'old' is none of yes, partly, no"),
        ("items/welfare.toml", "version = 1", "version = 0", "XA032.version: 1 or more"),
        ("items/welfare.toml", 'legal_unit = "workday"', 'legal_unit = ""', "XA032.legal_unit: of a number"),
        ("release.toml", '"2026-01-01"', '"2026-1-1"', "effective_from: a day like 2026-01-31"),
        ("items/welfare.toml", "fallback = {", "fall_back = {", "XA032: unknown fall_back"),
        ("items/welfare.toml", 'quality = "receipt"', 'quality = "sharp"', "单据: there is no capture rule sharp"),
        ("items/welfare.toml", 'quality = "receipt"\n', "", "单据: a photo needs a capture rule"),
        ("items/welfare.toml", 'replaced_by = ["L16"]', 'replaced_by = ["L30"]', "L30 is none of the item's look-ups"),
        ("items/welfare.toml", 'promise = "never"', 'promise = "always"', "deputy.promise: 'always' is none of"),
        ("items/market.toml", 'need = "required"', 'need = "none"', "XA097.technical_review.need: an item without"),
        ("items/market.toml", 'what = "经营场所现场核查"', 'what = ""', "XA097.technical_review"),
        ("items/police.toml", "amount_fen = 1000", "amount_fen = 0", "XA069.fee.amount_fen"),
        ("items/police.toml", 'register = "L31"', 'register = "L30"', "XA068.fee: L30 is none"),
        ("items/police.toml", 'guide = { place = "police_station"', 'guide = { place = "moon"', "'moon' is none of"),
        ("forms/welfare.toml", 'item = "XA033"', 'item = "XA037"', "XA033: needs a form"),
        (
            "forms/welfare.toml",
            'key = "account"',
            'key = "acount"',
            "XA032.field[1].key: acount is not in the dictionary",
        ),
        (
            "forms/welfare.toml",
            'key = "emergency_kind"\nsource = "ask"',
            'key = "bank"\nsource = "look_up"',
            "field bank: L16 is",
        ),
        ("forms/welfare.toml", 'source = "look_up"', 'source = "sms"', "field[1].source: 'sms' is none of card"),
        ("forms/welfare.toml", 'commitment = "commitment.XA034"', 'commitment = ""', "commitment.XA034 is needed"),
        ("forms/medical.toml", 'commitment = "commitment.XA026"', 'commitment = ""', "commitment.XA026 is needed"),
        ("rules/XA026.toml", "check_workdays = 60", "check_workdays = 0", "XA026.toml: a commitment is checked within"),
        ("forms/welfare.toml", 'answer = "other"', 'answer = "maybe"', "an earlier field and one of its options"),
        ("fields.toml", 'check = "mainland_phone"', 'check = "bank_card"', "phone.check: phone is checked by"),
        ("fields.toml", 'key = "phone"', 'key = "agent"', "agent.key: stands twice"),
        ("fields.toml", 'table = "banks"', 'table = "shops"', "bank.table: there is no list shops"),
        ("fields.toml", 'filled_by = ["L16"]', 'filled_by = ["sky"]', "sky is no element of a card and no look-up"),
        ("fields.toml", 'options = ["yes", "no"]', 'options = ["no", "yes"]', "options: yes and no"),
        ("capture_rules.toml", 'id = "receipt"', 'id = "page"', "page stands twice"),
        ("lists.toml", "[[banks]]", "[[bank]]", "bank"),
    ],
)
def test_a_catalogue_that_must_not_be_released_is_refused(
    folder: Path, file: str, old: str, new: str, complaint: str
) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(CatalogueError) as refused:
        read_release(folder)
    assert complaint in str(refused.value)


RAW = read_raw(catalogue_dir())
SPECS = fields_of(RAW.fields, RAW.lists)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
def test_whatever_stands_in_a_file_is_read_or_refused_with_its_place(data: st.DataObject) -> None:
    category, row = data.draw(st.sampled_from(RAW.rows))
    form = RAW.forms.get(row["id"])
    name = data.draw(st.sampled_from(sorted(row)))
    broken = {**row, name: data.draw(JUNK)}
    if form is not None and data.draw(st.booleans()):
        field = dict(data.draw(st.sampled_from(form["field"])))
        field[data.draw(st.sampled_from(["key", "source", "confirm", "when", "beside", "what"]))] = data.draw(JUNK)
        broken, form = dict(row), {**form, "field": [field]}
    try:
        item_from(broken, category, form, None, SPECS)
    except CatalogueError as refused:
        assert f"{category}.toml" in str(refused)


@given(st.data())
def test_whatever_stands_in_the_dictionary_is_read_or_refused(data: st.DataObject) -> None:
    entry = dict(data.draw(st.sampled_from(RAW.fields)))
    entry[data.draw(st.sampled_from([*entry, "least", "table", "what"]))] = data.draw(JUNK)
    try:
        fields_of([entry], RAW.lists)
    except CatalogueError as refused:
        assert str(refused).startswith("fields.toml ")


def test_the_rating_labels_are_the_forty_of_the_standard_and_26_fit_a_machine() -> None:
    labels = read_tables(catalogue_dir()).labels
    assert len(labels) == 40
    assert Counter(label.level for label in labels.values()) == dict.fromkeys(range(1, 6), 8)
    assert sum(label.at_kiosk for label in labels.values()) == 26
    assert all(code[0] == str(label.level) for code, label in labels.items())


def test_the_district_has_ten_divisions() -> None:
    towns = read_tables(catalogue_dir()).towns
    assert len(towns) == 10 and all(code.startswith("350213") and len(code) == 9 for code in towns)
