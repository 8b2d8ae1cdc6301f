"""What lies on the disk: nothing personal in plain, and chains that show every later change."""

from __future__ import annotations

import re
import shutil
import sqlite3
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Select, delete, func, insert, select, update

from backoffice.consequences.carrier import TOPICS
from backoffice.identity.standing_place import put_site
from backoffice.office import DATABASE_FILE, KEY_FILE, Office, open_office
from backoffice.store.audit import verify
from backoffice.store.database import Database, DatabaseBusy
from backoffice.store.digest import Profile, ProfileUnavailable, digest_of
from backoffice.store.failures import VaultError
from backoffice.store.tables import tables
from backoffice.store.tables.all_tables import metadata
from backoffice.store.vault import open_vault
from backoffice.upkeep.reports import list_cases

Body = Callable[..., dict[str, Any]]


@pytest.fixture
def used(terminal: Any, office: Office, submission: Body, residents: dict[str, dict[str, Any]]) -> Office:
    """An office that has done everything it can do for every demo resident."""
    for serial, who in enumerate(residents, start=1):
        body = submission(who, serial)
        person = {name: body["applicant"][name] for name in ("document", "name", "number")}
        assert terminal.call("POST", "/v1/prefills", {"item_id": "XA032", "applicant": person}).status_code == 200
        case = terminal.post_case(body).json()
        rating = {"visit_token": case["visit_token"], "level": 4, "labels": [], "rated_at": body["created_at"]}
        key = case["case_no"] + "/rating"
        assert terminal.call("POST", f"/v1/cases/{case['case_no']}/rating", rating, key=key).status_code == 201
        call = {"case_no": case["case_no"], "site": body["site"], "step": "ask", "item_id": "XA032"}
        call = {**call, "note": body["applicant"]["name"], "called_at": body["created_at"]}
        assert terminal.call("POST", "/v1/help-calls", call, key=case["case_no"] + "/call/1").status_code == 201
    return office


@pytest.fixture
def all_bytes(place: Any, data: Path, request: pytest.FixtureRequest) -> Callable[[], bytes]:
    """Every file of the database, its journal included, and of the data folder except the key."""

    def read() -> bytes:
        files = [path for path in data.iterdir() if path.name != KEY_FILE]
        if place.db is not None:
            server = request.getfixturevalue("cluster")
            server.admin("CHECKPOINT")
            base = server.folder / "data" / server.admin("SELECT pg_relation_filepath('audit')", place.name)[0][0]
            files += [path for folder in (base.parent, server.folder / "data" / "pg_wal") for path in folder.iterdir()]
        return b"".join(path.read_bytes() for path in files if path.is_file())

    return read


def test_no_file_holds_a_name_a_number_an_address_or_a_secret_in_plain(
    used: Office,
    terminal: Any,
    all_bytes: Callable[[], bytes],
    residents: dict[str, dict[str, Any]],
    case_no: Callable[..., str],
) -> None:
    case = terminal.call("GET", f"/v1/cases/{case_no(1)}").json()
    secrets = [case["visit_token"], terminal.key.hex()]
    for person in residents.values():
        secrets += [person["name"], person["number"], person["address"], person["birth"], person["bank"]]
    content = all_bytes()
    assert case_no(1).encode() in content
    # A demo resident may lack an account: an empty text is in every file and is nobody's secret.
    for secret in filter(None, secrets):
        assert secret.encode() not in content, secret
        assert secret.encode("utf-16-le") not in content
    assert terminal.key not in content
    # A day that somebody was told; with a time behind it, it is another test's clock in a page that is used again.
    assert re.search(rb"2027-03-05(?!T)", content) is None


def test_the_log_of_a_busy_day_names_nobody(
    caplog: pytest.LogCaptureFixture, used: Office, residents: dict[str, dict[str, Any]]
) -> None:
    for person in residents.values():
        assert person["name"] not in caplog.text and person["number"] not in caplog.text


