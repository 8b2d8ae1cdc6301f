"""Releases after the first: who may publish what, from when it is served, and what its history tells."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, or_, select

from backoffice.__main__ import main
from backoffice.api.catalogue import ServedCatalogue, catalogue_json
from backoffice.api.catalogue_beside import Beside
from backoffice.catalogue.channels import Channel
from backoffice.catalogue.in_force import number_in_force
from backoffice.catalogue.release import CatalogueError, RawRelease, read_raw, read_release, read_tables
from backoffice.catalogue.stored import item_version, newest, stored_release
from backoffice.catalogue.writing import write_release
from backoffice.clock import CHINA, clock_from
from backoffice.domain.changes import changed_paths
from backoffice.domain.items.item import MaterialKind, Release
from backoffice.office import Office, open_office
from backoffice.paths import catalogue_dir
from backoffice.publishing.guide import guide_of
from backoffice.publishing.publishing import PublishError, history, publish_folder
from backoffice.store.tables.catalogue import item_channel

WRITER, SIGNER = "post:writer", "post:signer"
NEXT_MONTH = date(2026, 12, 1)


FEW = ("XA032", "XA033", "XA041", "XA042")


def only_few(raw: RawRelease) -> RawRelease:
    """A release that is read in a moment: four items of one category, and what they name."""
    forms = {item_id: raw.forms[item_id] for item_id in FEW}
    asked = {field["key"] for form in forms.values() for field in form["field"]}
    return replace(
        raw,
        head={**raw.head, "home": ["XA032"], "categories": ["welfare"]},
        rows=tuple((category, row) for category, row in raw.rows if row["id"] in FEW),
        forms=forms,
        rulings={item_id: ruling for item_id, ruling in raw.rulings.items() if item_id in FEW},
        fields=[field for field in raw.fields if field["key"] in asked],
        lists={"guide_words": raw.lists["guide_words"]},
    )


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue folder of few items, and in `data` an office that was opened with it."""
    place = tmp_path_factory.mktemp("few")
    folder = Path(shutil.copytree(catalogue_dir(), place / "catalogue"))
    for part in ("items", "forms", "rules"):
        shutil.rmtree(folder / part)
    write_release(folder, only_few(read_raw(catalogue_dir())))
    open_office(place / "data", clock_from(datetime(2026, 11, 24, 10, 0, tzinfo=CHINA)), catalogue=folder).close()
    return place


@pytest.fixture
def folder(few: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(few / "catalogue", tmp_path / "few"))


@pytest.fixture
def one(few: Path, clock: Any, tmp_path: Path) -> Iterator[Office]:
    """One database is enough where the database is not the subject."""
    opened = open_office(Path(shutil.copytree(few / "data", tmp_path / "office")), clock)
    yield opened
    opened.close()


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return Path(shutil.copytree(catalogue_dir(), tmp_path / "whole"))


def edit(folder: Path, file: str, *changes: tuple[str, str]) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, "utf-8")


def new_name(folder: Path, version: int = 2) -> Path:
    """XA033 under another village name."""
    edit(
        folder,
        "items/welfare.toml",
        (f'id = "XA033"\nversion = {version - 1}', f'id = "XA033"\nversion = {version}'),
        ('village = "看长寿钱有无入"', 'village = "长寿钱到没到"'),
    )
    return folder


def test_a_release_is_served_from_its_day_on_without_a_restart(
    office: Office, clock: Any, whole: Path, start: Callable[..., Any]
) -> None:
    terminal = start()
    before = terminal.call("GET", "/v1/catalogue")
    published = publish_folder(office, new_name(whole), WRITER, SIGNER, NEXT_MONTH)
    assert (published.release, published.effective_from) == (2, "2026-12-01")
    assert terminal.call("GET", "/v1/catalogue").headers["etag"] == before.headers["etag"]
    clock.moment = clock.moment.replace(month=12, day=1, hour=0, minute=0)
    after = terminal.call("GET", "/v1/catalogue")
    shown = {item["item_id"]: item for item in after.json()["items"]}
    assert (after.json()["release"], shown["XA033"]["village"]) == (2, "长寿钱到没到")
    assert after.headers["etag"] != before.headers["etag"]
    assert terminal.call("GET", "/v1/health").json()["release"] == 2


def test_another_process_s_release_is_noticed_by_the_clock_alone(one: Office, clock: Any, folder: Path) -> None:
    assert one.release.release == 1
    other = open_office(one.data, clock)
    publish_folder(other, new_name(folder), WRITER, SIGNER, clock.now().date())
    assert (other.release.release, one.release.release) == (2, 1)
    other.close()
    clock.advance(seconds=31)
    assert one.release.release == 2


