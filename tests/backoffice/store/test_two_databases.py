"""SQLite and PostgreSQL keep the same promises, and say the same way when they cannot."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, inspect, select, text, update

from backoffice.__main__ import main
from backoffice.office import KEY_FILE, Office, open_office
from backoffice.store import schema
from backoffice.store.address import masked, parse
from backoffice.store.database import Database, DatabaseBusy, DatabaseUnusable
from backoffice.store.tables import tables
from backoffice.store.tables.all_tables import metadata

ON_POSTGRESQL = pytest.mark.parametrize("place", ["postgresql"], indirect=True)
PASSWORD = "not-to-be-seen"


@pytest.fixture
def own(cluster: Any, data: Path, place_of: Callable[..., Any]) -> Any:
    """A PostgreSQL database whose schema and rights may be changed."""
    return place_of(data, cluster.url(cluster.clone()))


_SAME = {"BLOB": "BYTEA", "FLOAT": "DOUBLE PRECISION"}
"""SQLite's word: PostgreSQL's."""


def _type(table: str, column: Any) -> str:
    # SQLite's own row number has 64 bits and must be called INTEGER.
    serial = (table, column["name"]) == ("outbox", "id")
    return "BIGINT" if serial else _SAME.get(str(column["type"]), str(column["type"]))


def shape(office: Office) -> dict[str, Any]:
    """Tables, columns, keys and indexes as a database itself describes them."""
    with office.database.read() as connection:
        there = inspect(connection)
        return {
            table: {
                "columns": [(c["name"], c["nullable"], _type(table, c)) for c in there.get_columns(table)],
                "key": there.get_pk_constraint(table)["constrained_columns"],
                "foreign": sorted(
                    (f["constrained_columns"], f["referred_table"], f["referred_columns"])
                    for f in there.get_foreign_keys(table)
                ),
                "unique": sorted(u["column_names"] for u in there.get_unique_constraints(table)),
                "indexes": sorted(
                    (i["name"], i["column_names"])
                    for i in there.get_indexes(table)
                    if "duplicates_constraint" not in i and not str(i["name"]).startswith("sqlite_")
                ),
            }
            for table in there.get_table_names()
        }


def test_both_databases_get_the_same_schema(data: Path, own: Any, clock: Any) -> None:
    one, other = open_office(data, clock), open_office(own.data, clock, db=own.db)
    try:
        assert shape(one) == shape(other)
        assert set(shape(one)) == {*metadata.tables, "alembic_version"}
    finally:
        one.close()
        other.close()


def test_the_migrations_make_exactly_the_tables_that_the_code_uses(office: Office) -> None:
    with office.database.write() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)
    assert difference == []


def test_readers_see_one_moment_and_cannot_write(office: Office) -> None:
    count = select(func.count()).select_from(tables.audit_head).where(tables.audit_head.c.n == 7)
    with office.database.read() as reading:
        assert reading.execute(count).scalar_one() == 0
        with office.database.write() as writing:
            writing.execute(update(tables.audit_head).values(n=7))
        assert reading.execute(count).scalar_one() == 0
    with office.database.read() as reading:
        assert reading.execute(count).scalar_one() == len(office.tables.towns) + 1


@ON_POSTGRESQL
def test_a_reader_of_postgresql_is_refused_when_it_writes(office: Office) -> None:
    with pytest.raises(DatabaseBusy), office.database.read() as connection:
        connection.execute(update(tables.audit_head).values(n=7))


def test_what_work_raises_undoes_that_work_alone(office: Office) -> None:
    towns = sorted(office.tables.towns)

    def work(number: int) -> str:
        def do(connection: Any) -> None:
            where = tables.audit_head.c.town == towns[number]
            connection.execute(update(tables.audit_head).where(where).values(n=100 + number))
            if number % 2:
                raise LookupError(towns[number])

        try:
            office.database.transact(do)
        except LookupError as problem:
            return str(problem)
        return "done"

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(work, range(10)))
    assert answers == [towns[n] if n % 2 else "done" for n in range(10)]
    with office.database.read() as connection:
        heads = {row.town: row.n for row in connection.execute(select(tables.audit_head))}
    assert [heads[town] for town in towns] == [0 if n % 2 else 100 + n for n in range(10)]


@ON_POSTGRESQL
def test_what_another_transaction_undid_is_done_again(office: Office) -> None:
    """Two that take their locks in opposite order: PostgreSQL ends one, and both are done all the same."""
    towns = sorted(office.tables.towns)[:2]
    both, tried = threading.Barrier(2, timeout=20), [0, 0]

    def cross(number: int) -> None:
        def work(connection: Any) -> None:
            tried[number] += 1
            for n, town in enumerate(towns if number == 0 else towns[::-1]):
                if n and tried[number] == 1:
                    both.wait()
                head = tables.audit_head
                connection.execute(update(head).where(head.c.town == town).values(n=head.c.n + 1))

        office.database.transact(work)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(cross, range(2)))
    # Which of the two is ended, and whether twice, is the server's to decide.
    assert min(tried) == 1 and 3 <= sum(tried) <= 6
    with office.database.read() as connection:
        where = tables.audit_head.c.town.in_(towns)
        assert connection.execute(select(tables.audit_head.c.n).where(where)).scalars().all() == [2, 2]


@ON_POSTGRESQL
def test_what_is_always_in_the_way_ends_as_busy_and_not_in_a_loop(office: Office) -> None:
    tried = 0

    def work(connection: Any) -> None:
        nonlocal tried
        tried += 1
        connection.execute(text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$"))

    with pytest.raises(DatabaseBusy, match="40001"):
        office.database.transact(work)
    assert tried == 5


@ON_POSTGRESQL
def test_a_lock_a_pool_or_a_statement_that_takes_too_long_is_busy(place: Any) -> None:
    with closing(Database(place.db, busy_timeout_ms=300)) as database:
        with psycopg.connect(place.db.replace("+psycopg", "")) as other:
            other.execute("LOCK TABLE audit_head")
            with pytest.raises(DatabaseBusy, match="55P03"), database.write() as connection:
                connection.execute(update(tables.audit_head).values(n=1))
        with pytest.raises(DatabaseBusy, match="57014"), database.read() as connection:
            connection.execute(text("SELECT pg_sleep(5)"))


@ON_POSTGRESQL
def test_connections_that_a_server_has_ended_cost_one_answer_each_and_no_more(office: Office, cluster: Any) -> None:
    with office.database.read():
        pass
    cluster.admin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'backoffice'")
    with pytest.raises(DatabaseBusy), office.database.read() as connection:
        connection.execute(select(tables.device))
    with office.database.read() as connection:
        assert connection.execute(select(tables.device.c.device)).scalars().all() == ["K1"]


def test_commits_wait_for_the_disk_whatever_the_server_says(
    cluster: Any, own: Any, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    cluster.admin(f'ALTER DATABASE "{own.name}" SET synchronous_commit = off')
    with caplog.at_level(logging.INFO):
        office = open_office(own.data, clock, db=own.db)
    with office.database.write() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
    office.close()
    assert "synchronous_commit off" in caplog.text
    assert cluster.password not in caplog.text and "***" in caplog.text


@pytest.fixture
def careless(cluster: Any) -> Iterator[None]:
    def put(fsync: str) -> None:
        cluster.admin(f"ALTER SYSTEM SET full_page_writes = {fsync}")
        cluster.admin("SELECT pg_reload_conf()")
        pause = threading.Event()
        for _ in range(200):
            if cluster.admin("SHOW full_page_writes") == [(fsync,)]:
                return
            pause.wait(0.05)
        raise AssertionError("the server does not reload")

    put("off")
    yield
    put("on")


def test_a_server_that_would_lose_what_it_acknowledged_is_refused(own: Any, clock: Any, careless: None) -> None:
    with pytest.raises(DatabaseUnusable, match="power cut"):
        open_office(own.data, clock, db=own.db)


def test_a_schema_newer_than_the_program_is_left_alone(data: Path, own: Any, clock: Any) -> None:
    for db in (None, own.db):
        office = open_office(data, clock, db=db)
        with office.database.write() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        office.close()
        with pytest.raises(DatabaseUnusable, match="9999, newer than this program"):
            open_office(data, clock, db=db)


def told(capsys: pytest.CaptureFixture[str], data: Path, db: str) -> str:
    """What `backoffice staff add` says on the error channel; it must end with 1 and one sentence, never a traceback."""
    assert main(["staff", "add", "somebody", "--role", "operator", "--data", str(data), "--db", db]) == 1
    lines = capsys.readouterr().err.strip().splitlines()
    assert lines[-1].startswith("backoffice: ") and "Traceback" not in "\n".join(lines)
    assert PASSWORD not in "\n".join(lines)
    return lines[-1]


def test_each_thing_that_can_be_wrong_with_a_server_is_told_with_what_to_do(
    cluster: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.admin(f"CREATE ROLE nobody_much LOGIN PASSWORD '{PASSWORD}'")
    nobody = cluster.url(cluster.empty(), "nobody_much", PASSWORD)
    nothing_there = f"postgresql+psycopg://someone:{PASSWORD}@127.0.0.1:1/office"
    latin = "latin_1"
    cluster.admin(f"CREATE DATABASE {latin} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    for db, what, remedy in (
        (nothing_there, "someone:***@127.0.0.1:1/office", "See that the server runs"),
        (cluster.url("no_such_database"), 'database "no_such_database" does not exist', "createdb"),
        (cluster.url("postgres", "no_such_role", PASSWORD), "password authentication failed", ".pgpass"),
        (cluster.url("postgres", password=PASSWORD), "password authentication failed", ".pgpass"),
        (nobody, "permission denied", "OWNER TO"),
        (cluster.url(latin), "LATIN1", "--encoding UTF8"),
        (f"mysql://x:{PASSWORD}@h/d", "no database of the kind 'mysql'", "postgresql+psycopg://"),
        (f"postgresql://x:{PASSWORD}@h:port/d", "cannot be read", "postgresql+psycopg://"),
        ("sqlite://", "no database that lasts", "sqlite:////"),
        (f"sqlite:///{tmp_path / 'no' / 'where'}", "unable to open", "See that the folder exists"),
    ):
        said = told(capsys, tmp_path / "data", db)
        assert what in said and remedy in said and "nothing that was accepted is lost" in said, said


def test_a_file_that_is_no_database_is_told(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "notes.txt").write_text("no database at all\n" * 100)
    assert "not a database" in told(capsys, data, f"sqlite:///{data / 'notes.txt'}")


def test_an_address_is_shown_without_any_password() -> None:
    for text_, shown in (
        ("postgresql://u:p%40ss@h:5433/d", "postgresql+psycopg://u:***@h:5433/d"),
        (
            "postgres://u@h/d?password=pw&sslmode=require",
            "postgresql+psycopg://u@h/d?password=%2A%2A%2A&sslmode=require",
        ),
        ("sqlite:////srv/office.sqlite", "sqlite:////srv/office.sqlite"),
    ):
        assert masked(parse(text_)) == shown


def test_two_that_open_an_empty_database_at_once_make_one_office(cluster: Any, tmp_path: Path, clock: Any) -> None:
    """From two machines: only the database itself can hold one back."""
    db = cluster.url(cluster.empty())
    open_office(tmp_path / "key", clock).close()
    folders = [tmp_path / name for name in "abcd"]
    for folder in folders:
        folder.mkdir()
        shutil.copy(tmp_path / "key" / KEY_FILE, folder)
    with ThreadPoolExecutor(4) as pool:
        offices = list(pool.map(lambda folder: open_office(folder, clock, db=db), folders))
    with offices[0].database.read() as connection:
        assert connection.execute(select(func.count()).select_from(tables.catalogue_release)).scalar_one() == 1
        # Ten towns and the district.
        assert connection.execute(select(func.count()).select_from(tables.audit_head)).scalar_one() == 11
    for office in offices:
        office.close()


def test_the_newest_schema_is_the_one_that_the_migrations_lead_to() -> None:
    assert [schema.newest()] == ScriptDirectory.from_config(schema.alembic_config()).get_heads()


def test_a_database_that_is_up_to_date_is_opened_without_what_migrates(tmp_path: Path) -> None:
    """In a process of its own: here it is imported already."""
    opens = (
        "import sys; from backoffice.store.database import Database; "
        f"database = Database('sqlite:///{tmp_path / 'office.db'}'); database.migrate(); database.close(); "
        "print('alembic' in sys.modules)"
    )
    command = [sys.executable, "-c", opens]
    said = [subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout for _ in ("new", "again")]
    assert said == ["True\n", "False\n"]