def test_equal_people_are_found_by_a_keyed_hash(used: Office, residents: dict[str, dict[str, Any]]) -> None:
    index = used.vault.index(residents["hmt"]["number"])
    query = select(tables.service_case.c.outcome).where(tables.service_case.c.applicant_index == index)
    with used.database.read() as connection:
        assert connection.execute(query).scalars().all() == ["pending"]


def test_the_key_is_only_the_servers(data: Path) -> None:
    assert stat.S_IMODE((data / KEY_FILE).stat().st_mode) == 0o600
    (data / KEY_FILE).chmod(0o640)
    with pytest.raises(VaultError, match="others"):
        open_vault(data / KEY_FILE, create=False)


def test_a_database_without_its_key_is_not_opened_with_a_new_one(place: Any, clock: Any) -> None:
    (place.data / KEY_FILE).unlink()
    with pytest.raises(VaultError, match="missing"):
        open_office(place.data, clock, db=place.db)
    assert not (place.data / KEY_FILE).exists()


def test_a_database_is_not_opened_with_another_ones_key(place: Any, clock: Any, tmp_path: Path) -> None:
    open_office(tmp_path / "other", clock).close()
    shutil.copy(tmp_path / "other" / KEY_FILE, place.data / KEY_FILE)
    with pytest.raises(VaultError, match="not the key of this database"):
        open_office(place.data, clock, db=place.db)


def test_a_sealed_value_opens_only_in_its_place_and_unharmed(office: Office) -> None:
    sealed = office.vault.seal("case.form:1", b"secret")
    assert office.vault.open("case.form:1", sealed) == b"secret"
    for place, value in (
        ("case.form:2", sealed),
        ("case.form:1", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        ("case.form:1", b"\x02" + sealed[1:]),
        ("case.form:1", b""),
    ):
        with pytest.raises(VaultError):
            office.vault.open(place, value)


def chain(office: Office) -> tuple[int, list[str]]:
    with office.database.read() as connection:
        count, broken = verify(connection, office.chain_key)
    return count, [f"{link.town} {link.what}" for link in broken]


def effects_done(office: Office) -> int:
    """What was approved takes effect in the background: wait until none waits, and count."""
    outbox, event = tables.outbox.c, tables.case_event.c
    waits = select(func.count()).where(outbox.topic.in_(TOPICS), outbox.delivered_at.is_(None))
    until_s = time.monotonic() + 60

    def counted(question: Select[tuple[int]]) -> int:
        with office.database.read() as connection:
            return connection.execute(question).scalar_one()

    while counted(waits):
        assert time.monotonic() < until_s, "an effect is never done"
        time.sleep(0.05)  # another thread of the office does it
    return counted(select(func.count()).where(event.event == "effect_done"))


def test_every_towns_chain_verifies(used: Office, residents: dict[str, dict[str, Any]]) -> None:
    effects = effects_done(used)
    assert effects == sum(row["outcome"] == "approved" for row in list_cases(used))
    links_each = 4  # the registers asked, the case, its rating, a call
    assert chain(used) == (links_each * len(residents) + effects, [])


def test_a_changed_link_is_noticed(subtests: Any, used: Office) -> None:
    for n in [1, 9, 18]:
        with subtests.test(n=repr(n)):
            where = (tables.audit.c.town == "350213007") & (tables.audit.c.n == n)
            with used.database.write() as connection:
                entry = connection.execute(select(tables.audit.c.entry).where(where)).scalar_one()
                connection.execute(update(tables.audit).where(where).values(entry=entry.replace("20", "21", 1)))
            assert chain(used)[1] == ["350213007 its content was changed"]
            with used.database.write() as connection:
                connection.execute(update(tables.audit).where(where).values(entry=entry))


def test_a_removed_link_is_noticed(subtests: Any, used: Office) -> None:
    for n in [1, 9, 18]:
        with subtests.test(n=repr(n)):
            with used.database.write() as connection:
                links = connection.execute(select(tables.audit).where(tables.audit.c.n == n)).mappings().all()
                connection.execute(delete(tables.audit).where(tables.audit.c.n == n))
            assert chain(used)[1]
            with used.database.write() as connection:
                connection.execute(insert(tables.audit), [dict(link) for link in links])
            assert not chain(used)[1]


def test_a_link_written_anew_with_its_own_hash_is_noticed(used: Office) -> None:
    """Whoever changes a link and recomputes its hash breaks the next one."""
    from backoffice.store.audit import _link

    where = tables.audit.c.n == 9
    with used.database.write() as connection:
        row = connection.execute(select(tables.audit).where(where)).one()
        forged = _link(used.digest, row.town, row.n, row.previous, "{}")
        connection.execute(update(tables.audit).where(where).values(entry="{}", hash=forged))
    assert chain(used)[1] == ["350213007 does not follow the link before it"]


def test_towns_have_chains_of_their_own(terminal: Any, office: Office, submission: Body) -> None:
    terminal.post_case(submission("a_kim", 1))
    office.database.transact(lambda connection: put_site(office, connection, "K1", "350213111215"))
    terminal.post_case(submission("dated_card", 2, site="350213111215"))
    with office.database.read() as connection:
        heads = {row.town: row.n for row in connection.execute(select(tables.audit_head)) if row.n}
    assert heads == {"350213007": 2, "350213111": 2}


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_sqlite_keeps_every_commit_and_its_foreign_keys(office: Office) -> None:
    with office.database.write() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


def test_a_writer_that_cannot_write_in_time_says_so(data: Path) -> None:
    """Both ways to wait: another process holds the lock, and our own writer is taken."""
    database = Database(f"sqlite:///{data / DATABASE_FILE}", busy_timeout_ms=50)
    other = sqlite3.connect(data / DATABASE_FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseBusy), database.write():
        pass
    with database.read() as connection:
        assert connection.execute(select(tables.device.c.device)).scalars().all() == ["K1"]
    other.execute("ROLLBACK")
    other.close()
    with database.write(), pytest.raises(DatabaseBusy), database.write():
        pass
    database.close()


def test_the_migrations_make_exactly_the_tables_that_the_code_uses(office: Office) -> None:
    with office.database.write() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)
    assert difference == []