def test_what_was_asked_for_often_was_looked_up_once(one: Office, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    monkeypatch.setattr("backoffice.catalogue.in_force.releases", lambda connection: looked.append(1) or [])
    assert all(one.release.release == 1 for _ in range(50))
    assert not looked
    clock.advance(seconds=31)
    # Nothing is there any more, and what is in force stays in force.
    assert all(one.release.release == 1 for _ in range(50))
    assert len(looked) == 1


@pytest.mark.parametrize(
    ("author", "signer", "day", "told"),
    [
        (WRITER, WRITER, NEXT_MONTH, "does not sign"),
        (WRITER, f" {WRITER} ", NEXT_MONTH, "does not sign"),
        ("", SIGNER, NEXT_MONTH, "needs its author"),
        (WRITER, "s" * 81, NEXT_MONTH, "needs its signer"),
        (WRITER, SIGNER, date(2026, 11, 23), "2026-11-23 is past"),
    ],
)
def test_people_and_day_are_checked_first(
    one: Office, folder: Path, author: str, signer: str, day: date, told: str
) -> None:
    with pytest.raises(PublishError, match=told):
        publish_folder(one, new_name(folder), author, signer, day)


def test_what_changed_needs_a_version_and_nothing_is_published_without_it(one: Office, folder: Path) -> None:
    edit(folder, "items/welfare.toml", ('village = "看长寿钱有无入"', 'village = "长寿钱到没到"'))
    with pytest.raises(CatalogueError, match=r"XA033: changed \(document\), but still version 1"):
        publish_folder(one, folder, WRITER, SIGNER, NEXT_MONTH)
    with one.database.read() as connection:
        assert newest(connection).head["release"] == 1


def test_another_meaning_of_a_field_is_a_change_of_every_item_that_asks_it(one: Office, folder: Path) -> None:
    edit(folder, "fields.toml", ('label = "要哪种服务"', 'label = "要哪些服务"'))
    with pytest.raises(CatalogueError, match=r"XA041: changed \(fields\)"):
        publish_folder(one, folder, WRITER, SIGNER, NEXT_MONTH)


def test_a_release_that_says_nothing_new_or_goes_back_is_refused(one: Office, folder: Path) -> None:
    with pytest.raises(PublishError, match="nothing differs from release 1"):
        publish_folder(one, folder, WRITER, SIGNER, NEXT_MONTH)
    publish_folder(one, new_name(folder), WRITER, SIGNER, NEXT_MONTH)
    edit(folder, "items/welfare.toml", ('id = "XA033"\nversion = 2', 'id = "XA033"\nversion = 1'))
    with pytest.raises(PublishError, match="XA033: version 1 is older than 2"):
        publish_folder(one, folder, WRITER, SIGNER, NEXT_MONTH)
    edit(folder, "items/welfare.toml", ('id = "XA033"\nversion = 1', 'id = "XA033"\nversion = 3'))
    with pytest.raises(PublishError, match="release 2 is in force from 2026-12-01"):
        publish_folder(one, folder, WRITER, SIGNER, date(2026, 11, 30))


def test_an_old_version_stays_what_it_was_and_the_new_release_reads_back_equal(
    one: Office, folder: Path, tmp_path: Path
) -> None:
    before = one.release.items["XA033"]
    release = publish_folder(one, new_name(folder), WRITER, SIGNER, NEXT_MONTH)
    with one.database.read() as connection:
        old, new = item_version(connection, "XA033", 1), item_version(connection, "XA033", 2)
        written = newest(connection)
        assert stored_release(connection, 1).head["release"] == 1
    assert old == before
    assert new == release.items["XA033"]
    write_release(tmp_path / "out", written)
    assert read_raw(tmp_path / "out") == written
    assert read_release(tmp_path / "out") == release


def test_a_case_made_with_an_older_version_is_still_taken(
    office: Office, clock: Any, whole: Path, start: Callable[..., Any], submission: Callable[..., dict[str, Any]]
) -> None:
    edit(whole, "rules/XA032.toml", ("version = 1", "version = 2"))
    edit(whole, "items/welfare.toml", ('id = "XA032"\nversion = 1', 'id = "XA032"\nversion = 2'))
    edit(
        whole,
        "forms/welfare.toml",
        ('item = "XA032"\nconsent_version = "2026-1"', 'item = "XA032"\nconsent_version = "2026-2"'),
    )
    publish_folder(office, whole, WRITER, SIGNER, clock.now().date())
    terminal = start()
    older = terminal.post_case(submission(serial=1, item_version=1))
    assert older.status_code == 201, older.text
    stale = terminal.post_case(submission(serial=2, item_version=2))
    assert (stale.status_code, stale.json()["code"]) == (422, "consent_version")
    assert terminal.post_case(submission(serial=3, item_version=2, consent_version="2026-2")).status_code == 201


def test_the_history_tells_who_released_what_and_which_fields_changed(one: Office, clock: Any, folder: Path) -> None:
    publish_folder(one, new_name(folder), WRITER, SIGNER, NEXT_MONTH)
    edit(folder, "items/welfare.toml", ('id = "XA033"\nversion = 2', 'id = "XA033"\nversion = 3'))
    edit(folder, "items/welfare.toml", ('fee = { kind = "free"', 'fee = { kind = "stated"'))
    text = (folder / "items" / "welfare.toml").read_text("utf-8")
    assert text.index('id = "XA032"') < text.index('kind = "stated"') < text.index('id = "XA033"')
    with pytest.raises(CatalogueError, match="XA032"):
        publish_folder(one, folder, WRITER, SIGNER, NEXT_MONTH)
    edit(folder, "items/welfare.toml", ('fee = { kind = "stated"', 'fee = { kind = "free"'))
    edit(
        folder,
        "forms/welfare.toml",
        ('item = "XA033"\nconsent_version = "2026-1"', 'item = "XA033"\nconsent_version = "2026-2"'),
    )
    publish_folder(one, folder, WRITER, "post:other", date(2026, 12, 5))
    told = [(change.version, change.release, change.signer, change.changed) for change in history(one, "XA033")]
    assert told == [
        (1, 1, "post:catalogue_signer", ()),
        (2, 2, SIGNER, ("village",)),
        (3, 3, "post:other", ("form.consent_version",)),
    ]
    with pytest.raises(CatalogueError, match="XA999"):
        history(one, "XA999")


def items_on(connection: Connection, channel: Channel, day: str) -> frozenset[str]:
    """:param day: ISO 8601; items on the channel on that day."""
    table = item_channel
    query = select(table.c.item_id).where(
        table.c.channel == channel.value, table.c.since <= day, or_(table.c.until.is_(None), table.c.until > day)
    )
    return frozenset(connection.execute(query).scalars())


def test_an_item_is_on_a_channel_from_a_day_to_a_day(one: Office, folder: Path) -> None:
    def counted(day: str) -> dict[str, int]:
        with one.database.read() as connection:
            return {channel.value: len(items_on(connection, channel, day)) for channel in Channel}

    assert counted("2026-01-01") == {"mobile": 1, "self_service": 4, "instant": 2}
    assert counted("2025-12-31") == {"mobile": 0, "self_service": 0, "instant": 0}
    edit(folder, "items/welfare.toml", ('id = "XA042"\nversion = 1', 'id = "XA042"\nversion = 2'))
    text = (folder / "items" / "welfare.toml").read_text("utf-8")
    at = text.index('id = "XA042"')
    (folder / "items" / "welfare.toml").write_text(
        text[:at] + text[at:].replace("instant = true", "instant = false", 1), "utf-8"
    )
    rules = folder / "rules" / "XA042.toml"
    if rules.is_file():
        edit(folder, "rules/XA042.toml", ("version = 1", "version = 2"))
    publish_folder(one, folder, WRITER, SIGNER, NEXT_MONTH)
    assert counted("2026-11-30")["instant"] == 2
    assert counted("2026-12-01") == {"mobile": 1, "self_service": 4, "instant": 1}


def test_the_district_s_channels_are_counted_from_the_first_day_on(data: Path, clock: Any) -> None:
    office = open_office(data, clock)
    with office.database.read() as connection:
        counts = {channel.value: len(items_on(connection, channel, "2026-01-01")) for channel in Channel}
    office.close()
    assert counts == {"mobile": 59, "self_service": 78, "instant": 46}


def test_the_newest_release_whose_day_has_come_is_in_force() -> None:
    days = {1: "2026-01-01", 2: "2026-12-01", 3: "2026-12-01", 4: "2027-01-01"}
    asked = ("2025-06-01", "2026-01-01", "2026-11-30", "2026-12-01", "2026-12-31", "2027-02-01")
    assert [number_in_force(days, day) for day in asked] == [1, 1, 1, 3, 3, 4]
    with pytest.raises(CatalogueError):
        number_in_force({}, "2026-01-01")


def test_paths_of_changes_name_rows_by_their_keys() -> None:
    old = {"a": 1, "form": {"field": [{"key": "x", "ask": True}, {"key": "y"}]}, "fee": {"kind": "free"}, "list": [1]}
    new = {
        "a": 1,
        "form": {"field": [{"key": "z"}, {"key": "x", "ask": False}]},
        "fee": {"kind": "fixed", "n": 2},
        "list": [1, 2],
    }
    assert changed_paths(old, new) == (
        "form.field[x].ask",
        "form.field[y]",
        "form.field[z]",
        "fee.kind",
        "fee.n",
        "list",
    )
    assert changed_paths(old, old) == ()


def test_kiosk_window_and_paper_say_the_same(release: Release) -> None:
    """同源发布: what the terminals are sent stands in the guide of every item, with version and day."""
    document = json.loads(catalogue_json(release, Beside())[0])
    posts = read_tables(catalogue_dir()).posts
    assert {item.guide.hours for item in release.items.values() if item.guide} <= {post.who for post in posts}
    for item in document["items"]:
        guide = guide_of(release, item["item_id"], posts)
        window = guide.plain_text()
        paper = {line for block in guide.blocks for line in block.lines} | {guide.title, guide.village, guide.plain}
        said = [item["official"], item["village"], item["plain"], item["result"], item["deputy"]["text"]]
        said += [item["legal_limit"]["text"], item["promised_limit"]["text"], item["fallback"]["text"]]
        said += [field["label"] for field in item["form"]]
        said += [material["name"] for material in item["materials"]]
        for text in said:
            assert text in window and any(text in line for line in paper), (item["item_id"], text)
        assert (guide.version, guide.release, guide.effective_from) == (item["version"], 1, document["effective_from"])
        assert guide.edition in window and document["effective_from"] in guide.edition


@pytest.fixture(scope="module")
def release() -> Release:
    return read_release(catalogue_dir())


def test_a_guide_tells_what_to_bring_and_whose_hours(release: Release) -> None:
    posts = read_tables(catalogue_dir()).posts
    blocks = {block.heading: block.lines for block in guide_of(release, "XA028", posts).blocks}
    photographed = [material for material in release.items["XA028"].materials if material.kind is MaterialKind.PHOTO]
    assert len(blocks["要带什么"]) == 1 + len(photographed)
    assert any("08:00-20:00" in line for line in blocks["在哪里办"])
    with pytest.raises(KeyError):
        guide_of(release, "XA999")


def test_the_served_catalogue_is_made_once_a_release_and_day(office: Office, clock: Any) -> None:
    served = ServedCatalogue(office)
    body = served.current()[0]
    assert served.current()[0] is body
    clock.advance(days=1)
    assert served.current()[0] is not body


def test_places_of_the_day_hours_and_labels_stand_beside_the_release(office: Office, clock: Any) -> None:
    document = json.loads(ServedCatalogue(office).current()[0])
    lists = {name: {entry["code"]: entry["label"] for entry in rows} for name, rows in document["lists"].items()}
    assert len(lists["villages"]) == 129 and len(lists["towns"]) == 10, "with the farm and its living area"
    assert {code[:9] for code in lists["villages"]} <= set(lists["towns"])
    assert lists["places"]["350000"] == "福建省" and lists["places"]["350500"] == "泉州市"
    assert "08:00-20:00" in lists["hours"]["who.town_desk"] and "周六" in lists["hours"]["who.town_desk"]
    shown = [label for label in office.tables.labels.values() if label.at_kiosk and label.in_use]
    assert document["rating_labels"] == [{"code": label.code, "level": label.level} for label in shown]
    fields = {field["key"]: field for item in document["items"] for field in item["form"]}
    assert "闽" in fields["plate"]["alphabet"] and fields["phone"]["alphabet"] == ""


def test_the_commands_publish_tell_and_guide(
    few: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ("--data", str(shutil.copytree(few / "data", tmp_path / "data")))
    tomorrow = "2999-01-01"
    publish = ["catalogue", "publish", str(new_name(folder)), "--author", WRITER, "--effective-from", tomorrow, *place]
    assert main([*publish, "--signer", WRITER]) == 1
    assert "does not sign" in capsys.readouterr().err
    assert main([*publish, "--signer", SIGNER]) == 0
    assert "release 2, in force from 2999-01-01, 4 items" in capsys.readouterr().out
    assert main(["catalogue", "history", "XA033", "--json", *place]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(entry["version"], entry["changed"]) for entry in told] == [(1, []), (2, ["village"])]
    assert main(["catalogue", "guide", "XA033", *place]) == 0
    assert "看长寿钱有无入" in capsys.readouterr().out, "the release in force, not the newest"