def test_cases_are_found_by_town_time_item_and_device_without_reading_them_all(
    subtests: Any, data: Path, clock: Any
) -> None:
    open_office(data, clock).close()
    database = sqlite3.connect(data / DATABASE_FILE)
    for column in ("town", "accepted_at", "item_id", "device"):
        with subtests.test(column):
            asked = f"EXPLAIN QUERY PLAN SELECT form_sealed FROM service_case WHERE {column} = 'x'"
            plan = database.execute(asked).fetchone()[3]
            assert plan.startswith("SEARCH service_case USING INDEX"), plan
    database.close()


def test_opening_again_changes_nothing_and_a_failed_first_start_leaves_no_half_schema(
    data: Path, clock: Any, tmp_path: Path
) -> None:
    open_office(data, clock).close()
    office = open_office(data, clock)
    assert office.release.release == 1
    office.close()
    broken = tmp_path / "broken"
    shutil.copytree(Path(__file__).resolve().parents[3] / "config" / "catalogue", broken)
    (broken / "release.toml").write_text("release = 1\n", "utf-8")
    with pytest.raises(Exception, match="categories"):
        open_office(tmp_path / "new", clock, catalogue=broken)
    repaired = open_office(tmp_path / "new", clock)
    assert len(repaired.release.items) == 106
    repaired.close()


def test_the_digest_profile_is_declared_and_never_replaced_silently(monkeypatch: pytest.MonkeyPatch) -> None:
    sm3 = digest_of(Profile.SM3)
    # GB/T 32905-2016, example 1.
    assert sm3.hex(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    monkeypatch.setattr("hashlib.algorithms_available", {"sha256"})
    with pytest.raises(ProfileUnavailable):
        digest_of(Profile.SM3)
    assert digest_of(Profile.SHA256).algorithm == "sha256"


def test_the_data_folder_is_the_servers_alone(tmp_path: Path, clock: Any) -> None:
    open_office(tmp_path / "new", clock).close()
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert (tmp_path / "new" / DATABASE_FILE).is_file()
